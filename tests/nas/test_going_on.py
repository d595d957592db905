"""Laws of a checkpoint: a training goes on with the settings, network and data it was begun with, or not at all."""

from dataclasses import replace
from functools import partial

import pytest
import torch
from bits import without_times
from torch.nn.functional import cross_entropy

from nas import DepthSupernet, TrainConfig, UniformSampler, train
from nas.methods.bandits import EpsilonGreedySampler
from nas.methods.remedies import with_momentum
from nas.training import gradients
from study.store import Checkpoint, load_tensors, save_tensors

NINE = DepthSupernet(width=1).architectures


def other_loss(logits, labels):
    return cross_entropy(logits, labels, label_smoothing=0.1)


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
    ],
)  # fmt: skip
def test_a_checkpoint_of_other_settings_is_refused_and_says_which(few, tmp_path, first, then, said):
    def run(archs=NINE, seed=0, rates=None, images=128, sampler=UniformSampler, compute=None, change=None, **options):
        config = TrainConfig(**{"epochs": 1, "batch_size": 32} | options)
        net, kept, data = DepthSupernet(width=1), Checkpoint(tmp_path / "kept", {}, {}), few.take(images)
        if change:
            data = replace(data, train=replace(data.train, images=change(data.train.images)))
        ways = {"seed": seed, "rates": rates, "score": lambda net: {}, "checkpoint": kept, "compute": compute}
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
    for name in ("data", "compute", "sampler's seed"):
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
