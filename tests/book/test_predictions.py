"""Laws of the questions that stand before a cell: each can be answered, and says what was right."""

import re
from pathlib import Path

import nbformat
import pytest
import yaml

CHAPTERS = sorted((Path(__file__).resolve().parents[2] / "book").glob("*.ipynb"))
BLOCK = re.compile(r'<div class="predict"(?P<settings>[^>]*)>\n\n(?P<text>.*?)\n\n</div>', re.DOTALL)
SETTING = re.compile(r'data-([a-z]+)="([^"]*)"')
CHOICE = re.compile(r"^- (.+(?:\n  .+)*)", re.MULTILINE)
ASKED = re.compile(r"\*?Before you (?:run|read|press) on:")


def markdown(path):
    return [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "markdown"]


def blocks(path):
    """(settings, choices, question) of each block in a chapter's text."""
    for source in markdown(path):
        for block in BLOCK.finditer(source):
            choices = [" ".join(choice.split()) for choice in CHOICE.findall(block["text"])]
            yield dict(SETTING.findall(block["settings"])), choices, CHOICE.sub("", block["text"]).strip()


def fault(settings, choices, question):
    """What is wrong with a question, in words, or None."""
    near = settings.get("near", "").split()
    if not ASKED.match(question):
        return "it does not say that it comes before"
    if not choices:
        numbers = [settings.get("answer", ""), *near]
        fits = len(near) <= 1 and all(re.fullmatch(r"-?\d+(\.\d+)?", number) for number in numbers)
        return None if fits else f"a number is asked for, and {numbers} is none"
    if not all(re.search(r"\w", re.sub(r"\$[^$]*\$", "", choice)) for choice in choices):
        return "a choice of formulas alone: its button would have no name to be read out"
    places = {str(place) for place in range(1, len(choices) + 1)}
    if not (2 <= len(choices) <= 4 and len(set(choices)) == len(choices)):
        return f"{len(choices)} choices: two to four different ones"
    if settings.get("answer") not in places or not places.issuperset(near) or settings["answer"] in near:
        return f"answer {settings.get('answer')}, near {near}: places of the choices, from 1"
    return "a choice has no unit" if settings.get("unit") else None


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_questions_can_be_answered(path):
    found = [(question, fault(settings, choices, question)) for settings, choices, question in blocks(path)]
    assert [told for told in found if told[1]] == []
    keys = [" ".join(question.split())[:60] for question, _ in found]
    assert len(set(keys)) == len(keys), "answers are kept by a question's first 60 characters"


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_no_question_stands_in_plain_text(path):
    left = [line for source in markdown(path) for line in BLOCK.sub("", source).splitlines() if ASKED.search(line)]
    assert left == []


def test_there_are_many():
    assert sum(len(list(blocks(path))) for path in CHAPTERS) > 90


@pytest.mark.parametrize(
    ("settings", "choices", "question"),
    [
        ({"answer": "3"}, ["a", "b"], "*Before you run on:* ?"),
        ({"answer": "1", "near": "1"}, ["a", "b"], "*Before you run on:* ?"),
        ({"answer": "1"}, ["a", "a"], "*Before you run on:* ?"),
        ({"answer": "1"}, ["a"], "*Before you run on:* ?"),
        ({"answer": "1", "unit": "%"}, ["a", "b"], "*Before you run on:* ?"),
        ({"answer": "two"}, [], "*Before you run on:* ?"),
        ({}, [], "*Before you run on:* ?"),
        ({"answer": "2"}, [], "How many?"),
        ({"answer": "1"}, ["$9$", "b"], "*Before you run on:* ?"),
    ],
)
def test_a_broken_question_is_found(settings, choices, question):
    assert fault(settings, choices, question)
    assert fault({"answer": "2", "near": "1"}, ["a", "b"], "*Before you run on:* ?") is None


def test_the_last_page_of_each_part_shows_the_answers_of_all_its_pages():
    parts = yaml.safe_load((CHAPTERS[0].parents[1] / "_toc.yml").read_text(encoding="utf-8"))["parts"]
    numbered = [part["chapters"] for part in parts if part["caption"].startswith("Part")]
    groups = [[Path(each["file"]).stem for each in chapters] for chapters in numbered]
    groups[0].insert(0, "00_why_search")
    told = {path.stem: text for path in CHAPTERS for text in markdown(path) if "predict-summary" in text}
    assert len(groups) == 3 and told.keys() == {group[-1] for group in groups}
    for group in groups:
        assert re.search(r'data-pages="([^"]*)"', told[group[-1]])[1].split() == group
