"""Laws of the student copies: they carry their marks, nothing is given away, and everything runs."""

import ast
import re

import nbformat
import pytest
from jupyter_client.kernelspec import find_kernel_specs
from nbclient import NotebookClient

from teach import variants
from teach.copies import YOURS, answered, answers, cleared, finished, released, source
from teach.exercises import SCHEMA, checks, exercises, mark, solution, withheld
from teach.homework import TASKS, found, homework, selected
from teach.slices import GIVEN, statements
from teach.student import make, sources

CHAPTERS = [stem for stem in variants.stems() if any(checks(variants.chapter(stem)))]
SHORT = ("how_we_measure", "14b_how_long")
NOT_YET = "not done yet"


@pytest.fixture(scope="module", params=[0, 7], ids=["book", "variant 7"])
def made(request):
    """{name: source} of homework and chapters."""
    return sources(request.param)


def code(book):
    return [cell for cell in book.cells if cell.cell_type == "code"]


def marks(book):
    return [cell.metadata.nbgrader for cell in book.cells if "nbgrader" in cell.metadata]


@pytest.mark.parametrize("stem", variants.stems())
def test_chapters_carry_their_marks(stem):
    book = variants.chapter(stem)
    before = nbformat.writes(book)
    mark(book, stem)
    assert nbformat.writes(book) == before, "run python -m teach.mark"


def test_ids_are_unique_and_marks_are_of_schema_3(made):
    chapters = [each for name, book in made.items() if name != "homework" for each in marks(book)]
    for group in (chapters, marks(made["homework"])):
        ids = [each.grade_id for each in group if each.grade_id != "set-up"]
        assert len(ids) == len(set(ids)) > 0
        assert all(re.fullmatch(r"[\w-]+", name) for name in ids)
    assert all(SCHEMA.items() <= each.items() for each in chapters)


def test_points_add_up(made):
    for book in made.values():
        points = [each.points for each in marks(book) if each.grade]
        assert len(points) == len(answers(book)) and min(points) > 0
    total = sum(each.points for each in marks(made["homework"]) if each.grade)
    assert f"Six tasks, {total} points" in made["homework"].cells[1].source
    assert total == sum(found(name)[1].points for name in TASKS) and len(TASKS) == 6


def test_points_that_a_chapter_has_stay():
    book = variants.chapter("01_nas_block")
    mark(book, "01_nas_block")
    first = exercises(book, "01_nas_block")[0]
    book.cells[first.test].metadata.nbgrader.points = 11
    mark(book, "01_nas_block")
    assert book.cells[first.test].metadata.nbgrader.points == 11


def test_copies_hold_no_output_no_marker_and_no_fold(made):
    for name, book in made.items():
        copy = released(book)
        nbformat.validate(copy)
        assert not any(cell.outputs or cell.execution_count for cell in code(copy)), name
        assert not any(re.search(r"### (BEGIN|END) ", cell.source) for cell in copy.cells), name
        assert all(set(cell.metadata) <= {"nbgrader"} for cell in copy.cells), name
        assert not any("<summary>Answer" in cell.source for cell in copy.cells), name
        assert all(YOURS in cell.source for cell in answers(copy)), name
        assert all(cell.source.strip() for cell in copy.cells), name


def test_answer_cells_of_the_chapters_are_not_folded():
    for stem in CHAPTERS:
        book = variants.chapter(stem)
        for each in exercises(book, stem):
            assert not {"hide-cell", "hide-input"} & set(book.cells[each.stub].metadata.get("tags", [])), each.name


def names_of(cells):
    return {name for cell in cells for each in statements(cell.source) for name in each.bound}


@pytest.mark.parametrize("stem", CHAPTERS)
def test_copies_name_nothing_of_checks_and_answers(stem):
    book = variants.chapter(stem)
    gone = withheld(book)
    kept = [cell for place, cell in enumerate(book.cells) if cell.cell_type == "code" and place not in gone]
    secret = names_of(book.cells[place] for place in gone) - names_of(kept)
    assert {each.check for each in exercises(book, stem)} <= secret
    copy = released(source(book, stem))
    assert not (secret - named(kept)) & named(code(copy))


def named(cells):
    """Every variable that code mentions, also inside functions."""
    return {node.id for cell in cells for node in ast.walk(ast.parse(cell.source)) if isinstance(node, ast.Name)}


@pytest.mark.parametrize("variant", [0, 7])
def test_the_homework_shows_no_line_of_an_answer(variant):
    copy = released(finished(homework(variant)))
    shown = {line.strip() for cell in copy.cells for line in cell.source.splitlines()}
    for name in TASKS:
        book, each = found(name, variant)
        given = {line.strip() for line in book.cells[each.stub].source.splitlines()}
        lines = {line.strip() for part in solution(book, each) for line in part.text.splitlines()} - given
        assert not {line for line in lines if len(line) > 20 and not line.startswith("from ")} & shown, name
    (supernet,) = [cell.source for cell in code(copy) if "class Supernet(" in cell.source]
    methods = {part.name: part for part in ast.walk(ast.parse(supernet)) if isinstance(part, ast.ClassDef)}
    assert [part.name for part in methods["Supernet"].body] == ["__init__"]


def test_copies_parse_and_lack_no_name(made):
    for name, book in made.items():
        for each in (book, released(book)):
            parts = [part for cell in code(each) for part in statements(cell.source)]
            bound = set().union(*(part.bound for part in parts))
            missing = set().union(*(part.used for part in parts)) - bound - GIVEN
            assert not missing, (name, missing)


def run(book, folder):
    """What each code cell printed, after running everything; a cell that fails raises."""
    kernel = "forked" if "forked" in find_kernel_specs() else "python3"
    NotebookClient(book, timeout=600, kernel_name=kernel, resources={"metadata": {"path": str(folder)}}).execute()
    return ["".join(output.get("text", "") for output in cell.outputs) for cell in code(book)]


@pytest.mark.parametrize("name", [*SHORT, "homework"])
def test_an_untouched_copy_runs_and_says_so(name, tmp_path):
    copy = released(sources(0, [name])[name])
    said = [text.strip() for text in run(copy, tmp_path)]
    assert [f"{each.metadata.nbgrader.grade_id}: {NOT_YET}" for each in answers(copy)] == [
        text for text in said if text.endswith(NOT_YET)
    ]


@pytest.mark.parametrize("variant", [0, 7])
def test_the_homework_solved_passes_every_hidden_test(variant, tmp_path):
    book = sources(variant, ["homework"])["homework"]
    said = run(book, tmp_path)
    assert sum("done; the tests" in text for text in said) == len(TASKS)
    assert not any(NOT_YET in text for text in said)


def test_an_exercise_without_an_answer_is_an_error():
    book = variants.chapter("01_nas_block")
    first = exercises(book, "01_nas_block")[0]
    for place in first.answers:
        book.cells[place].source = "pass"
    with pytest.raises(ValueError, match="01_nas_block-1: no answer"):
        solution(book, exercises(book, "01_nas_block")[0])


def test_an_answer_is_written_below_what_stands_there():
    copy = released(finished(homework()))
    filled = answered(copy, {"02_supernet-1": statements("MySupernet = 3")})
    texts = {each.metadata.nbgrader.grade_id: each.source for each in answers(filled)}
    assert texts["02_supernet-1"].endswith("\nMySupernet = 3")
    assert all(text.endswith(YOURS) for name, text in texts.items() if name != "02_supernet-1")


def test_clearing_takes_out_regions_and_nothing_else():
    text = "a = 1\n### BEGIN SOLUTION\na = 2\n### END SOLUTION\nb = 3"
    assert cleared(text) == f"a = 1\n{YOURS}\nb = 3"
    assert cleared("print(1)\n### BEGIN HIDDEN TESTS\nassert a\n### END HIDDEN TESTS") == "print(1)"


@pytest.mark.parametrize("url", ["", "https://github.com/some/fork"])
def test_the_first_cell_fetches_the_book_where_there_is_an_address(url, monkeypatch):
    monkeypatch.setenv("BOOK_REPOSITORY_URL", url)
    copy = finished(homework())
    first = copy.cells[0].source
    compile(first, "cell", "exec")
    assert (f"REPOSITORY = {url!r}" in first) == bool(url)
    assert ("install the book first" in first) != bool(url)
    assert ("accelerator" in copy.metadata) == bool(url)


def test_students_and_course_get_folders_of_their_own(tmp_path, monkeypatch):
    monkeypatch.setattr("teach.student.stems", lambda: ["01_nas_block"])
    monkeypatch.setenv("VARIANT", "7")
    monkeypatch.setenv("TASKS", "lecture")
    paths = make(tmp_path)
    assert sorted(str(path.relative_to(tmp_path)) for path in paths) == [
        "course/nbgrader_config.py",
        "course/source/01_nas_block/01_nas_block.ipynb",
        "course/source/homework/homework.ipynb",
        "student/01_nas_block.ipynb",
        "student/homework.ipynb",
    ]
    handed_out = nbformat.read(tmp_path / "student" / "homework.ipynb", as_version=4)
    assert [each.metadata.nbgrader.grade_id for each in answers(handed_out)] == list(selected("lecture"))
    assert "### BEGIN" not in (tmp_path / "student" / "01_nas_block.ipynb").read_text(encoding="utf-8")
    written = nbformat.read(tmp_path / "student" / "01_nas_block.ipynb", as_version=4)
    wanted = released(sources(7, ["01_nas_block"])["01_nas_block"])
    assert [cell.source for cell in written.cells] == [cell.source for cell in wanted.cells]
