"""The question bank: a text for each chapter, and what it becomes in Canvas, in Moodle and on paper.

quiz_text.py in book/_ext says how the texts are written and reads them; quiz.py there puts them on the pages.
"""

import sys
from pathlib import Path

from nas.methods.files import write_atomically
from teach import BOOK, ROOT
from tools.reading import pages

sys.path.append(str(BOOK / "_ext"))

from quiz_text import read


def bank():
    """All quizzes, in the order of the book; ValueError for a text whose chapter is not in it."""
    texts = {path.stem: path for path in Path(__file__).parent.glob("*.txt")}
    chapters = [Path(page).name for _, part in pages(ROOT) for page in part]
    if homeless := texts.keys() - set(chapters):
        raise ValueError(f"questions for {', '.join(sorted(homeless))}: no such chapter in _toc.yml")
    return [read(texts[name]) for name in chapters if name in texts]


def text(name):
    """A chapter's questions as they are written."""
    return Path(__file__).with_name(f"{name}.txt").read_text(encoding="utf-8")


def make(out):
    """Write out/questions: a QTI package a chapter, GIFT, the answer key; the paths. ValueError if a check fails."""
    from teach.questions import checks, gift, key, qti  # they import this module

    quizzes, folder = bank(), Path(out) / "questions"
    if wrong := [message for quiz in quizzes for message in checks.failures(quiz)]:
        raise ValueError("questions whose checks fail:\n" + "\n".join(wrong))
    names = [quiz.name for quiz in quizzes]
    page = write_atomically(folder / "answer-key.html", key.page(quizzes))
    return [
        *(write_atomically(folder / "canvas" / f"{name}.zip", qti.package(text(name), name)) for name in names),
        write_atomically(folder / "moodle.gift", gift.bank(quizzes)),
        write_atomically(folder / "answer-key.md", key.markdown(quizzes)),
        page,
        *key.paper(page),
    ]
