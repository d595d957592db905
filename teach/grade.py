"""Prove the homework with nbgrader itself: who solves it gets all points, who hands it in untouched none.

    python -m teach.grade [--variant 7]     (needs nbgrader: the dependency group `grade`; it takes minutes)

Five more submissions each hold one typical wrong answer, which the chapter shows below its check, and lose the points
of that task. With a variant one holds the answers to the book's own homework in their place, and gets none.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

import nbformat

from nas.methods.files import write_atomically
from teach import BOOK, ROOT
from teach.archive import write_notebook
from teach.copies import answered, released
from teach.exercises import solution
from teach.homework import TASKS, found
from teach.slices import needed, statements
from teach.student import CONFIG, chosen, sources
from teach.variants import variants

NAME = "homework"
WRONG = {
    "02_supernet-1": "Swapped",
    "03_sampler-1": "AnySeed",
    "04_shared_training-1": "never_cleared",
    "how_we_measure-1": "wrong_factor",
    "08_batch_statistics-1": "without_reset",
}


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m teach.grade", description=__doc__.splitlines()[0])
    parser.add_argument("--variant", type=chosen, default=0)
    variant = parser.parse_args(arguments).variant
    if not find_spec("nbgrader"):
        parser.error("nbgrader is missing: the dependency group `grade` has it, see teach/student.md")
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])  # for alembic
    with tempfile.TemporaryDirectory() as folder:
        faults = graded(Path(folder), variant)
    return len(faults)


def graded(course, variant):
    """The submissions that did not get what they deserve; prints the points of each."""
    source = sources(variant, [NAME])[NAME]
    copy, most = released(source), {name: found(name, variant)[1].points for name in TASKS}
    put(course / "source" / NAME, source)
    write_atomically(course / "nbgrader_config.py", CONFIG)
    nbgrader(course, "generate_assignment", NAME, "--create")
    release = nbformat.read(course / "release" / NAME / f"{NAME}.ipynb", as_version=4)
    same = [cell.source for cell in release.cells] == [cell.source for cell in copy.cells]
    print("generate_assignment: its release", "is our student copy" if same else "differs from our student copy")
    handed_in = submissions(variant)
    for who, answers in handed_in.items():
        put(course / "submitted" / who / NAME, answered(copy, answers))
    said = nbgrader(course, "validate", str(course / "submitted" / "solved" / NAME / f"{NAME}.ipynb"))
    print("validate, the solved copy:", said.strip().splitlines()[-1])
    nbgrader(course, "autograde", NAME)
    faults = [] if same else ["release"]
    for who in handed_in:
        points, due = scores(course, who), deserved(who, most)
        print(f"{who:28} {sum(points.values()):3.0f} of {sum(most.values())} =", *map("{:.0f}".format, points.values()))
        faults += [who] if points != due else []
    return faults


def put(folder, book):
    return write_notebook(folder / f"{NAME}.ipynb", nbformat.writes(book))


def submissions(variant):
    """{who: {exercise: the statements that he writes}}."""
    right = {name: solution(*found(name, variant)) for name in TASKS}
    if variant:
        others = {"last_year": {name: solution(*found(name)) for name in TASKS}}
    else:
        others = {f"wrong_{name}": right | {name: mistaken(name)} for name in WRONG}
    return {"solved": right, "untouched": {}, **others}


def mistaken(name):
    """A wrong answer of the chapter's, as the statements that bind what the reader should bind."""
    book, exercise = found(name)
    (last,) = statements(f"{exercise.given[0]} = {WRONG[name]}")
    shown = [each for place in exercise.answers for each in statements(book.cells[place].source)]
    helpers, _ = needed(last.used, shown)
    return [*helpers, last]


def deserved(who, most):
    """{exercise: points} that a submission should get."""
    varied = set(variants())
    lost = {"untouched": set(most), "last_year": varied}.get(who, {who.removeprefix("wrong_")})
    return {name: 0 if name in lost else points for name, points in most.items()}


def scores(course, who):
    """{exercise: points} that nbgrader gave, in the homework's order."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        (notebook,) = gradebook.find_submission(NAME, who).notebooks
        given = {grade.name.removesuffix("-test"): grade.auto_score for grade in notebook.grades}
    return {name: given[name] for name in TASKS}


def nbgrader(course, *words):
    """What nbgrader prints in the course's folder, its log aside. Raises CalledProcessError where it fails."""
    ours = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (ROOT, BOOK)))}  # the tree that is proved
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *words], cwd=course, env=ours, capture_output=True, text=True
    )
    if done.returncode:
        print(done.stdout, done.stderr, file=sys.stderr)
    done.check_returncode()
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
