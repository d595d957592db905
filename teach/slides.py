"""Six decks of slides, made from short Markdown in teach/slides and from what the executed chapters hold.

A deck says {{ figure NAME }}, {{ code CELL }} or {{ output CELL }} on a line of its own for a figure, a cell's code or
all that the cell shows, and {{ name:.2f }} within a line for one of `numbers`. No other figure stands in it. Links
to chapters are written as in chapters, [Chapter 6](06_comparison.ipynb), and lead to the built pages.
"""

import os
import re
import shutil
import sys
from functools import cache, partial
from importlib.util import find_spec
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

from pygments.formatters import HtmlFormatter

from book._ext.head import version
from nas.methods.files import write_atomically
from study.analysis.published import published
from teach import BOOK, ROOT, quotes
from teach.projector import redrawn
from tools import reading

SOURCES = Path(__file__).with_name("slides")
PAGES = ROOT / "_build" / "html" / "book"
QUOTATION = re.compile(r"^\{\{ (figure|code|output) ([\w-]+) \}\}$", re.MULTILINE)
NUMBER = re.compile(r"\{\{ (\w+)(?::([^ }]+))? \}\}")
LINK = re.compile(r"\[([^\]]+)\]\((\w+)\.ipynb(#[^)]*)?\)")
ALONE = "---\norphan: true\n---\n"  # no table of contents has a deck
NEEDED = ("LICENSE", "dist/reveal.js", "dist/reveal.css", "plugin/notes/notes.js")  # of reveal.js
TIMED = """About {minutes} minutes: {slide} a slide, {question} more where the room is asked, and the notes at
{words} words a minute.
"""
REVEAL = """{
  width: 1280, height: 720, margin: 0.03, center: false, hash: true, slideNumber: "c/t", transition: "none",
  pdfMaxPagesPerSlide: 1,
  // Whoever plays with an instrument needs the keys for it; Escape gives them back.
  keyboardCondition: () => !document.activeElement.closest(".play"),
}"""


def make(out, pages=PAGES, redraw=redrawn):
    """Build the decks in `out`/slides and return their files.

    pages: the folder of the built pages, for links. redraw: gives {name: SVG} of the figures of these chapters.
    """
    if not find_spec("sphinx_revealjs"):
        raise ModuleNotFoundError("sphinx-revealjs is missing, which makes slides: `make kit` installs it")
    out = Path(out).resolve() / "slides"
    shutil.rmtree(out, ignore_errors=True)
    pages = Path(os.path.relpath(Path(pages).resolve(), out)).as_posix()
    drawn = redraw(drawing())
    with TemporaryDirectory() as folder:
        work = Path(folder)
        for path in decks():
            write_atomically(work / path.name, ALONE + filled(path.read_text(encoding="utf-8"), pages, drawn))
        write_atomically(work / "index.md", contents())
        write_atomically(work / "pygments.css", colours())
        build(work, out)
        reveal = Path(shutil.move(out / "_static" / "revealjs", work))
        for name in NEEDED:
            target = out / "_static" / "revealjs" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(reveal / name, target)
    return sorted(path for path in out.rglob("*") if path.is_file())


def decks():
    """The sources of the decks, in the order in which they are shown."""
    return sorted(SOURCES.glob("*.md"))


def drawing():
    """The chapters whose figures the decks show."""
    texts = [path.read_text(encoding="utf-8") for path in decks()]
    names = [name for text in texts for kind, name in QUOTATION.findall(text) if kind == "figure"]
    return [quotes.BOOK / f"{chapter}.ipynb" for chapter in sorted({quotes.place(name)[0] for name in names})]


def filled(text, pages, drawn=None):
    """A deck with quotations, numbers, links and its minutes put in; ValueError for a name that nothing has.

    drawn: {name: SVG} of figures drawn for a slide; without it they are those of the pages.
    """
    quote = {"figure": partial(quotes.figure, drawn=drawn), "code": quotes.code, "output": quotes.output}

    def number(found):
        if found[1] not in numbers():
            raise ValueError(f"no number {found[1]!r}: there are {', '.join(numbers())}")
        return format(numbers()[found[1]], found[2] or "")

    first = ":::{revealjs-notes}\n"
    text = text.replace(first, f"{first}{timed(text)}\n", 1)
    text = LINK.sub(lambda found: f'<a href="{pages}/{found[2]}.html{found[3] or ""}">{found[1]}</a>', text)
    text = NUMBER.sub(number, text)
    return QUOTATION.sub(lambda found: quote[found[1]](found[2], pages), text)


@cache
def numbers():
    """{name: value}: what a deck writes as {{ name }} or, with a format, {{ name:.2f }}."""
    alone = 100 * published("scratch")
    return {
        "version": version(ROOT),
        "tables": alone.shape[1],
        "largest_loses": (alone.max() - alone.loc[[(3, 3)]].iloc[0]).max(),
        "lot_loses": (alone.max() - alone.mean()).mean(),
    }


def timed(text):
    """How long a deck takes, for its first notes."""
    measure = {"slide": reading.MINUTES_A_SLIDE, "question": reading.MINUTES_A_QUESTION}
    return TIMED.format(minutes=reading.deck_minutes(text), words=reading.SPOKEN_A_MINUTE, **measure)


def contents():
    """The page that leads to the decks."""
    titles = [path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ") for path in decks()]
    items = [f'1. <a href="{path.stem}.html">{title}</a>' for path, title in zip(decks(), titles, strict=True)]
    keys = "S: notes and a clock. T: light or dark. F: full screen. O: all slides. G: a slide by its number."
    keys += " Escape: leave an instrument."
    paper = "To print, open a deck with `?print-pdf` behind its name; `?print-pdf&showNotes=true` adds the notes."
    return "\n".join(["# Slides", "", *items, "", keys, "", paper, ""])


def colours():
    """Colours of code, on light ground and on dark."""
    themes = {"light": "friendly", "dark": "github-dark"}
    rules = [
        HtmlFormatter(style=style).get_style_defs(f'[data-theme="{name}"] .code') for name, style in themes.items()
    ]
    return "\n".join(rules)


def build(work, out):
    """Let Sphinx make the decks of `work`; a warning is an error."""
    from sphinx.application import Sphinx

    extensions = str(BOOK / "_ext")
    sys.path.append(extensions)
    settings = {
        "extensions": ["myst_parser", "sphinx_revealjs", "mathml", "play_scripts"],
        "myst_enable_extensions": ["colon_fence", "dollarmath"],
        "project": "One-Shot NAS, Block by Block",
        "html_math_renderer": "mathml",
        "revealjs_static_path": [str(BOOK / "_static"), str(SOURCES / "look"), str(work / "pygments.css")],
        "revealjs_style_theme": "slides.css",
        "revealjs_css_files": ["play/play.css", "pygments.css"],
        "revealjs_js_files": ["slides.js"],
        "revealjs_script_conf": REVEAL,
        "revealjs_script_plugins": [{"src": "revealjs/plugin/notes/notes.js", "name": "RevealNotes"}],
        "html_copy_source": False,
        "html_use_index": False,
        "toc_object_entries": False,
    }
    try:
        Sphinx(
            work, None, out, work / "doctrees", "revealjs", settings, StringIO(), sys.stderr, warningiserror=True
        ).build()
    finally:
        sys.path.remove(extensions)
