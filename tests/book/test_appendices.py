"""The appendices against the chapters and the code: every source, term and symbol is where they say it is."""

import re
from pathlib import Path
from types import SimpleNamespace

import appendices
import pytest
from bibliography import as_markdown, cited_keys, listed_keys, read_references, simple
from book_text import Chapter, chapters, module_files, read_chapter, sections
from concepts import index, places, read_glossary
from docutils.core import publish_doctree
from myst_parser.parsers.docutils_ import Parser

ROOT = Path(__file__).resolve().parents[2]
BOOK = ROOT / "book"
REFERENCES = read_references(BOOK / "references.bib")
PATHS = {path.stem: path for path in sorted(BOOK.glob("*.ipynb"))}
CHAPTERS = {name: read_chapter(path) for name, path in PATHS.items()}
MODULES = {name: path.read_text(encoding="utf-8") for name, path in module_files(ROOT).items()}
NOTATION = (BOOK / "notation.md").read_text(encoding="utf-8")
TERMS = read_glossary(NOTATION)

NAME = r"[A-ZÁ-Ž][\w’'-]+"
CITED = re.compile(rf"{NAME}(?: et al\.?|(?:, {NAME})*,? (?:&|and) {NAME})?,? \((?:18|19|20)\d\d\b|"
                   rf"{NAME}(?: et al\.?|(?:, {NAME})*,? (?:&|and) {NAME}),? (?:18|19|20)\d\d\b")  # fmt: skip


# --- Bibliography -----------------------------------------------------------------------------------------------------


def unlisted(chapter):
    """The items of a chapter's sources that the bibliography lacks, or has with another year."""
    for item in chapter.sources:
        titles = [simple(title) for title in re.findall(r"(?<!\*)\*([^*]+)\*(?!\*)", item)]
        keys = listed_keys(item, REFERENCES)
        known = [simple(REFERENCES[key]["title"]) for key in keys]
        if any(not any(k.startswith(title) for k in known) for title in titles):
            yield f"title not in references.bib: {item}"
        if not keys and not cited_keys(item, REFERENCES) and ".ipynb)" not in item:
            yield f"nothing in references.bib: {item}"
        for key in keys:
            years = {REFERENCES[key].get(name) for name in ("year", "preprint")} - {None}
            if years and years.isdisjoint(re.findall(r"\b(?:1[89]|20)\d\d\b", item)):
                yield f"{key} is of {' or '.join(sorted(years))}: {item}"


def unknown_citations(text):
    """Citations such as "Yu & Huang 2019" or "Cai et al. (2020)" that no entry answers."""
    flat = re.sub(r"\s+#?\s*", " ", text)
    return [found[0] for found in CITED.finditer(flat) if not cited_keys(found[0], REFERENCES)]


@pytest.mark.parametrize("name", CHAPTERS)
def test_what_a_chapter_cites_is_in_the_bibliography(name):
    chapter = CHAPTERS[name]
    assert list(unlisted(chapter)) == []
    assert unknown_citations(chapter.markdown.split("## Sources")[0]) == []


def test_what_a_module_cites_is_in_the_bibliography():
    assert {name: found for name, text in MODULES.items() if (found := unknown_citations(text))} == {}


def test_what_is_in_the_bibliography_is_cited():
    used = set().union(*(appendices.keys_of(chapter, REFERENCES) for chapter in CHAPTERS.values()))
    used = used.union(*(cited_keys(text, REFERENCES) for text in MODULES.values()))
    assert set(REFERENCES) - used == set()


def chapter_of(markdown, name="a"):
    return Chapter(name, f"Chapter {name}", tuple(sections(markdown)), markdown, "")


@pytest.mark.parametrize(
    ("item", "fault"),
    [
        ("A. Nobody, *A Paper That Is Not There*, 2031.", "title not in"),
        ("A. Nobody, somewhere.", "nothing in"),
        ("Y. Wu and K. He, *Group normalization*, ECCV 2019.", "wu2018 is of 2018"),
    ],
)
def test_a_wrong_source_is_noticed(item, fault):
    good = f"S. Holm, *{REFERENCES['holm1979']['title']}*, 1979."
    found = list(unlisted(chapter_of(f"# A\n\n## Sources\n\n- {good}\n- {item}")))
    assert found
    assert all(item in text for text in found)
    assert fault in found[0]


@pytest.mark.parametrize(
    "text", ["Nobody et al. (2031)", "as Wu & He 2019 do", "Auer, Nobody & Fischer 2002", "Holm (1980)"]
)
def test_an_unknown_citation_is_noticed(text):
    assert unknown_citations(text)


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("Auer, Cesa-Bianchi & Fischer 2002", {"auer2002finite"}),
        ("Yu et al. (2019)", {"yu2019slimmable"}),
        ("Yu & Huang\n    2019", {"yu2019universally"}),
        ("# Okabe & Ito 2008", {"okabe2008"}),
        ("Guo et al. (2019) and Guo et al. 2017", {"guo2020", "guo2017"}),
        ("after Student (1908)", {"student1908"}),
    ],
)
def test_a_citation_finds_its_entry(text, keys):
    assert cited_keys(text, REFERENCES) == keys


def test_an_entry_is_complete():
    for key, entry in REFERENCES.items():
        assert entry["method"] and entry["title"], key
        if entry["authors"]:
            assert re.fullmatch(r"(1[89]|20)\d\d", entry["year"]), key
            assert {"doi", "eprint", "url"} & set(entry), f"{key}: where is it to be found?"
        if "eprint" in entry:
            number = re.fullmatch(r"(\d\d)\d\d\.\d{4,5}", entry["eprint"])
            assert abs(int(entry["year"]) - int(f"20{number[1]}")) <= 4, f"{key}: an arXiv number begins with its year"
        if "doi" in entry:
            assert re.fullmatch(r"10\.\d{4,}/\S+", entry["doi"]), key


def test_an_entry_in_words():
    assert as_markdown(REFERENCES["holm1979"]) == (
        "**Holm's correction**: S. Holm. *A Simple Sequentially Rejective Multiple Test Procedure*. "
        "Scandinavian Journal of Statistics 6, 65–70, 1979. <https://www.jstor.org/stable/4615733>."
    )


def test_the_page_has_a_place_for_every_entry():
    page = (BOOK / "bibliography.md").read_text(encoding="utf-8")
    parts = [mark["part"] for mark in appendices.MADE.finditer(page)]
    assert sorted(parts) == sorted({entry["keywords"] for entry in REFERENCES.values()})
    made = "\n".join(appendices.sources(ROOT, part) for part in parts)
    cited = appendices.citations(ROOT)
    assert {key for key in REFERENCES if f"**{REFERENCES[key]['method']}**" in made} == set(cited)


# --- Glossary, notation, index ----------------------------------------------------------------------------------------


def test_the_glossary_is_in_alphabetical_order():
    names = [term.name.lower() for term in TERMS]
    assert names == sorted(set(names))


def test_a_term_is_introduced_where_the_glossary_says():
    order = [c.name for c in chapters(ROOT)]
    for term in TERMS:
        chapter = CHAPTERS[term.chapter]
        assert places(term, chapter), f"{chapter.label} does not say {term.name}"
        bold = re.compile(rf"\*\*(?:{re.escape(term.name)})s?\*\*", re.IGNORECASE)
        before = order[: order.index(term.chapter)] if term.chapter in order else []
        early = [name for name in before if bold.search(CHAPTERS[name].markdown)]
        assert early == [], f"an earlier chapter defines {term.name}"


def symbols(markdown):
    """The formulas of a text, and those that are a single symbol."""
    prose = re.sub(r"```.*?```|`[^`]*`", "", markdown, flags=re.DOTALL)
    formulas = re.findall(r"\$\$(.+?)\$\$|\$([^$]+)\$", prose, flags=re.DOTALL)
    formulas = [" ".join((block or inline).split()) for block, inline in formulas]
    return formulas, {f for f in formulas if re.fullmatch(r"\\?[A-Za-z]+(_\w)?", f) and f != "HW"}


def notation_rows():
    """The rows of the table: (symbols, chapters)."""
    for line in NOTATION.split("## Glossary")[0].splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| $"):
            yield re.findall(r"\$([^$]+)\$", cells[0]), re.findall(r"\((\w+)\.ipynb\)", cells[-1])


def test_the_symbols_of_a_row_stand_in_its_chapters():
    rows = [(named, chapter) for named, where in notation_rows() for chapter in where or [None]]
    for named, chapter in rows:
        formulas = " ".join(symbols(CHAPTERS[chapter].markdown)[0])
        missing = [s for s in named if not re.search(rf"(?<![\\A-Za-z]){re.escape(s)}(?![A-Za-z])", formulas)]
        # A row may name several letters of which a chapter has some.
        assert len(missing) < len(named), f"{chapter} has no {missing}"


def test_a_symbol_of_several_chapters_has_a_row():
    rows = {symbol for named, _ in notation_rows() for symbol in named}
    alone = {name: symbols(chapter.markdown)[1] for name, chapter in CHAPTERS.items()}
    for symbol in set().union(*alone.values()):
        where = [name for name in alone if symbol in alone[name]]
        assert len(where) < 2 or symbol in rows, f"{symbol} is in {', '.join(where)}: give it a row in notation.md"


@pytest.mark.parametrize("name", CHAPTERS)
def test_the_addresses_of_sections_are_those_of_the_pages(name):
    settings = {"myst_heading_anchors": 3, "myst_enable_extensions": ["dollarmath"], "report_level": 5}
    page = publish_doctree(CHAPTERS[name].markdown, parser=Parser(), settings_overrides=settings)
    assert [part.slug for part in CHAPTERS[name].sections] == list(page.myst_slugs)


TWO = [
    chapter_of("# 1. Paths\n\nA path.\n\n## The path\n\nNo word.\n\n## Exercises\n\nA path, a path, a path.", "1"),
    chapter_of("# 2. Prefixes\n\nA `path`, $path$, path-finder.\n\n## Many\n\nPaths, a path and\nthe path.", "2"),
]


def test_the_index_names_headings_and_the_sections_that_use_a_word_most():
    (term,) = read_glossary("## Glossary\n\n- **path**: a way. [Chapter 1](1.ipynb)\n")
    made = (
        "\n## P\n\n- **path**: Chapter 1, **[opening](1.ipynb#1-paths)**, [The path](1.ipynb#the-path); "
        "Chapter 2, [Many](2.ipynb#many)"
    )
    assert index([term], TWO) == made


def test_a_term_that_no_chapter_has_is_left_out_of_the_index():
    assert index(read_glossary("## Glossary\n\n- **tau**: a number. [Chapter 9](9.ipynb)\n"), TWO) == ""


def test_an_item_that_is_no_entry_is_refused():
    with pytest.raises(ValueError, match="is no entry"):
        read_glossary("## Glossary\n\n- path: a way\n")


def test_a_link_to_a_chapter_that_is_not_in_the_book_becomes_text():
    text = "[2](b.ipynb), [3](c.ipynb#part), [4](d.ipynb)"
    assert appendices.without_dead_links(text, "book", {"book/b"}) == "[2](b.ipynb), [3](c.ipynb#part), 4"


def test_pages_are_filled_and_read_again_on_each_build():
    pages = {f"book/{name}": str(BOOK / f"{name}.md") for name in ("notation", "concepts", "bibliography", "api")}
    env = SimpleNamespace(doc2path=pages.get, found_docs={*pages, *(f"book/{name}" for name in CHAPTERS)})
    made = appendices.always_read(None, SimpleNamespace(doc2path=pages.get, found_docs=set(pages)), (), (), ())
    assert set(made) == set(pages)
    for name, path in pages.items():
        source = [Path(path).read_text(encoding="utf-8")]
        appendices.fill(SimpleNamespace(env=env, srcdir=ROOT), name, source)
        assert not appendices.MADE.search(source[0])
