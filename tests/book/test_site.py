"""The book's own Sphinx extensions: mathematics as MathML, and where the Colab button leads."""

import subprocess
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest
from book_site import repository_url, set_repository
from docutils import nodes
from docutils.utils import new_document
from figures import MARK, inline
from mathml import logger, render, to_mathml


def mathml(latex, display=False):
    root = ElementTree.fromstring(to_mathml(latex, display))
    for element in root.iter():
        element.tag = element.tag.split("}")[1]
    return root


def texts(root, tag):
    return [element.text for element in root.iter(tag)]


def test_a_formula_keeps_its_latex_as_alternative_text():
    root = mathml("a < b")
    assert root.get("alttext") == "a < b"
    assert texts(root, "mo") == ["<"]


@pytest.mark.parametrize(
    ("latex", "tag", "expected"),
    [
        (r"\mathbf{x}", "mi", ["𝐱"]),
        (r"\boldsymbol{\theta}", "mi", ["𝜽"]),
        (r"\mathbb{1}", "mn", ["𝟙"]),
        (r"x \pm y", "mo", ["±"]),
        (r"n \to \infty", "mi", ["n", "∞"]),
        (r"\lfloor x \rfloor", "mo", ["⌊", "⌋"]),
        (r"\operatorname{sgn}(x)", "mo", ["sgn", "(", ")"]),
        (r"5{,}000", "mn", ["5", "000"]),
    ],
)
def test_symbols(latex, tag, expected):
    assert texts(mathml(latex), tag) == expected


def test_limits_stand_below_and_move_beside_in_a_line():
    (operator,) = mathml(r"\max_{a} f(a)", display=True).iter("munder")
    assert operator[0].get("movablelimits") == "true"


@pytest.mark.parametrize("name", ["aligned", "align*", "split", "gathered"])
def test_aligned_lines_become_a_table(name):
    root = mathml(rf"\begin{{{name}}} a &= b \\ c &= d \end{{{name}}}", display=True)
    assert len(list(root.iter("mtr"))) == 2
    assert [cell.get("style") for cell in root.iter("mtd")] == ["text-align: right", "text-align: left"] * 2


def test_two_lines_without_an_environment_become_a_table():
    assert len(list(mathml(r"a &= b \\ c &= d", display=True).iter("mtr"))) == 2


@pytest.mark.parametrize(
    ("latex", "reason"),
    [
        (r"\nosuchcommand x", "unknown command"),
        (r"\begin{nosuch} x \end{nosuch}", "unknown environment nosuch"),
        (r"\frac{1}", "mfrac with 1 parts"),
        (r"\left( x", "ExtraLeft"),
        (r"x_{", "Missing"),
        (r"a & b", "outside a table"),
        (r"\operatorname{arg\,max}", r"\argmax"),
    ],
)
def test_what_cannot_be_converted_is_refused(latex, reason):
    with pytest.raises(ValueError, match=reason.replace("\\", r"\\")):
        mathml(latex)


def test_a_formula_that_cannot_be_converted_is_a_build_warning(caplog):
    logger.logger.propagate, before = True, logger.logger.propagate
    try:
        shown = render(nodes.math("", r"\nosuch < 1"), display=False)
    finally:
        logger.logger.propagate = before
    assert shown == r"<code>\nosuch &lt; 1</code>"
    assert [record.levelname for record in caplog.records] == ["WARNING"]


@pytest.mark.parametrize(
    ("remote", "url"),
    [
        ("https://github.com/some/fork.git", "https://github.com/some/fork"),
        ("git@github.com:some/fork", "https://github.com/some/fork"),
        ("https://example.org/some/fork.git", ""),
        (None, ""),
    ],
)
def test_the_repository_is_that_of_the_remote(tmp_path, monkeypatch, remote, url):
    monkeypatch.delenv("BOOK_REPOSITORY_URL", raising=False)
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    if remote:
        subprocess.run(["git", "-C", tmp_path, "remote", "add", "origin", remote], check=True)
    assert repository_url(tmp_path) == url


@pytest.mark.parametrize(("url", "button"), [("https://github.com/a/b", True), ("", False)])
def test_the_colab_button_opens_the_fork_and_nothing_else(tmp_path, monkeypatch, url, button):
    monkeypatch.setenv("BOOK_REPOSITORY_URL", url)
    config = SimpleNamespace(html_theme_options={"repository_url": "", "launch_buttons": {"colab_url": ""}})
    set_repository(SimpleNamespace(srcdir=tmp_path), config)
    options = config.html_theme_options
    assert options["repository_url"] == url
    assert bool(options["launch_buttons"]["colab_url"]) == button


def test_a_figure_of_the_kit_stands_in_the_page_with_its_words_and_other_pictures_stay(tmp_path):
    Path(tmp_path, "ours.svg").write_text(f"{MARK} fill='currentColor'></svg>")
    Path(tmp_path, "other.svg").write_text("<svg></svg>")
    document = new_document("")
    document += [nodes.image(uri="ours.svg", alt='a "curve"'), nodes.image(uri="other.svg"), nodes.image(uri="a.png")]
    inline(SimpleNamespace(srcdir=tmp_path, builder=SimpleNamespace(format="html")), document, "")
    ours, *others = document.children
    assert [image["uri"] for image in others] == ["other.svg", "a.png"]
    assert 'role="img" aria-label="a &quot;curve&quot;" fill=' in ours.astext() and 'tabindex="0"' in ours.astext()
