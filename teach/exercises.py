"""The exercises of a chapter: where their cells stand, what they ask for, and nbgrader's metadata on them.

An exercise is a text that begins with its number and kind in bold, the reader's cell, a check that prints what
`check_...` says to the names which the reader binds, and cells that show the check an answer. Reader's cell and check
carry nbgrader's metadata (schema 3), which holds id and points; all else follows from the cells themselves, so that
the reader's page needs no marker.
"""

import ast
import re
from dataclasses import dataclass
from functools import cache

from teach.slices import needed, statements

POINTS = {"Build": 3, "Measure": 2}  # of a kind of exercise; every other kind, a number or a word to find, has 1
HEADING = re.compile(r"^\*\*(\d+)\. (\w+)", re.MULTILINE)
SCHEMA = {"schema_version": 3, "cell_type": "code", "task": False}


@dataclass(frozen=True)
class Exercise:
    """Where an exercise stands: places of cells in the notebook, and the names that its check takes."""

    name: str  # the chapter's file and the exercise's number, nbgrader's grade_id: "02_supernet-1"
    check: str  # the function that judges: "check_1"
    given: tuple  # the names that the reader binds, in the check's order
    text: int
    stub: int  # the reader's cell
    test: int  # the cell that defines the check and prints what it says
    answers: tuple  # cells that show answers to the check
    points: int


def exercises(book, stem):
    """The exercises of a chapter in order. Raises ValueError for one whose cells do not stand as they should."""
    return [located(book, stem, place, check, given) for place, check, given in checks(book)]


def checks(book):
    """(place, name, names handed to it) of each check that is defined and printed in one cell."""
    for place, cell in enumerate(book.cells):
        if cell.cell_type == "code" and "print(check_" in cell.source:
            defined = set().union(*(each.bound for each in statements(cell.source)))
            for each in statements(cell.source):
                call = printed(each.node)
                if call and call.func.id in defined and all(isinstance(name, ast.Name) for name in call.args):
                    yield place, call.func.id, tuple(name.id for name in call.args)


def printed(node):
    """The call in `print(check_1(mine))`, or None."""
    inner = node.value.args[:1] if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) else []
    checked = [call for call in inner if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)]
    return next((call for call in checked if call.func.id.startswith("check_")), None)


def located(book, stem, test, check, given):
    stub = next((place for place in range(test - 1, -1, -1) if binds(book.cells[place], given)), None)
    text = next((place for place in range(stub or 0, -1, -1) if book.cells[place].cell_type == "markdown"), None)
    if stub is None or text is None:
        raise ValueError(f"{stem}, {check}: no cell above binds {', '.join(given)}, or no text stands above that cell")
    heading = HEADING.search(book.cells[text].source)
    number, kind = heading.groups() if heading else ("0", "")
    marks = book.cells[test].metadata.get("nbgrader", {})
    return Exercise(
        name=f"{stem}-{number}",
        check=check,
        given=given,
        text=text,
        stub=stub,
        test=test,
        answers=tuple(place for place in range(test + 1, len(book.cells)) if is_answer(book.cells, place, check)),
        points=marks.get("points", POINTS.get(kind, 1)),
    )


def binds(cell, names):
    return cell.cell_type == "code" and any(each.bound & set(names) for each in statements(cell.source))


def is_answer(cells, place, check):
    """Whether a cell shows an answer to the check, or is folded and computes it for the next cell, which does."""
    after = place + 1 < len(cells) and "hide-cell" in cells[place].metadata.get("tags", []) and cells[place + 1]
    return cells[place].cell_type == "code" and (shows(cells[place], check) or (after and shows(after, check)))


def shows(cell, check):
    if cell.cell_type != "code" or f"{check}(" not in cell.source:  # most cells: no need to read them
        return False
    return check in called(cell.source)


@cache  # each cell is asked for again and again
def called(source):
    """The names of the functions that a cell calls."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    return {call.func.id for call in calls if isinstance(call.func, ast.Name)}


def mark(book, stem):
    """Write nbgrader's metadata onto a chapter's exercises and take it off all else; points that are there stay."""
    marks = {}
    for each in exercises(book, stem):
        marks[each.stub] = {**SCHEMA, "grade_id": each.name, "grade": False, "solution": True, "locked": False}
        tested = {"grade_id": f"{each.name}-test", "grade": True, "solution": False, "locked": True}
        marks[each.test] = {**SCHEMA, **tested, "points": each.points}
    for place, cell in enumerate(book.cells):
        cell.metadata.pop("nbgrader", None)
        if place in marks:
            cell.metadata["nbgrader"] = marks[place]


def solution(book, exercise):
    """The chapter's own answer as the statements that bind what the reader should bind.

    Helpers that stand in the check or in an answer come along, for a student's copy has neither.
    Raises ValueError where no cell asserts that the check calls something right.
    """
    cells = [exercise.test, *exercise.answers]
    found = next((args for place in cells for args in accepted(book.cells[place].source, exercise.check)), None)
    if found is None:
        raise ValueError(
            f'{exercise.name}: no answer; assert {exercise.check}(...) == "right" in a cell below the check'
        )
    (last,) = statements(f"{', '.join(exercise.given)} = {found}")
    helpers, _ = needed(last.used, [each for place in cells for each in statements(book.cells[place].source)])
    return [*helpers, last]


def judged(book, exercise):
    """The statements of the hidden test: the check, what it takes from cells that students lack, and the verdict."""
    lacked = [*(place for place in withheld(book) if place < exercise.test), *exercise.answers, exercise.test]
    known = [each for place in lacked for each in statements(book.cells[place].source) if not tells(each.node)]
    (verdict,) = statements(f"_said = str({exercise.check}({', '.join(exercise.given)}))")
    kept, _ = needed(verdict.used - set(exercise.given), known)
    return [*kept, verdict, *statements('assert _said.startswith("right"), _said')]


def withheld(book):
    """The places of the cells that students lack: checks with points, and whatever shows a check an answer."""
    sources = [cell.source for cell in book.cells if cell.cell_type == "code"]
    names = {name for source in sources for name in re.findall(r"def (check_\w+)\(", source)}
    answers = {place for place in range(len(book.cells)) if any(shown(book.cells, place, name) for name in names)}
    return sorted(answers | {place for place, _, _ in checks(book)})


def shown(cells, place, check):
    return is_answer(cells, place, check) and f"def {check}(" not in cells[place].source


def tells(node):
    """Whether a statement of a check only says what comes out: a print or an assertion."""
    return isinstance(node, ast.Assert) or printed(node) is not None


def accepted(source, check):
    """The arguments, as source, with which a cell asserts that the check says right."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Assert):
            yield from (handed(call) for call in said_right(node.test, check))
            yield from listed_right(node.test, check)


def handed(call):
    """A call's arguments as what stands right of `a, b =`."""
    return ", ".join(map(ast.unparse, call.args)) + ("," if isinstance(call.args[-1], ast.Starred) else "")


def said_right(node, check):
    """The calls of the check that an asserted expression says to be right."""
    if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And):
        for part in node.values:
            yield from said_right(part, check)
    elif isinstance(node, ast.Compare):
        yield from (call for group in equals(node) if any(map(is_right, group)) for call in group if calls(call, check))
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "startswith":
        yield from [node.func.value] if calls(node.func.value, check) and is_right(node.args[0]) else []


def equals(node):
    """The operands of a comparison in groups that it says to be equal."""
    groups = [[node.left]]
    for operator, operand in zip(node.ops, node.comparators, strict=True):
        if isinstance(operator, ast.Eq):
            groups[-1].append(operand)
        else:
            groups.append([operand])
    return groups


def is_right(node):
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("right")


def calls(node, check):
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == check


def listed_right(node, check):
    """The one element of `[a] == [a for a in all if check_1(a) == "right"]`, in either order."""
    sides = [node.left, *node.comparators] if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq) else []
    lists = [side for side in sides if isinstance(side, ast.ListComp)]
    tests = [test for side in lists for part in side.generators for test in part.ifs]
    if any(True for test in tests for _ in said_right(test, check)):
        yield from (ast.unparse(side.elts[0]) for side in sides if isinstance(side, ast.List) and len(side.elts) == 1)
