"""The measures: seconds on each rung of the ladder, the ratios that the book quotes, and cost as the space grows."""

from dataclasses import replace
from functools import partial

import torch
from torch.nn.functional import conv2d

from nas import machine
from nas.evaluation import predict
from study.recipes import depths_to
from study.settings import get_profile
from study.speed.bench import BATCH, TYPES, median
from study.speed.ladder import engine, evaluate_together, evaluation_rungs, plain_training, training_rungs

# title: (table, column above, column below)
RATIOS = {
    "shared training": ("training", "plain loop", "engine"),
    "shared training and top-1 of all nine": ("both", "plain loop", "engine"),
    "time beyond the convolutions": ("training", "engine", "its convolutions"),
    "evaluation of all nine": ("evaluation", "nine passes", "one pass for all"),
    "price of all nine": ("evaluation", "one pass for all", "the deepest alone"),
}


def training(bench):
    """Seconds of one share of an epoch on every rung, and of the engine's convolutions alone."""
    return bench.in_turn(training_rungs(bench) | {"its convolutions": convolutions(bench)})


def evaluation(bench):
    """Seconds of all subnets on a share of the test images on every rung, and of the deepest subnet alone."""
    net = bench.supernet()

    def deepest():
        with machine.autocast(bench.device, bench.precision):
            predict(net, bench.test.images, net.architectures[-1])

    return bench.in_turn(evaluation_rungs(bench) | {"the deepest alone": deepest})


def ratios(training, evaluation):
    """{title: {of, all, median}}: quotients of two columns, repeat by repeat, sorted."""
    sums = {"plain loop": ("plain loop", "plain loop"), "engine": ("engine", "one pass for all")}
    both = {
        name: [t + e for t, e in zip(training[rung], evaluation[other], strict=True)]
        for name, (rung, other) in sums.items()
    }
    # The rung below the top has all that makes one pass for all fast, except the one pass.
    each = list(evaluation)[list(evaluation).index("one pass for all") - 1]
    tables = {"training": training, "both": both, "evaluation": evaluation | {"nine passes": evaluation[each]}}
    found = {}
    for title, (table, above, below) in RATIOS.items():
        quotients = [a / b for a, b in zip(tables[table][above], tables[table][below], strict=True)]
        found[title] = {"of": [above, below], "all": sorted(quotients), "median": median(quotients)}
    return found


def at_r3(bench):
    """Speed in each repeat, relative to the plain loop, at R3's settings; the convolutions alone are the limit.

    Batches of 32, no padding in the stem and `down`, a fixed rate (whatever it is: no time depends on it).
    """
    profile = replace(get_profile("as-r3"), width=bench.width)
    config = replace(profile.train, channels_last=True)
    nets = [profile.supernet(depths_to(3), seed=0).to(bench.device) for _ in range(3)]

    columns = {"plain loop": partial(plain_training, bench, nets[0], config.batch_size)}
    for net, precision in zip(nets[1:], dict.fromkeys(("fp32", bench.precision)), strict=False):
        net.to(memory_format=torch.channels_last)
        columns[f"engine, {precision}"] = engine(bench, net, replace(config, precision=precision))
    columns["its convolutions"] = convolutions(bench, padding=0, batch=config.batch_size)
    seconds = bench.in_turn(columns)
    slow = seconds.pop("plain loop")
    return {name: [a / b for a, b in zip(slow, fast, strict=True)] for name, fast in seconds.items()}


def convolutions(bench, padding=1, batch=BATCH):
    """A function that runs the engine's convolutions alone, forward and backward, in its layout and precision.

    padding: of the stem and `down`.
    """
    narrow, wide, side = bench.width, 2 * bench.width, 26 + 2 * padding
    halved = (side + 2 * padding - 3) // 2 + 1
    layers = [(1, narrow, 1, 28, padding)] * bench.steps
    for d1, d2 in bench.paths(bench.supernet()):
        layers += [(narrow, narrow, 1, side)] * d1 + [(narrow, wide, 2, side, padding)] + [(wide, wide, 1, halved)] * d2
    ready = {layer: convolution(bench, bench.precision, *layer, batch=batch) for layer in set(layers)}

    def alone():
        for layer in layers:
            ready[layer]()

    return alone


def convolution(bench, precision, inside, outside, stride, size, padding=1, batch=BATCH):
    """A function that runs one convolution forward and backward on one batch; the image itself needs no gradient."""
    kind = {"device": bench.device, "dtype": TYPES[precision]}
    x = torch.randn(batch, inside, size, size, **kind).to(memory_format=torch.channels_last)
    weight = torch.randn(outside, inside, 3, 3, **kind).to(memory_format=torch.channels_last).requires_grad_()
    x.requires_grad_(inside > 1)
    gradient = torch.randn_like(conv2d(x, weight, stride=stride, padding=padding))

    def run():
        conv2d(x, weight, stride=stride, padding=padding).backward(gradient)
        x.grad = weight.grad = None

    return run


def growth(bench):
    """Cost of a training step and of an evaluated image as the space grows, and the mean depth of its paths."""
    figures = {}
    for depth in (3, 5, 10):
        net = bench.supernet(depth)
        work = {"train": engine(bench, net), "evaluate": lambda net=net: evaluate_together(bench, net)}
        times = bench.in_turn(work, repeats=min(3, bench.repeats))
        paths = bench.paths(net)
        figures[depth] = {
            "subnets": depth**2,
            "mean_depth": sum(map(sum, paths)) / len(paths),
            "ms_per_step": 1e3 * median(times["train"]) / bench.steps,
            "ms_per_image": 1e3 * median(times["evaluate"]) / bench.images,
            "tree_layers": depth + depth**2,
        }
    return figures
