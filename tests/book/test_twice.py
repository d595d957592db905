"""Laws of tools/twice.py: each code cell twice in a row, and a cell that then says something else is found."""

import runpy
from argparse import Namespace
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
import twice
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output


@pytest.fixture(autouse=True)
def light_kernels(monkeypatch):
    """The kernels of these chapters import nothing."""
    monkeypatch.setenv("NAS_PRELOAD", "ipykernel.kernelapp ipykernel.zmqshell")


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


def test_a_cell_that_says_something_else_is_found(tmp_path, monkeypatch, capfd):
    monkeypatch.setattr(twice, "COPIES", tmp_path / "copies")
    for name, last in (("good", "print(len([1]))"), ("bad", "seen.append(1); print(len(seen))")):
        nbformat.write(chapter(("seen = []; print(0)", 0), (last, 1)), tmp_path / f"{name}.ipynb")
        status = twice.main([tmp_path / f"{name}.ipynb"])
        assert (status == 0) == (name == "good"), capfd.readouterr().out


def test_the_checks_of_exercises_come_again_in_the_end(tmp_path, monkeypatch, capfd):
    monkeypatch.setattr(twice, "COPIES", tmp_path / "copies")
    exercise = ("mine = 0", ""), ("def check_1(n): return 'right' if n else 'no'\nprint(check_1(mine))", "no")
    for name, answer in (("good", "mine_answer"), ("bad", "mine")):
        book = chapter(*exercise, (f"{answer} = 1; print(check_1({answer}))", "right"))
        del book.cells[1]["outputs"][:]
        assert [cell.id for cell in twice.doubled(book).cells][-1] == f"{book.cells[2].id}-after"
        nbformat.write(book, tmp_path / f"{name}.ipynb")
        status = twice.main([tmp_path / f"{name}.ipynb"])
        assert (status == 0) == (name == "good"), capfd.readouterr().out


@pytest.mark.parametrize("named, used", [(None, "tests/sanitize.cfg"), ("mine.cfg", "mine.cfg")])
def test_nbval_finds_its_file_from_any_folder(tmp_path, monkeypatch, named, used):
    monkeypatch.chdir(tmp_path)
    config = SimpleNamespace(option=Namespace(nbval_sanitize_with=named))
    runpy.run_path(str(twice.ROOT / "conftest.py"))["pytest_configure"](config)  # tests/ has one of this name too
    assert config.option.nbval_sanitize_with == (named or str(Path(twice.ROOT, used)))
