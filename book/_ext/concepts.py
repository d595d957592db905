"""The index of concepts: in which sections a word of the glossary matters."""

import re
from dataclasses import dataclass
from pathlib import Path

ENTRY = re.compile(
    r"^- \*\*(?P<term>.+?)\*\*(?: \((?P<also>[^)]*)\))?: (?P<text>.*?)"
    r"\s+\[[^\]]*\]\((?P<chapter>\w+)\.ipynb\)$",
    re.DOTALL,
)
UNINDEXED = ("Exercises", "What to take away", "Sources")
MOST = 2  # sections of a chapter that are named for using a term, besides its headings
LEAST = 3  # uses that make a section one of them


@dataclass(frozen=True)
class Term:
    """An entry of the glossary; `chapter` is the file that introduces it."""

    name: str
    also: tuple[str, ...]
    text: str
    chapter: str

    @property
    def pattern(self):
        """The term or another form of it as whole words, also in the plural."""
        forms = "|".join(re.escape(form) for form in (self.name, *self.also))
        return re.compile(rf"(?<![\w-])(?:{forms})s?(?![\w-])", re.IGNORECASE)


def glossary(root):
    """The entries of the book's glossary."""
    return read_glossary(Path(root, "book", "notation.md").read_text(encoding="utf-8"))


def read_glossary(page):
    """The entries of the glossary, in its order; ValueError for any other item."""
    items = re.split(r"^(?=- )", page.split("## Glossary")[1], flags=re.MULTILINE)[1:]
    return [read_entry(item.strip()) for item in items]


def read_entry(item):
    found = ENTRY.match(item)
    if not found:
        raise ValueError(f"{item!r} is no entry: write - **term** (other forms): meaning. [Chapter](file.ipynb)")
    also = [form.strip(" `") for form in (found["also"] or "").split(",")]
    return Term(
        name=found["term"],
        also=tuple(filter(None, also)),
        text=" ".join(found["text"].split()),
        chapter=found["chapter"],
    )


def places(term, chapter):
    """The sections of a chapter that matter for a term, in the chapter's order.

    In the chapter that introduces it the first section that has it comes first.
    """
    sections = [part for part in chapter.sections if part.title not in UNINDEXED]
    uses = {part: len(term.pattern.findall(part.words)) for part in sections}
    headed = {part for part in sections if term.pattern.search(part.title)}
    often = sorted((p for p in sections if uses[p] >= LEAST), key=lambda p: -uses[p])
    chosen = headed | set(often[:MOST])
    if chapter.name == term.chapter:
        chosen |= set([p for p in sections if uses[p] or p in headed][:1])
    return [part for part in sections if part in chosen]


def index(terms, chapters):
    """The index as Markdown: a heading for each letter, an item for each term."""
    lines, letter = [], ""
    for term in sorted(terms, key=lambda term: term.name.lower()):
        found = [(c, part) for c in chapters for part in places(term, c)]
        if not found:
            continue
        if term.name[0].upper() != letter:
            letter = term.name[0].upper()
            lines += ["", f"## {letter}", ""]
        lines.append(f"- **{term.name}**: {'; '.join(listed(term, found))}")
    return "\n".join(lines)


def listed(term, found):
    """The places by chapter: "Chapter 2, [heading](address), [heading](address)"."""
    for name in dict.fromkeys(chapter.name for chapter, _ in found):
        here = [(chapter, part) for chapter, part in found if chapter.name == name]
        links = [link(chapter, part) for chapter, part in here]
        if name == term.chapter:
            links[0] = f"**{links[0]}**"
        yield f"{here[0][0].label}, {', '.join(links)}"


def link(chapter, part):
    title = "opening" if part is chapter.sections[0] else part.title
    title = re.sub(r"([\[\]*])", r"\\\1", title)
    return f"[{title}]({chapter.name}.ipynb#{part.slug})"
