"""What a reader sees without opening a fold: names that say something, tables and lines that fit, unique addresses."""

import re
from collections import Counter

import nbformat
import notebooks
import pytest
import reading
from book_text import sections
from bs4 import BeautifulSoup

PAGES = sorted(notebooks.BOOK.glob("*.ipynb"))
AUDIT = {"12_claims_audited", "12b_reading_tables", "12c_spot_the_fault"}  # judge claims by their numbers
LOOKED_UP = {"reproduce"}
SHORT = re.compile(r"\bR[0-4]\b")
TITLE = re.compile(r"# ?@title (.*)")


def cells(path):
    return nbformat.read(path, as_version=4).cells


def outputs(cell, kind):
    """Texts of an output kind that a cell puts in sight."""
    shown = cell.get("outputs", []) if cell.cell_type == "code" and reading.kind(cell) != "check" else []
    texts = [out.get("data", {}).get(kind, "") if kind != "stream" else out.get("text", "") for out in shown]
    return [reading.FOLDED_TEXT.sub("", text) for text in texts]


def in_sight(cell):
    """Text, titles of folds, code that is no fold, outputs, and the caption of a cell."""
    figure = cell.metadata.get("mystnb", {}).get("figure", {}).get("caption", "")
    if cell.cell_type == "markdown":
        return [reading.FOLDED_TEXT.sub("", cell.source), figure]
    code = cell.source if reading.kind(cell) == "idea" else " ".join(TITLE.findall(cell.source))
    printed = [text for kind in ("stream", "text/markdown", "text/html") for text in outputs(cell, kind)]
    return [code, figure, *printed]


@pytest.mark.parametrize("path", [path for path in PAGES if path.stem not in AUDIT], ids=lambda path: path.stem)
def test_reports_have_names_outside_the_audit(path):
    assert [
        line for cell in cells(path) for text in in_sight(cell) for line in text.splitlines() if SHORT.search(line)
    ] == []


def test_no_page_of_text_has_the_short_names():
    pages = {path.name: path.read_text(encoding="utf-8") for path in notebooks.BOOK.glob("*.md")}
    assert [name for name, text in pages.items() if SHORT.search(text)] == []


def tables(cell):
    """(rows, columns beside the first) of the tables in sight that a cell prints, instruments apart."""
    for html in outputs(cell, "text/html"):
        for table in BeautifulSoup(html, "html.parser").select("table.dataframe"):
            if not table.find_parent(class_=["play", "explorer"]):
                rows = [len(row.find_all(["td", "th"])) for row in table.select("tbody tr")]
                yield len(rows), max(rows, default=1) - 1


@pytest.mark.parametrize("path", [path for path in PAGES if path.stem not in LOOKED_UP], ids=lambda path: path.stem)
def test_a_table_in_sight_has_at_most_seven_rows_and_four_columns_and_a_line_100_characters(path):
    plain = [cell for cell in cells(path) if not re.search(r"explorer|bandit_knob|nine\.nine", cell.source)]
    assert [(cell.id, size) for cell in plain for size in tables(cell) if size[0] > 7 or size[1] > 4] == []
    lines = [line for cell in plain for text in outputs(cell, "stream") for line in text.splitlines()]
    assert [line for line in lines if len(line) > 100] == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_no_address_stands_twice_in_a_page(path):
    book = cells(path)
    names = [section.slug for section in sections("\n\n".join(c.source for c in book if c.cell_type == "markdown"))]
    for cell in book:
        names += re.findall(r'<div class="play" id="([^"]+)"', "".join(outputs(cell, "text/html")))
        names += [name for name in [cell.metadata.get("mystnb", {}).get("figure", {}).get("name")] if name]
    assert [name for name, count in Counter(names).items() if count > 1] == []
