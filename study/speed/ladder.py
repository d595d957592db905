"""The ladder: from the plain loop to the engine, one change per rung, each keeping all changes below it."""

from dataclasses import dataclass, replace
from functools import partial
from itertools import islice

import torch
from torch.nn.functional import cross_entropy
from torch.optim import AdamW

from nas import TrainConfig, ensemble, machine
from nas.evaluation import BATCH as TEST_BATCH
from nas.evaluation import count_right, predict, predict_all
from nas.methods.graphs import graphed
from nas.training import gradients, learning_rates, train_epoch
from study.speed import plain
from study.speed.bench import BATCH


@dataclass(frozen=True)
class Loop:
    """Training and evaluation with a switch per change. All off, it takes the steps of study/speed/plain.py."""

    tensors: bool = False  # batches indexed from tensors on the device, not fetched image by image
    read_loss: bool = True  # .item() in every step
    channels_last: bool = False
    precision: str = "fp32"
    fused: bool = False  # one call of the optimiser for all tensors

    def train(self, bench, net):
        """One share of an epoch; returns the mean loss."""
        net.train()
        optimizer, losses = AdamW(net.parameters(), lr=1e-2, fused=self.fused or None), []
        for (images, labels), arch in zip(self.batches(bench), bench.paths(net), strict=True):
            with machine.autocast(bench.device, self.precision):
                loss = cross_entropy(net(images, arch), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item() if self.read_loss else loss.detach())
        return float(sum(losses)) / len(losses)

    def batches(self, bench):
        """The batches of one share of an epoch, in random order, on the device."""
        if self.tensors:
            for batch in random_order(bench).to(bench.device):
                yield bench.split.images[batch], bench.split.labels[batch]
        else:
            for images, labels in islice(plain.loader(bench.pixels, bench.labels), bench.steps):
                yield images.to(bench.device), labels.to(bench.device)

    def evaluate(self, bench, net):
        """Right answers of every subnet on a share of the test images, a pass for each."""
        with machine.autocast(bench.device, self.precision):
            return [count_right(predict(net, bench.test.images, a), bench.test.labels) for a in net.architectures]


CHANGES = {
    "tensors": {"tensors": True},
    "loss not read": {"read_loss": False},
    "channels_last": {"channels_last": True},
    "bfloat16": {"precision": "bf16"},
    "fused optimiser": {"fused": True},
}


def rungs(bench, without=()):
    """{change: the Loop with it and all changes before it}; bfloat16 only where the hardware is fast at it."""
    loop, found = Loop(), {}
    for name, change in CHANGES.items():
        if name in without or (name == "bfloat16" and bench.precision == "fp32"):
            continue
        loop = replace(loop, **change)
        found[name] = loop
    return found


def random_order(bench, batch=BATCH):
    """Indices (steps, batch) of one share of an epoch."""
    return torch.randperm(len(bench.split))[: bench.steps * batch].view(bench.steps, batch)


def training_rungs(bench):
    """{rung: a function that trains one share of an epoch}, each with a network of its own."""
    loops = {"plain loop": partial(plain_training, bench, bench.supernet(channels_last=False))}
    for name, loop in rungs(bench).items():
        loops[name] = partial(loop.train, bench, bench.supernet(channels_last=loop.channels_last))
    return loops | {"engine": engine(bench, bench.supernet())}


def plain_training(bench, net, batch=BATCH):
    """Train on one share of an epoch with the plain loop; returns the mean loss."""
    batches = islice(plain.loader(bench.pixels, bench.labels, batch), bench.steps)
    return plain.train_epoch(net, batches, bench.paths(net), bench.device)


def engine(bench, net, config=None):
    """A function that trains one share of an epoch with nas.training: a supernet along the same paths, or a network.

    On a GPU with graphs.
    """
    config = config or TrainConfig(batch_size=BATCH, precision=bench.precision)
    compute = graphed(gradients) if bench.device.type == "cuda" else gradients
    step = partial(compute, net, precision=config.precision)

    def train():
        optimizer = AdamW(net.parameters(), lr=config.lr, weight_decay=config.weight_decay, fused=True)
        schedule = learning_rates(optimizer, config, bench.steps)
        sampler = Replay(bench.paths(net)) if hasattr(net, "architectures") else None
        return train_epoch(net, bench.split, random_order(bench, config.batch_size), optimizer, schedule, sampler, step)

    return train


class Replay:
    """A sampler that repeats given paths, so that two loops take the same steps."""

    def __init__(self, paths):
        self.paths = iter(paths)

    def sample(self):
        return next(self.paths)

    def update(self, arch, reward):
        pass


def evaluation_rungs(bench):
    """{rung: a function that gives the right answers of all subnets on a share of the test images}."""
    slow, fast = bench.supernet(channels_last=False), bench.supernet()
    pixels, labels = bench.pixels[: bench.images], bench.labels[: bench.images]
    batches = plain.loader(pixels, labels, batch_size=TEST_BATCH, shuffle=False)
    loops = {"plain loop": partial(plain.evaluate_each, slow, batches, bench.device)}
    for name, loop in rungs(bench, without=("loss not read", "fused optimiser")).items():
        loops[name] = partial(loop.evaluate, bench, fast if loop.channels_last else slow)
    return loops | {"one pass for all": partial(evaluate_together, bench, fast)}


def evaluate_together(bench, net):
    """Right answers of all subnets and of their ensemble in one pass, as the engine does it."""
    with machine.autocast(bench.device, bench.precision):
        logits = predict_all(net, bench.test.images)
    return count_right(logits, bench.test.labels), count_right(ensemble(logits), bench.test.labels)
