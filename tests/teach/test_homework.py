"""Laws of the homework: tasks are chosen by number or by course, and a variant has other answers."""

import re

import nbformat
import pytest

from teach import student, variants
from teach.copies import answers, asked
from teach.exercises import solution
from teach.homework import LEAD, TASKS, found, homework, selected, task
from teach.student import chosen


@pytest.mark.parametrize(
    "text, numbers",
    [("", "123456"), ("1,3,5", "135"), ("6, 2", "62"), ("lecture", "16"), ("workshop", "12345"), ("weeks", "123456")],
)
def test_tasks_are_chosen_by_number_or_by_course_and_the_points_follow(text, numbers):
    names = [list(TASKS)[int(number) - 1] for number in numbers]
    assert list(selected(text)) == names
    book = homework(0, selected(text))
    assert [each.metadata.nbgrader.grade_id for each in answers(book)] == names
    total = sum(cell.metadata.nbgrader.points for cell in book.cells if cell.metadata.get("nbgrader", {}).get("grade"))
    said = re.search(r"(\w+) tasks, (\d+) points", book.cells[0].source)
    assert said.groups() == (["Two", "Three", "Four", "Five", "Six"][len(names) - 2], str(total))
    titles = [cell.source.splitlines()[0] for cell in book.cells if cell.source.startswith("## Task")]
    assert titles == [f"## Task {place}. {TASKS[name]}" for place, name in enumerate(names, 1)]


@pytest.mark.parametrize("text", ["0", "7", "1,1", "1;3", "weekend", "1,", "12"])
def test_tasks_that_there_are_not_are_refused_and_all_are_listed(text):
    with pytest.raises(ValueError, match=rf"tasks '{text}'.*lecture, workshop, weeks.*6 The recalculation"):
        selected(text)


def test_the_command_says_what_is_wrong_with_what_was_typed(capsys):
    for typed, wanted in ((["--tasks", "9"], "give numbers such as 1,3,5"), (["--variant", "x"], "whole number")):
        with pytest.raises(SystemExit):
            student.main(typed)
        assert wanted in capsys.readouterr().err


def test_a_task_says_what_its_chapter_would():
    for name, words in LEAD.items():
        for variant in (0, 7):
            (text,) = [cell.source for cell in task(*found(name, variant), "Task") if cell.cell_type == "markdown"]
            assert text.startswith(f"## Task\n{words}\nWrite ")


def verdict(cells):
    """What the hidden test of a task says when its cells are run in order."""
    space = {"__name__": "task", "progress": str}
    for cell in cells:
        if cell.cell_type == "code":
            try:
                exec(compile(cell.source, cell.id, "exec"), space)
            except AssertionError as error:
                return str(error)
            except (NameError, LookupError) as error:  # an answer to another question may lack its names and keys
                return repr(error)
    return space["_said"]


@pytest.mark.parametrize("name", variants.variants())
def test_a_variant_has_other_answers(name):
    book, each = found(name, 7)
    cells = task(book, each, "Task")
    assert verdict(cells).startswith("right")
    original, same = found(name)
    cells[-2].source = asked(book.cells[each.stub].source, each, solution(original, same))
    assert not verdict(cells).startswith("right")


def test_years_in_a_row_differ_and_a_variant_repeats():
    for entry in variants.variants().values():
        assert len({repr(choice) for choice in entry["choices"]}) == len(entry["choices"]) >= 2
    texts = [nbformat.writes(homework(variant)) for variant in (0, 1, 2)]
    assert len(set(texts)) == 3
    assert nbformat.writes(homework(1)) == texts[1]


@pytest.mark.parametrize("text", ["-1", "seven", "1.5", ""])
def test_a_variant_is_a_whole_number(text):
    with pytest.raises(ValueError, match="whole number"):
        chosen(text)


def test_a_text_that_is_gone_is_an_error(monkeypatch):
    gone = {"01_nas_block-2": {"choices": [{}], "change": {"no such text": "x"}}}
    monkeypatch.setattr(variants, "variants", lambda: gone)
    with pytest.raises(ValueError, match="no longer says 'no such text'"):
        variants.chapter("01_nas_block", 1)
    monkeypatch.setattr(variants, "variants", lambda: {"01_nas_block-99": gone["01_nas_block-2"]})
    with pytest.raises(ValueError, match="no exercise 01_nas_block-99"):
        variants.chapter("01_nas_block", 1)
    with pytest.raises(ValueError, match="no chapter 'nowhere'"):
        variants.chapter("nowhere")
