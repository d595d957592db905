"""How a chapter reads: which cells are in sight, how many of their lines carry an idea, how many minutes it takes.

    python tools/reading.py [--write] [book/03_sampler.ipynb ...]      # prints a line a chapter

--write puts the minutes into each chapter's opening.

Three kinds of code cells. An *idea* stands in sight. *Evidence* (tag hide-input: records, tables, plots, computed
sentences, imports) shows its output, its code is folded. *Checks* (tag hide-cell: of our text, of a reader's answer,
and solutions) are folded whole.
"""

import re
import sys
from math import ceil

import nbformat

from study.files import write_atomically

EVIDENCE, CHECK = "hide-input", "hide-cell"
TITLE = re.compile(r"# ?@title \S")  # the formatter sets the space; Colab reads both
WORDS_A_MINUTE, SECONDS_A_LINE = 200, 5
EXERCISES = re.compile(r"^## (Exercises|Your turn)\b", re.MULTILINE)
TIME = re.compile(r"(\*\*Time:\*\*\s+)(\d+)(\s+minutes)")
# A deck: the room looks at a slide, the lecturer says its notes, and a question takes a show of hands.
SPOKEN_A_MINUTE, MINUTES_A_SLIDE, MINUTES_A_QUESTION = 120, 1, 2
NOTES = re.compile(r"^:::\{revealjs-notes\}\n(.*?)^:::$", re.MULTILINE | re.DOTALL)
FOLDED_TEXT = re.compile(r"<details\b.*?</details>", re.DOTALL)
# Lines that carry no idea, whatever they are about: they fetch, tabulate, plot, print or check what others computed.
PLUMBING = re.compile(
    r"^(from|import) |load_records\(|load_answers\(|tables\.|charts\.|plots\.|pd\.|\bsay\(|\bshow\(|\bdisplay\(|"
    r"Markdown\(|HTML\(|\bplay\(|^\s*assert |\.style\b|\.format\(|plt\.|ax\."
)


def kind(cell):
    """ "idea", "evidence" or "check" of a code cell, by its tags."""
    tags = cell.metadata.get("tags", [])
    return "check" if CHECK in tags else "evidence" if EVIDENCE in tags else "idea"


def fold(book):
    """Derive from the tags what folds a cell in JupyterLab and Colab too; a folded cell's first line is its title."""
    for cell in book.cells:
        if cell.cell_type != "code":
            continue
        cell.metadata.pop("cellView", None)
        cell.metadata.get("jupyter", {}).pop("source_hidden", None)
        if kind(cell) != "idea":
            cell.metadata["cellView"] = "form"
            cell.metadata["jupyter"] = {**cell.metadata.get("jupyter", {}), "source_hidden": True}
        elif not cell.metadata.get("jupyter", True):
            del cell.metadata["jupyter"]


def untitled(book):
    """The folded cells whose first line does not say what they do."""
    return [c for c in book.cells if c.cell_type == "code" and kind(c) != "idea" and not TITLE.match(c.source)]


def lines_in_sight(book):
    """The code lines that a reader sees without opening a fold; two lines of imports a chapter count as idea."""
    return [line for cell in ideas(book) for line in cell.source.splitlines() if line.strip()]


def ideas(book):
    """The code cells in sight."""
    return [cell for cell in book.cells if cell.cell_type == "code" and kind(cell) == "idea"]


def idea_share(book):
    """Share in [0, 1] of the code lines in sight that carry an idea."""
    lines = lines_in_sight(book)
    plumbing = sum(bool(PLUMBING.search(line)) for line in lines)
    return 1 - max(0, plumbing - 2) / len(lines) if lines else 1.0


def minutes(book):
    """(minutes to read, minutes for the exercises): 200 words a minute, 5 seconds a line of code in sight."""
    spent, part = [0.0, 0.0], 0
    for cell in book.cells:
        if cell.cell_type == "markdown":
            part = max(part, int(bool(EXERCISES.search(cell.source))))
            spent[part] += len(FOLDED_TEXT.sub("", cell.source).split()) / WORDS_A_MINUTE
        elif kind(cell) == "idea":
            spent[part] += sum(bool(line.strip()) for line in cell.source.splitlines()) * SECONDS_A_LINE / 60
    return tuple(ceil(time) for time in spent)


def slides(deck):
    """(slides, those of them that ask the room) of a deck, given as its Markdown."""
    return 1 + deck.count("\n## "), deck.count("\n## Ask the room")


def deck_minutes(deck):
    """Minutes for a deck: a minute a slide, two more where it asks the room, and its notes at 120 words a minute."""
    shown, asked = slides(deck)
    spoken = sum(len(note.split()) for note in NOTES.findall(deck)) / SPOKEN_A_MINUTE
    return ceil(shown * MINUTES_A_SLIDE + asked * MINUTES_A_QUESTION + spoken)


def told(book):
    """The minutes that a chapter's opening gives; None if it gives none."""
    found = TIME.search(book.cells[0].source)
    return int(found[2]) if found else None


def tell(book):
    """Put the measured minutes into the opening."""
    book.cells[0].source = TIME.sub(rf"\g<1>{minutes(book)[0]}\3", book.cells[0].source, count=1)


def main(names):
    from notebooks import asked_for  # beside this file; as tools.reading it is imported without

    write = "--write" in names
    names = [name for name in names if name != "--write"]
    for path in asked_for(names):
        book = nbformat.read(path, as_version=4)
        if write and told(book) not in (None, minutes(book)[0]):
            tell(book)
            text = nbformat.writes(book) + "\n"
            write_atomically(path, lambda file, text=text: file.write(text.encode()))
        reading, exercises = minutes(book)
        words = f"{reading:3} min, exercises {exercises:3} min, idea {idea_share(book):4.0%}"
        print(f"{path.stem:28} {words} of {len(lines_in_sight(book)):3} lines in sight, {len(untitled(book))} untitled")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
