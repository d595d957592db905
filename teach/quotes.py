"""What slides quote of the executed chapters: a figure by its name, a cell's code or output by its id.

A quotation is Markdown with HTML in it. No number is computed again: the outputs are those that every chapter's test
compares. Figures may come in the shape of a slide, see teach.projector.
"""

import re
from functools import cache
from html import escape

import nbformat
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from teach import BOOK
from teach.figures import SVG

REFERENCE = re.compile(r'( id="| href="#|url\(#)')
PLAYED = re.compile(r'<div class="play" id="(\w+)"')
STYLE = re.compile(r"<style.*?</style>", re.DOTALL)


@cache
def chapters():
    """{file name without ending: notebook} of all chapters."""
    return {path.stem: nbformat.read(path, as_version=4) for path in sorted(BOOK.glob("*.ipynb"))}


@cache
def places():
    """{id of a code cell, or name of its figure: (chapter, cell)}."""
    found = {}
    for chapter, book in chapters().items():
        for cell in (cell for cell in book.cells if cell.cell_type == "code"):
            found[cell.id] = chapter, cell
            if name := cell.metadata.get("mystnb", {}).get("figure", {}).get("name"):
                found[name] = chapter, cell
    return found


def place(name):
    """(chapter, cell) of a cell's id or a figure's name; ValueError for one that no chapter has."""
    if name not in places():
        raise ValueError(
            f"no chapter has a figure or a code cell named {name!r}: see the cell's id, or mystnb's figure"
        )
    return places()[name]


def label(chapter):
    """What the book calls a chapter: "Chapter 6", or its title where it has no number."""
    title = chapters()[chapter].cells[0].source.splitlines()[0].removeprefix("# ")
    number = re.match(r"(\d+\w?)\. ", title)
    return f"Chapter {number[1]}" if number else title


def figure(name, pages, drawn=None):
    """A figure with its caption. pages: where the book's pages lie, seen from a deck.

    drawn: {name: SVG} of figures drawn for a slide; without it the figure is that of the page.
    """
    chapter, cell = place(name)
    words = cell.metadata.get("mystnb", {})
    if words.get("figure", {}).get("name") != name:
        raise ValueError(f"{name!r} is no figure: a figure's name stands in its cell's metadata, such as fig-06-grids")
    shown = next("".join(out.data[SVG]) for out in cell.outputs if SVG in out.get("data", {}))
    # A deck holds many: no two parts have one name.
    picture = REFERENCE.sub(rf"\g<1>{name}-", (drawn or {}).get(name, shown))
    picture = picture.replace("<svg", f'<svg role="img" aria-label="{escape(words["image"]["alt"])}"', 1)
    caption = re.sub(r"`([^`]*)`", r"<code>\1</code>", escape(words["figure"]["caption"]))
    link = source(chapter, pages)
    return html(f"<figure>{picture}<figcaption>{caption} {link}</figcaption></figure>")


def code(name, pages):
    """The code of a cell, coloured."""
    _, cell = place(name)
    lines = cell.source.replace("\n\n\n", "\n\n")  # two empty lines are room that larger type has use for
    return html(highlight(lines, PythonLexer(), HtmlFormatter(cssclass="highlight code")))


def output(name, pages):
    """All that a cell shows: what it printed, tables, sentences, an instrument."""
    chapter, cell = place(name)
    parts = [part for out in cell.outputs if (part := shown(out, chapter, pages))]
    if not parts:
        raise ValueError(f"the cell {name!r} shows nothing that a slide could quote")
    return "\n\n".join(parts)


def shown(out, chapter, pages):
    """One output of a cell, the richest of its forms."""
    data = out.get("data", {})
    if "text/html" in data:
        box = "".join(data["text/html"])
        played = PLAYED.search(box)
        return html(f"{STYLE.sub('', box)}{source(chapter, pages, played[1]) if played else ''}")
    if "text/markdown" in data:
        return "".join(data["text/markdown"])
    text = out.get("text") or data.get("text/plain", "")
    return text and html(f'<pre class="printed">{escape("".join(text).rstrip())}</pre>')


def source(chapter, pages, instrument=""):
    """A link to a chapter's page, or to an instrument on it, which then stands there in its first state."""
    address = f"{pages}/{chapter}.html{instrument and f'#{instrument}:'}"
    return f'<a class="source" href="{address}">{label(chapter)}</a>'


def html(text):
    """HTML as a block of Markdown that leaves it alone."""
    return f"``````{{raw}} html\n{text}\n``````"
