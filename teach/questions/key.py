"""The answer key: right answers, the sentences, and a table of all misconceptions; as Markdown, HTML and PDF."""

from html import escape

from mathml import to_mathml
from quiz_text import LETTERS, inline

from nas.methods.files import write_atomically
from teach.browser import chromium, on_paper

STYLE = """body { font: 10pt/1.35 sans-serif; max-width: 45rem; margin: 1rem auto; color: #111; }
h2 { break-before: page; } h2:first-of-type { break-before: auto; } .right { font-weight: 700; }
h3, p { font-size: 1em; margin: 0.25em 0; } h3 { margin-top: 1em; } section { break-inside: avoid; }
td, th { text-align: left; vertical-align: top; padding: 2px 8px 2px 0; }"""


def labels(question):
    """(label, answer) of each: a letter where there is a choice, else nothing."""
    return zip(LETTERS if question.margin is None else [""] * len(question.answers), question.answers, strict=False)


def misconceptions(quizzes):
    """{misconception: where it is met}, in the order of the book; one that is met twice stands once."""
    found = {}
    for quiz in quizzes:
        for question in quiz.questions:
            for label, answer in labels(question):
                if not answer.right:
                    found.setdefault(answer.believes, []).append(f"{quiz.name}, {question.number}{label}")
    return found


def markdown(quizzes):
    """The key as Markdown."""
    lines = ["# Answer key"]
    for quiz in quizzes:
        lines += ["", f"## {quiz.title}"]
        for question in quiz.questions:
            lines += ["", f"**{question.number}.** {question.text}", ""]
            lines += [f"- {mark(label, answer)} {answer.text}\\\n  {answer.said}" for label, answer in labels(question)]
    lines += ["", "## All misconceptions", "", "| misconception | answers |", "|---|---|"]
    lines += [f"| {name} | {'; '.join(places)} |" for name, places in misconceptions(quizzes).items()]
    return "\n".join(lines) + "\n"


def mark(label, answer):
    """Its letter, and whether it is right."""
    shown = f"{label} {'✓' if answer.right else '✗'}".strip()
    return f"**{shown}**" if answer.right else shown


def page(quizzes):
    """The key as a page that needs nothing else."""
    parts = [f"<h2>{text(quiz.title)}</h2>{''.join(map(section, quiz.questions))}" for quiz in quizzes]
    rows = "".join(
        f"<tr><td>{text(name)}</td><td>{escape('; '.join(places))}</td></tr>"
        for name, places in misconceptions(quizzes).items()
    )
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Answer key</title><style>{STYLE}</style>'
        f"<main><h1>Answer key</h1>{''.join(parts)}<h2>All misconceptions</h2>"
        f"<table><tr><th>misconception<th>answers</tr>{rows}</table></main></html>\n"
    )


def section(question):
    """One question with its answers, as HTML."""
    items = "".join(
        f"<p{' class=right' if answer.right else ''}>{mark(label, answer).strip('*')} {text(answer.text)}"
        f"<br><small>{text(answer.said)}</small></p>"
        for label, answer in labels(question)
    )
    return f"<section><h3>{question.number}. {text(question.text)}</h3>{items}</section>"


def text(words):
    return inline(words, to_mathml)


def paper(html):
    """A list with the PDF beside an HTML file, printed by Chromium; empty, and said, where there is none."""
    pdf = html.with_suffix(".pdf")
    with chromium() as browser:
        if not browser:
            print(f"no Chromium: {pdf.name} is left out")
            return []
        tab = browser.new_page()
        tab.goto(html.resolve().as_uri())
        return [write_atomically(pdf, tab.pdf(**on_paper()))]
