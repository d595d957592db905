"""The questions of a chapter, read from text: a part of what text2qti reads, so that its files are ours as well.

    Quiz title: Chapter 0. Why search?

    % check: 1 + 1 == 2             an expression that must be true; others may follow
    1.  A question, which goes on
        in lines that begin with four blanks.
    % believes: what leads to a     the name of a misconception, before each wrong answer
    % as predicted                  the answer below has the words of a "Predict, then see" in the chapter
    a)  a wrong answer
    ... The sentence that meets it.
    *b) the right answer
    ... Its sentence.

A question whose answer is a number has, in place of answers,

    % typical 20: what leads to 20 | The sentence that meets it.
    -   The sentence for any other wrong number.
    +   The sentence for the right one.
    =   40 +- 1

To text2qti a line that begins with % is a comment.
"""

import re
from dataclasses import dataclass
from html import escape
from pathlib import Path

MOST = 8  # questions of a chapter
LETTERS = "abcd"
KINDS = {
    "title": r"Quiz title: +(.+)",
    "check": r"% check: +(.+)",
    "believes": r"% believes: +(.+)",
    "predicted": r"% (as predicted)",
    "typical": r"% typical (-?[\d.]+): ([^|]+) \| (.+)",
    "question": r"(\d+)\. +(.+)",
    "answer": r"(\*?)([a-z])\) +(.+)",
    "said": r"\.\.\. (.+)",
    "right": r"\+ +(.+)",
    "otherwise": r"- +(.+)",
    "value": r"= +(-?[\d.]+)(?: \+- ([\d.]+))?",
}
MARKED = re.compile(r"`(?P<code>[^`]+)`|\$(?P<math>[^$]+)\$|\*(?P<em>(?=\S)[^*]+(?<=\S))\*")


@dataclass(frozen=True)
class Answer:
    """An answer and the sentence that meets it; believes: the misconception that leads to it, "" if it is right."""

    text: str
    said: str
    believes: str = ""
    predicted: bool = False

    @property
    def right(self):
        return not self.believes


@dataclass(frozen=True)
class Question:
    """answers: those to choose from, and margin is None.

    For a number: the right one, from which `margin` off is right as well, then typical wrong ones; otherwise is the
    sentence for any other.
    """

    number: int
    text: str
    answers: tuple[Answer, ...]
    checks: tuple[str, ...] = ()
    margin: float | None = None
    otherwise: str = ""

    @property
    def right(self):
        return next(answer for answer in self.answers if answer.right)

    @property
    def wrong(self):
        return tuple(answer for answer in self.answers if not answer.right)


@dataclass(frozen=True)
class Quiz:
    """name: the chapter's, as its file has it."""

    name: str
    title: str
    questions: tuple[Question, ...]


def read(path):
    """The Quiz in a file; ValueError names file, line and what is wanted there."""
    path = Path(path)
    return parse(path.read_text(encoding="utf-8"), path.stem)


def parse(text, name):
    """The Quiz in a text."""
    lines = list(logical_lines(text, name))
    starts = [i for i, line in enumerate(lines) if line.kind == "question"]
    if not lines or lines[0].kind != "title":
        raise ValueError(f"{name}, line 1: wanted is 'Quiz title: ...'")
    if not 1 <= len(starts) <= MOST:
        raise ValueError(f"{name}: {len(starts)} questions; wanted are 1 to {MOST}, each as '1.  text'")
    # The checks of a question stand before its number.
    while any(lines[i - 1].kind == "check" for i in starts):
        starts = [i - (lines[i - 1].kind == "check") for i in starts]
    ends = [*starts[1:], len(lines)]
    parts = [lines[start:end] for start, end in zip(starts, ends, strict=True)]
    stray = lines[1 : starts[0]]
    if stray:
        raise stray[0].error("no line between title and first question but its checks")
    return Quiz(name, lines[0].of[0], tuple(question(part, n) for n, part in enumerate(parts, 1)))


@dataclass(frozen=True)
class Line:
    """A line with those that continue it; of: what its pattern caught."""

    kind: str
    of: tuple
    place: str

    def error(self, wanted):
        return ValueError(f"{self.place}: found {self.kind}; wanted: {wanted}")


def logical_lines(text, name):
    """Lines that say something, each with those that continue it."""
    joined = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("    ") and line.strip() and joined:
            joined[-1][1] += " " + line.strip()
        elif line.strip():
            joined.append([number, line.rstrip()])
    for number, line in joined:
        for kind, pattern in KINDS.items():
            if found := re.fullmatch(pattern, line):
                yield Line(kind, found.groups(), f"{name}, line {number}")
                break
        else:
            if not line.startswith("%") or re.match(r"% *(check|believes|as|typical)\b", line):
                raise ValueError(f"{name}, line {number}: {line[:40]!r} is none of: {', '.join(KINDS)}, a % comment")


def question(lines, number):
    """The Question in its lines."""
    checks = [line.of[0] for line in lines if line.kind == "check"]
    first, *rest = [line for line in lines if line.kind != "check"]
    if int(first.of[0]) != number:
        raise ValueError(f"{first.place}: question {first.of[0]}; wanted: {number}")
    kinds = [line.kind for line in rest]
    make = asked_for_number if "value" in kinds else choices
    return Question(number, first.of[1], checks=tuple(checks), **make(rest, first))


def choices(lines, first):
    """The answers to choose from."""
    answers, marks = [], {}
    for line in lines:
        if line.kind in ("believes", "predicted"):
            marks[line.kind] = line.of[0]
        elif line.kind == "answer":
            star, letter, text = line.of
            if letter != LETTERS[len(answers) : len(answers) + 1]:
                raise ValueError(f"{line.place}: answer {letter}); wanted: answers a) to d), in order")
            if bool(star) == ("believes" in marks):
                raise line.error("'% believes: ...' before each wrong answer, and before no right one")
            answers.append(Answer(text, "", marks.get("believes", ""), "predicted" in marks))
            marks = {}
        elif line.kind == "said" and answers and not answers[-1].said and not marks:
            answers[-1] = Answer(answers[-1].text, line.of[0], answers[-1].believes, answers[-1].predicted)
        else:
            raise line.error("answers, each followed by its sentence as '... sentence'")
    silent = [answer.text for answer in answers if not answer.said]
    if silent or len(answers) < 2 or sum(answer.right for answer in answers) != 1:
        raise first.error(f"two to four answers, one of them right, each with a sentence (without: {silent})")
    return {"answers": tuple(answers)}


def asked_for_number(lines, first):
    """The number wanted, typical wrong ones, and the sentences."""
    found = {line.kind: line for line in lines}
    typical = [line for line in lines if line.kind == "typical"]
    if set(found) != {"typical", "otherwise", "right", "value"} or len(lines) != len(typical) + 3:
        raise first.error("% typical lines, then one line each with -, + and =")
    value, margin = found["value"].of
    for line in typical:
        if abs(float(line.of[0]) - float(value)) <= float(margin or 0):
            raise line.error(f"a wrong number; {line.of[0]} counts as {value}")
    wrong = [Answer(text, said, believes.strip()) for text, believes, said in (line.of for line in typical)]
    right = Answer(value, found["right"].of[0])
    return {"answers": (right, *wrong), "margin": float(margin or 0), "otherwise": found["otherwise"].of[0]}


def inline(text, math):
    """Text as HTML: code, emphasis, and $formulas$, for which math(latex) gives the HTML."""
    done, end = [], 0
    for mark in MARKED.finditer(text):
        done.append(escape(text[end : mark.start()], quote=False))
        if mark["math"]:
            done.append(math(mark["math"]))
        else:
            name, inner = ("code", mark["code"]) if mark["code"] else ("em", mark["em"])
            done.append(f"<{name}>{escape(inner, quote=False)}</{name}>")
        end = mark.end()
    return "".join([*done, escape(text[end:], quote=False)])
