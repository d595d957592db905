"""Laws of the doors: a slip ends in TypeError or ValueError that names the argument, and what is meant simply works."""

import random
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from bits import changed, same_bits, snapshot

import nas
from nas import DepthSupernet, KernelSupernet, TrainConfig, UniformSampler, evaluate, evaluate_all, recalibrate, train
from nas.blocks import NASBlock
from nas.data import Split
from nas.methods.teaching import taught
from study.store import Checkpoint
from study.tasks import Task

CALLS = 4_000


@pytest.fixture(scope="module")
def small(digits):
    """A dataset of 16, 8 and 8 images: a call that happens to be right costs little."""
    return replace(digits.take(16), validation=digits.validation.take(8), test=digits.test.take(8))


def doors(data):
    """{name: (function, right arguments)} of the public names."""
    net = DepthSupernet(width=1, depth=2)
    images, config = data.validation.images, TrainConfig(epochs=1, batch_size=16)
    return {
        "DepthSupernet": (DepthSupernet, {"width": 1, "depth": 2, "seed": 0}),
        "KernelSupernet": (KernelSupernet, {"width": 1, "padding": "same", "seed": 0}),
        "net": (lambda images, architecture: net(images, architecture), {"images": images, "architecture": (1, 1)}),
        "forward_all": (lambda images: net.eval().forward_all(images), {"images": images}),
        "extract": (lambda architecture: net.extract(architecture), {"architecture": (1, 1)}),
        "NASBlock": (lambda depth: NASBlock(1)(torch.zeros(1, 1, 2, 2), depth), {"depth": 1}),
        "TrainConfig": (TrainConfig, vars(TrainConfig()) | {"steps": 1}),
        "UniformSampler": (UniformSampler, {"architectures": net.architectures, "seed": 0}),
        "ensemble": (nas.ensemble, {"logits": torch.zeros(2, 8, 10), "average": "logits"}),
        "evaluate": (evaluate, {"net": net, "split": data.test, "arch": (1, 1)}),
        "evaluate_all": (evaluate_all, {"net": net, "split": data.test}),
        "load_data": (lambda dataset: nas.load_data(dataset), {"dataset": "digits"}),
        "lookup": (nas.lookup, {"arch": (1, 1), "seed": 0, "epoch": 1}),
        "machine": (nas.machine.autocast, {"where": "cpu", "precision": "fp32"}),
        "recalibrate": (recalibrate, {"net": net, "arch": (1, 1), "images": images}),
        "recalibrate_all": (nas.recalibrate_all, {"net": net, "images": images}),
        "Split": (Split, {"images": images, "labels": data.validation.labels}),
        "train": (train, {"net": net, "data": data, "config": config, "seed": 0, "sampler": UniformSampler([(1, 1)]),
                          "rates": None, "forget": False, "checkpoint": None, "compute": None, "progress": None}),
        "trained": (nas.trained, {"profile": "quick", "seed": 0, "depth": 3}),
    }  # fmt: skip


def slips(data):
    """What a reader in a hurry passes, and what no reader would."""
    net, images = DepthSupernet(width=1, depth=2), data.train.images
    return [
        None, True, 0, 3, -1, 2.5, float("nan"), float("inf"), 1 + 2j, "abc", "", b"ab", object(), DepthSupernet,
        (), (1, 1), [1, 1], (9, 9), (1,), [[1], [1]], ("a", "b"), (True, 1), {}, {"a": 1}, {1, 2}, range(3), 10**400,
        Decimal("0.1"), Fraction(1, 100), np.float64(0.01), np.float32(0.01), np.int64(1), np.bool_(True), np.array(3),
        np.zeros(3), np.zeros((4, 1, 28, 28), np.float32), torch.tensor(1), torch.tensor(0.5), torch.tensor((1, 3)),
        images.numpy(), images[:, 0], images[0], images.byte(), images.double(), images.half(), images * torch.nan,
        data.train.labels.float(), data.train.labels, data, data.train, net, net.extract((1, 1)),
        UniformSampler(net.architectures), TrainConfig(), KernelSupernet(width=1), torch.zeros(0, 1, 28, 28),
    ]  # fmt: skip


def test_slips_end_in_a_sentence_that_names_the_argument(small):
    """Each call has one or two wrong arguments; a FileNotFoundError is what `trained` says of networks not kept."""
    draw, places, wrongs, counts, bare = random.Random(14), doors(small), slips(small), Counter(), []
    for _ in range(CALLS):
        door = draw.choice(list(places))
        function, right = places[door]
        wrong = draw.sample(list(right), min(len(right), draw.choice((1, 1, 2))))
        values = {name: draw.choice(wrongs) for name in wrong}
        try:
            function(**right | values)
            counts["right after all"] += 1
        except FileNotFoundError:
            counts["FileNotFoundError"] += 1
            assert door == "trained"
        except Exception as error:
            counts[type(error).__name__] += 1
            if type(error) not in (TypeError, ValueError) or not any(name in str(error) for name in said(wrong)):
                bare.append(
                    (door, {n: str(v)[:60] for n, v in values.items()}, f"{type(error).__name__}: {error}"[:200])
                )
    print(f"\n{CALLS:,} calls: {dict(counts)}; bare: {len(bare)}")
    assert not bare, "\n".join(map(str, bare))
    assert counts["TypeError"] > CALLS / 4  # most of these are slips


def said(wrong):
    """The arguments' names; a TrainConfig can be wrong in its batch_size, a supernet in not having the architecture."""
    return [*wrong, *["batch_size"] * ("config" in wrong), *["architecture"] * ("net" in wrong)]


class Gives(torch.nn.Linear):
    """An ordinary model that gives what `change` makes of its logits; as a supernet, for each of its subnets alike."""

    architectures = ((1,),)

    def __init__(self, change, arch=False):
        super().__init__(784, 10)
        self.change = change
        if arch:
            self.forward = lambda x, arch: Gives.forward(self, x)

    def forward(self, x):
        return self.change(super().forward(x.flatten(1)))

    forward_all = forward


@pytest.mark.parametrize(
    "change",
    [
        lambda y: (y, y), lambda y: {"logits": y}, lambda y: y.tolist(), lambda y: None, lambda y: y.detach().numpy(),
        lambda y: y[:, 0], lambda y: y[:, :5], lambda y: y[..., None], lambda y: y.mean(0), lambda y: y.mean(),
        lambda y: y.argmax(1), lambda y: y.long(), lambda y: y[None, None],
    ],
)  # fmt: skip
def test_a_network_that_gives_no_logits_is_told_before_it_is_trained(few, change):
    config, sampler = TrainConfig(epochs=1, batch_size=32), UniformSampler([(1,)])
    for look in (
        lambda: evaluate(Gives(change), few.test),
        lambda: evaluate_all(Gives(change), few.test),
        lambda: train(Gives(change), few, config),
        lambda: train(Gives(change, arch=True), few, config, sampler=sampler),
    ):
        with pytest.raises(TypeError, match=r"^net gives .*: it must give logits, floats of shape \((1, )?\d+, 10\)$"):
            look()


class Paths(torch.nn.Linear):
    """A network with paths that cannot answer for all of them at once."""

    def __init__(self):
        super().__init__(784, 10)

    def forward(self, images, arch):
        return super().forward(images.flatten(1) * (1 + arch))


class ByHand(SimpleNamespace):
    """A split that no class has looked at, with one other label."""

    def __init__(self, split, label):
        super().__init__(images=split.images, labels=split.labels.clone())
        self.labels[-1] = label


def shared(net, data, **options):
    return train(net, data, TrainConfig(epochs=1, batch_size=32), sampler=UniformSampler([(1, 1)]), **options)


def broken(split):
    """The same split, spoilt after it was made, when nothing looks at its values any more."""
    spoilt = Split(split.images.clone(), split.labels)
    spoilt.images[-1, 0, 0, 0] = torch.nan
    return spoilt


@pytest.mark.parametrize(
    "call, sentence",
    [
        (lambda net, d: evaluate(net, d), "split is a Dataset: .* evaluate\\(net, data.validation, \\(1, 1\\)\\)"),
        (lambda net, d: evaluate(net, d.test), "arch is None .* evaluate\\(net, split, \\(1, 1\\)\\)"),
        (lambda net, d: evaluate(net.extract((1, 1)), d.test, (1, 1)), "an ordinary model takes none"),
        (lambda net, d: evaluate_all(net, d), "split is a Dataset: .* evaluate_all\\(net, data.validation\\)"),
        (lambda net, d: evaluate_all(net.extract((1, 1)), d.test), "an ordinary model .* evaluate\\(net, split\\)"),
        (lambda net, d: train(net, d.train, TrainConfig()), "a Split, .* train\\(net, load_data\\(\\), TrainConfig"),
        (lambda net, d: train(net, d, TrainConfig()), "sampler is None .*: a supernet needs one"),
        (lambda net, d: train(net, d, TrainConfig(), UniformSampler), "positional"),
        (lambda net, d: train(Paths(), d, TrainConfig(), sampler=UniformSampler([0, 1])), "forward_all: .* score"),
        (lambda net, d: train(net, d, {"epochs": 3}), "config is a dict: it must be a TrainConfig"),
        (lambda net, d: recalibrate(net.extract((1, 1)), (1, 1), d.train), "net is a Sequential, an ordinary model"),
        (lambda net, d: recalibrate(net, (1, 1), d), "images is a Dataset: .* data.train.images"),
        (lambda net, d: recalibrate(net, (1, 1), d.train.images.byte()), "images is a Tensor of torch.uint8"),
        (lambda net, d: recalibrate(net, (1, 1), d.train.images.numpy()), "images is a ndarray of float32"),
        (lambda net, d: recalibrate(net, (1, 1), d.train.images * torch.nan), "images hold nan or infinity"),
        (lambda net, d: evaluate(net, broken(d.test), (1, 1)), "split.images hold nan or infinity"),
        (lambda net, d: evaluate_all(net, broken(d.test)), "split.images hold nan or infinity"),
        (lambda net, d: train(net, replace(d, train=broken(d.train)), TrainConfig()), "data.train.images hold nan"),
        (lambda net, d: net(d.train.images[:, 0], (1, 1)), "takes \\(N, 1, 28, 28\\), images.unsqueeze\\(1\\)"),
        (lambda net, d: Split(d.train.images, d.train.labels.float()), "labels a Tensor of torch.float32"),
        (lambda net, d: Split(d.train.images * torch.inf, d.train.labels), "images hold nan or infinity"),
        (lambda net, d: nas.ensemble(7), "logits is 7: .* torch.stack"),
        (lambda net, d: nas.lookup(torch.tensor((1, 3)), 0, 3), "arch is a Tensor .* lookup\\(\\(1, 3\\), seed=0"),
        (lambda net, d: TrainConfig(lr=torch.tensor(0.1)), "lr is tensor\\(0.1000\\): .* lr=x.item\\(\\)"),
        (lambda net, d: UniformSampler("abc"), "architectures is 'abc': .* net.architectures"),
        *((call, "labels hold (99|-1), .* from 0 to 9") for label in (99, -1) for call in (
            lambda net, d, label=label: evaluate(net, ByHand(d.test, label), (1, 1)),
            lambda net, d, label=label: evaluate_all(net, ByHand(d.test, label)),
            lambda net, d, label=label: recalibrate(net, (1, 1), ByHand(d.train, label)),
            lambda net, d, label=label: nas.recalibrate_all(net, ByHand(d.train, label)),
            lambda net, d, label=label: shared(net, replace(d, train=ByHand(d.train, label))),
        )),
        (lambda net, d: evaluate(torch.nn.Linear(5, 10), d.test), "net cannot answer images that are a Tensor"),
        (lambda net, d: evaluate(net, d.test, (True, 1)), "architecture is \\(True, 1\\): its choices must be ints"),
        (lambda net, d: net(d.test.images, (np.True_, 1)), "architecture is \\(np.True_, 1\\): choose a tuple"),
        (lambda net, d: nas.lookup((True, 1), 0, 3), "architecture is \\(True, 1\\)"),
        (lambda net, d: nas.trained(arch=[np.True_, 1]), "architecture is \\(np.True_, 1\\)"),
        (lambda net, d: Task("tiny", 0, arch=(True, 1)), "architecture is \\(True, 1\\)"),
        (lambda net, d: UniformSampler([(1, 1), (1, True)]), "architecture is \\(1, True\\)"),
        (lambda net, d: shared(net, d, score=lambda net: 0.5), "score gives 0.5: it must give a dict, e.g. {'val"),
        (lambda net, d: shared(net, d, score=evaluate), "score is a function: .* called score\\(net\\), or None"),
        (lambda net, d: shared(net, d, compute=lambda *a, **k: 0.5), "compute gives 0.5: .* \\(loss, logits\\)"),
        (lambda net, d: shared(net, d, compute=lambda net, x, y: 0), "called compute\\(net, images, labels, arch"),
        (lambda net, d: shared(net, d, progress=lambda: 0), "called progress\\(steps\\), or None"),
        (lambda net, d: shared(net, d, checkpoint=Checkpoint), "checkpoint is the class Checkpoint: .* or None"),
        (lambda net, d: train(net, d, TrainConfig(), sampler=SimpleNamespace(sample=1)), "sampler.sample is 1"),
        (lambda net, d: train(net, d, TrainConfig(), sampler=UniformSampler([(4, 4)])), "architecture \\(4, 4\\) is"),
        (lambda net, d: train(net, d, TrainConfig(), sampler=SimpleNamespace(sample=lambda: None)), "gives None"),
        (lambda net, d: train(Gives(torch.Tensor.detach), d, TrainConfig()), "net's loss has no gradient"),
        (lambda net, d: shared(net, taught(d, torch.eye(10)[d.train.labels])), "data.train.labels is a Tensor of"),
        (lambda net, d: recalibrate(net, (1, 1), d.train.images.to("meta")), "images is on the device meta"),
        (lambda net, d: recalibrate(net, (1, 1), d.train.images.to_sparse()), "must be a dense tensor of floats"),
        (lambda net, d: recalibrate(net, (1, 1), d.train.images.to(torch.float8_e5m2)), "a Tensor of .*float8"),
        (lambda net, d: nas.lookup((1, 1), 0.0, 3), "seed is 0.0: it must be an int"),
        (lambda net, d: d.to("meta"), "images is on the device meta, which holds no values"),
        (lambda net, d: nas.trained(depth=3, root=7), "'7' cannot be a folder"),
    ],
)  # fmt: skip
def test_what_a_reader_in_a_hurry_writes_is_answered(net, few, call, sentence):
    with pytest.raises((TypeError, ValueError), match=sentence) as caught:
        call(net, few)
    assert "\n" not in str(caught.value)


def test_a_list_is_a_tuple_and_a_split_stands_for_its_images(net, few):
    assert same_bits(net(few.test.images, [1, 2]), net(few.test.images, (1, 2)))
    assert (
        evaluate(net, few.test, [1, 2])
        == evaluate(net, few.test, np.array((1, 2)).tolist())
        == evaluate(net, few.test, tuple(np.array((1, 2))))
    )
    assert changed(*(snapshot(recalibrate(net, arch, images)) for arch, images in (
        ([2, 1], few.train), ((2, 1), few.train.images)))) == set()  # fmt: skip
    assert {UniformSampler([[2, 2]]).sample()} == {(2, 2)}
