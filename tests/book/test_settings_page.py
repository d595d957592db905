"""The page of settings against the code: every profile and every experiment stands there, in order, as it is."""

import re
from pathlib import Path

from small_run import SMALL

from study.experiments import EXPERIMENTS
from study.settings import PROFILES

PAGE = (Path(__file__).resolve().parents[2] / "book" / "settings.md").read_text(encoding="utf-8")
NAMES = {"digits": "digits", "mnist": "MNIST", "fashion": "Fashion-MNIST"}


def rows(heading):
    """The rows of the first table below a heading, cells as text, without its two lines of head."""
    section = PAGE.split(f"## {heading}\n")[1]
    table = re.search(r"(?:^\|.*\n)+", section, re.M).group()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]


def test_profiles_stand_as_they_are():
    told = [row[:5] for row in rows("Profiles")]
    assert told == [
        [p.name, NAMES[p.dataset], f"W = {p.width}", str(p.train.epochs), str(p.seeds)] for p in PROFILES.values()
    ]


def test_experiments_stand_with_their_questions():
    own = [e for e in EXPERIMENTS.values() if e is not SMALL]  # which the tests add
    assert rows("Experiments") == [[e.name, e.question] for e in own]
