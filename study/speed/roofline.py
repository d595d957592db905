"""The roofline: how fast this machine copies and multiplies, and how close the network's layers come to either.

An operation is one addition or multiplication. Bytes are the least that must move: each input read once, each
output written once. Source of the picture: Williams, Waterman & Patterson 2009.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
import torch
from torch.nn.functional import batch_norm, conv2d, relu

from study.speed.bench import BATCH, TYPES
from study.speed.measures import convolution

# Operations and passes over memory for each number, forward and backward, in batch normalisation and ReLU. Forward:
# sums of x and x^2 (3 operations, read x), scale and shift (2; read x, write y), ReLU in place (1; read, write).
# Backward: ReLU (1; read g and y, write), sums of g and g times the normalised x (5; read g, x), gradient (4; read
# g and x, write).
NORM_OPERATIONS, NORM_PASSES = 16, 13
ARITHMETIC = ("matrix product", "large convolution")  # the faster of them is the roof


@dataclass(frozen=True)
class Work:
    """A piece of work: its operations, the bytes it must move, and a function that does it."""

    operations: int
    bytes: int
    run: object


def roofline(bench):
    """A list of dicts: what, precision, operations, bytes and seconds of each repeat, all measured in turn."""
    works = {(name, precision): make(bench, precision) for name, make in WORK.items() for precision in TYPES}
    calls = {key: often_enough(bench, work.run) for key, work in works.items()}
    seconds = bench.in_turn({key: partial(repeatedly, work.run, calls[key]) for key, work in works.items()})
    return [
        {"what": key[0], "precision": key[1], "operations": work.operations, "bytes": work.bytes}
        | {"seconds": [time / calls[key] for time in seconds[key]]}
        for key, work in works.items()
    ]


def often_enough(bench, run):
    """How many calls take about a second over the share: one call of a small piece is too short to time."""
    run()
    return max(1, round(1 / bench.share / bench.seconds(run)))


def repeatedly(run, calls):
    """Call run() `calls` times."""
    for _ in range(calls):
        run()


def copy(bench, precision):
    """Copying a tensor far larger than any cache: as many numbers in both precisions."""
    source = torch.ones(2**21 * bench.width, dtype=TYPES[precision], device=bench.device)
    target = torch.empty_like(source)
    return Work(0, 2 * source.nbytes, lambda: target.copy_(source))


def product(bench, precision):
    """The product of two large square matrices."""
    size = (8192 if bench.device.type == "cuda" else 2048) * bench.width // 32
    a, b = torch.randn(2, size, size, device=bench.device).to(TYPES[precision])
    return Work(2 * size**3, 3 * a.nbytes, lambda: a @ b)


def large(bench, precision):
    """A convolution with many channels: by the layers' library, which may be faster than the product's."""
    channels, images = 16 * bench.width, 64 if bench.device.type == "cuda" else 1
    kind = {"device": bench.device, "dtype": TYPES[precision]}
    x = torch.randn(images, channels, 32, 32, **kind).to(memory_format=torch.channels_last)
    weight = torch.randn(channels, channels, 3, 3, **kind).to(memory_format=torch.channels_last)
    operations = 2 * weight.numel() * images * 32 * 32
    return Work(operations, 2 * x.nbytes + weight.nbytes, lambda: conv2d(x, weight, padding=1))


def layer(inside, outside, stride, size):
    """A convolution of the network, forward and backward; inside and outside in units of the width, 0: one channel."""

    def make(bench, precision):
        channels, filters = inside * bench.width or 1, outside * bench.width
        pixels = BATCH * (size // stride) ** 2
        weights = 9 * channels * filters
        passes = 3 if inside else 2  # output, gradient of the weights, gradient of the input, which an image lacks
        numbers = BATCH * channels * size**2 + weights + filters * pixels
        run = convolution(bench, precision, channels, filters, stride, size)
        return Work(passes * 2 * weights * pixels, passes * numbers * TYPES[precision].itemsize, run)

    return make


def norm(bench, precision):
    """Batch normalisation and ReLU as after a convolution of block 1, forward and backward."""
    kind = {"device": bench.device, "dtype": TYPES[precision]}
    x = torch.randn(BATCH, bench.width, 28, 28, **kind).to(memory_format=torch.channels_last).requires_grad_()
    gradient = torch.randn_like(x)
    scale, shift = (torch.ones(bench.width, device=bench.device, requires_grad=True) for _ in range(2))

    def run():
        relu(batch_norm(x, None, None, scale, shift, training=True), inplace=True).backward(gradient)
        x.grad = scale.grad = shift.grad = None

    return Work(NORM_OPERATIONS * x.numel(), NORM_PASSES * x.nbytes, run)


WORK = {
    "copy": copy,
    "matrix product": product,
    "large convolution": large,
    "stem": layer(0, 1, 1, 28),
    "block 1": layer(1, 1, 1, 28),
    "down": layer(1, 2, 2, 28),
    "block 2": layer(2, 2, 1, 14),
    "norm and ReLU": norm,
}


def roofs(rates):
    """(10^9 operations, 10^9 bytes) per second at most, from the rows of one precision: large products, and a copy."""
    return rates["operations"].reindex(ARITHMETIC).max(), rates["bytes"]["copy"]


def rates(points):
    """A frame, a row per point: precision, intensity, 10^9 operations and bytes per second (median of repeats).

    points: dicts with what, precision ("fp32" or "bf16"), operations, bytes and the seconds of each repeat.
    """
    rows = [
        {
            "precision": point["precision"],
            "intensity": point["operations"] / point["bytes"],
            "operations": point["operations"] / np.median(point["seconds"]) / 1e9,
            "bytes": point["bytes"] / np.median(point["seconds"]) / 1e9,
        }
        for point in points
    ]
    return pd.DataFrame(rows, index=pd.Index([point["what"] for point in points], name="what"))
