"""What the page for lecturers promises is what `make kit` makes, and says when it does not."""

import re
from pathlib import Path

import pytest

from teach import __main__ as command
from teach import grade, quotes, slides
from teach.homework import selected

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "book" / "teach.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (.+?) \| `make (.+?)` \| ", PAGE, re.MULTILINE)
FILES = [pattern.replace("*", "some") for patterns in command.PROMISED.values() for pattern in patterns]


def product(what, target):
    """The product of a row: named by its command, or by the first word of the row where that makes all."""
    return what.split()[0] if target == "kit" else target.removeprefix("kit PRODUCTS=")


def test_the_page_s_table_has_every_product_once_by_a_command_that_there_is():
    rows = {product(what, target) for what, target in ROWS}
    assert rows == set(command.PRODUCTS) and len(ROWS) == len(rows)
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert all(re.search(rf"^{target.split()[0]}:", makefile, re.MULTILINE) for _, target in ROWS)


def test_what_the_lecture_has_to_prepare_is_counted_right():
    lecture = " ".join(PAGE.split("## A lecture")[1].split("\n## ")[0].split())
    texts = {path.stem[0]: path.read_text(encoding="utf-8") for path in slides.decks()}
    played = {deck: sum(map(plays, slides.QUOTATION.findall(text))) for deck, text in texts.items()}
    assert "the five instruments in decks 2, 4 and 5" in lecture
    assert sum(played[deck] for deck in "245") == 5 and all(played[deck] for deck in "245") and not played["1"]
    assert "`make student TASKS=lecture` puts two tasks together" in lecture and len(selected("lecture")) == 2


def plays(quotation):
    kind, name = quotation
    return kind == "output" and bool(quotes.PLAYED.search(quotes.output(name, "")))


@pytest.fixture
def kit(tmp_path, monkeypatch):
    """Makes a kit that lacks some of the promised files; what the command returns."""

    def make(out):
        return [path for path in out.rglob("*") if path.is_file()]

    def run(*lost):
        for name in FILES:
            if name not in lost:
                (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
                (tmp_path / name).write_text("x", encoding="utf-8")
        monkeypatch.setattr(command, "import_module", lambda _: type("Product", (), {"make": staticmethod(make)}))
        return command.main(["--out", str(tmp_path)])

    return run


def test_a_whole_kit_is_fine(kit, capsys):
    assert kit() == 0
    assert "not there" not in capsys.readouterr().out


@pytest.mark.parametrize("name", FILES)
def test_each_promised_file_is_missed(name, kit, capsys):
    assert kit(name) == (not name.endswith((".png", ".pdf")))  # without Chromium the rest is still worth having
    assert name.replace("some", "*") in capsys.readouterr().out.split("not there:")[1].split()


def test_the_lines_for_grading_put_nbgrader_on_the_path_before_they_call_it():
    """It starts `alembic` by its name alone, already for the first release."""
    lines = re.findall(r"^    (\S.*)$", (ROOT / "teach" / "student.md").read_text(encoding="utf-8"), re.MULTILINE)
    first = next(place for place, line in enumerate(lines) if "nbgrader" in line)
    before = [line.split(" # ")[0].strip() for line in lines[:first]]
    assert before == [". .venv/bin/activate", "uv pip install --group grade", "cd build/kit/course"]


def test_without_nbgrader_one_line_says_where_it_is(monkeypatch, capsys):
    monkeypatch.setattr(grade, "find_spec", lambda name: None)
    with pytest.raises(SystemExit) as ended:
        grade.main([])
    assert ended.value.code == 2
    assert capsys.readouterr().err.splitlines()[-1].endswith("dependency group `grade` has it, see teach/student.md")
