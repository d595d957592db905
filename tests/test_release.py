"""Laws of a release: one version everywhere, forms that GitHub takes, and files that say where things are."""

import re
import tomllib
from pathlib import Path
from types import SimpleNamespace

import head
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
VERSION = tomllib.loads(Path(ROOT, "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
FORMS = sorted(Path(ROOT, ".github", "ISSUE_TEMPLATE").glob("[!c]*.yml"))


def test_the_version_is_the_same_wherever_it_stands():
    cited = yaml.safe_load(Path(ROOT, "CITATION.cff").read_text(encoding="utf-8"))
    changed = re.search(
        r"^## ([\d.]+) \((\S+)\)$", Path(ROOT, "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert cited["version"] == changed[1] == VERSION
    assert str(cited["date-released"]) == changed[2] and len(cited["keywords"]) > 4


def test_releases_stand_newest_first():
    text = Path(ROOT, "CHANGELOG.md").read_text(encoding="utf-8")
    found = re.findall(r"^## ([\d.]+) \((\d{4}-\d\d-\d\d)\)$", text, re.MULTILINE)
    assert len(found) == len(re.findall(r"^## \d", text, re.MULTILINE)) > 1
    assert found == sorted(found, key=lambda one: (one[1], [*map(int, one[0].split("."))]), reverse=True)


def test_a_page_takes_its_version_from_where_it_is_typed(tmp_path):
    Path(tmp_path, "pyproject.toml").write_text('[project]\nversion = "7.8.9"\n')
    config = SimpleNamespace(html_theme_options={})
    head.say_version(SimpleNamespace(srcdir=tmp_path), config)
    assert config.html_theme_options == {"extra_footer": "Version 7.8.9"} and config.release == "7.8.9"


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_a_form_asks_for_what_is_needed(path):
    form = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert form["name"] and form["description"] and form["labels"]
    assert all(part["type"] in ("input", "textarea") and part["attributes"]["label"] for part in form["body"])
    assert len({part["id"] for part in form["body"]}) == len(form["body"])
    assert form["body"][0]["id"] == "page" and form["body"][0]["validations"]["required"]


def test_there_is_a_form_for_each_kind():
    assert [path.stem for path in FORMS] == ["typo", "unclear", "wrong_number"]


@pytest.mark.parametrize("name", ["CONTRIBUTING.md", "CHANGELOG.md"])
def test_what_they_name_is_there(name):
    text = Path(ROOT, name).read_text(encoding="utf-8")
    named = re.findall(r"`((?:nas|study|book|results|teach|tests)/[\w/.]*)`|\]\((\w+/[\w.]+)\)", text)
    targets = set(re.findall(r"^([\w-]+):", Path(ROOT, "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert named and all(Path(ROOT, one or other).exists() for one, other in named)
    assert set(re.findall(r"\bmake ((?:test|book|kit|check-site|chapters)\b)", text)) <= targets
    assert len(text.splitlines()) < 80  # two screens


JOBS = {
    f"{path.stem}, {name}": [step["run"] for step in job["steps"] if "run" in step]
    for path in Path(ROOT, ".github", "workflows").glob("*.yml")
    for name, job in yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"].items()
}
NAMED = re.compile(r"(?<![\w.\\/-])((?:tests|book|tools|teach)[\\/][\w.\\/]+|requirements\.txt)|-m (teach[\w.]*)")


def named(job):
    """The files and folders of ours that a job's lines name."""
    for file, module in NAMED.findall("\n".join(JOBS[job])):
        yield Path(ROOT, file.replace("\\", "/") or module.replace(".", "/") + ".py")


def test_what_the_jobs_name_is_there():
    found = {job: list(named(job)) for job in JOBS}
    assert [path for paths in found.values() for path in paths if not path.exists()] == []
    assert len(found["test, windows"]) > 6 and found["test, grade"] and found["deploy, deploy"]
    assert "make kit" in JOBS["test, kit"] and Path(ROOT, "tests", "teach") in found["test, kit"]
    assert [line for line in JOBS["test, windows"] if re.search(r"\b(?:make|sh|bash)\b", line)] == []
