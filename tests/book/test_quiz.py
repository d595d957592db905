"""The questions on a chapter: how their text is read, and the fold in which a page asks them."""

from pathlib import Path

import pytest
import quiz
from bs4 import BeautifulSoup
from quiz_text import inline, parse, read

BUILT = Path(__file__).resolve().parents[2] / "_build" / "html" / "book"
TEXTS = sorted(quiz.BANK.glob("*.txt"))
each_text = pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)


SOUND = """Quiz title: Some

1.  What is
    it?
% believes: that it is a
a)  a
... No: it is b.
*b) b
... Yes.

% check: answer == 6
2.  How many?
% typical 5: that one is missing | One more.
-   Count again.
+   Yes.
=   6 +- 0.5
"""


def test_a_text_is_read():
    choice, number = parse(SOUND, "some").questions
    assert choice.text == "What is it?" and choice.right.text == "b" and choice.wrong[0].said == "No: it is b."
    assert (number.right.text, number.margin, number.otherwise) == ("6", 0.5, "Count again.")
    assert number.wrong[0].believes == "that one is missing" and number.checks == ("answer == 6",)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("Quiz title: Some", "Some", "line 1: 'Some' is none of"),
        ("% believes: that it is a\n", "", "line 5: found answer; wanted: '% believes"),
        ("% believes: that", "% beleives: that", "line 6: found answer; wanted: '% believes"),
        ("% believes: that it is a", "% believes", "line 5: '% believes' is none of"),
        ("... No: it is b.\n", "", "line 3: found question; wanted: two to four .*without: \\['a'\\]"),
        ("*b) b", "% believes: b\nb)  b", "wanted: two to four answers, one of them right"),
        ("*b) b", "*c) b", "answer c\\); wanted: answers a\\) to d\\), in order"),
        ("2.  How", "3.  How", "question 3; wanted: 2"),
        ("% typical 5:", "% typical 6:", "line 13: found typical; wanted: a wrong number; 6 counts as 6"),
        ("-   Count again.\n", "", "one line each with -, \\+ and ="),
        ("=   6 +- 0.5", "=   six", "'=   six' is none of"),
    ],
)
def test_a_faulty_text_is_refused_with_file_line_and_what_is_wanted(old, new, message):
    assert SOUND.count(old) == 1
    with pytest.raises(ValueError, match=f"some, .*{message}"):
        parse(SOUND.replace(old, new), "some")


def test_marks_become_html_and_the_rest_is_escaped():
    found = inline("a < b, `x<y`, *not* 2 * 3 * 4, $(1, 1)$", lambda latex: f"[{latex}]")
    assert found == "a &lt; b, <code>x&lt;y</code>, <em>not</em> 2 * 3 * 4, [(1, 1)]"


# ---- on the page ----


@each_text
def test_the_fold_has_a_named_group_for_each_question_and_a_sentence_for_each_answer(path):
    questions = read(path).questions
    soup = BeautifulSoup(quiz.quiz(questions), "html.parser")
    boxes = soup.select("details.quiz > fieldset")
    assert len(boxes) == len(questions) and len(str(soup)) < 20_000
    for box, question in zip(boxes, questions, strict=True):
        inputs = box.select("label > input")
        assert {field["name"] for field in inputs} == {f"quiz-{question.number}"}
        assert box.legend.get_text().startswith(f"{question.number}. ")
        told = {p["data-for"]: p for p in box.select("details > p")}
        right = [name for name, p in told.items() if "right" in p.get("class", ())]
        if question.margin is None:
            assert [field["value"] for field in inputs] == list(told)
            assert [question.answers["abcd".index(name)] for name in right] == [question.right]
        else:
            assert right == [question.right.text] and list(told)[-1] == "other"


@each_text
def test_the_built_page_asks_before_its_exercises(path):
    page = BUILT / f"{path.stem}.html"
    if not page.exists() or page.stat().st_mtime < path.stat().st_mtime:
        pytest.skip("no page here that is newer than its questions: `make book` builds it")
    soup = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
    (fold,) = soup.select("details.quiz")
    assert len(fold.find_all("fieldset", recursive=False)) == len(read(path).questions) and not fold.has_attr("open")
    assert fold.find_next_sibling("section")["id"] == "exercises"
    assert soup.select("script[src*='play/quiz.js']")


def test_a_page_without_exercises_is_refused():
    with pytest.raises(ValueError, match="book/01_nas_block: 0 sections 'Exercises'"):
        quiz.insert(None, "book/01_nas_block", "", {"body": "<p>"}, None)
    context = {"body": "<p>"}
    quiz.insert(None, "book/15b_relatives", "", context, None)
    assert context == {"body": "<p>"}
