"""Laws of the machine: one thread, imports that cost nothing yet, settings that are refused when they make no sense."""

import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import torch
from bits import changed, snapshot, without_times

from nas import (
    DepthSupernet,
    KernelSupernet,
    TrainConfig,
    UniformSampler,
    ensemble,
    evaluate,
    machine,
    recalibrate,
    train,
    trained,
)
from nas.evaluation import calibration_error, cost_table, predict_all
from nas.methods.augmentation import changed as augmented
from nas.methods.bandits import Exp3Sampler, UCB1Sampler
from nas.methods.export import export, load_exported
from nas.methods.parallel import PARALLEL, ParallelSupernet, PathDropoutSampler
from nas.methods.schedules import FairSampler
from nas.methods.search import synflow
from study.recipes import depths_to
from study.records import RESULTS
from study.settings import PROFILES, get_profile, live_profile
from study.tasks import Task, weights_path

LATE = ["sklearn", "ipywidgets", "matplotlib", "pandas", "scipy", "torchvision", "IPython", "distributed"]


def python(code, **environment):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=os.environ | environment)
    return done.returncode, done.stdout.strip(), done.stderr.strip()


def test_import_is_lazy_sets_one_thread_with_the_first_name_and_draws_nothing():
    code = (
        "import sys, torch, random; state = torch.get_rng_state(), random.getstate(); import nas; nas.DepthSupernet;"
        f"print([name for name in {LATE} if name in sys.modules], torch.get_num_threads(),"
        "torch.equal(state[0], torch.get_rng_state()), state[1] == random.getstate())"
    )
    environment = {"OMP_NUM_THREADS": "4", "MKL_NUM_THREADS": "4"}
    assert python(code, **environment) == (0, "[] 1 True True", "")


def test_one_thread_here():
    assert torch.get_num_threads() == machine.THREADS == 1


@pytest.mark.parametrize("value", ["tpu", "CPU", "0"])
def test_an_unknown_device_is_refused(monkeypatch, value):
    monkeypatch.setenv("NAS_DEVICE", value)
    with pytest.raises(ValueError, match=f"NAS_DEVICE='{value}': set it to 'cpu' or 'cuda', or leave it unset"):
        machine.device()


def test_the_device_asked_for(monkeypatch):
    monkeypatch.setenv("NAS_DEVICE", "cpu")
    assert machine.device() == torch.device("cpu")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setenv("NAS_DEVICE", "cuda")
    with pytest.raises(ValueError, match="torch finds no GPU here"):
        machine.device()
    monkeypatch.delenv("NAS_DEVICE")
    assert machine.device() == torch.device("cpu")


def test_an_unknown_precision_is_refused():
    with pytest.raises(ValueError, match=r"precision is 'fp16': choose one of fp32, bf16"):
        machine.autocast(torch.device("cpu"), "fp16")


def test_networks_built_in_threads_get_their_own_weights():
    """As by the workers of a Dask cluster: PyTorch's layers draw from a generator that all threads share."""
    alone = [snapshot(DepthSupernet(width=8, seed=seed)) for seed in range(8)]
    built = [None] * 8

    def build(seed):
        for _ in range(5):
            built[seed] = snapshot(DepthSupernet(width=8, seed=seed))

    threads = [threading.Thread(target=build, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [changed(*pair) for pair in zip(alone, built, strict=True)] == [set()] * 8


@pytest.mark.parametrize("named", ["x", "0", "-1", "1.5", " ", "1025", "9" * 5000])
def test_threads_that_make_no_sense_are_named(monkeypatch, named):
    monkeypatch.setenv("NAS_THREADS", named)
    with pytest.raises(
        ValueError, match=rf"^NAS_THREADS='{named}': set it to an int from 1 to 1024, or leave it unset$"
    ):
        machine.wanted_threads()


def test_they_are_one_line_of_the_command_line():
    words = [sys.executable, "-m", "nas", "run", "nine-networks"]
    done = subprocess.run(words, env=os.environ | {"NAS_THREADS": "0"}, capture_output=True, text=True)
    said = "nas: NAS_THREADS='0': set it to an int from 1 to 1024, or leave it unset\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", said)


def test_profiles(monkeypatch):
    assert list(PROFILES) == ["tiny", "quick", "page", "laptop", "fashion", "laptop-fp32", "full", "as-r0", "as-r3"]
    assert [PROFILES[name].width for name in PROFILES] == [4, 8, 8, 16, 16, 16, 32, 32, 32]
    allowed = "tiny, quick, page, laptop, fashion, laptop-fp32, full, as-r0, as-r3"
    with pytest.raises(ValueError, match=f"profile 'huge' is unknown: choose one of {allowed}"):
        get_profile("huge")
    monkeypatch.delenv("NAS_PROFILE", raising=False)
    assert live_profile().name == "quick"
    monkeypatch.setenv("NAS_PROFILE", "laptop")
    assert live_profile().dataset == "mnist"
    for name in ("huge", "tiny"):
        monkeypatch.setenv("NAS_PROFILE", name)
        with pytest.raises(
            ValueError, match=f"^NAS_PROFILE: no chapter trains at profile '{name}': choose one of quick, laptop, full$"
        ):
            live_profile()


def test_bf16_is_chosen_where_the_hardware_has_it_and_nowhere_else(monkeypatch):
    cpu = torch.device("cpu")
    for fast, precision in ((True, "bf16"), (False, "fp32")):
        monkeypatch.setattr(machine, "has_fast_bf16", lambda where, fast=fast: fast)
        assert get_profile("laptop").config(cpu) == TrainConfig(
            epochs=3, batch_size=128, precision=precision, channels_last=True
        )
        assert get_profile("quick").config(cpu).precision == "fp32"


def everywhere(few, folder):
    """{what: figures} of one call each of what draws or makes tensors."""
    data, config = few.take(64), TrainConfig(epochs=1, batch_size=32)
    net, four = DepthSupernet(width=1), KernelSupernet(width=1)
    drawn = [kind(net.architectures) for kind in (UniformSampler, FairSampler, UCB1Sampler, Exp3Sampler)]
    paths, model = PathDropoutSampler(PARALLEL, steps=2), net.extract((1, 1)).eval()
    amounts = dict.fromkeys(("turn", "slant", "scale", "stretch", "shift", "bend", "width"), 0.1)
    lessons = augmented(data, amounts)
    export(model, folder / "net.pt2")
    return {
        "samplers": [sampler.sample() for sampler in drawn],
        "shared": without_times(train(net, lessons, config, sampler=drawn[0])),
        "four": without_times(train(four, data, config, sampler=UniformSampler(four.architectures))),
        "parallel": without_times(train(ParallelSupernet(width=1), data, config, sampler=paths)),
        "recalculated": evaluate(recalibrate(net, (1, 1), data.train), data.validation),
        "calibration": calibration_error(ensemble(predict_all(net, data.test.images)), data.test.labels),
        "cost": cost_table(net)[1, 1],
        "synflow": synflow(model),
        "exported": evaluate(load_exported(folder / "net.pt2"), data.validation),
    }


def test_another_default_device_changes_nothing(few, tmp_path):
    """All draws are the CPU's, and networks are made there, wherever a notebook lets tensors be made."""
    plain = everywhere(few, tmp_path)
    with torch.device("meta"):
        assert everywhere(few, tmp_path) == plain


@pytest.mark.parametrize("damage", ["cut", "empty", "text", "a list", "other names", "other shapes", "nan"])
def test_weights_that_are_damaged_or_another_network_s_are_named(tmp_path, damage):
    path = weights_path(tmp_path, Task("quick", 0))
    path.parent.mkdir(parents=True)
    states = {"a list": [1], "other names": {"a": torch.zeros(1)}, "other shapes": DepthSupernet(width=3).state_dict()}
    if damage in states:
        torch.save(states[damage], path)
    elif damage == "nan":
        torch.save({name: values * torch.nan for name, values in trained(depth=3).state_dict().items()}, path)
    else:
        path.write_bytes(
            {"cut": weights_path(RESULTS, Task("quick", 0)).read_bytes()[:999], "empty": b""}.get(damage, b"text")
        )
    said = f"^{re.escape(str(path))} does not hold this network: move it away; `python -m nas run nine-networks"
    with pytest.raises(ValueError, match=said):
        trained(depth=3, root=tmp_path)


def test_trained_loads_committed_weights_or_names_the_command(few):
    net, model = trained("quick", depth=3), trained("quick", arch=(1, 1))
    assert net.architectures == DepthSupernet(width=8).architectures
    assert not net.training
    assert not model.training
    with pytest.raises(
        FileNotFoundError,
        match=r"seed9-supernet-depth3.pt is missing: only seed 0 keeps weights: quick those of depth=3",
    ):
        trained("quick", seed=9, depth=3)
    with pytest.raises(ValueError, match="profile 'huge' is unknown"):
        trained("huge", depth=3)
    with pytest.raises(ValueError, match=r"pass one, e\.g\. depth=3 or arch=\(1, 1\)"):
        trained("quick")


def test_a_task_s_name_says_all_that_it_trains():
    tasks = [
        Task("tiny", 0),
        Task("tiny", 1),
        Task("tiny", 0, arch=(1, 2)),
        Task("tiny", 0, arch=(2, 1)),
    ]
    tasks += [Task("tiny", 0, arch=(1, 2), share=9), Task("tiny", 0, depths_to(5))]
    assert len({task.name for task in tasks}) == len(tasks)
    assert tasks[4].name == "seed0-scratch-1-2-share9"
    assert all(Path(task.name).name == task.name for task in tasks)
