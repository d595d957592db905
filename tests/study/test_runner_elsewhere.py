"""Laws of the runner in other processes and on a cluster: the same bits, killed or not, or it refuses to begin."""

import os
import time
from concurrent.futures import BrokenExecutor, CancelledError
from pathlib import Path
from types import SimpleNamespace

import pytest
from children import child
from small_run import figures, parts, small_run

from study import executors, runner, tasks
from study.store import load_tensors

TESTS = Path(__file__).parents[1]


def wait_for(condition, process, seconds=120):
    deadline = time.monotonic() + seconds
    while not condition():
        assert process.is_alive(), "the run has ended too early"
        assert time.monotonic() < deadline
        time.sleep(0.005)


def assert_same_parts(folder, other):
    """Also what a record does not hold: logits of every test image, and weights."""
    assert [path.name for path in parts(folder)] == [path.name for path in parts(other)]
    for one, two in zip(parts(folder), parts(other), strict=True):
        first, second = load_tensors(one), load_tensors(two)
        for group in ("test", "weights"):
            assert first[group].keys() == second[group].keys()
            assert all(first[group][name].equal(second[group][name]) for name in first[group])


def test_local_processes_give_the_same_bits(tmp_path, expected, monkeypatch, finished):
    monkeypatch.setattr(executors, "cores", lambda: 1)  # one more has to import torch
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(TESTS.parent), str(TESTS)]))
    assert figures(small_run(tmp_path, "processes")) == expected
    assert_same_parts(tmp_path, finished)


def test_killed_and_resumed_gives_the_same_record(tmp_path, expected, finished):
    process = child(small_run, tmp_path)
    wait_for(lambda: len(parts(tmp_path)) >= 2, process)
    process.kill()
    process.join()
    assert len(parts(tmp_path)) < 9
    assert not (tmp_path / "tiny").exists()
    assert figures(small_run(tmp_path)) == expected
    assert_same_parts(tmp_path, finished)


def test_two_runners_at_once_lose_nothing(tmp_path, expected, finished):
    process = child(small_run, tmp_path)
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


TASK = tasks.Task("tiny", 0, arch=(1, 1))


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
