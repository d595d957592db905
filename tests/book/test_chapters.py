"""Guards on the committed chapters, and that each guard can fail."""

from collections import Counter
from pathlib import Path

import nbformat
import pytest
import run_chapters
from book_text import module_files
from chapter_code import MAY_RANK, rankings_from_digits
from chapter_guards import GUARDS, IGNORED, code_cells, marked, typed_results
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from study.analysis.statistics import accuracy_error
from study.claims.audit import read_claims
from study.records import RESULTS, load_record

BOOK = Path(__file__).resolve().parents[2] / "book"
CHAPTERS = sorted(BOOK.glob("*.ipynb"))
PAGES = sorted(BOOK.glob("*.md"))
MOST_IGNORED = 0.15


def read(path):
    return nbformat.read(path, as_version=4)


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_chapter(path):
    book = read(path)
    nbformat.validate(book)
    faults = [fault for guard in GUARDS for fault in guard(book)]
    assert not faults, "\n".join(faults)


def test_pages_have_no_typed_results():
    faults = {path.name: list(typed_results(path.read_text(encoding="utf-8"))) for path in PAGES}
    assert not any(faults.values()), faults


def test_there_are_chapters_and_most_outputs_are_compared():
    cells = [cell for path in CHAPTERS for cell in code_cells(read(path))]
    assert cells
    assert ignored_share(cells) <= MOST_IGNORED


def test_readme_shows_the_picture_of_the_start_page():
    assert (BOOK / "overview.svg").read_bytes() == run_chapters.first_picture(read(BOOK / "index.ipynb"))


def test_figure_names_are_unique():
    cells = [cell for path in CHAPTERS for cell in code_cells(read(path))]
    names = Counter(cell.metadata.get("mystnb", {}).get("figure", {}).get("name") for cell in cells)
    names.pop(None, None)
    assert [name for name, count in names.items() if count > 1] == []


def ignored_share(cells):
    return sum(marked(cell, IGNORED) for cell in cells) / len(cells)


def good():
    """A small chapter that every guard accepts."""
    words = {"image": {"alt": "A line."}, "figure": {"caption": "It rises.", "name": "fig-line"}}
    picture = new_output("display_data", {"image/png": "iVBORw0KGgo="})
    cells = [
        new_markdown_cell(
            "# A chapter\n\n<details><summary>Answer</summary>\n\nIt is $x^2$, see `0.5 %`.\n\n</details>"
        ),
        new_code_cell("print(3)", outputs=[new_output("stream", text="3\n")]),
        new_code_cell("plot()", outputs=[picture], metadata={"mystnb": words}),
        new_code_cell("train()", metadata={"tags": ["nbval-ignore-output"]}),
        new_code_cell("assert 1 < 2"),
    ]
    book = new_notebook(cells=cells, metadata={"language_info": {"name": "python"}})
    for count, cell in enumerate(code_cells(book), start=1):
        cell.execution_count = count
    return book


def says(text, mime="text/plain"):
    return new_output("display_data", {mime: text})


RANKED = "records = load_records('nine-networks', {})\ntau = rankings.kendall(*records)"

# Fault by fault: the guard that must notice, and how to make the good chapter bad (cells: 0 text, 1 print, 2 figure,
# 3 ignored, 4 assertion).
BAD = {
    "never run": ("counts_run_from_one", lambda b: b.cells[1].update(execution_count=None)),
    "run twice": ("counts_run_from_one", lambda b: b.cells[4].update(execution_count=9)),
    "magic": ("cells_are_plain_python", lambda b: b.cells[2].update(source="%timeit plot()")),
    "print without output": ("outputs_are_there", lambda b: b.cells[1].update(outputs=[])),
    "value without output": ("outputs_are_there", lambda b: b.cells[4].update(source="assert 1\n1 + 1")),
    "skip tag": ("nothing_is_skipped", lambda b: b.cells[1].metadata.update(tags=["nbval-skip"])),
    "skip comment": ("nothing_is_skipped", lambda b: b.cells[4].update(source="# NBVAL_SKIP\nassert 1")),
    "allowed to fail": ("nothing_is_skipped", lambda b: b.cells[1].metadata.update(tags=["raises-exception"])),
    "empty cell": ("nothing_is_skipped", lambda b: b.cells[2].update(source=" ")),
    "no assertion": ("ignored_cells_are_followed_by_an_assertion", lambda b: b.cells[4].update(source="x = 2")),
    "ignored last": ("ignored_cells_are_followed_by_an_assertion", lambda b: b.cells.pop()),
    "widget state": ("no_widget_state", lambda b: b.metadata.update(widgets={})),
    "widget view": ("no_widget_state", lambda b: b.cells[3].outputs.append(says("{}", run_chapters.WIDGET))),
    "version": ("no_version_of_the_kernel", lambda b: b.metadata.language_info.update(version="3.11.7")),
    "stderr": ("no_errors", lambda b: b.cells[1].outputs.append(new_output("stream", name="stderr", text="no"))),
    "error": (
        "no_errors",
        lambda b: b.cells[1].outputs.append(new_output("error", ename="E", evalue="", traceback=[])),
    ),
    "path": ("nothing_of_this_machine", lambda b: b.cells[1].outputs.append(says("in /home/me/nas"))),
    "windows path": ("nothing_of_this_machine", lambda b: b.cells[1].outputs.append(says(r"in C:\Users"))),
    "address": ("nothing_of_this_machine", lambda b: b.cells[1].outputs.append(says("<nas.Net at 0x7f12ab34cd>"))),
    "no alt": ("figures_have_words", lambda b: b.cells[2].metadata.mystnb.pop("image")),
    "no caption": ("figures_have_words", lambda b: b.cells[2].metadata.mystnb.figure.pop("caption")),
    "no name": ("figures_have_words", lambda b: b.cells[2].metadata.mystnb.figure.update(name="")),
    "bare svg": (
        "pictures_in_html_have_words",
        lambda b: b.cells[1].outputs.append(says("<svg width='9'>", "text/html")),
    ),
    "bare img": ("pictures_in_html_have_words", lambda b: b.cells[0].update(source="<img src='a.png'>")),
    "open details": ("details_are_balanced", lambda b: b.cells[0].update(source="<details>\n\nno end")),
    "directive": ("markdown_reads_everywhere", lambda b: b.cells[0].update(source="```{note}\nx\n```")),
    "colon fence": ("markdown_reads_everywhere", lambda b: b.cells[0].update(source="a\n\n:::{note}\nx\n:::")),
    "role": ("markdown_reads_everywhere", lambda b: b.cells[0].update(source="see {numref}`fig-a`")),
    "target": ("markdown_reads_everywhere", lambda b: b.cells[0].update(source="(here)=\n# Title")),
    "equation label": ("markdown_reads_everywhere", lambda b: b.cells[0].update(source="$$ x $$ (eq-a)")),
    "typed figure": ("no_results_in_prose", lambda b: b.cells[0].update(source="It reaches 98.2 % on average.")),
    "typed accuracy": ("no_results_in_prose", lambda b: b.cells[0].update(source="That is 97 % accuracy.")),
    "typed seconds": ("no_results_in_prose", lambda b: b.cells[0].update(source="after 3.5 seconds")),
    "another name": (
        "one_name_for_one_thing",
        lambda b: b.cells[1].outputs.append(says("<th>nine, mended</th>", "text/html")),
    ),
    "ranking of digits": ("no_ranking_from_digits", lambda b: b.cells[1].update(source=RANKED.format("'quick'"))),
    "numpy's generator": (
        "no_stream_that_may_change",
        lambda b: b.cells[1].update(source="print(np.random.default_rng(0).binomial(9, 0.5))"),
    ),
    "right untouched": (
        "untouched_exercises_are_not_right",
        lambda b: b.cells[1].update(source="print(check_1(mine))", outputs=[new_output("stream", text="right\n")]),
    ),
    "answered below": ("untouched_exercises_are_not_right", lambda b: answered(b, "def mine():\n    assert 2")),
    "answered in a loop": (
        "untouched_exercises_are_not_right",
        lambda b: answered(b, "for mine in [2]:\n    assert 2"),
    ),
    "ranking of any": ("no_ranking_from_digits", lambda b: b.cells[1].update(source=RANKED.format("profile"))),
}


def answered(book, below):
    """An exercise whose check says what it should, and a cell below it."""
    book.cells[1].update(source="print(check_1(mine))", outputs=[new_output("stream", text="not tried yet\n")])
    book.cells[4].update(source=below)


def noticed(book):
    return {guard.__name__ for guard in GUARDS if list(guard(book))}


def test_the_good_chapter_passes():
    assert noticed(good()) == set()


@pytest.mark.parametrize("fault", BAD)
def test_each_fault_is_noticed_by_its_guard_alone(fault):
    guard, spoil = BAD[fault]
    book = good()
    spoil(book)
    assert noticed(book) == {guard}


@pytest.mark.parametrize("below", ["mine_answer = 2\nassert check_1(mine_answer) == 'right'", "assert 1 < 2"])
def test_an_exercise_with_an_answer_of_another_name_passes(below):
    book = good()
    answered(book, below)
    assert noticed(book) == set()


def test_every_guard_has_a_fault():
    assert {guard for guard, _ in BAD.values()} == {guard.__name__ for guard in GUARDS}


def test_the_share_of_ignored_cells():
    assert ignored_share(code_cells(good())) == 1 / 4


def test_normalising_mends_what_running_leaves_behind():
    book = good()
    for fault in ("widget state", "widget view", "version"):
        BAD[fault][1](book)
    run_chapters.normalise(book)
    assert noticed(book) == set()


def test_a_widget_with_a_page_of_its_own_leaves_that():
    book = good()
    twin = new_output("execute_result", {run_chapters.WIDGET: "{}", "text/html": "<p>9</p>"}, execution_count=4)
    book.cells[3].outputs.append(twin)
    run_chapters.normalise(book)
    assert [out.data for out in book.cells[3].outputs] == [{"text/html": "<p>9</p>"}]
    assert noticed(book) == set()


def test_no_module_ranks_records_of_digits():
    texts = {name: path.read_text(encoding="utf-8") for name, path in module_files(BOOK.parent).items()}
    del texts["study.claims.claim_terms"]  # its profiles are those that claims.toml names
    assert set(read_claims()["profiles"]) <= MAY_RANK
    assert {name: faults for name, text in texts.items() if (faults := list(rankings_from_digits(text)))} == {}


@pytest.mark.parametrize("profile, faults", [("'laptop'", 0), ("'full'", 0), ("'tiny'", 1), ("laptop", 1)])
def test_rankings_go_with_images_enough(profile, faults):
    assert len(list(rankings_from_digits(RANKED.format(profile)))) == faults
    assert list(rankings_from_digits(RANKED.format(profile).replace("kendall", "top1"))) == []


def test_a_record_that_may_rank_has_a_standard_error_below_a_point_where_digits_has_not():
    images = {name: record["data"]["test"] for name, record in first_records().items()}
    for name, size in images.items():
        assert (100 * accuracy_error(0.95, size) < 1) == (name in MAY_RANK)


def first_records():
    """A record of each recorded profile."""
    paths = {path.parent.name: path for path in RESULTS.glob("*/*-seed*.json")}
    return {name: load_record(path) for name, path in paths.items()}
