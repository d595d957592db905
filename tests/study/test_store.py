"""Laws of checkpoints: training that was stopped ends with the same bits, and no damaged or foreign file is used."""

import errno
import os
import pickle
from fractions import Fraction
from pathlib import Path, PurePosixPath

import numpy as np
import pytest
import torch
from bits import Always, changed, same_bits, snapshot, without_times

from nas import DepthSupernet, TrainConfig, UniformSampler, train
from study.store import Checkpoint, load_tensors, save_tensors, set_aside

CONFIG = TrainConfig(epochs=4, batch_size=64)  # 16 steps on 256 images
IDENTITY, HERE = {"task": "a"}, {"threads": 1, "torch": "2"}


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
    kept = Checkpoint(path, IDENTITY, HERE)
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


@pytest.mark.parametrize(
    ("value", "named"),
    [
        (np.ones(3), "numpy"),
        (Fraction(1, 3), "fractions.Fraction"),
        (PurePosixPath("a"), "PurePosixPath"),
        (print, "print"),
        (lambda: 0, "lambda"),
    ],
)
def test_what_could_not_be_read_again_is_not_written(tmp_path, value, named):
    save_tensors(tmp_path / "c", {"history": [1]})
    with pytest.raises(
        TypeError, match=f"c could not be read again, with .*{named}.* in it: let scores and states hold "
    ):
        save_tensors(tmp_path / "c", {"history": [value]})
    assert load_tensors(tmp_path / "c") == {"history": [1]}


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


class Code:
    """What a pickle that runs code when it is read looks like."""

    def __reduce__(self):
        return (os.mkdir, ("was-run",))


def content(kind, whole):
    if kind == "code":
        return pickle.dumps(Code(), protocol=2)
    cuts = {"empty": 0, "10 bytes": 10, "half": len(whole) // 2, "all but the last byte": len(whole) - 1}
    return whole[: cuts[kind]] if kind in cuts else b"something else entirely"


@pytest.mark.parametrize("kind", ["empty", "10 bytes", "half", "all but the last byte", "text", "code"])
def test_a_damaged_checkpoint_is_named_and_set_aside(tmp_path, capsys, monkeypatch, kind):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "task.checkpoint"
    kept, net = Checkpoint(path, IDENTITY, HERE), DepthSupernet(width=1)
    kept.save({"net": net}, [{"epoch": 1}])
    damaged = content(kind, path.read_bytes())
    path.write_bytes(damaged)
    before = snapshot(net)
    assert kept.load({"net": net}) == []
    assert changed(before, snapshot(net)) == set()
    assert os.listdir(tmp_path) == ["task.checkpoint.broken-1"]
    assert (tmp_path / "task.checkpoint.broken-1").read_bytes() == damaged
    line = capsys.readouterr().out
    assert line.count("\n") == 1
    assert line == f"{path} is set aside ({line.split('(')[1].split(')')[0]}); kept as task.checkpoint.broken-1\n"
    assert "weights_only" not in line  # torch's own message advises to run the file's code


@pytest.mark.parametrize(
    "change, reason",
    [
        ({"identity": {"task": "b"}}, "it belongs to another run"),
        ({"schema": 0}, "not a checkpoint of this version"),
        ({"parts": {"other": {}}}, "it holds ['other']"),
    ],
)
def test_a_foreign_checkpoint_is_named_and_set_aside(tmp_path, capsys, change, reason):
    path = tmp_path / "task.checkpoint"
    kept, net = Checkpoint(path, IDENTITY, HERE), DepthSupernet(width=1)
    kept.save({"net": net}, [{"epoch": 1}])
    save_tensors(path, load_tensors(path) | change)
    assert kept.load({"net": net}) == []
    assert os.listdir(tmp_path) == ["task.checkpoint.broken-1"]
    assert reason in capsys.readouterr().out


def test_set_aside_files_get_numbers_and_none_is_overwritten(tmp_path):
    for text in ("one", "two"):
        (tmp_path / "file").write_text(text)
        set_aside(tmp_path / "file", "a reason")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        "file.broken-1": "one",
        "file.broken-2": "two",
    }
    set_aside(tmp_path / "file", "another runner was faster")  # no error


def test_another_machine_s_checkpoint_is_refused_with_the_reason_and_kept(tmp_path):
    path, net = tmp_path / "task.checkpoint", DepthSupernet(width=1)
    Checkpoint(path, IDENTITY, {"threads": 2, "torch": "2"}).save({"net": net}, [{"epoch": 1}])
    whole = path.read_bytes()
    with pytest.raises(ValueError) as caught:
        Checkpoint(path, IDENTITY, HERE).load({"net": net})
    assert f"{path} was made under other conditions (threads 2, here 1)" in str(caught.value)
    assert "choose another folder with --results" in str(caught.value)
    assert path.read_bytes() == whole


def test_a_checkpoint_holds_a_whole_state(tmp_path):
    path, net, sampler = tmp_path / "c", DepthSupernet(width=1), Always((1, 1))
    optimizer = torch.optim.AdamW(net.parameters())
    net(torch.zeros(2, 1, 28, 28), sampler.sample()).sum().backward()
    optimizer.step()
    kept = Checkpoint(path, IDENTITY, HERE)
    kept.save({"net": net, "optimizer": optimizer, "sampler": sampler}, [{"picks": {(1, 1): 1}}])
    other, fresh = DepthSupernet(width=1, seed=1), Always((1, 1))
    again = torch.optim.AdamW(other.parameters())
    assert kept.load({"net": other, "optimizer": again, "sampler": fresh}) == [{"picks": {(1, 1): 1}}]
    assert changed(snapshot(net), snapshot(other)) == set()
    assert fresh.count == 1
    moments = [optimizer.state[p]["exp_avg"] for p in net.parameters() if p in optimizer.state]
    loaded = [again.state[p]["exp_avg"] for p in other.parameters() if p in again.state]
    assert moments
    assert all(same_bits(*pair) for pair in zip(moments, loaded, strict=True))


@pytest.mark.parametrize(
    ("arguments", "error", "said"),
    [
        (("c", {}, None), TypeError, "fingerprint is None: it must be a dict, e.g. Checkpoint"),
        (("c", None, {}), TypeError, "identity is None: it must be a dict"),
        (("c", [("a", 1)], {}), TypeError, "identity is \\[\\('a', 1\\)\\]: it must be a dict"),
        ((3, {}, {}), ValueError, "path is 3: it must name a file"),
        ((None, {}, {}), ValueError, "path is None: it must name a file"),
        (("~nobody-is-called-so/c", {}, {}), ValueError, "path is '~nobody-is-called-so/c': it must name a file"),
    ],
)
def test_a_checkpoint_of_another_kind_is_refused_when_it_is_made(arguments, error, said):
    with pytest.raises(error, match=f"^{said}"):
        Checkpoint(*arguments)


def test_a_checkpoint_lies_in_the_home_where_its_path_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert Checkpoint("~/c", {}, {}).path == tmp_path / "c"
    assert Checkpoint("c", {}, {}).path == Path("c")
