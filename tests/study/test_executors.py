"""Laws of the executors: they use the cores that are allotted to the process, and no others."""

import builtins
import io
import multiprocessing
import os

import pytest

from study import executors

needs_affinity = pytest.mark.skipif(
    not hasattr(os, "sched_setaffinity"), reason="this system does not let a program choose its cores"
)


@pytest.fixture
def one_core():
    """As under `taskset -c 0`."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(before)[:1])
    yield
    os.sched_setaffinity(0, before)


@pytest.fixture
def quota(monkeypatch):
    """set(text): a container whose cgroup has this cpu.max: microseconds it may use, of how many."""

    def give(text):
        def opened(path, *arguments, **options):
            if str(path) == "/proc/self/cgroup":
                return io.StringIO("0::/\n")
            if str(path).startswith("/sys/fs/cgroup"):
                if str(path).endswith("cpu.max"):
                    return io.StringIO(text)
                raise FileNotFoundError(path)
            return real(path, *arguments, **options)

        monkeypatch.setattr(builtins, "open", opened)

    real = builtins.open
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(8)), raising=False)
    monkeypatch.setattr(os, "process_cpu_count", lambda: 8, raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 8)  # an older Dask begins with it
    monkeypatch.setattr("psutil.Process.cpu_affinity", lambda process: list(range(8)), raising=False)
    return give


@needs_affinity
def test_under_taskset_there_is_one(one_core):
    assert executors.cores() == 1


@pytest.mark.parametrize("text, cores", [("max 100000", 8), ("100000 100000", 1), ("250000 100000", 3)])
def test_a_quota_counts(quota, text, cores):
    quota(text)
    assert executors.cores() == cores


def test_a_quota_of_the_older_cgroups_counts(quota, monkeypatch):
    """Where it lies in /sys/fs/cgroup/cpu, which Dask does not open."""
    held = {"cpu.cfs_quota_us": "150000", "cpu.cfs_period_us": "100000"}
    quota("max 100000")
    monkeypatch.setattr(executors.Path, "read_text", lambda path: held[path.name])
    assert executors.cores() == 2


@needs_affinity
def test_processes_are_as_many_as_the_cores_that_are_allotted(one_core):
    with executors.open_executor("processes") as (pool, workers):
        assert workers() == 1
        assert sorted(pool.map(abs, [-2, -1])) == [1, 2]
        assert len(multiprocessing.active_children()) == 1
