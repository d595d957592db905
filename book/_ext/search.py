"""Search finds prose, and puts the chapter first that defines the word.

Sphinx indexes code as it does text, so that a word leads to wherever a variable has that name.
"""

import json
from pathlib import Path

from concepts import glossary
from docutils import nodes
from sphinx.search import IndexBuilder

# Read by Sphinx's searchtools.js, before its own: a result is [docname, title, anchor, descr, score, filename, kind].
SCORER = """const DEFINED_IN = %s;
const ASKED = (new URLSearchParams(location.search).get("q") || "").trim().toLowerCase();
var Scorer = {
  score: ([page, , , , score]) => score
    + (DEFINED_IN[ASKED] === page || DEFINED_IN[ASKED.replace(/s$/, "")] === page ? 1000 : 0)
    - (/book\\/(api|settings|bibliography|concepts|reproduce)$/.test(page) ? 8 : 0),
  objNameMatch: 11, objPartialMatch: 6, objPrio: { 0: 15, 1: 5, 2: -5 }, objPrioDefault: 0,
  title: 15, partialTitle: 7, term: 5, partialTerm: 2,
};
"""
# The line that a result shows is cut from the page: its prose, not its code.
SUMMARY = """
{ const whole = Search.htmlToText;
  Search.htmlToText = (page, anchor) => {
    const root = new DOMParser().parseFromString(page, "text/html");
    const unread = root.querySelectorAll(".cell, div[class*='highlight-'], #jb-print-docs-body");
    unread.forEach((node) => node.remove());
    return whole(root.documentElement.outerHTML, anchor);
  };
}
"""


def defining(terms):
    """The page that introduces each word, by the word in small letters."""
    names = {form.lower(): f"book/{term.chapter}" for term in terms for form in (*term.also, term.name)}
    return {name: names[name] for name in sorted(names)}


def write_scorer(app, config):
    path = Path(app.outdir, ".scorer.js")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(SCORER % json.dumps(defining(glossary(app.srcdir))), encoding="utf-8")
    config.html_search_scorer = str(path)


def prose(doctree):
    """A copy of a page without its code."""
    copy = doctree.deepcopy()
    for node in [*copy.findall(nodes.literal_block), *copy.findall(nodes.raw)]:
        node.parent.remove(node)
    return copy


def add_summary(app, error):
    script = Path(app.outdir, "_static", "searchtools.js")
    if error is None and script.exists() and SUMMARY not in (text := script.read_text(encoding="utf-8")):
        script.write_text(text + SUMMARY, encoding="utf-8")


def setup(app):
    feed = IndexBuilder.feed
    IndexBuilder.feed = lambda self, name, file, title, doctree: feed(self, name, file, title, prose(doctree))
    app.connect("config-inited", write_scorer)
    app.connect("build-finished", add_summary)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
