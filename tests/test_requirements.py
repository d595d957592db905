"""Laws of requirements.txt: everything in it has an upper bound, and what is installed lies within what was tested."""

import tomllib
from importlib.metadata import requires, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement

LINES = Path(__file__).parents[1].joinpath("requirements.txt").read_text(encoding="utf-8").splitlines()
NEEDED = {need.name: need.specifier for need in map(Requirement, filter(None, (x.split("#")[0] for x in LINES)))}
# Besides what is imported: what runs a cell, turns chapters into pages, or draws them.
DECIDING = {"ipykernel", "nbclient", "sphinx", "myst-nb", "sphinx-book-theme", "pygments", "pillow"}


def beyond(installed):
    """{name: a sentence} of those whose version, {name: version}, is not one of the tested."""
    return {
        name: f"{name} {found} is installed, tested is {NEEDED[name]}: `pip install -r requirements.txt` mends it"
        for name, found in installed.items()
        if not NEEDED[name].contains(found, prereleases=True)
    }


def test_what_is_installed_was_tested():
    assert list(beyond({name: version(name) for name in NEEDED}).values()) == []


@pytest.mark.parametrize("name, found", [("torch", "2.99.0"), ("torch", "1.13"), ("sphinx", "9.0"), ("dask", "2027.1")])
def test_a_version_beyond_is_named(name, found):
    assert f"{name} {found} is installed, tested is " in beyond({name: found})[name]


def test_everything_has_an_upper_bound():
    assert [name for name, asked in NEEDED.items() if not {"<", "<="} & {each.operator for each in asked}] == []


def test_so_has_what_only_some_targets_install():
    groups = tomllib.loads(Path(__file__).parents[1].joinpath("pyproject.toml").read_text(encoding="utf-8"))
    needed = [Requirement(line) for group in groups["dependency-groups"].values() for line in group]
    assert len(needed) > 5
    assert [each.name for each in needed if "<" not in {part.operator for part in each.specifier}] == []


def test_what_decides_outputs_and_pages_is_bounded():
    assert NEEDED.keys() >= DECIDING


def test_what_is_left_out_would_come_otherwise():
    lines = Path(__file__).parents[1].joinpath("tools", "left_out.txt").read_text(encoding="utf-8").splitlines()
    left_out = {Requirement(line).name for line in lines if not line.startswith("#")}
    assert left_out and left_out <= {Requirement(each).name for each in requires("jsonschema")}
