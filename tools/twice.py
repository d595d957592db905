"""Run each cell of the chapters twice, and compare both outputs with the committed one.

    python tools/twice.py [book/03_sampler.ipynb ...]

A reader runs a cell again after a look at it: it must say the same. So must the check of an exercise once all has run,
for the answer below it is not the reader's. Written to .cache/twice and left to nbval, which then counts each cell
twice: its cell 2k + 1 is the second run of cell k; behind the last stand the checks, once more.
"""

import re
import shutil
import subprocess
import sys
from copy import deepcopy
from pathlib import Path

import nbformat
from notebooks import asked_for

ROOT = Path(__file__).resolve().parent.parent
COPIES = ROOT / ".cache" / "twice"
CHECKS = re.compile(r"^\w+\(check_\w+\(", re.MULTILINE)  # print(check_1(mine))


def main(names):
    shutil.rmtree(COPIES, ignore_errors=True)
    COPIES.mkdir(parents=True)
    for path in asked_for(names):
        book = nbformat.read(path, as_version=4)
        nbformat.write(doubled(book), COPIES / path.name)
    command = [sys.executable, "-m", "pytest", "-n", "auto", "--dist", "loadfile", "--nbval", "-q", COPIES]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def doubled(book):
    """The notebook with each code cell twice in a row, and in the end the checks of its exercises."""
    book = deepcopy(book)
    tries = [copy(cell, "after") for cell in book.cells if cell.cell_type == "code" and CHECKS.search(cell.source)]
    book.cells = [again for cell in book.cells for again in copies(cell)] + tries
    return book


def copies(cell):
    return [cell, copy(cell, "again")] if cell.cell_type == "code" else [cell]


def copy(cell, when):
    """The same cell with an id of its own."""
    other = deepcopy(cell)
    other.id = f"{cell.id[:50]}-{when}"  # at most 64 characters
    return other


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
