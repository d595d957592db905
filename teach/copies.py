"""A chapter as nbgrader takes it, with answers and hidden tests between markers, and as students get it, without."""

import hashlib
import re
from copy import deepcopy
from pathlib import Path
from textwrap import indent

import nbformat
from nbformat.v4 import new_code_cell

from book._ext.book_site import git, repository_url
from teach import ROOT
from teach.exercises import SCHEMA, exercises, judged, mark, solution, withheld
from teach.slices import written
from tools.colab import rewrite

MARKS = "### {} {}"  # nbgrader's own: ### BEGIN SOLUTION, ### END HIDDEN TESTS
REGION = {
    kind: re.compile(rf"^### BEGIN {kind}\n.*?^### END {kind}$", re.MULTILINE | re.DOTALL)
    for kind in ("SOLUTION", "HIDDEN TESTS")
}
YOURS = "# your answer goes here, or in place of what stands above"
MISSING = 'raise ModuleNotFoundError("no module nas: install the book first, as its README says")'
# Where exercises stand, every fold holds what a student should find himself; elsewhere those that say so.
FOLD = re.compile(r"<details>\s*<summary>(?P<title>.*?)</summary>.*?</details>\n*", re.DOTALL)
ANSWER = re.compile(r"Answer|What follows from exercise")


def source(book, stem):
    """A chapter as a lecturer hands it to nbgrader: each exercise with answer and test, and no output."""
    mark(book, stem)
    found = exercises(book, stem)
    stubs, tests = {each.stub: each for each in found}, {each.test: each for each in found}
    gone = set(withheld(book)) - tests.keys()
    first = found[0].text
    cells = []
    for place, cell in enumerate(book.cells):
        if place in gone:
            continue
        cell = bare(cell, unfolded(cell.source, place >= first) if cell.cell_type == "markdown" else cell.source)
        if place in stubs:
            cell.source = asked(cell.source, stubs[place], solution(book, stubs[place]))
        if place in tests:
            cell.source = tested(tests[place], judged(book, tests[place]))
        cells += [cell] if cell.source else []
    return nbformat.from_dict({**book, "cells": cells})


def bare(cell, text):
    """The cell with another text, no outputs, and of its metadata nbgrader's alone: nothing is folded."""
    kept = {"nbgrader": cell.metadata["nbgrader"]} if "nbgrader" in cell.metadata else {}
    blank = {"outputs": [], "execution_count": None} if cell.cell_type == "code" else {}
    return nbformat.from_dict({**cell, "source": text, "metadata": kept, **blank})


def unfolded(text, everything):
    """A text without the folds that hold an answer or a hint."""
    return FOLD.sub(lambda fold: "" if everything or ANSWER.match(fold["title"]) else fold[0], text).strip()


def asked(stub, exercise, answer):
    """The reader's cell, with a title to know it by and the answer between markers."""
    points = f"{exercise.points} point{'s' if exercise.points != 1 else ''}"
    return "\n".join([f"# Exercise {exercise.name}: {points}", stub, "", marked("SOLUTION", answer)])


def tested(exercise, statements):
    """The cell below it: what students see says whether they did anything, what gives points lies between markers."""
    return f'print(progress("{exercise.name}"))\n{marked("HIDDEN TESTS", statements)}'


def marked(kind, statements):
    return "\n".join([MARKS.format("BEGIN", kind), written(statements), MARKS.format("END", kind)])


def finished(book):
    """The notebook with the set-up cell before it, which knows each exercise as it is handed out.

    Where the book's address is known, links lead there, and the cell fetches the book if it is not installed.
    """
    url, commit = repository_url(ROOT), git(ROOT, "rev-parse", "HEAD").strip()
    if url and commit:
        book = rewrite(book, url, commit)
        fetch = book.cells.pop(0).source
    else:
        fetch = MISSING
    digests = {each.metadata.nbgrader.grade_id: digest(cleared(each.source)) for each in answers(book)}
    lines = "".join(f'    "{name}": "{value}",\n' for name, value in digests.items())
    text = Path(__file__).with_name("student_cell.py").read_text(encoding="utf-8").strip().replace("  # noqa: F821", "")
    text = text.replace('FETCH = "written by teach/copies.py"', indent(fetch, "    ").strip())
    text = text.replace("HANDED_OUT = {}", f"HANDED_OUT = {{\n{lines}}}")
    fixed = {**SCHEMA, "grade_id": "set-up", "grade": False, "solution": False, "locked": True}
    first = new_code_cell(text, id="set-up", metadata={"nbgrader": fixed})
    return nbformat.from_dict({**book, "cells": [first, *book.cells]})


def answers(book):
    """The cells that are a student's to fill in."""
    return [cell for cell in book.cells if cell.metadata.get("nbgrader", {}).get("solution")]


def answered(copy, given):
    """A student's copy in which these answers, {exercise: statements}, are written below what stands there."""
    copy = deepcopy(copy)
    for cell in answers(copy):
        if statements := given.get(cell.metadata.nbgrader.grade_id):
            cell.source = cell.source.replace(YOURS, written(statements))
    return copy


def digest(text):
    return hashlib.sha256(text.strip().encode()).hexdigest()[:16]


def released(source):
    """What students get of a source: what nbgrader's generate_assignment makes of it, cell by cell."""
    cells = [nbformat.from_dict({**cell, "source": cleared(cell.source)}) for cell in source.cells]
    return nbformat.from_dict({**source, "cells": cells})


def cleared(text):
    """A cell without answer and hidden test."""
    text = REGION["SOLUTION"].sub(YOURS, text)
    return REGION["HIDDEN TESTS"].sub("", text).rstrip("\n")
