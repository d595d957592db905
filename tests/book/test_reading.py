"""A chapter is one sitting, most of its code in sight carries the idea, and its opening says how long it takes."""

import nbformat
import notebooks
import pytest
import reading
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

BOOK = notebooks.BOOK
# Pages of tables and commands, looked up rather than read.
APPENDICES = {"index", "reproduce", "tabular_benchmark", "add_your_own"}
CHAPTERS = sorted(path for path in BOOK.glob("*.ipynb") if path.stem not in APPENDICES)


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_a_chapter_is_one_sitting_and_its_code_in_sight_is_the_idea(path):
    book = nbformat.read(path, as_version=4)
    measured, _ = reading.minutes(book)
    assert measured <= 25
    assert reading.told(book) == measured  # python tools/reading.py --write
    assert reading.idea_share(book) >= 0.8
    assert not reading.untitled(book)


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_a_chapter_opens_for_who_comes_from_a_search_engine(path):
    opening = " ".join(nbformat.read(path, as_version=4).cells[0].source.split())
    places = [opening.find(f"**{word}.**") for word in ("Setting", "Found before", "Today")]
    assert places == sorted(places) and min(places) > 0


def test_minutes_are_words_and_lines_in_sight_and_exercises_stand_apart():
    folded = new_code_cell("x = 1\n" * 100, metadata={"tags": ["hide-input"]})
    cells = [
        new_markdown_cell("**Time:** 3 minutes. " + "word " * 396),
        new_code_cell("y = 1\n" * 12),
        folded,
        new_markdown_cell("## Exercises\n" + "word " * 198),
    ]
    book = new_notebook(cells=cells)
    assert reading.minutes(book) == (3, 1)
    assert reading.told(book) == 3
    cells[1].source += "z = 2\n" * 12
    reading.tell(book)
    assert reading.told(book) == 4


def test_two_lines_of_imports_count_as_idea_and_more_do_not():
    plain = ["a = 1"] * 4
    assert reading.idea_share(new_notebook(cells=[new_code_cell("\n".join(["import a", "import b", *plain]))])) == 1
    many = ["import a", "import b", "import c", "import d"]
    assert reading.idea_share(new_notebook(cells=[new_code_cell("\n".join([*many, *plain]))])) == 0.75
