"""Puts a chapter's questions before its exercises, folded: plain HTML that works without script.

The questions are in teach/questions, a text for each chapter; quiz_text.py says how they are written. With script,
book/_static/play/quiz.js shows the sentence that meets the chosen answer; without, the answers are behind a fold.
"""

from pathlib import Path

from mathml import to_mathml
from quiz_text import LETTERS, inline, read

BANK = Path(__file__).resolve().parents[2] / "teach" / "questions"
COUNTS = ["No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight"]
PLACE = '<section id="exercises">'


def text_of(docname):
    """The file with a page's questions, which need not exist."""
    return BANK / f"{docname.rpartition('/')[2]}.txt"


def as_html(text):
    return inline(text, to_mathml)


def quiz(questions):
    """The fold with these questions, as HTML."""
    count = COUNTS[len(questions)]
    return (
        f'<details class="quiz"><summary>{count} questions on this chapter</summary>'
        f"{''.join(map(fieldset, questions))}</details>"
    )


def fieldset(question):
    """One question with its answers."""
    name = f"quiz-{question.number}"
    asked, told = number(question, name) if question.margin is not None else choice(question, name)
    return (
        f"<fieldset><legend>{question.number}. {as_html(question.text)}</legend>{asked}"
        f"<details><summary>Answers</summary>{told}</details></fieldset>"
    )


def choice(question, name):
    """Radio buttons, and the sentences."""
    labelled = list(zip(LETTERS, question.answers, strict=False))
    asked = "".join(
        f'<label><input type="radio" name="{name}" value="{letter}"> <b>{letter}</b> '
        f"<span>{as_html(answer.text)}</span></label>"
        for letter, answer in labelled
    )
    return asked, "".join(sentence(answer, letter, letter) for letter, answer in labelled)


def number(question, name):
    """A field for a number, and the sentences."""
    asked = (
        f'<label>Your number: <input type="text" name="{name}" inputmode="decimal" size="8" autocomplete="off"></label>'
    )
    told = [sentence(answer, answer.text, answer.text, question.margin) for answer in question.answers]
    return asked, "".join([*told, f'<p data-for="other"><b>Another number ✗</b> {as_html(question.otherwise)}</p>'])


def sentence(answer, key, shown, margin=0):
    """The sentence that meets an answer; script finds it by data-for, a number within data-off of it."""
    right = f' class="right" data-off="{margin:g}"' if answer.right else ""
    return f'<p data-for="{key}"{right}><b>{shown} {"✓" if answer.right else "✗"}</b> {as_html(answer.said)}</p>'


def insert(app, pagename, templatename, context, doctree):
    body, path = context.get("body"), text_of(pagename)
    if body and path.exists():
        if body.count(PLACE) != 1:
            raise ValueError(f"{pagename}: {body.count(PLACE)} sections 'Exercises'; its questions need one to precede")
        context["body"] = body.replace(PLACE, quiz(read(path).questions) + PLACE)


def depends(app, docname, source):
    """A page is written anew when its questions change."""
    if text_of(docname).exists():
        app.env.note_dependency(str(text_of(docname)))


def setup(app):
    app.connect("source-read", depends)
    app.connect("html-page-context", insert)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
