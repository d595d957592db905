"""The questions for Moodle, in its text format GIFT."""

import re

from quiz_text import inline

SPECIAL = re.compile(r"[~=#{}:\\]")


def bank(quizzes):
    """All quizzes as one GIFT text, a category each."""
    return (
        "\n\n".join(f"$CATEGORY: One-Shot NAS/{quiz.title.replace('/', '//')}\n\n{body(quiz)}" for quiz in quizzes)
        + "\n"
    )


def body(quiz):
    return "\n\n".join(entry(quiz, question) for question in quiz.questions)


def entry(quiz, question):
    """One question: a choice, or a number with its typical wrong ones, which get no points but their sentence."""
    name = escaped(f"{quiz.name} {question.number}")
    if question.margin is None:
        start, lines = "{", [f"{'=' if a.right else '~'}{html(a.text)}#{html(a.said)}" for a in question.answers]
    else:
        start, lines = "{#", [f"={question.right.text}:{question.margin:g}#{html(question.right.said)}"]
        lines += [f"=%0%{answer.text}:0#{html(answer.said)}" for answer in question.wrong]
        lines += [f"~#{html(question.otherwise)}"]  # any other number
    inner = "\n".join(f"  {line}" for line in lines)
    return f"::{name}::[html]{html(question.text)} {start}\n{inner}\n}}"


def html(text):
    """Inline HTML with formulas for Moodle's MathJax, escaped for GIFT."""
    return escaped(inline(text, lambda latex: f"\\({latex}\\)"))


def escaped(text):
    return SPECIAL.sub(r"\\\g<0>", text)
