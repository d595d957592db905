"""The page for lecturers: its minutes are the chapters', its links open instruments, its commands are commands."""

import json
import re
import shlex
from html import unescape
from itertools import pairwise
from pathlib import Path
from urllib.parse import parse_qsl

import courses
import nbformat
import pytest
import reading
from bs4 import BeautifulSoup
from javascript import needs_node, run_script

from study.command import parser
from study.records import load_records
from study.settings import get_profile

ROOT = Path(__file__).parents[2]
BOOK = ROOT / "book"
PAGE = (BOOK / "teach.md").read_text(encoding="utf-8")
INSTRUMENTS = re.findall(r'href="(\w+)\.html#(\w+):([^"]*)"', PAGE)
SHEET = (BOOK / "everybody_a_seed.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^ +(python -m nas .*)$", SHEET, re.MULTILINE)


def test_four_weeks_are_parts_one_and_two_in_order_and_about_equal():
    found = courses.weeks(ROOT)
    assert len(found) == 4
    assert [name for week in found for name in week] == [*courses.part(ROOT, "I"), *courses.part(ROOT, "II")]
    spent = [sum(courses.minutes(ROOT, name)[0] for name in week) for week in found]
    assert min(spent) > 60 and max(spent) < 150  # "a week about two hours of reading"


@pytest.mark.parametrize("name, most", [("lecture", 80), ("workshop", 210)])
def test_a_course_leaves_time_for_the_room(name, most):
    rows = re.findall(r"\((\w+)\.ipynb\) \| (\d+) \| (\d+) \|", courses.course(ROOT, name))
    assert rows
    for chapter, *told in rows:
        measured = reading.minutes(nbformat.read(BOOK / f"{chapter}.ipynb", as_version=4))
        assert tuple(map(int, told)) == measured
    total = re.search(r"\*\*together\*\* \| \*\*(\d+)\*\* \| \*\*(\d+)\*\*", courses.course(ROOT, name))
    assert [int(each) for each in total.groups()] == [sum(int(row[k]) for row in rows) for k in (1, 2)]
    assert int(total[1]) <= most


def test_the_table_of_decks_has_each_with_its_minutes():
    rows = re.findall(r"^\| (\d)\. .+ \| (\d+) \| (\d+) \| (\d+) \|$", courses.decks(ROOT, ""), re.MULTILINE)
    assert [row[0] for row in rows] == list("123456")
    total = re.search(r"\*\*(\d+)\*\* \| \*\*(\d+)\*\* \| \*\*(\d+)\*\*", courses.decks(ROOT, ""))
    assert [int(each) for each in total.groups()] == [sum(int(row[k]) for row in rows) for k in (1, 2, 3)]
    assert f"notes at {reading.SPOKEN_A_MINUTE} words a minute" in PAGE
    assert (reading.MINUTES_A_SLIDE, reading.MINUTES_A_QUESTION) == (1, 2)  # "one minute a slide, two more"


def test_the_lecture_s_plan_adds_up_and_leaves_time_for_the_instruments():
    rows = re.findall(r"^\| (\d+) \| deck (\d)", courses.plan(ROOT, ""), re.MULTILINE)
    assert [deck for _, deck in rows] == list("12345") and rows[0][0] == "0"
    texts = [path.read_text(encoding="utf-8") for path in sorted(Path(ROOT, "teach", "slides").glob("*.md"))]
    spent = [later - now for now, later in pairwise([int(minute) for minute, _ in rows])]
    whole = [reading.deck_minutes(text) for text in texts]
    assert [spent[deck] for deck in (0, 1, 3)] == [whole[deck] for deck in (0, 1, 3)] and 2 <= spent[2] < whole[2] / 2
    number, title = re.search(r"from slide (\d+), \*(.+)\*, on", courses.plan(ROOT, "")).groups()
    assert re.findall(r"^##? (.+)$", texts[2], re.MULTILINE)[int(number) - 1] == title
    end, left = map(
        int, re.search(r"^\| (\d+) \| the end .* (\d+) minutes", courses.plan(ROOT, ""), re.MULTILINE).groups()
    )
    assert end == int(rows[-1][0]) + whole[4] and end + left == 90 and left >= 5


def test_the_workshop_s_clock_adds_up_and_is_half_a_day():
    rows = re.findall(r"^\| (\d+) \| (?:\[.*?\]\((\w+)\.ipynb\))?", courses.clock(ROOT, ""), re.MULTILINE)
    chapters = [name for _, name in rows if name]
    assert chapters == courses.part(ROOT, "I")[: len(chapters)] and chapters[-1] == "06_comparison"
    spent = sum(courses.minutes(ROOT, name)[0] + courses.EXERCISE for name in chapters) + courses.SEED
    assert int(rows[0][0]) == 0 and int(rows[-1][0]) == spent < courses.HALF_A_DAY


def test_slides_that_the_page_names_are_in_the_deck_that_it_names():
    late = re.search(r"^If you are late.*?\n\n(.*?)\n\n", PAGE, re.DOTALL | re.MULTILINE)[1]
    decks = dict(re.findall(r"^- deck (\d): (.*(?:\n  .*)*)", late, re.MULTILINE))
    assert list(decks) == list("1245")
    for deck, named in decks.items():
        (path,) = Path(ROOT, "teach", "slides").glob(f"{deck}_*.md")
        titles = re.findall(r"^##? (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
        slides = re.findall(r"slide (\d+), \*([^*]+)\*", named)
        assert slides and slides == [(number, titles[int(number) - 1]) for number, _ in slides]


def test_the_sheet_can_be_handed_out_since_its_questions_stand_without_answers():
    assert "(everybody_a_seed.md)" in PAGE
    questions = re.search(r"^## Questions.*?\n\n(.*?)^## ", SHEET, re.MULTILINE | re.DOTALL)[1]
    assert len(re.findall(r"^\d\. .*\?", questions, re.MULTILINE)) >= 5
    assert re.findall(r"\((?!1, 1\))", questions) == []  # on the lecturer's page answers stand in brackets


def test_a_deck_takes_its_slides_its_questions_and_its_notes():
    note = ":::{revealjs-notes}\n" + "word " * 121 + "\n:::\n"
    assert reading.deck_minutes(f"# Deck\n{note}\n## One\n\n## Ask the room: what?\n") == 3 + 2 + 2


def test_the_table_of_seeds_is_computed():
    found = re.findall(r"^\| (\d+) \| (\S+) \| (\S+) \|", courses.seeds(ROOT, ""), re.MULTILINE)
    assert ("5", "1.2", "0.062") in found and ("1", "–", "1") in found
    assert [float(reach) for _, reach, _ in found[1:]] == sorted(
        (float(reach) for _, reach, _ in found[1:]), reverse=True
    )


def test_another_course_is_refused():
    with pytest.raises(KeyError):
        courses.course(ROOT, "weekend")


def test_the_page_has_every_course():
    assert {"<!-- made: decks -->", "<!-- made: plan -->", "<!-- made: clock -->"} <= set(PAGE.splitlines())
    assert "<!-- made: seeds -->" in SHEET.splitlines()
    assert set(re.findall(r"^<!-- made: course (\w+) -->$", PAGE, re.MULTILINE)) == {"lecture", "workshop", "weeks"}


# What an instrument's own script takes for its state; the scripts that it needs are read before.
OPENED = """
need('parts');
const keys = {};
play.define = (name, keysOf) => { keys[name] = keysOf(value.facts); };
for (const name of value.scripts) globalThis[name] = need(name);
return play.fromHash(value.hash, value.id, keys[value.scripts.at(-1)]);
"""


def opened(chapter, instrument, state):
    """The state in which an instrument of a chapter's opens for a link's text."""
    cells = nbformat.read(BOOK / f"{chapter}.ipynb", as_version=4).cells
    outputs = [out for cell in cells if cell.cell_type == "code" for out in cell.outputs]
    shown = "".join("".join(out.get("data", {}).get("text/html", "")) for out in outputs)
    box = BeautifulSoup(shown, "html.parser").find(class_="play", id=instrument)
    asked = {"id": instrument, "hash": f"#{instrument}:{state}", "scripts": box["data-play"].split()}
    return run_script(OPENED, {**asked, "facts": json.loads(box.get("data-facts", "{}"))})


@needs_node
@pytest.mark.parametrize("chapter, instrument, state", INSTRUMENTS)
def test_a_link_opens_an_instrument_in_the_state_that_it_names(chapter, instrument, state):
    asked = dict(parse_qsl(unescape(state), strict_parsing=bool(state)))
    shown = opened(chapter, instrument, unescape(state))
    assert asked == {key: str(value) for key, value in shown.items() if key in asked}


@needs_node
@pytest.mark.parametrize("state", ["gap=25", "gaps=2.5", "train=C"])
def test_a_state_that_an_instrument_has_not_is_not_opened(state):
    assert opened("01_nas_block", "bells", state) == opened("01_nas_block", "bells", "")


def test_what_the_page_says_of_the_measure_and_the_profile_holds():
    assert f"{reading.WORDS_A_MINUTE} words a minute, {reading.SECONDS_A_LINE} seconds a line" in PAGE
    assert get_profile("quick").seeds == 3  # "the seeds of the profile alone, the first three"
    for record in load_records("nine-networks", "quick"):  # "takes a laptop about a minute"
        assert sum(sum(spent) for spent in record["seconds"]["supernet"].values()) < 60


def test_there_are_links_and_commands():
    assert len(INSTRUMENTS) >= 9
    assert len(COMMANDS) == 2


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_of_the_sheet_is_one(line):
    options = parser().parse_args(shlex.split(line.replace("--seeds N", "--seeds 7"))[3:])
    assert options.names == ["shared-stage"] and options.profile == "quick" and options.results
