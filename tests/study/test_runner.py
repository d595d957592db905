"""Laws of the runner: it does what is missing and nothing else, and its figures do not depend on who does it."""

import json
import multiprocessing
import os
import time
from concurrent.futures import BrokenExecutor, CancelledError
from pathlib import Path
from types import SimpleNamespace

import pytest
from small_run import SMALL, figures, parts, small_run

from study import executors, runner, tasks, work
from study.experiments import get_experiment
from study.groups import Group, supernet
from study.recipes import Variant, depths_to, get_variant, settings
from study.records import SHIPPED, load_answers, load_record, save_record
from study.store import load_tensors, save_tensors

TESTS = Path(__file__).parents[1]
TASK = tasks.Task("tiny", 0, arch=(1, 1))


@pytest.fixture
def copy(finished, tmp_path):
    """A folder with all parts of the run, but no record."""
    folder = tmp_path / "results"
    (folder / ".parts" / "tiny").mkdir(parents=True)
    for path in parts(finished):
        os.link(path, folder / ".parts" / "tiny" / path.name)
    return folder


@pytest.fixture
def trained(monkeypatch):
    """Names of the tasks that are trained from here on, in this process."""
    names, train = [], work.train

    def spy(net, data, config, *arguments, **options):
        names.append(options["checkpoint"].path.stem)
        return train(net, data, config, *arguments, **options)

    monkeypatch.setattr(work, "train", spy)
    return names


def start(folder):
    """The small run in a process of its own: forked where that is possible, which saves it the imports."""
    process = multiprocessing.Process(target=small_run, args=(folder,))
    process.start()
    return process


def wait_for(condition, process, seconds=120):
    deadline = time.monotonic() + seconds
    while not condition():
        assert process.is_alive(), "the run has ended too early"
        assert time.monotonic() < deadline
        time.sleep(0.005)


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


def test_local_processes_give_the_same_bits(tmp_path, expected, monkeypatch, finished):
    monkeypatch.setattr(executors, "cores", lambda: 1)  # one more has to import torch
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(TESTS.parent), str(TESTS)]))
    assert figures(small_run(tmp_path, "processes")) == expected
    assert_same_parts(tmp_path, finished)


@pytest.fixture(scope="module")
def address():
    """Of a Dask cluster, as of one of many machines; its two workers are threads here, so they start at once."""
    distributed = pytest.importorskip("distributed")
    options = {"processes": False, "dashboard_address": ":0", "n_workers": 2, "threads_per_worker": 1}
    with distributed.LocalCluster(**options, silence_logs=50) as cluster:
        yield cluster.scheduler_address


def test_a_dask_cluster_gives_the_same_bits(tmp_path, expected, finished, address):
    assert figures(small_run(tmp_path, "dask", address=address)) == expected
    assert_same_parts(tmp_path, finished)


@pytest.mark.parametrize("reason", ["four workers died", "the tasks are lost", "nobody answers"])
def test_a_cluster_that_gives_up_can_be_gone_on_from(address, reason):
    distributed = pytest.importorskip("distributed")
    gone = f"its scheduler at {address} has gone"
    raised, said = {
        "four workers died": (
            distributed.KilledWorker("scratch-1-1", SimpleNamespace(address="tcp://x:1"), 3),
            "4 different workers",
        ),
        "the tasks are lost": (CancelledError(), gone),
        "nobody answers": (distributed.comm.CommClosedError("in <TCP (closed)>"), gone),
    }[reason]
    with (
        pytest.raises(BrokenExecutor, match=f"^the Dask cluster gave up: .*{said}"),
        runner.open_executor("dask", address) as (_, workers),
    ):
        assert workers() == 2
        raise raised


def test_a_worker_that_would_give_other_bits_refuses_before_it_trains(tmp_path, trained):
    asked = runner.conditions(TASK) | {"threads": 8}
    with pytest.raises(ValueError, match=r"computes under other conditions \(threads 1, asked 8\)"):
        runner.run_elsewhere(TASK, tmp_path, asked)
    assert trained == list(tmp_path.iterdir()) == []


def test_a_worker_that_does_not_share_the_folder_refuses_before_it_trains(tmp_path, trained):
    with pytest.raises(FileNotFoundError, match=r"does not see .*elsewhere: choose --results"):
        runner.run_elsewhere(TASK, tmp_path / "elsewhere", runner.conditions(TASK))
    assert trained == list(tmp_path.iterdir()) == []


def test_parts_that_stayed_elsewhere_are_named(tmp_path, monkeypatch):
    monkeypatch.setattr(runner, "completed", lambda pool, todo, *_: iter(todo))
    with pytest.raises(FileNotFoundError, match=r"lacks seed0-supernet-depth2, seed0-scratch-1-1, .*--results"):
        small_run(tmp_path)


def assert_same_parts(folder, other):
    """Also what a record does not hold: logits of every test image, and weights."""
    assert [path.name for path in parts(folder)] == [path.name for path in parts(other)]
    for one, two in zip(parts(folder), parts(other), strict=True):
        first, second = load_tensors(one), load_tensors(two)
        for group in ("test", "weights"):
            assert first[group].keys() == second[group].keys()
            assert all(first[group][name].equal(second[group][name]) for name in first[group])


def test_killed_and_resumed_gives_the_same_record(tmp_path, expected, finished):
    process = start(tmp_path)
    wait_for(lambda: len(parts(tmp_path)) >= 2, process)
    process.kill()
    process.join()
    assert len(parts(tmp_path)) < 9
    assert not (tmp_path / "tiny").exists()
    assert figures(small_run(tmp_path)) == expected
    assert_same_parts(tmp_path, finished)


def test_two_runners_at_once_lose_nothing(tmp_path, expected, finished):
    process = start(tmp_path)
    wait_for(lambda: list(tmp_path.rglob("*.checkpoint")), process)
    assert figures(small_run(tmp_path)) == expected
    process.join(timeout=60)
    assert process.exitcode == 0
    assert figures(tmp_path / "tiny" / "four-networks-seed0.json") == expected
    assert_same_parts(tmp_path, finished)
    left = [
        path.name for path in tmp_path.rglob("*") if path.is_file() and path.suffix not in (".part", ".json", ".npz")
    ]
    assert left == []  # neither a temporary nor a broken file, nor a checkpoint


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
    assert f"{path} cannot be used (" in capsys.readouterr().out


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
    assert line.startswith(f"{path} cannot be used (")
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
    ],
)
def test_bad_input_is_refused_before_anything_is_trained(tmp_path, trained, arguments, named):
    with pytest.raises(ValueError) as caught:
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


RATE, FAIR = (
    Variant("changed", settings=settings("trained_with", rate=0.5)),
    Variant("changed", sampler=get_variant("fair").sampler),
)
CHANGES = {  # of an experiment whose record is finished: {field: value}, what is said, trained anew
    "recipe": ({"groups": {"more": supernet(RATE)}}, "recipe of more", ["seed0-supernet-depth2-changed"]),
    "exchanged": ({"groups": {"more": supernet(FAIR)}}, "recipe of more", ["seed0-supernet-depth2-changed"]),
    "only grew": ({"only": None}, "architectures, recipe of scratch", ["seed0-scratch-2-2"]),
    "space": ({"groups": {"more": supernet("fair", space=depths_to(3))}}, "recipe of more",
              ["seed0-supernet-depth3-fair"]),
}  # fmt: skip


@pytest.fixture
def small_of(monkeypatch):
    """A function that changes the smallest experiment, in place, for one test."""
    before = dict(vars(SMALL))
    yield lambda **fields: vars(SMALL).update(fields)
    vars(SMALL).update(before)


@pytest.mark.parametrize("change", CHANGES)
def test_a_finished_record_of_another_recipe_is_asked_about(tmp_path, trained, small_of, change):
    plain = Variant("changed", settings=settings("trained_with", rate=2))
    fields, said, anew = CHANGES[change]
    first = {"supernet": SMALL.groups["supernet"]}
    if change == "only grew":
        small_of(groups=first | {"scratch": SMALL.groups["scratch"]}, only=((1, 1), (1, 2), (2, 1)))
    else:
        small_of(groups=first | {"more": supernet(plain)}, full=False)
    path = small_run(tmp_path)
    before, answers = path.read_bytes(), (tmp_path / "tiny" / "answers" / "four-networks-seed0.npz").read_bytes()
    trained.clear()
    small_of(**fields | {"groups": SMALL.groups | fields.get("groups", {})})
    with pytest.raises(ValueError, match=rf"1 records that are not .* \(four-networks-seed0.json: {said} differ\)"):
        small_run(tmp_path)
    assert small_run(tmp_path, parts="accept").read_bytes() == before and trained == []
    with pytest.raises(ValueError, match="--accept-parts leaves them as they are; --fresh-parts"):
        small_run(tmp_path)
    small_run(tmp_path, parts="fresh")
    assert trained == anew
    assert path.read_bytes() != before == path.with_name(f"{path.name}.broken-1").read_bytes()
    assert answers == next((tmp_path / "tiny" / "answers").glob("*.broken-1")).read_bytes()
    small_run(tmp_path)
    assert trained == anew


def test_a_record_from_before_recipes_is_asked_about_where_its_settings_tell(copy, small_of, trained):
    path = small_run(copy)
    record = load_record(path)
    save_record({field: value for field, value in record.items() if field != "recipes"}, copy)
    before = path.read_bytes()
    small_run(copy)
    small_of(groups=SMALL.groups | {"short": Group((Variant("hot", settings=settings("trained_with", rate=9)),), True)})
    with pytest.raises(ValueError, match="recipe of short differ"):
        small_run(copy)
    assert path.read_bytes() == before and trained == []


def test_the_committed_records_are_what_their_experiments_ask():
    for path in SHIPPED.glob("*/*-seed*.json"):
        record = load_record(path)
        of = get_experiment(record["experiment"]), record["seed"], record["profile"], record
        assert runner.differences(*of) == [] and runner.lacking(*of) == {}, path


@pytest.fixture
def of_other_code(copy):
    """A run that lacks its record, and one part of it that other code made."""
    path = copy / ".parts" / "tiny" / "seed0-scratch-1-2.part"
    part = load_tensors(path)
    path.unlink()
    save_tensors(path, part | {"identity": part["identity"] | {"code": "0123456789abcdef"}})
    return path


def test_a_part_that_other_code_made_is_asked_about(copy, of_other_code, trained):
    before = of_other_code.read_bytes()
    with pytest.raises(
        ValueError, match=r"1 finished parts that other code made \(seed0-scratch-1-2\).*--accept-parts"
    ):
        small_run(copy)
    with pytest.raises(ValueError, match="parts is 'yes': choose one of ask, accept, fresh"):
        small_run(copy, parts="yes")
    assert of_other_code.read_bytes() == before
    assert trained == [] and not (copy / "tiny").exists()


def test_a_part_that_other_code_made_may_be_accepted_and_says_so(copy, of_other_code, trained, expected):
    assert figures(small_run(copy, parts="accept")) == expected
    assert trained == []
    assert load_tensors(of_other_code)["accepted"] == ["0123456789abcdef"]


def test_a_part_that_other_code_made_may_be_made_anew_and_is_kept(copy, of_other_code, trained, expected):
    before = of_other_code.read_bytes()
    assert figures(small_run(copy, parts="fresh")) == expected
    assert trained == ["seed0-scratch-1-2"]
    assert of_other_code.with_name(f"{of_other_code.name}.broken-1").read_bytes() == before


def test_a_part_from_before_digests_is_asked_about_too(copy, of_other_code, trained, expected):
    part = load_tensors(of_other_code)
    identity = {name: part["identity"][name] for name in ("task", "settings", "data")}
    save_tensors(of_other_code, part | {"identity": identity})
    with pytest.raises(ValueError, match="that other code made"):
        small_run(copy)
    assert figures(small_run(copy, parts="accept")) == expected and trained == []
