"""The question bank: what a lecturer needs of a question, and that every package says what the texts say."""

import ast
import re
from collections import Counter
from contextlib import nullcontext
from io import BytesIO
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree
from zipfile import ZipFile

import nbformat
import pytest
from bs4 import BeautifulSoup
from quiz_text import MOST, parse

from teach import __main__ as command
from teach import questions
from teach.questions import checks, gift, key, qti

ROOT = Path(__file__).resolve().parents[2]
BANK = questions.bank()
EVERY = [each for q in BANK for each in q.questions]
CHOICES = [each for q in BANK for each in q.questions if each.margin is None]
ANSWERS = [answer for q in BANK for each in q.questions for answer in each.answers]
each_quiz = pytest.mark.parametrize("each", BANK, ids=lambda each: each.name)


def words(text):
    return set(re.findall(r"[a-z0-9]+", text.lower()))


def alike(a, b):
    """The share of their words that two texts have in common."""
    return len(a & b) / len(a | b)


# ---- the questions ----


def test_every_chapter_from_0_to_10b_has_eight():
    toc = (ROOT / "_toc.yml").read_text(encoding="utf-8")
    chapters = re.findall(r"book/(how_we_measure|(?:0\d|10)[a-e]?_\w+)", toc)
    assert [each.name for each in BANK] == chapters[: chapters.index("10b_finishing") + 1]
    assert {len(each.questions) for each in BANK} == {MOST}


@each_quiz
def test_a_quiz_has_the_title_of_its_chapter(each):
    first = nbformat.read(ROOT / "book" / f"{each.name}.ipynb", as_version=4).cells[0].source.splitlines()[0]
    chapter = first.removeprefix("# ")
    assert chapter in each.title.removeprefix("Chapter ") or words(each.title) - {"chapter"} <= words(chapter)


def test_one_answer_is_right_and_every_wrong_one_has_its_misconception_and_its_sentence():
    for question in EVERY:
        assert sum(answer.right for answer in question.answers) == 1, question.text
        assert 3 <= len(question.answers) <= 5, question.text
        for answer in question.answers:
            assert answer.said[-1] in ".?" and len(words(answer.said)) > 2, answer.said
            assert answer.right == (not answer.believes), answer.said
        assert question.right.said.startswith("Yes"), question.text
        assert not any(answer.said.startswith("Yes") for answer in question.wrong), question.text


def test_no_two_questions_answers_or_sentences_are_alike():
    texts = [words(each.text) for q in BANK for each in q.questions]
    assert max(alike(a, b) for a, b in combinations(texts, 2)) < 0.6
    for found in ([a.text for each in CHOICES for a in each.answers], [answer.said for answer in ANSWERS]):
        assert [text for text, times in Counter(found).items() if times > 1] == []


def test_the_right_answer_cannot_be_guessed_from_its_place_or_its_length():
    places = Counter([answer.right for answer in each.answers].index(True) for each in CHOICES)
    assert all(0.15 < places[place] / len(CHOICES) < 0.35 for place in range(4))
    lengths = [[len(answer.text) for answer in each.answers] for each in CHOICES]
    right = [len(each.right.text) for each in CHOICES]
    for extreme in (max, min):
        assert sum(r == extreme(all_) for r, all_ in zip(right, lengths, strict=True)) < 0.4 * len(CHOICES)
    assert not any("the above" in answer.text for answer in ANSWERS)


def test_every_misconception_stands_once_in_the_table_of_the_key():
    table = key.markdown(BANK).split("## All misconceptions")[1]
    listed = re.findall(r"^\| (.+?) \| \w+, \d", table, re.MULTILINE)
    assert sorted(listed) == sorted({answer.believes for answer in ANSWERS if not answer.right})


@each_quiz
def test_the_checks_hold_and_every_number_has_one(each):
    assert checks.failures(each) == []
    for question in each.questions:
        assert question.margin is None or any("answer" in check for check in question.checks), question.text


def test_a_number_is_accepted_unrounded_and_rounded_as_the_key_is():
    for question in (each for each in EVERY if each.margin is not None):
        exact = [found for check in question.checks for found in exact_values(check)]
        key, digits = question.right.text, len(question.right.text.partition(".")[2])
        assert exact, f"no check says what the number is computed from: {question.text}"
        for value in exact:
            assert round(value, digits) == pytest.approx(float(key), abs=question.margin + 1e-9), question.text
            assert abs(value - float(key)) <= question.margin + 1e-9, f"{value} is off by more than {question.margin}"


def exact_values(check):
    """What `answer` is compared with in `answer == x` and in `abs(answer - x) < y`."""
    for node in ast.walk(ast.parse(check, mode="eval")):
        if isinstance(node, ast.Compare) and ast.unparse(node.left) == "answer":
            yield eval(ast.unparse(node.comparators[0]), checks.arithmetic())
        if isinstance(node, ast.BinOp) and ast.unparse(node.left) == "answer":
            yield eval(ast.unparse(node.right), checks.arithmetic())


def test_a_check_that_does_not_hold_is_named():
    assert checks.failures(spoilt()) == ["some, question 3: answer == 7"]


def spoilt():
    """The questions of Chapter 0, one with a check that is wrong."""
    text = questions.text("00_why_search").replace("answer == 100 * comb(4, 1) / comb(5, 2)", "answer == 7")
    return parse(text, "some")


@each_quiz
def test_what_predict_then_see_says_too_is_said_in_the_same_words(each):
    said = predictions(each.name)
    for question in each.questions:
        for answer in question.answers if question.margin is None else ():
            assert answer.predicted == (answer.text in said), answer.text


def predictions(name):
    """The choices of all "Predict, then see" of a chapter, as its cells have them."""
    found = []
    for cell in nbformat.read(ROOT / "book" / f"{name}.ipynb", as_version=4).cells:
        shown = [o.data.get("text/html", "") for o in cell.get("outputs", ()) if "data" in o]
        for box in re.findall(r'<div class="predict".*?</div>', cell.source, re.DOTALL):
            found += [" ".join(item.split()) for item in re.split("^- ", box[: -len("</div>")], flags=re.M)[1:]]
        for html in shown:
            found += [item.get_text() for item in BeautifulSoup(html, "html.parser").select(".predict li")]
    return found


# ---- packages ----


def test_gift_says_the_same_to_an_independent_reader():
    texts = re.split(r"\n\n(?=::)", gift.bank(BANK))
    asked = [each for q in BANK for each in q.questions]
    assert len(texts) - 1 == len(asked) and gift.bank(BANK).count("$CATEGORY: ") == len(BANK)
    for text, question in zip(texts[1:], asked, strict=True):
        found = re.fullmatch(r"::(.+?)::\[html\](.+?) \{(#?)\n(.+)\n\}(?:\n\n?\$CATEGORY.+)?\n?", text, re.DOTALL)
        answers = [re.split(r"(?<!\\)#", line.strip(), maxsplit=1) for line in found[4].split("\n")]
        assert plain(found[2]) == plain(gift.html(question.text)) and bool(found[3]) == (question.margin is not None)
        if question.margin is None:
            assert [plain(said) for _, said in answers] == [plain(gift.html(a.said)) for a in question.answers]
            assert [mark[0] == "=" for mark, _ in answers] == [answer.right for answer in question.answers]
            assert not any(re.search(r"(?<!\\)[~={}]", mark[1:] + said) for mark, said in answers)
        else:
            assert answers[0][0] == f"={question.right.text}:{question.margin:g}"
            assert [mark for mark, _ in answers[1:-1]] == [f"=%0%{answer.text}:0" for answer in question.wrong]
            assert answers[-1] == ["~", gift.html(question.otherwise)]


def plain(text):
    """What Moodle shows of an escaped text."""
    return re.sub(r"\\(.)", r"\1", text)


def test_gift_escapes_what_would_end_an_answer():
    assert gift.html("a = {b}: #1 ~2, `c`") == r"a \= \{b\}\: \#1 \~2, <code>c</code>"
    assert gift.html("$a$") == r"\\(a\\)"


@each_quiz
def test_the_qti_package_names_its_files_and_holds_every_question(each):
    pytest.importorskip("text2qti", reason="text2qti is in the dependency group kit, which `make kit` installs")
    with ZipFile(BytesIO(qti.package(questions.text(each.name)))) as package:
        names = {name for name in package.namelist() if not name.endswith("/")}
        parts = {name: without_namespaces(package.read(name)) for name in names}
    assert {file.get("href") for file in parts["imsmanifest.xml"].iter("file")} | {"imsmanifest.xml"} == names
    (meta,) = (part for part in parts.values() if part.find("shuffle_answers") is not None)
    assert meta.find("shuffle_answers").text == "true"
    (main,) = (part for part in parts.values() if part.find("assessment/section") is not None)
    items = list(main.iter("item"))
    assert len(items) == len(each.questions)
    for item, question in zip(items, each.questions, strict=True):
        (scored,) = (found for found in item.iter("respcondition") if found.find("setvar") is not None)
        told = len(list(item.iter("itemfeedback")))
        if question.margin is None:
            labels = [label.get("ident") for label in item.iter("response_label")]
            assert len(labels) == told == len(question.answers)
            assert question.answers[labels.index(next(scored.iter("varequal")).text)].right
        else:
            assert float(next(scored.iter("varequal")).text) == float(question.right.text) and told == 2


def without_namespaces(xml):
    root = ElementTree.fromstring(xml)
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    return root


def test_without_text2qti_it_is_said_what_to_do(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "text2qti.config", None)
    with pytest.raises(RuntimeError, match="make kit"):
        qti.package(questions.text("00_why_search"))


def test_without_chromium_the_paper_is_left_out_and_that_is_said(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(key, "chromium", nullcontext)  # gives None, as where there is no browser
    assert key.paper(tmp_path / "answer-key.html") == []
    assert "no Chromium: answer-key.pdf is left out" in capsys.readouterr().out


def test_the_product_is_made_and_refused_where_a_check_fails(monkeypatch, tmp_path):
    assert "questions" in command.PRODUCTS
    monkeypatch.setattr(questions, "bank", lambda: BANK[:1])
    monkeypatch.setattr(qti, "package", lambda text, name: b"zip")
    monkeypatch.setattr(key, "paper", lambda page: [])
    made = questions.make(tmp_path)
    assert [path.name for path in made] == ["00_why_search.zip", "moodle.gift", "answer-key.md", "answer-key.html"]
    assert all(path.stat().st_size for path in made) and not list(tmp_path.rglob("*.part"))
    monkeypatch.setattr(questions, "bank", lambda: [spoilt()])
    with pytest.raises(ValueError, match="some, question 3: answer == 7"):
        questions.make(tmp_path)
