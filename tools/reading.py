"""How a chapter reads: which cells are in sight, how many of their lines carry an idea, how many minutes it takes.

    python tools/reading.py [--write] [book/03_sampler.ipynb ...]      # prints a line a chapter

--write derives from the tags what folds a cell elsewhere, and puts the minutes into each chapter's opening and into the
contents, on the start page and in the README.

Three kinds of code cells. An *idea* stands in sight. *Evidence* (tag hide-input: records, tables, plots, computed
sentences, imports) shows its output, its code is folded. *Checks* (tag hide-cell: of our text, of a reader's answer,
solutions, and listings that only repeat) are folded whole.
"""

import re
import sys
from math import ceil
from pathlib import Path

import nbformat
import yaml

from nas.methods.files import write_atomically

ROOT = Path(__file__).resolve().parent.parent
EVIDENCE, CHECK = "hide-input", "hide-cell"
TITLE = re.compile(r"# ?@title \S")  # the formatter sets the space; Colab reads both
WORDS_A_MINUTE, SECONDS_A_LINE = 200, 5
EXERCISES = re.compile(r"^## (Exercises|Your turn)\b", re.MULTILINE)
CONTENTS = re.compile(r"^\| part \|.*\n(?:\|.*(?:\n|\Z))+", re.MULTILINE)
TIME = re.compile(r"(\*\*Time:\*\*\s+)(\d+)(\s+minutes)")
# A deck: the room looks at a slide, the lecturer says its notes, and a question takes a show of hands.
SPOKEN_A_MINUTE, MINUTES_A_SLIDE, MINUTES_A_QUESTION = 120, 1, 2
NOTES = re.compile(r"^:::\{revealjs-notes\}\n(.*?)^:::$", re.MULTILINE | re.DOTALL)
FOLDED_TEXT = re.compile(r"<details\b.*?</details>", re.DOTALL)
LISTING = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
TABLE_ROW = re.compile(r"^\|.*$", re.MULTILINE)  # looked at, as a figure is
PREDICT, PREDICT_END = 'class="predict"', 'class="predict-end"'
TURN = re.compile(r"^#{1,6} ", re.MULTILINE)
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
    """Derive from the tags what folds a cell in JupyterLab and Colab too; a folded cell's first line is its title.

    JupyterLab also hides the output of what is folded whole, and what a prediction is about: until the cell is run.
    """
    predicted = after_predictions(book)
    for cell in book.cells:
        if cell.cell_type != "code":
            continue
        hidden = {"source_hidden": kind(cell) != "idea"}
        hidden["outputs_hidden"] = bool(cell.outputs) and (kind(cell) == "check" or cell.id in predicted)
        for place in ("cellView", "jupyter"):
            cell.metadata.pop(place, None)
        if hidden["source_hidden"]:
            cell.metadata["cellView"] = "form"
        if any(hidden.values()):
            cell.metadata["jupyter"] = {name: True for name, folded in hidden.items() if folded}


def after_predictions(book):
    """The ids of the code cells between a question and the end of what it folds: the next one, or its section's."""
    found, waiting = set(), False
    for cell in book.cells:
        if cell.cell_type == "markdown":
            marks = [cell.source.rfind(mark) for mark in (PREDICT, PREDICT_END)]
            turns = [turn.start() for turn in TURN.finditer(cell.source)]
            asked, ended = marks[0], max(marks[1], *turns, -1)
            waiting = asked > ended if max(asked, ended) >= 0 else waiting
        elif any(PREDICT in out.get("data", {}).get("text/html", "") for out in cell.outputs):
            waiting = True
        elif waiting:
            found.add(cell.id)
    return found


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
    """(minutes to read, minutes for the exercises): 200 words a minute, 5 seconds a line of code in sight.

    What cells print counts too: listings as code; sentences and questions as words; tables and figures, not.
    """
    spent, part = [0.0, 0.0], 0
    for cell in book.cells:
        if cell.cell_type == "markdown":
            part = max(part, int(bool(EXERCISES.search(cell.source))))
            words, code = FOLDED_TEXT.sub("", cell.source), ""
        else:
            words, code = printed(cell)
            code += cell.source if kind(cell) == "idea" else ""
        spent[part] += len(words.split()) / WORDS_A_MINUTE
        spent[part] += sum(bool(line.strip()) for line in code.splitlines()) * SECONDS_A_LINE / 60
    return tuple(ceil(time) for time in spent)


def printed(cell):
    """(words, code) that the output of a code cell puts in sight."""
    data = [out.get("data", {}) for out in cell.outputs if kind(cell) != "check"]
    said = "\n".join(FOLDED_TEXT.sub("", each.get("text/markdown", "")) for each in data)
    asked = [html for each in data if PREDICT in (html := each.get("text/html", ""))]
    words = TABLE_ROW.sub("", LISTING.sub("", said)) + " ".join(re.sub(r"<[^>]+>", " ", html) for html in asked)
    return words, "".join(LISTING.findall(said))


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


def pages(root=ROOT):
    """[(caption, [page's path from the root, without ending, ...])] of _toc.yml; the start page's part is ""."""
    toc = yaml.safe_load(Path(root, "_toc.yml").read_text(encoding="utf-8"))
    return [("", [toc["root"]])] + [
        (part["caption"], [each["file"] for each in part["chapters"]]) for part in toc["parts"]
    ]


def parts(root=ROOT):
    """[(caption, {page's path from the root: its notebook})] without the start page and the appendices."""
    return [
        (caption, {f"{page}.ipynb": nbformat.read(Path(root, f"{page}.ipynb"), as_version=4) for page in names})
        for caption, names in pages(root)[1:-1]
    ]


def contents(found, listed):
    """The table of the parts as Markdown: pages, minutes to read them, minutes for their exercises.

    listed: whether each page stands there with its minutes, instead of their number.
    """
    lines = [
        "| part | pages | minutes to read | plus the exercises |",
        f"|---|{'---' if listed else '--:'}|--:|--:|",
    ]
    for caption, pages in found:
        spent = [minutes(book) for book in pages.values()]
        each = [f"[{label(book)}]({page}) {read}" for (page, book), (read, _) in zip(pages.items(), spent, strict=True)]
        total = [sum(column) for column in zip(*spent, strict=True)]
        lines.append(f"| {caption} | {', '.join(each) if listed else len(pages)} | {total[0]} | {total[1]} |")
    return "\n".join(lines) + "\n"


def label(book):
    """How the contents call a page: its number, as "7b", or its title."""
    title = book.cells[0].source.splitlines()[0].removeprefix("# ")
    numbered = re.match(r"(\d+\w?)\. ", title)
    return numbered[1] if numbered else title


def write_contents(root=ROOT):
    """Put the contents with their minutes into the README and, in short, onto the start page."""
    found, readme, start = parts(root), Path(root, "README.md"), Path(root, "book", "index.ipynb")
    save(readme, CONTENTS.sub(contents(found, listed=True), readme.read_text(encoding="utf-8")))
    book = nbformat.read(start, as_version=4)
    for cell in book.cells:
        cell.source = CONTENTS.sub(contents(found, listed=False), cell.source)
    save(start, nbformat.writes(book) + "\n")


def save(path, text):
    if text != path.read_text(encoding="utf-8"):
        write_atomically(path, text)


def main(names):
    from notebooks import asked_for  # beside this file; as tools.reading it is imported without

    write = "--write" in names
    for path in asked_for([name for name in names if name != "--write"]):
        book = nbformat.read(path, as_version=4)
        if write:
            fold(book)
            tell(book)
            save(path, nbformat.writes(book) + "\n")
        reading, exercises = minutes(book)
        words = f"{reading:3} min, exercises {exercises:3} min, idea {idea_share(book):4.0%}"
        print(f"{path.stem:28} {words} of {len(lines_in_sight(book)):3} lines in sight, {len(untitled(book))} untitled")
    if write:
        write_contents()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
