"""Laws of the runner: it does what is missing and nothing else, and sets aside what it cannot use."""

import json

import pytest
from small_run import SMALL, figures, small_run

from study import runner, work
from study.records import load_answers, load_record
from study.store import load_tensors, save_tensors


def test_a_second_run_trains_and_writes_nothing(finished, expected, trained):
    before = {path: path.stat().st_mtime_ns for path in finished.rglob("*")}
    assert figures(small_run(finished)) == expected
    assert {path: path.stat().st_mtime_ns for path in finished.rglob("*")} == before
    assert trained == []


def test_a_record_is_assembled_from_parts_without_training(copy, expected, trained):
    assert figures(small_run(copy)) == expected
    assert trained == []


def test_only_missing_parts_are_trained(copy, expected, trained):
    (copy / ".parts" / "tiny" / "seed0-scratch-2-1.part").unlink()
    assert figures(small_run(copy)) == expected
    assert trained == ["seed0-scratch-2-1"]


def test_experiments_share_their_scratch_runs(copy, monkeypatch):
    asked = []
    monkeypatch.setattr(runner, "completed", lambda pool, todo, *_: asked.extend(todo) or iter(()))
    runner.run([SMALL.name, "nine-networks"], "tiny", [0], root=copy)
    names = [task.name for task in asked]
    assert len(names) == len(set(names)) == 1 + 5 + 9  # not the four that lie there already
    assert "seed0-scratch-1-1" not in names


def test_each_record_is_written_when_its_last_part_is_there(tmp_path, monkeypatch):
    """So a stop in the second seed leaves the first seed's record."""
    run_task = work.run_task

    def stop(task, *arguments, **options):
        if task.seed == 1:
            raise KeyboardInterrupt
        return run_task(task, *arguments, **options)

    monkeypatch.setattr(runner, "run_task", stop)
    with pytest.raises(KeyboardInterrupt):
        runner.run([SMALL.name], "tiny", [0, 1], root=tmp_path)
    assert [path.name for path in (tmp_path / "tiny").glob("*.json")] == ["four-networks-seed0.json"]


@pytest.mark.parametrize("damage", ["truncated", "foreign", "another schema"])
def test_a_bad_part_is_set_aside_and_made_anew(copy, expected, trained, capsys, damage):
    path = copy / ".parts" / "tiny" / "seed0-scratch-1-2.part"
    part = load_tensors(path)
    whole = path.read_bytes()
    path.unlink()
    if damage == "truncated":
        path.write_bytes(whole[: len(whole) // 2])
    elif damage == "foreign":
        save_tensors(path, load_tensors(path.with_name("seed0-scratch-2-2.part")))
    else:
        save_tensors(path, part | {"schema": 0})
    bad = path.read_bytes()
    assert figures(small_run(copy)) == expected
    assert trained == ["seed0-scratch-1-2"]
    assert path.with_name(f"{path.name}.broken-1").read_bytes() == bad
    assert f"{path} is set aside (" in capsys.readouterr().out


def test_a_part_from_another_machine_is_refused_with_the_reason(copy, trained):
    path = copy / ".parts" / "tiny" / "seed0-scratch-1-2.part"
    part = load_tensors(path)
    path.unlink()
    save_tensors(path, part | {"fingerprint": part["fingerprint"] | {"threads": 8}})
    before = path.read_bytes()
    with pytest.raises(
        ValueError, match=r"seed0-scratch-1-2\.part was made under other conditions \(threads 8, here 1\)"
    ):
        small_run(copy)
    assert path.read_bytes() == before
    assert trained == []


@pytest.mark.parametrize("damage", ["truncated", "not a record", "of another seed"])
def test_a_bad_record_is_set_aside_and_made_anew(copy, expected, trained, capsys, damage):
    path = small_run(copy)
    bad = {
        "truncated": path.read_text()[:500],
        "not a record": "[1, 2]",
        "of another seed": json.dumps(load_record(path) | {"seed": 1}),
    }[damage]
    path.write_text(bad)
    assert figures(small_run(copy)) == expected
    assert path.with_name(f"{path.name}.broken-1").read_text() == bad
    line = capsys.readouterr().out
    assert line.startswith(f"{path} is set aside (")
    assert line.endswith(f"kept as {path.name}.broken-1\n")
    assert line.count("\n") == 1
    assert trained == []


@pytest.mark.parametrize(
    "arguments, named",
    [
        ((["ten-networks"], "tiny", [0]), "experiment 'ten-networks' is unknown: choose one of nine-networks"),
        (([SMALL.name], "huge", [0]), "profile 'huge' is unknown: choose one of tiny, quick"),
        (([SMALL.name], "tiny", [0], "threads"), "executor 'threads' is unknown: choose one of local, processes, dask"),
        (([SMALL.name], "tiny", [0], "local", "tcp://x:1"), "address 'tcp://x:1' goes with the executor 'dask'"),
        ((SMALL.name, "tiny", [0]), f"names is '{SMALL.name}': pass several"),
        (([SMALL.name], "tiny", 0), "seeds is 0: pass several"),
        (([SMALL.name], "tiny", "0"), "seeds is '0': pass several"),
    ],
)
def test_bad_input_is_refused_before_anything_is_trained(tmp_path, trained, arguments, named):
    with pytest.raises((ValueError, TypeError)) as caught:
        runner.run(*arguments, root=tmp_path)
    assert named in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_an_experiment_that_gained_a_group_runs_what_its_record_lacks(copy, expected, trained, monkeypatch):
    """The record's own groups are not trained again, and come out as they were."""
    whole = SMALL.groups
    object.__setattr__(SMALL, "groups", {name: whole[name] for name in ("supernet", "short")})
    try:
        assert "scratch" not in figures(small_run(copy))["test"]
    finally:
        object.__setattr__(SMALL, "groups", whole)
    (copy / ".parts" / "tiny" / "seed0-supernet-depth2.part").unlink()
    (copy / ".parts" / "tiny" / "seed0-scratch-2-2.part").unlink()
    path = small_run(copy)
    assert trained == ["seed0-scratch-2-2"]
    assert figures(path) == expected
    assert load_answers(load_record(path), copy).keys() == expected["test"].keys()
