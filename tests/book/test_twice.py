"""Laws of tools/twice.py: each code cell twice in a row, and a cell that then says something else is found."""

import re
import runpy
import subprocess
from argparse import Namespace
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
import twice
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output


def chapter(*sources):
    cells = [
        new_code_cell(source, execution_count=count, outputs=[new_output("stream", text=f"{said}\n")])
        for count, (source, said) in enumerate(sources, start=1)
    ]
    return new_notebook(cells=[new_markdown_cell("# A chapter"), *cells])


def test_each_code_cell_comes_twice_and_text_once():
    book = chapter(("print(1)", 1), ("print(2)", 2))
    found = twice.doubled(book)
    nbformat.validate(found)
    assert [cell.source for cell in found.cells] == ["# A chapter", "print(1)", "print(1)", "print(2)", "print(2)"]
    assert len({cell.id for cell in found.cells}) == 5
    assert len(book.cells) == 3


def exercise(answer):
    """A chapter with an exercise whose check says "no" of what the reader has not done, and an answer below it."""
    check = "def check_1(n): return 'right' if n else 'no'\nprint(check_1(mine))"
    book = chapter(("mine = 0", ""), (check, "no"), (f"{answer} = 1; print(check_1({answer}))", "right"))
    del book.cells[1]["outputs"][:]
    return book


CHAPTERS = {
    "same": chapter(("seen = []; print(0)", 0), ("print(len([1]))", 1)),
    "other": chapter(("seen = []; print(0)", 0), ("seen.append(1); print(len(seen))", 1)),
    "own-answer": exercise("mine_answer"),
    "readers-answer": exercise("mine"),
}


@pytest.fixture(scope="module")
def failed(tmp_path_factory):
    """The chapters in which a cell said something else, all run by one call."""
    folder, said = tmp_path_factory.mktemp("twice"), []
    for name, book in CHAPTERS.items():
        nbformat.write(book, folder / f"{name}.ipynb")

    def run(*words, **options):
        said.append(subprocess.run(*words, **options, capture_output=True, text=True))
        return said[0]

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NAS_PRELOAD", "ipykernel.kernelapp ipykernel.zmqshell")  # these kernels import nothing
        patch.setattr(twice, "COPIES", folder / "copies")
        patch.setattr(twice, "subprocess", SimpleNamespace(run=run))
        status = twice.main([folder / f"{name}.ipynb" for name in CHAPTERS])
    found = {name for name in CHAPTERS if re.search(rf"^FAILED .*/{name}\.ipynb::", said[0].stdout, re.MULTILINE)}
    assert (status == 0) == (found == set()), said[0].stdout
    return found


def test_a_cell_that_says_something_else_is_found(failed):
    assert failed & {"same", "other"} == {"other"}


def test_the_checks_of_exercises_come_again_in_the_end(failed):
    book = exercise("mine")
    assert [cell.id for cell in twice.doubled(book).cells][-1] == f"{book.cells[2].id}-after"
    assert failed & {"own-answer", "readers-answer"} == {"readers-answer"}


@pytest.mark.parametrize("named, used", [(None, "tests/sanitize.cfg"), ("mine.cfg", "mine.cfg")])
def test_nbval_finds_its_file_from_any_folder(tmp_path, monkeypatch, named, used):
    monkeypatch.chdir(tmp_path)
    config = SimpleNamespace(option=Namespace(nbval_sanitize_with=named))
    runpy.run_path(str(twice.ROOT / "conftest.py"))["pytest_configure"](config)  # tests/ has one of this name too
    assert config.option.nbval_sanitize_with == (named or str(Path(twice.ROOT, used)))
