"""Laws of the projects page: its first steps run as they are printed, and its files and links are there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = Path(ROOT, "book", "projects.md").read_text(encoding="utf-8")
STEPS = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.splitlines()[0])
def test_a_first_step_runs_as_it_is_printed(step, capsys):
    exec(compile(step, "projects.md", "exec"), {})
    assert capsys.readouterr().out.strip()


def test_every_project_says_what_it_needs():
    projects = re.split(r"^## \d\. ", PAGE, flags=re.MULTILINE)[1:]
    assert len(projects) == 4 and len(STEPS) == 3
    for project in projects:
        parts = re.findall(r"\*\*(Question|Data|First steps|A good answer|A weak answer)\b", project)
        assert parts == ["Question", "Data", "First steps", "A good answer", "A weak answer"], project[:40]


def test_its_files_and_tests_are_there():
    for name in re.findall(r"\((\w+\.ipynb)\)", PAGE):
        assert Path(ROOT, "book", name).exists(), name
    for name in re.findall(r"(?:book|results|tests)/[\w/.]+\.\w+", PAGE):
        assert Path(ROOT, name).exists(), name


def test_the_points_add_up():
    points = [int(found) for found in re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE)]
    assert sum(points) == 25
