"""Student copies of the chapters and of a homework, and the course folder from which nbgrader grades them.

`student/` holds what students get: no answers, no outputs, no tests that give points, no hints. `course/source/` is the
lecturer's: the same notebooks with answers and tests between nbgrader's markers, in nbgrader's own layout.
"""

import argparse
import os
from pathlib import Path

import nbformat

from nas.methods.files import write_atomically
from teach.archive import write_notebook
from teach.copies import YOURS, finished, released, source
from teach.exercises import exercises
from teach.homework import TASKS, homework, selected
from teach.variants import chapter, stems

CONFIG = f'''"""nbgrader's settings for this course: put your students' copies into submitted/NAME/ASSIGNMENT/."""

c = get_config()  # noqa: F821
c.CourseDirectory.course_id = "one-shot-nas"
c.ClearSolutions.code_stub = {{"python": "{YOURS}"}}
c.Execute.timeout = 600  # seconds a cell
'''


def make(out, variant=None, tasks=None):
    """Write student copies and course folder below out; returns their paths.

    variant: a whole number from 0, the book itself. tasks: the homework's, by name. By default what the environment's
    VARIANT and TASKS say, which `make student VARIANT=7 TASKS=lecture` sets.
    """
    variant = chosen(os.environ.get("VARIANT") or "0") if variant is None else variant
    tasks = selected(os.environ.get("TASKS", "")) if tasks is None else tasks
    made = [write_atomically(out / "course" / "nbgrader_config.py", CONFIG)]
    for name, book in sources(variant, tasks=tasks).items():
        made += [
            write_notebook(out / "course" / "source" / name / f"{name}.ipynb", nbformat.writes(book)),
            write_notebook(out / "student" / f"{name}.ipynb", nbformat.writes(released(book))),
        ]
    return made


def chosen(text):
    """A variant from what somebody typed. Raises ValueError for anything but a whole number from 0."""
    if not text.isdecimal():
        raise ValueError(f"VARIANT {text!r}: give a whole number from 0, which is the book itself")
    return int(text)


def sources(variant=0, names=None, tasks=tuple(TASKS)):
    """{name: notebook with answers and tests between markers} of the homework and of every chapter with exercises."""
    made = {}
    for name in names or ["homework", *stems()]:
        book = homework(variant, tasks) if name == "homework" else chapter(name, variant)
        if name == "homework":
            made[name] = finished(book)
        elif exercises(book, name):
            made[name] = finished(source(book, name))
    return made


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m teach.student", description=__doc__.splitlines()[0])
    parser.add_argument("--variant", default=None, help="other numbers and rules; 0 is the book itself")
    parser.add_argument("--tasks", default=None, help="of the homework: such as 1,3,5, or lecture, workshop, weeks")
    parser.add_argument("--out", type=Path, default=Path("build/kit"))
    options = parser.parse_args(arguments)
    try:
        variant = None if options.variant is None else chosen(options.variant)
        tasks = None if options.tasks is None else selected(options.tasks)
    except ValueError as error:
        parser.error(str(error))
    made = make(options.out, variant, tasks)
    print(f"{len(made)} files below {options.out}: student/ is for students, course/ holds the answers")


if __name__ == "__main__":
    main()
