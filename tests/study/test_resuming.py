"""Laws of training that was stopped: it goes on from the last finished epoch, and ends with the same bits."""

import errno
import os

import numpy as np
import pytest
from bits import changed, snapshot, without_times

from nas import DepthSupernet, TrainConfig, UniformSampler, train
from study.store import Checkpoint, load_tensors

CONFIG = TrainConfig(epochs=4, batch_size=64)  # 16 steps on 256 images


class Stopped(BaseException):
    """Ctrl-C, or worse, at a place of the test's choosing."""


class Counted(UniformSampler):
    """A sampler that stops the training at a given draw."""

    def __init__(self, stop_at=None):
        super().__init__(DepthSupernet(1).architectures, seed=2)
        self.stop_at, self.drawn = stop_at, 0

    def sample(self):
        self.drawn += 1
        if self.drawn == self.stop_at:
            raise Stopped
        return super().sample()


def training(few, path, sampler, config=CONFIG, progress=None):
    net = DepthSupernet(width=2, seed=1)
    kept = Checkpoint(path, {"task": "a"}, {"threads": 1, "torch": "2"})
    return net, train(net, few, config, sampler=sampler, checkpoint=kept, progress=progress)


@pytest.fixture(scope="module")
def undisturbed_run(few, tmp_path_factory):
    net, history = training(few, tmp_path_factory.mktemp("whole") / "c", Counted())
    return snapshot(net), without_times(history)


@pytest.mark.parametrize("stop_at", [1, 3, 4, 5, 8, 10, 13, 16])
def test_resumed_training_ends_with_the_bits_of_an_undisturbed_one(few, undisturbed_run, tmp_path, stop_at):
    path, steps = tmp_path / "checkpoint", []
    with pytest.raises(Stopped):
        training(few, path, Counted(stop_at))
    again = Counted()
    net, history = training(few, path, again, progress=steps.append)
    assert changed(undisturbed_run[0], snapshot(net)) == set()
    assert without_times(history) == undisturbed_run[1]
    assert again.drawn == 16 - (stop_at - 1) // 4 * 4  # it went on from the last finished epoch, and not from zero
    assert sum(steps) == 16


@pytest.mark.parametrize("failing", range(1, 5))
def test_a_full_disk_loses_nothing(few, undisturbed_run, tmp_path, monkeypatch, failing):
    calls, fsync = [], os.fsync

    def full(number):
        calls.append(number)
        if len(calls) == failing:
            raise OSError(errno.ENOSPC, "No space left on device")
        fsync(number)

    monkeypatch.setattr(os, "fsync", full)
    path = tmp_path / "checkpoint"
    with pytest.raises(OSError, match="No space left"):
        training(few, path, Counted())
    assert os.listdir(tmp_path) == ([] if failing == 1 else ["checkpoint"])
    net, history = training(few, path, Counted())
    assert changed(undisturbed_run[0], snapshot(net)) == set()
    assert without_times(history) == undisturbed_run[1]


NUMPYS = {"schedule": np.str_("constant"), "seed": np.str_("a"), "rates": {np.str_("stem"): np.float32(0.5)}}


def test_numbers_and_words_of_numpy_are_read_again(few, tmp_path, capsys):
    """From anywhere: a config, a seed, a rate, what score gives. torch.load takes none of NumPy's."""

    def run(stop_at=None):
        config = TrainConfig(epochs=2, batch_size=64, schedule=NUMPYS["schedule"])
        ways = {"seed": NUMPYS["seed"], "rates": NUMPYS["rates"], "checkpoint": Checkpoint(tmp_path / "c", {}, {})}
        score = {"mean": np.float64(0.5), "each": [{"right": (np.int64(3), np.bool_(True))}]}
        return train(DepthSupernet(2), few, config, sampler=Counted(stop_at), score=lambda net: score, **ways)

    with pytest.raises(Stopped):
        run(stop_at=6)
    history = run()
    assert [entry["each"] for entry in history] == [[{"right": (3, True)}]] * 2
    assert "set aside" not in capsys.readouterr().out  # it was called damaged, and all was trained again
    assert type(load_tensors(tmp_path / "c")["history"][-1]["mean"]) is float


def test_a_finished_run_is_not_trained_again(few, undisturbed_run, tmp_path):
    training(few, tmp_path / "checkpoint", Counted())
    again = Counted(stop_at=1)
    net, _ = training(few, tmp_path / "checkpoint", again)
    assert again.drawn == 0
    assert changed(undisturbed_run[0], snapshot(net)) == set()


@pytest.mark.parametrize(
    "options",
    [{"schedule": "constant", "lr": 1e-3}, {"channels_last": True}, {"channels_last": True, "precision": "bf16"}],
    ids=str,
)
def test_other_schedules_and_the_fast_modes_resume_too(few, tmp_path, options):
    config = TrainConfig(epochs=2, batch_size=64, **options)
    whole, _ = training(few, tmp_path / "whole", Counted(), config)
    with pytest.raises(Stopped):
        training(few, tmp_path / "stopped", Counted(stop_at=6), config)
    net, _ = training(few, tmp_path / "stopped", Counted(), config)
    assert changed(snapshot(whole), snapshot(net)) == set()
