"""To extend a study is to add: a sampler, a space and an experiment in one file, and a line where those are listed.

All three stand in book/laggards.py; `listed` is the line in study/experiments.py.
"""

import importlib
import inspect
import sys
from dataclasses import replace

import pytest
import torch
from children import child
from torch import nn

import laggards
from laggards import EXPERIMENT, LAGGARD, STEMS
from study import runner, tasks
from study.analysis import tables
from study.experiments import EXPERIMENTS
from study.named import Named, digest
from study.recipes import Space, Variant
from study.records import load_record, load_records
from study.tasks import Task, recipe_digest


@pytest.fixture(scope="module")
def listed():
    """The one line that is added elsewhere, to the list in study/experiments.py."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(EXPERIMENTS, EXPERIMENT.name, EXPERIMENT)
        yield


@pytest.fixture(scope="module")
def folder(listed, tmp_path_factory):
    root = tmp_path_factory.mktemp("extension")
    runner.run(["laggards"], "tiny", [0], root=root)
    return root


def test_the_experiment_has_a_record_and_a_table(folder):
    record = load_record(folder / "tiny" / "laggards-seed0.json")
    assert list(record["test"]) == ["running", "laggard-running", "scratch"]
    assert record["architectures"] == [[1, 3], [1, 5], [2, 3], [2, 5], [3, 3], [3, 5]]
    table = tables.top1(load_records("laggards", "tiny", folder, [0]), "laggard-running")
    assert table.shape == (1, 6) and table.notna().all(axis=None)


def test_the_list_may_name_a_file_that_is_imported_first():
    process = child(import_it_first)
    process.join(timeout=120)
    assert process.exitcode == 0


def import_it_first():
    for name in [name for name in sys.modules if name.split(".")[0] in ("laggards", "study", "nas")]:
        del sys.modules[name]
    importlib.import_module("laggards")
    sys.exit("study.experiments" in sys.modules)


def test_the_sampler_trains_those_that_lag_behind(folder):
    picks = load_record(folder / "tiny" / "laggards-seed0.json")["groups"]["laggard"]["picks"]
    assert sum(map(sum, picks)) == Task("tiny", 0, STEMS).steps
    assert all(sum(column) >= 1 for column in zip(*picks, strict=True))


def test_a_subnet_alone_is_the_path_and_bears_the_name_of_its_space():
    task, whole = Task("tiny", 0, STEMS, (2, 5)), Task("tiny", 0, STEMS).network().eval()
    assert task.name == "seed0-stems-scratch-2-5"
    images = torch.rand(4, 1, 28, 28)
    with torch.no_grad():
        assert torch.equal(whole.extract((2, 5))(images), whole(images, (2, 5)))
        assert torch.equal(whole.forward_all(images)[3], whole(images, (2, 5)))


def test_a_change_of_the_added_file_is_seen(monkeypatch):
    """Its digest covers this file, and what it imports of `nas`."""
    task = Task("tiny", 0, STEMS, variant=LAGGARD)
    before = tasks.code(task)
    assert before != tasks.code(Task("tiny", 0))
    parents = Task("tiny", 0, STEMS, variant=replace(LAGGARD, sampler=Named("nas.methods.bandits:UCB1Sampler")))
    assert tasks.code(parents) == before  # this file imports that one


class Half(nn.Module):
    """A supernet that lacks what a study asks of one."""

    name, measures = "half", ("running",)

    def __init__(self, width, seed):
        super().__init__()


class Deaf:
    """A sampler that cannot be stopped and gone on with, nor learn."""

    def __init__(self, architectures, seed):
        self.sample = lambda: architectures[0]


def test_a_space_s_error_names_what_is_missing():
    with pytest.raises(ValueError, match=r"test_extension:Half has no architectures, forward_all, extract"):
        Task("tiny", 0, Space(f"{__name__}:Half"), (1, 1))


def test_a_sampler_s_error_names_what_is_missing(tmp_path):
    task = Task("tiny", 0, STEMS, variant=Variant("deaf", sampler=Named(f"{__name__}:Deaf")))
    with pytest.raises(ValueError, match=r"test_extension:Deaf has no update, state_dict, load_state_dict"):
        runner.run_task(task, tmp_path)


def test_an_experiment_that_is_not_listed_is_named(tmp_path):
    with pytest.raises(ValueError, match="experiment 'unlisted' is unknown: choose one of nine-networks"):
        runner.run(["unlisted"], "tiny", [0], root=tmp_path)


def test_a_changed_line_of_ones_own_file_is_noticed_by_a_finished_record_too(tmp_path, monkeypatch):
    """It answered "nothing to run", and averaged seeds of the old line with seeds of the new one."""
    monkeypatch.syspath_prepend(tmp_path)
    mine, text = tmp_path / "mine.py", inspect.getsource(laggards)
    mine.write_text(text)
    experiment = importlib.import_module("mine").EXPERIMENT
    monkeypatch.delitem(sys.modules, "mine")
    digests = []
    for changed in (text, f"{text}# a remark\n", text.replace("min(means)", "max(means)")):
        mine.write_text(changed)
        digest.cache_clear()
        digests.append(recipe_digest(experiment.tasks("tiny", 0)["laggard"]))
    assert digests[0] == digests[1] != digests[2]
