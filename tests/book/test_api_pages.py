"""The API appendix: all names that chapters use, and docstrings that Sphinx shows as they are written."""

import importlib
import inspect
import re
from pathlib import Path

import api_pages
import pytest
from book_text import chapters, module_files, modules_used
from docutils.core import publish_doctree

import nas

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted(module_files(ROOT))


def test_the_api_has_the_public_names_and_every_module_that_a_chapter_uses():
    page = api_pages.api(ROOT, "")
    used = set().union(*(modules_used(chapter.code) for chapter in chapters(ROOT)))
    shown = re.findall(r"^## `([\w.]+)`$", page, flags=re.MULTILINE)
    assert shown[0] == "nas"
    assert {name for name in used if name in MODULES} == set(shown[1:])
    for name in nas.__all__:
        assert f":: nas.{name}\n" in page or f"## `nas.{name}`" in page
    assert len(set(re.findall(r":: \w+\.\S+", page))) == len(re.findall(r":: \w+\.\S+", page))


def test_code_of_a_chapter_names_its_modules():
    code = "import kit.charts\nfrom study.analysis import tables\nfrom nas import train\nfrom kit.page import say\n"
    code += "from pathlib import Path"
    assert {"kit.charts", "study.analysis.tables", "kit.page"} <= modules_used(code)
    assert not any("pathlib" in name for name in modules_used(code))


@pytest.mark.parametrize(
    ("plain", "rst"),
    [
        ("the `arch` of *any*", r"the ``arch`` of \*any\*"),
        ("|d| < last_", r"\|d\| \< last\_"),
        ("{arch: top-1}", "{arch: top-1}"),
        (r"a\b and `a*b|c`", r"a\\b and ``a*b|c``"),
    ],
)
def test_a_docstring_shows_as_it_is_written(plain, rst):
    assert api_pages.to_rst(plain) == rst
    assert publish_doctree(rst).astext() == plain.replace("`", "")


@pytest.mark.parametrize("name", MODULES)
def test_no_docstring_is_misread(name):
    module = importlib.import_module(name)
    for member in map(vars(module).get, api_pages.documented(module)):
        text = "\n".join(map(api_pages.to_rst, (member.__doc__ or "").split("\n")))
        shown = publish_doctree(inspect.cleandoc(text), settings_overrides={"report_level": 5})
        problems = [str(part) for part in shown.findall(is_problem)]
        assert problems == []


def is_problem(node):
    return node.tagname in ("system_message", "problematic", "block_quote", "definition_list", "title_reference")
