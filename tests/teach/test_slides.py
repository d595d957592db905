"""The decks: their figures and numbers are the book's, and they ask nobody for anything."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from study.analysis import rankings
from study.analysis.tables import top1
from study.records import load_records
from teach import quotes, slides
from teach.browser import chromium
from tools import reading

DECKS = slides.decks()
# What may hold a digit: an architecture, a part of the network, a chapter's or a report's number, a formula.
NAMES = re.compile(r"\(\d, \d\)|\b(?:[Bb]lock|[Ll]ayer|Chapter) \d+\w?\b|\bR\d\b|\$[^$]*\$|^1\. ", re.MULTILINE)
FORMULA = re.compile(r"\d{2}|\d\.\d|%")


def figures_typed(text):
    """Digits of a deck that are no name and not computed."""
    text = slides.NUMBER.sub("", slides.QUOTATION.sub("", text))
    text = re.sub(r"\]\([^)]*\)", "]", text)
    formulas = [found for found in re.findall(r"\$[^$]*\$", text) if FORMULA.search(found)]
    return re.findall(r"\S*\d\S*", NAMES.sub("", text)) + formulas


def slides_of(path):
    return 1 + len(re.findall(r"^## ", path.read_text(encoding="utf-8"), re.MULTILINE))


def test_there_are_six():
    assert [path.stem for path in DECKS] == [
        "1_why",
        "2_supernet",
        "3_training",
        "4_comparison",
        "5_statistics",
        "6_deciding",
    ]


@pytest.mark.parametrize("path", DECKS, ids=lambda path: path.stem)
def test_a_deck_is_short_has_notes_and_types_no_figure(path):
    text = path.read_text(encoding="utf-8")
    assert 10 <= slides_of(path) <= 15
    assert text.count(":::{revealjs-notes}") == slides_of(path)
    assert figures_typed(text) == []


@pytest.mark.parametrize("text", ["It gains 40 points.", "$97.3$", r"$97\,\%$", "seeds 0-4", "(1, 1) loses 5"])
def test_a_typed_figure_is_seen(text):
    assert figures_typed(text)


def test_a_name_is_no_figure():
    text = (
        "(2, 3) of block 1, [Chapter 10a](10a_what_to_buy.ipynb), R3, $9 C^2$\n{{ output c10-38 }}\n{{ tables }} tables"
    )
    assert figures_typed(text) == []


@pytest.mark.parametrize("path", DECKS, ids=lambda path: path.stem)
def test_all_that_a_deck_names_is_in_a_chapter(path):
    text = path.read_text(encoding="utf-8")
    whole = slides.filled(text, "pages")
    assert "{{" not in whole and ".ipynb" not in whole
    assert f"version {slides.numbers()['version']}" in whole.split("\n## ")[0]
    assert whole.count(f"About {reading.deck_minutes(text)} minutes") == 1
    for kind, name in slides.QUOTATION.findall(text):
        assert (kind == "figure") == name.startswith("fig-")
        chapter, _ = quotes.place(name)
        assert kind == "code" or f"pages/{chapter}.html" in whole or "play" not in whole


@pytest.mark.parametrize(
    "text", ["{{ figure fig-99-no }}", "{{ output c99-99 }}", "{{ no_such_number:.1f }}", "{{ figure c00-07 }}"]
)
def test_a_name_that_nothing_has_is_refused(text):
    with pytest.raises(ValueError, match=re.escape(text.split()[1].split(":")[0]) + "|fig-99|c99-99|c00-07"):
        slides.filled(text, "pages")


def test_a_figure_comes_in_the_shape_of_a_slide_where_that_was_drawn():
    text = "{{ figure fig-06-grids }}\n{{ figure fig-06-slopes }}"
    whole = slides.filled(text, "pages", {"fig-06-grids": '<svg id="wide"/>'})
    assert whole.count('id="fig-06-grids-wide"') == 1 and whole.count("<svg") == 2
    asked = {path.stem for path in slides.drawing()}
    assert {"06_comparison", "10_deciding"} < asked <= set(quotes.chapters())


def test_a_cell_that_shows_nothing_is_refused():
    with pytest.raises(ValueError, match="shows nothing"):
        quotes.output("c00-07", "pages")


def test_parts_of_two_figures_have_two_names():
    names = [re.findall(r' id="([^"]*)"', quotes.figure(name, "")) for name in ("fig-06-running", "fig-06-grids")]
    assert names[0] and set(names[0]).isdisjoint(names[1])


def test_numbers_are_those_that_chapters_print():
    text = quotes.output("c00-26", "")
    assert f"{slides.numbers()['largest_loses']:.2f} points" in text
    lots = [float(x) for x in re.findall(r"<th>[^<]*</th>\s*<td>[^<]*</td>\s*<td>([^<]*)</td>", text)]
    assert len(lots) == slides.numbers()["tables"]
    assert sum(lots) / len(lots) == pytest.approx(slides.numbers()["lot_loses"], abs=0.01)


def whole(kind, split="test"):
    """Top-1 in percent of the nine networks at the laptop profile, a row a seed."""
    return 100 * top1(load_records("nine-networks", "laptop"), kind, split)


def test_what_the_notes_say_in_words_holds():
    scratch = whole("scratch")
    tau = {
        kind: rankings.kendall_over_seeds(whole(kind, "validation"), scratch)[1].mean
        for kind in ("running", "recalculated")
    }
    assert tau["recalculated"] > 2 * tau["running"]  # "Recalculation more than doubles tau"
    assert 0.75 < (1 + rankings.smallest_significant_tau(9)) / 2 < 0.8  # "more than three quarters of their pairs"
    means = whole("running").mean()
    assert means[(1, 1)] == means.min() and scratch.mean().max() - scratch.mean()[(1, 1)] < 1.5  # "close to the others"
    shares = [record["diagnosis"]["mismatch"]["down"][0][1] for record in load_records("batch-statistics", "laptop")]
    assert 0.4 < sum(shares) / len(shares) < 0.6  # "about half the variance that the layer expects"


def test_without_the_package_make_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(slides, "find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError, match="make kit"):
        slides.make(tmp_path)


class References(HTMLParser):
    """What a page loads by itself, and what it leads to when somebody clicks."""

    def __init__(self, text):
        super().__init__()
        self.loaded, self.clicked, self.slides, self.notes = [], [], 0, 0
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        found = [given[name] for name in ("src", "href", "data", "poster", "srcset") if given.get(name)]
        (self.clicked if tag == "a" else self.loaded).extend(each for each in found if not each.startswith("#"))
        self.slides += tag == "section"
        self.notes += given.get("class") == "notes"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    pytest.importorskip("sphinx_revealjs", reason="sphinx-revealjs is not installed: `make kit` does it")
    out = tmp_path_factory.mktemp("kit")
    slides.make(out, pages=out / "pages" / "book", redraw=lambda chapters: {})  # test_projector draws some anew
    return out / "slides"


def test_decks_load_nothing_from_elsewhere(built):
    pages = sorted(built.glob("*.html"))
    assert [page.stem for page in pages] == [*(path.stem for path in DECKS), "index"]
    for page in pages:
        for address in References(page.read_text(encoding="utf-8")).loaded:
            local = address.startswith("data:") or (page.parent / address.split("?")[0]).is_file()
            assert local, f"{page.name} loads {address[:99]}"
    for sheet in built.rglob("*.css"):
        for address in re.findall(
            r"url\(\s*[\"']?([^\"')]+)|@import\s+[\"']([^\"']+)", sheet.read_text(encoding="utf-8")
        ):
            address = "".join(address)
            assert address.startswith("data:") or (sheet.parent / address).is_file(), f"{sheet.name} loads {address}"


def test_links_of_a_deck_lead_to_chapters_and_decks(built):
    for path in DECKS:
        found = References((built / f"{path.stem}.html").read_text(encoding="utf-8"))
        assert found.notes == slides_of(path)
        for address in found.clicked:
            target = Path(address.split("#")[0])
            chapter = target.parent.as_posix() == "../pages/book" and target.stem in quotes.chapters()
            assert chapter or (built / target).is_file(), f"{path.stem} leads to {address}"


# How far down a slide reaches what it shows, of its 720 units.
LOWEST = """number => {
    Reveal.slide(number);
    const slide = Reveal.getCurrentSlide(), top = slide.getBoundingClientRect().top;
    const seen = node => !node.closest('aside, svg') && node.checkVisibility();
    const shown = [...slide.querySelectorAll('*')].filter(seen);
    return Math.max(...shown.map(node => node.getBoundingClientRect().bottom - top)) / Reveal.getScale();
}"""


def test_no_slide_is_cut_off_below(built):
    with chromium() as browser:
        if not browser:
            pytest.skip("no Chromium, or no playwright")
        tab, lowest = browser.new_page(viewport={"width": 1280, "height": 720}), {}
        for path in DECKS:
            tab.goto((built / f"{path.stem}.html").as_uri())
            for number in range(slides_of(path)):
                lowest[path.stem, number + 1] = tab.evaluate(LOWEST, number)
    assert {slide: low for slide, low in lowest.items() if low > 720} == {} and min(lowest.values()) > 100


def test_what_no_deck_needs_is_left_out(built):
    size = sum(path.stat().st_size for path in built.rglob("*") if path.is_file())
    assert size < 2_000_000
    assert {path.name for path in built.rglob("*.js") if "revealjs" in path.parts} == {"reveal.js", "notes.js"}
