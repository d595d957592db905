"""Laws of checkpoints: one holds a whole state, and no damaged or foreign file is used, overwritten or lost."""

import os
import pickle
from fractions import Fraction
from pathlib import Path, PurePosixPath

import numpy as np
import pytest
import torch
from bits import Always, changed, same_bits, snapshot

from nas import DepthSupernet
from study.store import Checkpoint, load_tensors, save_tensors, set_aside

IDENTITY, HERE = {"task": "a"}, {"threads": 1, "torch": "2"}


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
