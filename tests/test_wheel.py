"""Laws of the wheel: what is read ships in it, and what is written goes to the current folder, never into it."""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ["nas", "study", "book/kit", "results"]

# Each in a folder of its own, and with what is installed imported anew; torch is imported once for all.
PROGRAM = """
import os, runpy, sys

def installed(folder, **environment):
    os.chdir(folder)
    os.environ |= environment
    for name in [name for name in sys.modules if name.split(".")[0] in ("nas", "study", "kit")]:
        del sys.modules[name]
    print("in", os.path.basename(folder))

def command(word, *more):
    sys.argv = ["nas", word, "shared-stage", "--profile", "tiny", *more]
    try:
        runpy.run_module("nas", run_name="__main__")
    except SystemExit as end:
        print("ended with", end.code)

installed(sys.argv[1])
import nas, study.provenance, study.analysis.published, study.claims.audit, study.claims.audit_tables, kit.page
from study.command import main
from study.records import RESULTS, SHIPPED
print(nas.lookup((2, 3), 0, 1).parameters, nas.trained(depth=3).depth, len(study.analysis.published.TABLES))
print(bool(study.claims.audit.read_claims()), RESULTS, SHIPPED, study.provenance.code_revision())
print(main(["list"]), main(["verify"]), main(["show", "nine-networks", "--profile", "laptop"]))
for folder, environment in zip(sys.argv[2:], ({}, {"NAS_RESULTS": "mine"})):
    installed(folder, **environment)
    command("run", "--seeds", "0")
    command("show")
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A folder that holds what a wheel built from this tree holds."""
    source, site = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("site")
    for name in SOURCES:
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    for name in ("pyproject.toml", "requirements.txt", "LICENSE"):
        shutil.copy(ROOT / name, source)
    build = "import os; from setuptools.build_meta import build_wheel; build_wheel('.')"
    subprocess.run([sys.executable, "-c", build], cwd=source, check=True, capture_output=True)
    (wheel,) = source.glob("*.whl")
    with zipfile.ZipFile(wheel) as file:
        file.extractall(site)
    return site


@pytest.fixture(scope="module")
def said(installed, tmp_path_factory):
    """{name of a folder: (its path, the lines that Python printed in it, with only the installed module to import)}."""
    folders = [tmp_path_factory.mktemp(name, numbered=False) for name in ("reads", "writes", "writes-where-one-says")]
    environment = {name: value for name, value in os.environ.items() if name != "NAS_RESULTS"}
    environment |= {"PYTHONPATH": str(installed), "NAS_DEVICE": "cpu"}
    before = sorted(installed.rglob("*.json"))
    words = [sys.executable, "-c", PROGRAM, *map(str, folders)]
    done = subprocess.run(words, cwd=folders[0], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert sorted(installed.rglob("*.json")) == before
    parts = [part.splitlines() for part in re.split("^in ", done.stdout, flags=re.MULTILINE)[1:]]
    assert [part[0] for part in parts] == [folder.name for folder in folders]
    return {folder.name: (folder, part[1:]) for folder, part in zip(folders, parts, strict=True)}


def test_what_is_read_ships_in_the_wheel(installed, said):
    folder, lines = said["reads"]
    assert lines[0].split()[1:] == ["3", "4"]
    assert lines[1] == f"True results {installed / 'study' / 'results'} (None, None)"
    assert lines[-1] == "0 0 0"
    committed = len(list((ROOT / "results").glob("*/*-seed*.json")))
    assert f"{committed} records, 0 faults" in lines
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("name, results", [("writes", "results"), ("writes-where-one-says", "mine")])
def test_what_is_written_goes_to_the_current_folder_or_where_one_says(said, name, results):
    folder, lines = said[name]
    assert [path.name for path in folder.iterdir()] == [results]
    assert (folder / results / "tiny" / "shared-stage-seed0.json").is_file()
    middle = lines.index("ended with 0")
    assert lines[:middle] == lines[middle + 1 : -1] and middle and lines[-1] == "ended with 0"
