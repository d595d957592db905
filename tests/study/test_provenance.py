"""Laws of where a record comes from: conditions are told apart, and a commit is the project's own or none."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from study import provenance

SOURCE = Path(provenance.__file__).parents[1]


def test_the_fingerprint_tells_conditions_apart():
    here = provenance.fingerprint(torch.device("cpu"), "fp32")
    assert set(here) == {"device", "instructions", "threads", "precision", "torch"}
    assert all(here.values())
    assert provenance.fingerprint(torch.device("cpu"), "bf16") != here
    torch.set_num_threads(2)
    try:
        assert provenance.fingerprint(torch.device("cpu"), "fp32") == here | {"threads": 2}
    finally:
        torch.set_num_threads(1)


def test_outside_a_checkout_there_is_no_revision(monkeypatch, tmp_path):
    monkeypatch.setattr(provenance, "__file__", str(tmp_path / "provenance.py"))
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))  # it may be inside this checkout
    assert provenance.code_revision() == (None, None)


def git(folder, *words):
    words = ["git", "-C", folder, "-c", "user.name=a", "-c", "user.email=a@b", *words]
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def foreign(tmp_path):
    """place(name): another project's repository with one commit, in which the module lies at this path."""

    def place(name):
        git(tmp_path, "init", "-q")
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        path.write_text("")
        git(tmp_path, "add", ".")
        git(tmp_path, "commit", "-qm", "theirs")
        return path

    return place


def test_a_repository_around_a_virtual_environment_is_not_ours(monkeypatch, foreign):
    monkeypatch.setattr(provenance, "__file__", str(foreign(".venv/lib/site-packages/study/provenance.py")))
    assert provenance.code_revision() == (None, None)


def test_a_checkout_names_its_own_commit(monkeypatch, foreign):
    path = foreign("study/provenance.py")
    monkeypatch.setattr(provenance, "__file__", str(path))
    head = git(path.parent, "rev-parse", "HEAD")[:12]
    assert provenance.code_revision() == (head, False)
    path.write_text("# changed")
    assert provenance.code_revision() == (head, True)
    git(path.parent, "rm", "-q", "--cached", "provenance.py")  # such as an environment in the folder of a checkout
    assert provenance.code_revision() == (None, None)


@pytest.mark.parametrize("variable, place", [("GIT_DIR", ".git"), ("GIT_INDEX_FILE", ".git/index")])
def test_a_hook_of_another_repository_does_not_decide(monkeypatch, foreign, variable, place):
    ours, path = provenance.code_revision(), foreign("a/b")
    monkeypatch.setenv(variable, str(path.parents[1] / place))
    assert provenance.code_revision() == ours


def test_a_checkout_whose_path_no_ascii_locale_can_read_names_its_commit(tmp_path):
    folder = tmp_path / "\u00c1"
    for name in ("nas", "study"):
        shutil.copytree(SOURCE / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    git(folder, "init", "--quiet")
    git(folder, "add", "nas", "study")
    git(folder, "-c", "user.name=x", "-c", "user.email=x@y", "commit", "--quiet", "--message", "one")
    words = [sys.executable, "-c", "from study import provenance as p; print(p.code_revision())"]
    plain = {"PYTHONPATH": str(folder), "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = subprocess.run(words, cwd=tmp_path, env=os.environ | plain, capture_output=True, text=True, check=True)
    assert "None" not in done.stdout
