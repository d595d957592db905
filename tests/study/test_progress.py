"""Laws of what a run says while it runs: a line a task in a log, one bar in a terminal."""

import io
import itertools
import re

import pytest

from study import executors
from study.executors import ProgressBar
from study.tasks import Task


def test_the_log_says_what_is_done_and_what_runs(capsys):
    tasks = [Task("tiny", 0, arch=arch) for arch in ((1, 1), (1, 2), (2, 1))]
    with ProgressBar(tasks, workers=lambda: 2) as bar:
        for task in tasks:
            bar.finish(task)
    first, *lines = capsys.readouterr().err.splitlines()
    assert first == "3 tasks to do, a line as each ends"
    said = ["1 of 3 tasks done, 2 running", "2 of 3 tasks done, 1 running", "3 of 3 tasks done, 0 running"]
    assert [re.search(r": (.* running), ", line)[1] for line in lines] == said


@pytest.mark.parametrize("jump", [-86_400, 86_400], ids=["a day back", "a day on"])
def test_a_clock_that_jumps_confuses_no_progress(monkeypatch, capsys, jump):
    clock = itertools.count(1_800_000_000, jump)
    for place in ("time.time", "tqdm.std.time"):
        monkeypatch.setattr(place, lambda: next(clock))
    tasks = [Task("tiny", 0, arch=arch) for arch in ((1, 1), (1, 2))]
    with ProgressBar(tasks) as bar:
        for task in tasks:
            bar.finish(task)
    times = re.findall(r"(\S+) elapsed, (\S+) left", capsys.readouterr().err)
    assert len(times) == 2
    assert all(re.fullmatch("00:0\\d", each) for pair in times for each in pair)


def test_a_cluster_without_workers_is_named_once_each_time(capsys):
    task, workers = Task("tiny", 0, arch=(1, 1)), iter([2, 0, 0, 1, 0, 0])
    with ProgressBar([task], workers=lambda: next(workers)) as bar:
        for _ in range(4):
            bar.refresh()
        bar.finish(task)  # nobody is needed any more
    assert capsys.readouterr().err.splitlines()[1:-1] == ["no worker is there: waiting for one"] * 2


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_terminal_has_one_bar_that_moves_within_tasks(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(executors.sys, "stderr", terminal)
    task = Task("tiny", 0, arch=(1, 1))
    with ProgressBar([task]) as bar:
        bar.bar.mininterval = 0
        for _ in range(2):
            bar.advance(task, task.steps // 2)
        bar.finish(task)
    drawn = re.findall(r"(\d) of 1 tasks done, \d running,\s+(\d+) %", terminal.getvalue())
    assert drawn[0] == ("0", "0")
    assert ("0", "50") in drawn
    assert drawn[-1] == ("1", "100")
    assert terminal.getvalue().count("\n") == 1
