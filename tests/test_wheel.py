"""Laws of the wheel: what is read ships in it, and what is written goes to the current folder, never into it."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ["nas", "study", "book/kit", "results"]

READ = """
import nas, study.provenance, study.published, study.audit, study.audit_tables, kit.page
from study.command import main
from study.records import RESULTS, SHIPPED
print(nas.lookup((2, 3), 0, 1).parameters, nas.trained(depth=3).depth, len(study.published.TABLES))
print(bool(study.audit.read_claims()), RESULTS, SHIPPED, study.provenance.code_revision())
print(main(["list"]), main(["verify"]), main(["show", "nine-networks", "--profile", "laptop"]))
"""

# python -m nas, twice in one process: a start costs more than what is run.
RUN_AND_SHOW = """
import runpy, sys
for word, more in (("run", ["--seeds", "0"]), ("show", [])):
    sys.argv = ["nas", word, "shared-stage", "--profile", "tiny", *more]
    try:
        runpy.run_module("nas", run_name="__main__")
    except SystemExit as end:
        print("ended with", end.code)
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


def python(site, folder, *words, **more):
    """The lines that Python prints in this folder, with only the installed module to import."""
    environment = {name: value for name, value in os.environ.items() if name != "NAS_RESULTS"}
    environment |= {"PYTHONPATH": str(site), "NAS_DEVICE": "cpu", **more}
    done = subprocess.run([sys.executable, *words], cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_what_is_read_ships_in_the_wheel(installed, tmp_path):
    lines = python(installed, tmp_path, "-c", READ)
    assert lines[0].split()[1:] == ["3", "4"]
    assert lines[1] == f"True results {installed / 'study' / 'results'} (None, None)"
    assert lines[-1] == "0 0 0"
    committed = len(list((ROOT / "results").glob("*/*-seed*.json")))
    assert f"{committed} records, 0 faults" in lines
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("named", [None, "mine"])
def test_what_is_written_goes_to_the_current_folder_or_where_one_says(installed, tmp_path, named):
    before = sorted(installed.rglob("*.json"))
    environment = {"NAS_RESULTS": named} if named else {}
    lines = python(installed, tmp_path, "-c", RUN_AND_SHOW, **environment)
    record = tmp_path / (named or "results") / "tiny" / "shared-stage-seed0.json"
    assert record.is_file()
    assert sorted(installed.rglob("*.json")) == before
    middle = lines.index("ended with 0")
    assert lines[:middle] == lines[middle + 1 : -1] and middle and lines[-1] == "ended with 0"
