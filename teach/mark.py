"""python -m teach.mark [CHAPTER ...]: write nbgrader's ids and points onto the exercises, by default of all chapters.

Run it again after exercises came, went or moved. Points that a chapter has stay as they are: change them there.
"""

import sys

import nbformat

from teach import BOOK
from teach.archive import write_notebook
from teach.exercises import exercises, mark
from teach.variants import chapter, stems


def main(names):
    for stem in names or stems():
        path = BOOK / f"{stem}.ipynb"
        book = chapter(stem)
        before = nbformat.writes(book)
        mark(book, stem)
        if (after := nbformat.writes(book)) != before:
            write_notebook(path, after)
            found = exercises(book, stem)
            print(f"{stem}: {len(found)} exercises, {sum(each.points for each in found)} points")


if __name__ == "__main__":
    main(sys.argv[1:])
