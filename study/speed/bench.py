"""The bench: random images, the path of every step, and the clock that all measures share."""

import json
import time

import torch

from nas import DepthSupernet, UniformSampler, machine
from nas.data import Split
from nas.methods.files import write_atomically

WIDTH, BATCH, STEPS, TEST = 32, 128, 429, 10_000  # the full profile's network, steps per epoch, MNIST's test images
TYPES = {"fp32": torch.float32, "bf16": torch.bfloat16}


class Bench:
    """What the measures share: 1/`share` of an epoch and of the test images, each time taken `repeats` times."""

    def __init__(self, share, repeats, width=WIDTH):
        self.device = machine.device()
        self.precision = "bf16" if machine.has_fast_bf16(self.device) else "fp32"
        self.share, self.repeats, self.width = share, repeats, width
        self.steps, self.images = max(1, STEPS // share), max(1, TEST // share)
        draw = torch.Generator().manual_seed(0)
        count = max(self.steps * BATCH, self.images)
        self.pixels = torch.randint(0, 256, (count, 28, 28), dtype=torch.uint8, generator=draw)
        self.labels = torch.randint(0, 10, (count,), generator=draw)
        self.split = Split(self.pixels.unsqueeze(1).float().to(self.device) / 255, self.labels.to(self.device))
        self.test = self.split.take(self.images)

    def in_turn(self, functions, repeats=None):
        """{name: seconds of each repeat} of {name: function}: all once to warm up, then all in turn in each repeat.

        In turn, because a machine's speed drifts: what disturbs one repeat disturbs all of its columns.
        """
        for function in functions.values():
            function()
        seconds = {name: [] for name in functions}
        for _ in range(repeats or self.repeats):
            for name, function in functions.items():
                seconds[name].append(self.seconds(function))
        return seconds

    def seconds(self, function):
        """Wall time of one call, with all that it started on the GPU and nothing that was started before."""
        self.synchronise()
        start = time.perf_counter()
        function()
        self.synchronise()
        return time.perf_counter() - start

    def synchronise(self):
        """Wait until the GPU has done its work; a CPU is done when the call returns."""
        if self.device.type == "cuda":
            torch.cuda.synchronize()

    def supernet(self, depth=3, channels_last=True):
        """A fresh supernet on the device."""
        net = DepthSupernet(self.width, depth).to(self.device)
        return net.to(memory_format=torch.channels_last) if channels_last else net

    def paths(self, net):
        """The path of each step, the same in every call."""
        sampler = UniformSampler(net.architectures, seed=0)
        return [sampler.sample() for _ in range(self.steps)]


def median(values):
    """The middle value, the upper one of two."""
    return sorted(values)[len(values) // 2]


def save(record, path):
    """Write a record, one field per line, and say where; returns the path."""
    lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in record.items()]
    text = "{\n" + ",\n".join(lines) + "\n}\n"
    write_atomically(path, text)
    print(f"\nsaved in {path}")
    return path
