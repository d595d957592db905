"""Laws of the tabular benchmark's file: it is what the records give and what its description says, or is refused."""

import json
import shlex
from copy import deepcopy

import pytest

from study import command
from study.analysis import croissant, tabular
from study.analysis.tabular import (
    PROFILES,
    Entry,
    build_table,
    lookup,
    read_table,
    seeds,
    write_table,
)
from study.records import RESULTS, load_records

# Figures of finished runs: in the last epoch's entry only.
FINISHED = ("short9", "short25", "test", "training", "loss", "seconds")


@pytest.fixture
def linked(tmp_path):
    """A results folder with the committed records and no table."""
    for place in (*PROFILES.values(), "trainings"):
        if (RESULTS / place).is_dir():
            (tmp_path / place).symlink_to(RESULTS / place)
    return tmp_path


RECORDED = [depth for depth in tabular.SPACES if seeds(depth)]


@pytest.fixture
def records():
    return {depth: deepcopy(load_records(tabular.SPACES[depth], "laptop")) for depth in RECORDED}


def test_the_smaller_space_at_least_is_recorded():
    assert 3 in RECORDED
    found = [d for d, name in tabular.SPACES.items() if list(RESULTS.glob(f"laptop/{name}-seed*.json"))]
    assert found == RECORDED


def test_the_committed_file_is_what_the_records_give(linked):
    path = write_table(linked)
    assert path.read_bytes() == (RESULTS / tabular.FILE).read_bytes()
    assert path.stat().st_size < 100_000


def test_reading_gives_back_every_entry_that_was_built():
    table = read_table(RESULTS / tabular.FILE)
    assert table == build_table()
    assert list(table) == sorted(table)
    assert {key: lookup(*key[1:], key[0]) for key in table} == table


@pytest.mark.parametrize("depth", RECORDED)
def test_every_figure_of_every_record_is_in_the_table(records, depth):
    for record in records[depth]:
        epochs, seed, images = len(record["validation"]["scratch"]), record["seed"], record["data"]["validation"]
        for n, arch in enumerate(map(tuple, record["architectures"])):
            found = [lookup(arch, seed, epoch) for epoch in range(1, epochs + 1)]
            for kind, name in (
                ("scratch", "scratch"), ("running", f"running{depth}"), ("recalculated", f"recalculated{depth}")
            ):  # fmt: skip
                right = [round(getattr(entry, name) * images) for entry in found]
                assert right == [row[n] for row in record["validation"][kind]]
            last = found[-1]
            assert round(getattr(last, f"short{depth**2}") * images) == record["validation"]["short"][-1][n]
            assert round(last.test * record["data"]["test"]) == record["test"]["scratch"][n]
            assert round(last.training * images) == record["training"]["scratch"][n]
            assert last.loss == record["loss"]["scratch"][n]
            assert last[:2] == (record["parameters"][n], record["multiply_adds"][n])
            assert all(getattr(entry, name) is None for entry in found[:-1] for name in FINISHED)


def test_a_figure_is_missing_only_where_there_is_no_run():
    for (data, arch, seed, _), entry in read_table(RESULTS / tabular.FILE).items():
        for depth in tabular.SPACES:
            there = max(arch) <= depth and seed in seeds(depth, data)
            assert (getattr(entry, f"running{depth}") is not None) == there
            assert (getattr(entry, f"recalculated{depth}") is not None) == there
    assert lookup((1, 1), 0, 3).test is not None


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "3", "null", "{}", '{"version": "2.0.0", "distribution": []}', "[" * 99_999]
)
def test_a_damaged_description_is_named(tmp_path, text):
    path = tmp_path / tabular.FILE
    copy_described(path)
    croissant.beside(path).write_text(text)
    with pytest.raises(ValueError, match=r"tabular.csv has a description, tabular.croissant.json, that cannot be read"):
        read_table(path)


def sister(record):
    """A record of the sister space as it could be: the runs from scratch are the same, the shared ones are others."""
    other = deepcopy(record)
    for kind in ("running", "recalculated", "short"):
        other["validation"][kind] = [[count // 2 for count in row] for row in other["validation"][kind]]
    return other


@pytest.fixture
def build(monkeypatch, records, tmp_path):
    """build_table() from the records of the smaller space and one of the larger, which a test may spoil first."""
    path = tmp_path / "laptop" / "twenty-five-networks-seed0.json"
    path.parent.mkdir()
    path.touch()
    known = {tabular.SPACES[3]: records[3], tabular.SPACES[5]: [sister(records[3][0])]}
    monkeypatch.setattr(tabular, "load_records", lambda name, profile, root: known[name])
    return lambda: build_table(tmp_path), known[tabular.SPACES[5]][0]


def test_two_spaces_share_their_runs_from_scratch(build):
    table = build[0]()
    entry, alone = table["mnist", (2, 2), 0, 3], table["mnist", (2, 2), 4, 3]
    assert entry.scratch == lookup((2, 2), 0, 3).scratch
    assert entry.recalculated5 < entry.recalculated3
    assert entry.short25 < entry.short9
    assert (alone.recalculated5, alone.short25) == (None, None)


def test_records_that_disagree_about_a_run_are_refused(build):
    build, record = build
    build()
    record["validation"]["scratch"][0][0] -= 1
    with pytest.raises(
        ValueError, match=r"\('mnist', \(1, 1\), 0, 1\): scratch is 0\.\d+ in one record, 0\.\d+ in another"
    ):
        build()


def test_the_command_makes_the_file(linked, capsys):
    assert command.main(["tabular", "--results", str(linked)]) == 0
    assert capsys.readouterr().out == f"{linked / tabular.FILE}\n"
    assert read_table(linked / tabular.FILE) == read_table(RESULTS / tabular.FILE)


def test_what_is_missing_is_named_with_its_command(tmp_path, capsys):
    with pytest.raises(FileNotFoundError, match="tabular.csv is missing: `python -m nas tabular` makes it"):
        read_table(tmp_path / tabular.FILE)
    assert command.main(["tabular", "--results", str(tmp_path)]) == 2
    assert (
        f"python -m nas run nine-networks --profile laptop --results {shlex.quote(str(tmp_path))}` makes one"
        in capsys.readouterr().err
    )
    assert list(tmp_path.iterdir()) == []


def test_a_broken_line_is_refused(tmp_path):
    path = tmp_path / tabular.FILE
    copy_described(path)
    path.write_text(path.read_text().replace("\nmnist,1,1,0,1,", "\nmnist,1,1,0,1,7,", 1))
    with pytest.raises(ValueError, match="tabular.csv has changed since it was made: `python -m nas tabular` makes it"):
        read_table(path)


def copy_described(path, replaced=("", "")):
    """The committed table and its description, which has something replaced."""
    path.write_bytes((RESULTS / tabular.FILE).read_bytes())
    croissant.beside(path).write_text(croissant.beside(RESULTS / tabular.FILE).read_text().replace(*replaced))


def test_a_table_of_another_schema_or_without_its_description_is_refused(tmp_path):
    path = tmp_path / tabular.FILE
    copy_described(path, ('"version": "2.0.0"', '"version": "1.0.0"'))
    with pytest.raises(ValueError, match=r"tabular.csv is of schema 1.0.0, this version reads 2.0.0: `python -m nas"):
        read_table(path)
    croissant.beside(path).unlink()
    with pytest.raises(FileNotFoundError, match=r"tabular.croissant.json is missing: `python -m nas tabular` makes"):
        read_table(path)


def test_the_description_names_every_column_and_no_other():
    told = json.loads(croissant.beside(RESULTS / tabular.FILE).read_text())
    (records,) = told["recordSet"]
    kinds = {field["source"]["extract"]["column"]: field["dataType"] for field in records["field"]}
    assert list(kinds) == [*tabular.KEYS, *Entry._fields]
    assert kinds["data"] == "sc:Text" and kinds["epoch"] == "sc:Integer" and kinds["test"] == "sc:Float"


def test_an_entry_s_fields_are_the_file_s_columns():
    header = (RESULTS / tabular.FILE).read_text().splitlines()[0]
    assert header.split(",") == [*tabular.KEYS, *Entry._fields]
