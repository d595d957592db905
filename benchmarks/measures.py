"""The measures: each returns two names and pairs of times (seconds), taken in turn after a warm-up."""

import time
from itertools import islice

import torch
from torch.nn.functional import conv2d
from torch.optim import AdamW

from benchmarks import plain
from nas import DepthSupernet, UniformSampler, ensemble, machine
from nas.data import Split
from nas.evaluation import count_right, predict, predict_all
from nas.training import TrainConfig, learning_rates, train_epoch

WIDTH, BATCH, STEPS, TEST = 32, 128, 429, 10_000  # the full profile's network, its steps an epoch, MNIST's test images


class Bench:
    """Random images, the paths of all steps, and the clock: what the measures share."""

    def __init__(self, share, repeats):
        self.device = machine.device()
        self.precision = "bf16" if machine.has_fast_bf16(self.device) else "fp32"
        self.config = TrainConfig(epochs=1, precision=self.precision, channels_last=True)
        self.steps, self.images, self.repeats = STEPS // share, TEST // share, repeats
        draw = torch.Generator().manual_seed(0)
        count = max(self.steps * BATCH, self.images)
        self.pixels = torch.randint(0, 256, (count, 28, 28), dtype=torch.uint8, generator=draw)
        self.labels = torch.randint(0, 10, (count,), generator=draw)
        self.split = Split(self.pixels.unsqueeze(1).float().to(self.device) / 255, self.labels.to(self.device))
        self.test = self.split.take(self.images)

    def in_turn(self, *functions):
        """Seconds of each function, all called in turn, `repeats` times after one warm-up."""
        for function in functions:
            function()
        return [tuple(self.seconds(function) for function in functions) for _ in range(self.repeats)]

    def seconds(self, function):
        """Wall time of one call, with what it started on the GPU."""
        start = time.perf_counter()
        function()
        if self.device.type == "cuda":
            torch.cuda.synchronize()
        return time.perf_counter() - start

    def supernet(self, depth=3, fast=True):
        """A fresh supernet on the device; fast: in the engine's memory format."""
        net = DepthSupernet(WIDTH, depth).to(self.device)
        return net.to(memory_format=torch.channels_last) if fast else net

    def paths(self, net):
        """The path of each step, the same in every run."""
        sampler = UniformSampler(net.architectures, seed=0)
        return [sampler.sample() for _ in range(self.steps)]

    def plain_training(self, net):
        """A function that trains one share of an epoch with the plain loop."""

        def train():
            batches = islice(plain.loader(self.pixels, self.labels), self.steps)
            plain.train_epoch(net, batches, self.paths(net), self.device)

        return train

    def fast_training(self, net):
        """A function that trains on as many batches, along the same paths, with the engine."""
        optimizer = AdamW(net.parameters(), lr=1e-2, fused=True)

        def train():
            order = torch.randperm(len(self.split))[: self.steps * BATCH].view(self.steps, BATCH)
            schedule = learning_rates(optimizer, self.config, self.steps)
            train_epoch(net, self.split, order, optimizer, schedule, Replay(self.paths(net)), self.precision)

        return train

    def evaluate_fast(self, net):
        """Top-1 of all subnets and of their ensemble in one pass, as the engine does it."""
        with machine.autocast(self.device, self.precision):
            logits = predict_all(net, self.test.images)
        return count_right(logits, self.test.labels), count_right(ensemble(logits), self.test.labels)


class Replay:
    """A sampler that repeats given paths, so that two loops take the same steps."""

    def __init__(self, paths):
        self.paths = iter(paths)

    def sample(self):
        return next(self.paths)

    def update(self, arch, reward):
        pass


def training(bench):
    """Shared training: the plain loop against the engine."""
    plain_net, fast_net = bench.supernet(fast=False), bench.supernet()
    return ("plain loop", "engine"), bench.in_turn(bench.plain_training(plain_net), bench.fast_training(fast_net))


def epoch(bench):
    """An epoch of shared training and top-1 of all nine: the plain loop against the engine."""
    plain_net, fast_net = bench.supernet(fast=False), bench.supernet()
    plain_training, fast_training = bench.plain_training(plain_net), bench.fast_training(fast_net)
    pixels, labels = bench.pixels[: bench.images], bench.labels[: bench.images]

    def plainly():
        plain_training()
        plain.evaluate_each(plain_net, plain.loader(pixels, labels, batch_size=500, shuffle=False), bench.device)

    def fast():
        fast_training()
        bench.evaluate_fast(fast_net)

    return ("plain loop", "engine"), bench.in_turn(plainly, fast)


def convolutions(bench):
    """Shared training with the engine against its convolutions alone, both ways, layout and precision alike."""
    net = bench.supernet()
    layers = [(1, WIDTH, 1, 28)] * bench.steps
    for d1, d2 in bench.paths(net):
        layers += [(WIDTH, WIDTH, 1, 28)] * d1 + [(WIDTH, 2 * WIDTH, 2, 28)] + [(2 * WIDTH, 2 * WIDTH, 1, 14)] * d2
    ready = {layer: convolution(bench, *layer) for layer in set(layers)}

    def alone():
        for layer in layers:
            ready[layer]()

    return ("engine", "its convolutions"), bench.in_turn(bench.fast_training(net), alone)


def convolution(bench, inside, outside, stride, size):
    """A function that runs one convolution forward and backward on one batch; the image itself needs no gradient."""
    kind = {"device": bench.device, "dtype": torch.bfloat16 if bench.precision == "bf16" else torch.float32}
    x = torch.randn(BATCH, inside, size, size, **kind).to(memory_format=torch.channels_last)
    weight = torch.randn(outside, inside, 3, 3, **kind).to(memory_format=torch.channels_last).requires_grad_()
    x.requires_grad_(inside > 1)
    gradient = torch.randn_like(conv2d(x, weight, stride=stride, padding=1))

    def run():
        conv2d(x, weight, stride=stride, padding=1).backward(gradient)
        x.grad = weight.grad = None

    return run


def nine_passes(bench):
    """All nine subnets: a pass for each against one pass for all and their ensemble."""
    net = bench.supernet()

    def each():
        with machine.autocast(bench.device, bench.precision):
            for arch in net.architectures:
                predict(net, bench.test.images, arch)

    return ("nine passes", "one pass and ensemble"), bench.in_turn(each, lambda: bench.evaluate_fast(net))


def price_of_all(bench):
    """One pass for all nine and their ensemble against a pass of the deepest subnet."""
    net = bench.supernet()

    def deepest():
        with machine.autocast(bench.device, bench.precision):
            predict(net, bench.test.images, net.architectures[-1])

    return ("one pass and ensemble", "the deepest subnet"), bench.in_turn(lambda: bench.evaluate_fast(net), deepest)


def growth(bench):
    """Cost of a training step and of an evaluated image as the space grows, and the mean depth of its paths."""
    figures = {}
    for depth in (3, 5, 10):
        net = bench.supernet(depth)
        train, evaluate = bench.fast_training(net), lambda net=net: bench.evaluate_fast(net)
        times = bench.in_turn(train, evaluate)
        steps, images = (sorted(column)[len(times) // 2] for column in zip(*times, strict=True))
        paths = bench.paths(net)
        figures[depth] = {
            "subnets": depth**2,
            "mean_depth": round(sum(map(sum, paths)) / len(paths), 2),
            "ms_per_step": round(1e3 * steps / bench.steps, 2),
            "ms_per_image": round(1e3 * images / bench.images, 4),
            "tree_layers": depth + depth**2,
        }
    return figures


MEASURES = {
    "shared training": training,
    "shared training and top-1 of all nine": epoch,
    "time beyond the convolutions": convolutions,
    "evaluation of all nine": nine_passes,
    "price of all nine": price_of_all,
}
