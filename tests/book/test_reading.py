"""A chapter is one sitting, most of its code in sight carries the idea, and its opening says how long it takes."""

import re
from copy import deepcopy

import nbformat
import notebooks
import pytest
import reading
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from teach.slices import statements, used

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


@pytest.mark.parametrize("path", sorted(BOOK.glob("*.ipynb")), ids=lambda path: path.stem)
def test_what_is_folded_on_the_page_is_folded_in_jupyterlab_and_colab(path):
    book = nbformat.read(path, as_version=4)
    folded = deepcopy(book)
    reading.fold(folded)
    assert folded == book  # python tools/reading.py --write
    whole = [c for c in book.cells if "hide-cell" in c.metadata.get("tags", []) and c.outputs]
    assert all(cell.metadata["jupyter"] == {"source_hidden": True, "outputs_hidden": True} for cell in whole)


def test_the_contents_have_the_minutes():
    found = reading.parts()
    told = {listed: reading.contents(found, listed) for listed in (True, False)}
    assert told[True] in (BOOK.parent / "README.md").read_text(encoding="utf-8")  # python tools/reading.py --write
    start = nbformat.read(BOOK / "index.ipynb", as_version=4)
    assert [cell for cell in start.cells if told[False].strip() in cell.source]
    pages = {page: book for _, books in found for page, book in books.items()}
    listed = {page: int(read) for page, read in re.findall(r"\((book/\S+)\) (\d+)", told[True])}
    assert listed == {page: reading.told(book) for page, book in pages.items()}


def test_what_a_prediction_is_about_waits_until_the_cell_is_run():
    def printing(text, **data):
        outputs = [new_output("display_data", data) if data else new_output("stream", text=text)]
        return new_code_cell("1", outputs=outputs)

    question, end = (
        new_markdown_cell('<div class="predict">'),
        new_markdown_cell('so.\n\n<div class="predict-end"></div>'),
    )
    asked = printing("", **{"text/html": '<div class="predict" data-answer="1">'})
    cells = [printing("a"), question, printing("b"), end, printing("c"), asked, printing("d")]
    cells += [
        new_markdown_cell("### Next"),
        printing("e"),
        new_markdown_cell(f"## New\n{question.source}"),
        printing("f"),
    ]
    book = new_notebook(cells=cells)
    reading.fold(book)
    hidden = [cell.outputs[0]["text"] for cell in book.cells if cell.metadata.get("jupyter", {}).get("outputs_hidden")]
    assert hidden == ["b", "d", "f"]


def test_the_start_page_has_at_most_500_words_and_says_its_terms():
    cells = nbformat.read(BOOK / "index.ipynb", as_version=4).cells
    captions = [cell.metadata.get("mystnb", {}).get("figure", {}).get("caption", "") for cell in cells]
    texts = [cell.source for cell in cells if cell.cell_type == "markdown"]
    text = re.sub(r"\]\([^)]*\)", "]", " ".join([*texts, *captions]))  # an address is not read
    assert len(re.findall(r"\w[\w'.%-]*", text)) <= 500
    for term in ("architecture search (NAS)", "Top-1, the", "W = 16: ", "seeds, that is, "):
        assert term in text


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


def test_what_cells_print_counts_listings_as_code_sentences_and_questions_as_words_and_no_table():
    listing = "\n".join(["From `nas/a.py`:", "", "```python", *["a = 1"] * 24, "", "```"])
    row = "| a | b |\n"
    question = f'<div class="predict"><p>{"word " * 98}</p></div>'
    shown = [listing, f"<details>{'word ' * 999}</details>", f"{'word ' * 100}\n\n{row * 300}"]
    outputs = [new_output("display_data", {"text/markdown": text}) for text in shown]
    outputs += [
        new_output("display_data", {"text/html": html}) for html in (question, f"<table>{'word ' * 999}</table>")
    ]
    cell = new_code_cell("show()", outputs=outputs, metadata={"tags": ["hide-input"]})
    assert reading.minutes(new_notebook(cells=[cell])) == (3, 0)  # 24 lines, 200 words
    cell.metadata["tags"] = ["hide-cell"]
    assert reading.minutes(new_notebook(cells=[cell])) == (0, 0)


def test_two_lines_of_imports_count_as_idea_and_more_do_not():
    plain = ["a = 1"] * 4
    assert reading.idea_share(new_notebook(cells=[new_code_cell("\n".join(["import a", "import b", *plain]))])) == 1
    many = ["import a", "import b", "import c", "import d"]
    assert reading.idea_share(new_notebook(cells=[new_code_cell("\n".join([*many, *plain]))])) == 0.75


@pytest.mark.parametrize("path", sorted(BOOK.glob("*.ipynb")), ids=lambda path: path.stem)
def test_code_in_sight_runs_with_all_folds_shut_or_says_what_it_takes_from_them(path):
    """After the imports. A name that only a fold has made is told in a comment, or in the text just before."""
    shown, folded, text = set(), set(), ""
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "markdown":
            text = cell.source
            if text.startswith("## Exercises"):
                break
            continue
        pieces = statements(cell.source)
        made = set().union(*(piece.bound for piece in pieces))
        if {reading.EVIDENCE, reading.CHECK}.isdisjoint(cell.metadata.get("tags", [])):
            told = {*re.findall(r"`(\w+)`", text), *re.findall(r"\w+", " ".join(re.findall(r"#.*", cell.source)))}
            assert (used(pieces) & folded) - shown - told == set(), cell.id
            shown |= made
        else:
            (shown if cell.source.startswith("# @title Import") else folded).update(made)
