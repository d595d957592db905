"""Variants of the exercises: other widths, depths, data and rules, so that last year's answers do not fit.

variants.toml says what changes where; a variant's right answer is what the changed check computes.
"""

import re
import tomllib
from functools import cache
from pathlib import Path

import nbformat

from teach import BOOK
from teach.exercises import exercises

TABLE = Path(__file__).with_name("variants.toml")
BLANK = re.compile(r"<(\w+)>")


@cache
def variants():
    """{exercise: {"choices": [{name: text}], "change": {old: new with <name>}}}."""
    return tomllib.loads(TABLE.read_text(encoding="utf-8"))


def chapter(stem, variant=0):
    """A chapter of the book, varied. Raises ValueError for a name that no chapter has."""
    if not (path := BOOK / f"{stem}.ipynb").exists():
        raise ValueError(f"no chapter {stem!r} in {BOOK.name}/; there are: {', '.join(stems())}")
    return varied(nbformat.read(path, as_version=4), stem, variant)


def stems():
    """The names of the chapters, in the order of their files."""
    return sorted(path.stem for path in BOOK.glob("*.ipynb"))


def varied(book, stem, variant):
    """The chapter with those of its exercises varied that can be; 0 leaves it as it is.

    Two years in a row differ: the variant counts through an exercise's choices. Raises ValueError for a negative one,
    for an exercise that the chapter lacks, and for a text that stands in none of the exercise's cells any more.
    """
    if variant < 0:
        raise ValueError(f"variant {variant}: give a whole number from 0, which is the book itself")
    if variant:
        mine = {name: entry for name, entry in variants().items() if name.rsplit("-", 1)[0] == stem}
        found = {each.name: each for each in exercises(book, stem)}
        for name, entry in mine.items():
            if name not in found:
                raise ValueError(f"variants.toml: {stem} has no exercise {name}; it has {', '.join(found)}")
            choice = entry["choices"][variant % len(entry["choices"])]
            for old, new in entry["change"].items():
                change(book, found[name], old, filled(new, choice))
    return book


def filled(text, choice):
    return BLANK.sub(lambda blank: str(choice[blank[1]]), text)


def change(book, exercise, old, new):
    """Put another text wherever the old one stands in an exercise's cells; in a text, from the exercise on."""
    cells = [book.cells[place] for place in (exercise.stub, exercise.test, *exercise.answers)]
    text = book.cells[exercise.text]
    number = exercise.name.rsplit("-", 1)[1]
    start = max(text.source.find(f"**{number}. "), 0)
    if not any(old in cell.source for cell in cells) and old not in text.source[start:]:
        raise ValueError(f"variants.toml: {exercise.name} no longer says {old!r}")
    for cell in cells:
        cell.source = cell.source.replace(old, new)
    text.source = text.source[:start] + text.source[start:].replace(old, new)
