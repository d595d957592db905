"""A link to the glossary shows the word's meaning on hover, and leads to the word itself.

In a chapter a term at first use is `[supernet](notation.md)`: the text of the link says which entry is meant.
"""

import re

from concepts import glossary
from docutils import nodes

PAGE = "book/notation"


def slug(term):
    return "term-" + re.sub(r"\W+", "-", term.name.lower()).strip("-")


def meant(text, terms):
    """The entry of which a link's text is the name or another form, also in the plural; None if there is none."""
    return next((term for term in terms if term.pattern.fullmatch(" ".join(text.split()))), None)


def plain(markdown):
    """An entry's text as a browser shows it in a hint: no mark-up."""
    return re.sub(r"\[([^\]]*)\]\([^)]*\)|[`*$]", lambda found: found[1] or "", markdown)


def anchor_entries(app, doctree):
    """Give each entry of the glossary an address."""
    if app.env.docname != PAGE:
        return
    slugs = {term.name: slug(term) for term in app.env.book_terms}
    for item in doctree.findall(nodes.list_item):
        bold = next(iter(item.findall(nodes.strong)), None)
        if bold is not None and (name := slugs.get(bold.astext())):
            item["ids"].append(name)


def explain_links(app, doctree, docname):
    """Give each link to the glossary its entry's text and address."""
    for link in doctree.findall(nodes.reference):
        if not re.search(r"(^|/)notation\.html$", link.get("refuri", "")):
            continue
        term = meant(link.astext(), app.env.book_terms)
        if term:
            link["refuri"] += f"#{slug(term)}"
            link["reftitle"] = plain(term.text)


def read(app, env, _):
    env.book_terms = glossary(app.srcdir)


def setup(app):
    app.connect("env-before-read-docs", read)
    app.connect("doctree-read", anchor_entries)
    app.connect("doctree-resolved", explain_links)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
