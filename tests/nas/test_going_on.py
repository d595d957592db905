"""Laws of a checkpoint: a training goes on with the settings, network and data it was begun with, or not at all."""

from dataclasses import replace
from functools import partial

import pytest
import torch
from bits import changed, snapshot, without_times
from torch.nn.functional import cross_entropy

from nas import DepthSupernet, TrainConfig, UniformSampler, train
from nas.methods.bandits import EpsilonGreedySampler, UCB1Sampler
from nas.methods.held_out import HeldOutReward
from nas.methods.remedies import with_momentum
from nas.training import gradients
from study.builds import as_r3, unpadded
from study.store import Checkpoint, load_tensors, save_tensors

NINE = DepthSupernet(width=1).architectures


def other_loss(logits, labels):
    return cross_entropy(logits, labels, label_smoothing=0.1)


def no_score(net):
    return {}


def other_score(net):
    return {"other": 1}


def other_step(*arguments, **options):
    return gradients(*arguments, **options, loss=other_loss)


@pytest.mark.parametrize(
    "first, then, said",
    [
        ({"epochs": 2}, {"epochs": 4}, "epochs 2, here 4"),
        ({"epochs": 4}, {"epochs": 2}, "epochs 4, here 2"),
        ({"lr": 1e-2}, {"lr": 1e-3}, "lr 0.01, here 0.001"),
        ({"batch_size": 32}, {"batch_size": 64}, "batch_size 32, here 64"),
        ({"seed": 0}, {"seed": 1}, "seed 0, here 1"),
        ({"rates": {"stem": 0.5}}, {}, r"rates \{'stem': 0.5\}, here \{\}"),
        ({"archs": [(1, 1)]}, {"archs": [(2, 2)]}, r"architectures \(\(1, 1\),\), here \(\(2, 2\),\)"),
        ({"images": 128}, {"images": 160}, "images 128, here 160; data .*"),
        ({}, {"change": lambda images: images.flip(-1)}, r"data \[\d+, (\d+)\], here \[\d+, \1\]"),
        ({}, {"change": lambda images: images[:, :, :, torch.randperm(28)]}, "data .*"),
        ({"sampler": partial(UniformSampler, seed=3)}, {}, r"sampler's seed \[\d+\], here \[\d+\]"),
        ({"sampler": EpsilonGreedySampler}, {"sampler": partial(EpsilonGreedySampler, epsilon=0.5)},
         "sampler's epsilon 0.2, here 0.5"),
        ({"compute": other_step}, {}, "compute '<function other_step>', here '<function gradients>'"),
        ({"compute": partial(gradients, loss=other_loss)}, {}, "compute 'functools.partial.*other_loss>.', here '.*'"),
        ({}, {"net": {"seed": 1}}, r"initial weights \d+, here \d+"),
        ({"score": other_score}, {}, "score '<function other_score>', here '<function no_score>'"),
        ({"score": partial(other_score)}, {}, "score '<function other_score>', here '<function no_score>'"),
        ({"change_net": as_r3}, {"change_net": unpadded}, "net's head \".*WindowHead'>\", here \".*Head'>\""),
    ],
)  # fmt: skip
def test_a_checkpoint_of_other_settings_is_refused_and_says_which(few, tmp_path, first, then, said):
    def run(
        archs=NINE, seed=0, rates=None, images=128, sampler=UniformSampler, compute=None, change=None, score=no_score,
        net=None, change_net=lambda net: net, **options,
    ):  # fmt: skip
        config = TrainConfig(**{"epochs": 1, "batch_size": 32} | options)
        kept, data = Checkpoint(tmp_path / "kept", {}, {}), few.take(images)
        net = change_net(DepthSupernet(width=1, **net or {}))
        if change:
            data = replace(data, train=replace(data.train, images=change(data.train.images)))
        ways = {"seed": seed, "rates": rates, "score": score, "checkpoint": kept, "compute": compute}
        return train(net, data, config, sampler=sampler(archs), **ways)

    history = run(**first)
    with pytest.raises(ValueError, match=rf"^the checkpoint is of a run with other settings \({said}\): go on .*$"):
        run(**then)
    assert without_times(run(**first)) == without_times(history)


def test_a_checkpoint_from_before_a_setting_was_kept_goes_on_in_another_process_or_with_a_used_sampler(few, tmp_path):
    """The seed is that of the sampler's stream, wherever it stands; what a function is called holds no address."""
    kept, sampler = Checkpoint(tmp_path / "kept", {}, {}), UniformSampler(NINE)
    ways = {"sampler": sampler, "score": lambda net: {}, "checkpoint": kept, "compute": partial(other_step)}
    config, history = TrainConfig(epochs=1, batch_size=32), []
    history.append(train(DepthSupernet(width=1), few, config, **ways))
    content = load_tensors(kept.path)
    assert " at 0x" not in str(content["parts"]["settings"])
    for name in ("data", "compute", "sampler's seed", "initial weights", "score"):
        del content["parts"]["settings"][name]
    history.append(train(DepthSupernet(width=1), few, config, **ways))
    save_tensors(kept.path, content)
    history.append(train(DepthSupernet(width=1), few, config, **ways))
    assert history[0] == history[1] == history[2]


def test_a_checkpoint_of_another_network_is_refused(few, tmp_path):
    config, kept = TrainConfig(epochs=1, batch_size=32), Checkpoint(tmp_path / "kept", {}, {})
    ways = {"sampler": UniformSampler(NINE), "score": lambda net: {}, "checkpoint": kept}
    train(DepthSupernet(width=1), few, config, **ways)
    with pytest.raises(ValueError, match=r"net's stem.0 'Conv2d\(1, 1, .*', here 'Conv2d\(1, 2, .*; \.\.\.\): go on"):
        train(DepthSupernet(width=2), few, config, **ways)
    content = load_tensors(kept.path)
    content["parts"]["settings"] = {}  # as of one that was written before layers were kept
    save_tensors(kept.path, content)
    with pytest.raises(ValueError, match="kept does not fit this run's net: go on with another file$"):
        train(DepthSupernet(width=2), few, config, **ways)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda net, data: (with_momentum(net, 0.5), data), "net's stem.1 'BatchNorm2d.*=0.1.*', here '.*=0.5.*'; .*"),
        (lambda net, data: (net.requires_grad_(False).head.requires_grad_(True), data), r"frozen \[\], here \['stem.*"),
        (
            lambda net, data: (net, replace(data, validation=data.validation.take(20))),
            r"validation \[\d+, \d+\], here \[.*",
        ),
    ],
)
def test_a_checkpoint_is_of_its_layers_what_learns_and_the_validation_images(few, tmp_path, change, said):
    """None of these stands in a network's state: such a run went on as another, without a word."""
    config, kept, net = TrainConfig(epochs=1, batch_size=32), Checkpoint(tmp_path / "kept", {}, {}), DepthSupernet(1)
    ways = {"sampler": UniformSampler(NINE), "checkpoint": kept}
    train(DepthSupernet(width=1), few, config, **ways)
    _, data = change(net, few)
    with pytest.raises(ValueError, match=f"of a run with other settings .{said}: go on with those"):
        train(net, data, config, **ways)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, None),
        ({"seed": 1}, r"held-out sampler's seed \[\d+\], here .*"),
        ({"kind": partial(EpsilonGreedySampler, epsilon=0.5)}, "held-out sampler 'UCB1Sampler', here 'Eps.*"),
        ({"labels": lambda labels: labels.flip(0)}, r"held-out images \[(\d+), \d+\], here \[\1, \d+\]"),
        ({"batch_size": 4}, "sampler's batch_size 8, here 4"),
    ],
)
def test_a_checkpoint_is_of_the_held_out_images_and_of_the_sampler_that_learns_from_them(few, tmp_path, change, said):
    def run(kind=UCB1Sampler, seed=0, labels=lambda labels: labels, batch_size=8):
        net, split = DepthSupernet(width=1), few.validation.take(16)
        split = replace(split, labels=labels(split.labels))
        sampler = HeldOutReward(kind(net.architectures, seed), net, split, batch_size)
        ways = {"sampler": sampler, "score": no_score, "checkpoint": Checkpoint(tmp_path / "kept", {}, {})}
        return train(net, few, TrainConfig(steps=2, batch_size=32), **ways)

    history = run()
    if said is None:
        assert run(**change) == history
    else:
        with pytest.raises(ValueError, match=rf"of a run with other settings \({said}\): go on with those"):
            run(**change)


class Drawn:
    """A sampler without a state."""

    architectures = NINE

    def sample(self):
        return (1, 1)

    def update(self, arch, reward):
        pass


class Giving(Drawn):
    def state_dict(self):
        return {}


class Taking(Drawn):
    def load_state_dict(self, state):
        pass


@pytest.mark.parametrize("held_out", [False, True])
@pytest.mark.parametrize(
    ("sampler", "said"),
    [
        (Drawn(), "Drawn, without state_dict and load_state_dict"),
        (Giving(), "Giving, without load_state_dict"),
        (Taking(), "Taking, without state_dict"),
    ],
)
def test_a_sampler_that_cannot_be_resumed_is_refused_before_training(few, tmp_path, sampler, said, held_out):
    net, kept = DepthSupernet(width=1), Checkpoint(tmp_path / "kept", {}, {})
    before = snapshot(net)
    sampler = HeldOutReward(sampler, net, few.validation, 8) if held_out else sampler
    with pytest.raises(TypeError, match=f"^sampler is a {said}, which a checkpoint calls$"):
        train(net, few, TrainConfig(steps=1, batch_size=32), sampler=sampler, score=no_score, checkpoint=kept)
    assert not changed(before, snapshot(net))
    train(net, few, TrainConfig(steps=1, batch_size=32), sampler=sampler, score=no_score)  # without one it will do


def test_rewards_of_another_network_are_refused(few):
    sampler = HeldOutReward(UCB1Sampler(NINE), DepthSupernet(width=1), few.validation, 8)
    with pytest.raises(ValueError, match="^sampler is a HeldOutReward that looks at another net: make it with the net"):
        train(DepthSupernet(width=1), few, TrainConfig(steps=1, batch_size=32), sampler=sampler)


@pytest.mark.parametrize("twice", [False, True])
def test_a_stopped_cell_goes_on_with_the_net_that_it_has(few, tmp_path, twice):
    """Run again as it stands, it ends as if nothing had stopped it; a net of other weights is still another run."""

    def stop(steps):
        epochs.append(steps)
        if len(epochs) == 2:
            raise KeyboardInterrupt

    def run(net, progress=None, name="kept"):
        kept = Checkpoint(tmp_path / name, {}, {})
        config, sampler = TrainConfig(epochs=3, batch_size=64, steps=None), UniformSampler(NINE)
        return train(net, few.take(128), config, sampler=sampler, score=no_score, checkpoint=kept, progress=progress)

    net, epochs = DepthSupernet(width=1), []
    with pytest.raises(KeyboardInterrupt):
        run(net, stop)
    history = [run(net) for _ in range(1 + twice)][-1]
    plain = DepthSupernet(width=1)
    assert without_times(run(plain, name="other")) == without_times(history)
    assert not changed(snapshot(plain), snapshot(net))
    with pytest.raises(ValueError, match="initial weights"):
        run(DepthSupernet(width=1, seed=1))
