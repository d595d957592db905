"""The copies for Colab: what is rewritten, and that the first cell does what it says."""

import os
import subprocess
import sys
from pathlib import Path

import colab
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

URL, COMMIT = "https://github.com/some/fork", "0123456789" * 4
LINKS = "[next](02_b.ipynb#part) ![path](images/path.svg) [how](measure.md) [out](https://example.org/a.ipynb) [up](#x)"


@pytest.fixture
def chapter():
    output = new_output("stream", text="3\n")
    cells = [new_markdown_cell(LINKS), new_code_cell("print(3)", execution_count=1, outputs=[output])]
    return new_notebook(cells=cells)


def test_a_copy_is_valid_and_keeps_the_chapter(chapter):
    copy = colab.rewrite(chapter, URL, COMMIT)
    nbformat.validate(copy)
    assert len(copy.cells) == 3
    assert copy.cells[2] == chapter.cells[1]
    assert chapter.cells[0].source == LINKS  # the original is left alone


def test_a_copy_asks_for_a_gpu_and_the_chapter_does_not(chapter):
    assert colab.rewrite(chapter, URL, COMMIT).metadata.accelerator == "GPU"
    assert "accelerator" not in chapter.metadata


def test_the_first_cell_is_plain_python_with_address_and_commit(chapter):
    source = colab.rewrite(chapter, URL, COMMIT).cells[0].source
    compile(source, "cell", "exec")
    assert f"REPOSITORY = '{URL}'\nCOMMIT = '{COMMIT}'" in source


def test_rewriting_a_copy_replaces_the_cell(chapter):
    once = colab.rewrite(chapter, "https://github.com/other/fork", "f" * 40)
    twice = colab.rewrite(once, URL, COMMIT)
    assert [cell.id for cell in twice.cells] == [cell.id for cell in once.cells]
    assert twice.cells[0] == colab.rewrite(chapter, URL, COMMIT).cells[0]
    assert colab.rewrite(twice, URL, COMMIT) == twice


def test_links_lead_somewhere_from_colab(chapter):
    assert colab.rewrite(chapter, URL, COMMIT).cells[1].source == (
        "[next](https://colab.research.google.com/github/some/fork/blob/colab/book/02_b.ipynb#part) "
        f"![path]({URL}/raw/{COMMIT}/book/images/path.svg) [how]({URL}/blob/{COMMIT}/book/measure.md) "
        "[out](https://example.org/a.ipynb) [up](#x)"
    )


def git(folder, *command):
    identity = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
    done = subprocess.run(["git", "-C", folder, *identity, *command], check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def remote(tmp_path):
    """A repository as small as the first cell can work with: its last commit is not the one wanted."""
    folder = tmp_path / "remote"
    (folder / "book").mkdir(parents=True)
    (folder / "book" / "here.txt").touch()
    (folder / "requirements.txt").write_text("numpy>=1\nno-such-package>=2  # why\n# What builds\nruff\n")
    git(tmp_path, "init", "--quiet", folder)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "one")
    commit = git(folder, "rev-parse", "HEAD")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", "two")
    return folder.as_uri(), commit


def test_the_first_cell_fetches_that_commit_and_installs_what_is_missing(remote, tmp_path, monkeypatch):
    installed = []
    really = subprocess.run

    def run(command, **options):
        if command[0] == "git":
            return really(command, **options)
        installed.append([str(part) for part in command[4:]])
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    for _ in range(2):  # a second run of the cell does no harm
        exec(colab.setup_cell(*remote).source, {})
    clone = tmp_path / f"nas-{remote[1][:12]}"
    assert os.getcwd() == str(clone / "book") and Path("here.txt").exists()
    assert git(clone, "rev-parse", "HEAD") == remote[1]
    constraint = str(clone / ".git" / "keep.txt")
    missing = ["--quiet", "--constraint", constraint, "no-such-package>=2"]
    assert installed == [missing, ["--quiet", "--no-deps", "--editable", str(clone)]] * 2
    assert {line.split("==")[0] for line in Path(constraint).read_text().split()} == {"torch", "numpy"}


def test_a_step_that_fails_says_what_was_tried(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(RuntimeError, match="fetch"):
        exec(colab.setup_cell((tmp_path / "nothing").as_uri(), COMMIT).source, {})
