"""What the appendices gather from the chapters, put into their pages during the build.

An appendix is a Markdown page with comments such as `<!-- made: concepts -->` where a
made part belongs. Chapters that `_toc.yml` does not name are left out, and links to
them become plain text.
"""

import re
from functools import lru_cache
from pathlib import Path

from api_pages import api
from bibliography import as_markdown, cited_keys, listed_keys, read_references
from book_text import chapters, module_files
from concepts import glossary, index
from courses import clock, course, decks, plan, seeds

MADE = re.compile(r"^<!-- made: (?P<what>\w+) ?(?P<part>\w*) -->$", re.MULTILINE)
CHAPTER_LINK = re.compile(r"\[([^\]]+)\]\((\w+)\.ipynb\)")


def concepts(root, _):
    return index(glossary(root), chapters(root))


def sources(root, part):
    """A section of the bibliography: its entries by year, and where each is cited."""
    references, cited = read_references(Path(root, "book", "references.bib")), citations(root)
    shown = [key for key in cited if references[key]["keywords"] == part]
    shown.sort(key=lambda key: (references[key].get("year", ""), key))
    return "\n".join(f"- {as_markdown(references[key])} {cited[key]}" for key in shown)


@lru_cache(maxsize=1)  # each section of the bibliography asks
def citations(root):
    """Where each entry is cited, as Markdown: links to chapters, names of modules."""
    references = read_references(Path(root, "book", "references.bib"))
    links = {key: [] for key in references}
    modules = {key: [] for key in references}
    for chapter in chapters(root):
        label = chapter.label.removeprefix("Chapter ")
        for key in keys_of(chapter, references):
            links[key].append(f"[{label}]({chapter.name}.ipynb)")
    for name, path in module_files(root).items():
        for key in cited_keys(path.read_text(encoding="utf-8"), references):
            modules[key].append(f"`{name}`")
    return {
        key: where_text({"Chapters": links[key], "Code": modules[key]})
        for key in references
        if links[key] or modules[key]
    }


def where_text(names):
    texts = {kind: ", ".join(found) for kind, found in names.items() if found}
    return " ".join(f"{kind}: {text}." for kind, text in texts.items())


def keys_of(chapter, references):
    """The entries that a chapter cites, in its text or in its list of sources."""
    keys = cited_keys(chapter.markdown, references)
    return keys.union(*(listed_keys(item, references) for item in chapter.sources))


MAKERS = {
    "concepts": concepts,
    "sources": sources,
    "api": api,
    "course": course,
    "decks": decks,
    "plan": plan,
    "clock": clock,
    "seeds": seeds,
}


def fill(app, docname, source):
    """Put the made parts into a page; take out links to what is not in the book."""
    if not app.env.doc2path(docname).endswith(".md"):
        return

    def make(mark):
        return MAKERS[mark["what"]](app.srcdir, mark["part"])

    text = MADE.sub(make, source[0])
    folder = docname.rpartition("/")[0]
    source[0] = without_dead_links(text, folder, app.env.found_docs)


def without_dead_links(text, folder, found_docs):
    def checked(link):
        return link[0] if f"{folder}/{link[2]}" in found_docs else link[1]

    return CHAPTER_LINK.sub(checked, text)


def always_read(app, env, added, changed, removed):
    """The Markdown pages: what they say and may lead to depends on all chapters."""
    return [name for name in env.found_docs if env.doc2path(name).endswith(".md")]


def setup(app):
    app.setup_extension("api_pages")
    app.connect("source-read", fill)
    app.connect("env-get-outdated", always_read)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
