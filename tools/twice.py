"""Run each cell of the chapters twice, and compare both outputs with the committed one.

    python tools/twice.py [book/03_sampler.ipynb ...]

A reader runs a cell again after a look at it: it must say the same. Written to .cache/twice and left to nbval, which
then counts each cell twice: its cell 2k + 1 is the second run of cell k.
"""

import shutil
import subprocess
import sys
from copy import deepcopy
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parent.parent
COPIES = ROOT / ".cache" / "twice"


def main(names):
    shutil.rmtree(COPIES, ignore_errors=True)
    COPIES.mkdir(parents=True)
    for path in [Path(name) for name in names] or sorted(Path(ROOT, "book").glob("*.ipynb")):
        book = nbformat.read(path, as_version=4)
        nbformat.write(doubled(book), COPIES / path.name)
    return subprocess.run([sys.executable, "-m", "pytest", "--nbval", "-q", COPIES], cwd=ROOT, check=False).returncode


def doubled(book):
    """The notebook with each code cell twice in a row."""
    book = deepcopy(book)
    book.cells = [again for cell in book.cells for again in copies(cell)]
    return book


def copies(cell):
    if cell.cell_type != "code":
        return [cell]
    again = deepcopy(cell)
    again.id = f"{cell.id[:50]}-again"  # at most 64 characters
    return [cell, again]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
