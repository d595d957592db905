"""What the chapters say in words: their sections, their sources, the code they use.

Read by the appendices, which are made from it (appendices.py), and by their tests.
"""

import ast
import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from myst_parser.mdit_to_docutils.base import default_slugify

sys.path.append(str(Path(__file__).resolve().parents[2] / "tools"))
import reading

PACKAGES = ("nas", "study", "kit")

HEADING = re.compile(r"^(#{1,6})\s+(.*?)\s*$", re.MULTILINE)
CODE = re.compile(r"```.*?```|`[^`]*`", re.DOTALL)
MATH = re.compile(r"\$\$.*?\$\$|\$[^$]+\$", re.DOTALL)
LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
MARKUP = re.compile(r"<[^>]+>|[*_]+(?=\S)|(?<=\S)[*_]+")


@dataclass(frozen=True)
class Section:
    """A heading, the end of its address, and the words below it."""

    title: str
    slug: str
    words: str


@dataclass(frozen=True)
class Chapter:
    """A notebook: `name` is its file's, `label` how the book refers to it."""

    name: str
    label: str
    sections: tuple[Section, ...]
    markdown: str
    code: str

    @property
    def sources(self):
        """The items under the heading Sources, each on one line."""
        part = re.split(r"^## Sources\s*$", self.markdown, flags=re.MULTILINE)
        items = re.split(r"^- ", part[1], flags=re.MULTILINE)[1:] if part[1:] else []
        return [" ".join(item.split()) for item in items]


def read_chapter(path):
    cells = json.loads(Path(path).read_text(encoding="utf-8"))["cells"]
    texts = {"markdown": [], "code": []}
    for cell in cells:
        texts.get(cell["cell_type"], []).append("".join(cell["source"]))
    markdown = "\n\n".join(texts["markdown"])
    title = plain(HEADING.search(markdown)[2])
    number = re.match(r"(\d+\w?)\. ", title)
    return Chapter(
        name=Path(path).stem,
        label=f"Chapter {number[1]}" if number else title,
        sections=tuple(sections(markdown)),
        markdown=markdown,
        code="\n".join(texts["code"]),
    )


def chapters(root):
    """The notebooks of `_toc.yml` that exist, in its order, without the start page."""
    paths = [Path(root, f"{page}.ipynb") for _, part in reading.pages(root)[1:] for page in part]
    return [read_chapter(path) for path in paths if path.exists()]


def sections(markdown):
    """The sections of a text, with the addresses that MyST gives them."""
    # A # in a block of code is no heading; blanks of equal length keep the places.
    prose = re.sub(r"```.*?```", lambda m: " " * len(m[0]), markdown, flags=re.DOTALL)
    found = list(HEADING.finditer(prose))
    ends = [heading.start() for heading in found[1:]] + [len(prose)]
    slugs = set()
    for heading, end in zip(found, ends, strict=True):
        title = plain(heading[2])
        slug, number = default_slugify(heading_text(heading[2])), 1
        while slug in slugs:
            slug, number = f"{slug}-{number}", number + 1
        slugs.add(slug)
        yield Section(title, slug, words(markdown[heading.end() : end]))


def heading_text(heading):
    """What MyST makes the address of: a heading's text and code, no mathematics."""
    return re.sub(r"\*(?=\S)|(?<=\S)\*|`", "", MATH.sub("", LINK.sub(r"\1", heading)))


def plain(text):
    return " ".join(re.sub(r"\*(?=\S)|(?<=\S)\*|`", "", text).split())


def words(markdown):
    """Markdown on one line: no code, addresses, emphasis, nor formulas but $\\tau$."""
    text = re.sub(r"\$\\(\w+)\$", r"\1", CODE.sub(" ", markdown))
    text = MATH.sub(" ", text)
    return " ".join(MARKUP.sub("", LINK.sub(r"\1", text)).split())


def module_files(root):
    """{dotted name: path} of every module, packages left out, sorted by name."""
    roots = {"nas": root, "study": root, "kit": Path(root, "book")}
    found = {}
    for package, above in roots.items():
        for path in Path(above, package).rglob("[!_]*.py"):
            found[".".join(path.relative_to(above).with_suffix("").parts)] = path
    return dict(sorted(found.items()))


def modules_used(code):
    """The book's modules that a chapter's code imports, such as "study.analysis.statistics"."""
    names = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(PACKAGES):
            names.add(node.module)
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return {name for name in names if name.startswith(tuple(f"{package}." for package in PACKAGES))}
