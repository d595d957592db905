"""Parallel paths: a layer may apply both convolutions at once, and path dropout makes it robust to losing one."""

from copy import deepcopy
from functools import reduce
from itertools import product

import torch
from torch import nn
from torch.nn import functional

from nas import asking
from nas.blocks import MOST_CHANNELS, check_images
from nas.methods.kernels import KERNELS, KernelHead
from nas.methods.schedules import Sampler
from nas.seeding import seeded
from nas.supernet import member

PATHS = {3: (3,), 5: (5,), 35: (3, 5)}  # a layer's choice, and the convolutions that it keeps
PARALLEL = tuple(product(PATHS, repeat=2))


class ParallelLayer(nn.Module):
    """The chosen paths' sum, ReLU, 2x2 max pooling: (N, in, H, W) -> (N, out, H / 2, W / 2), rounded down.

    A path is a convolution that keeps the size, ReLU and a 1x1 convolution. The sum equals a single 1x1 convolution of
    all outputs side by side, in which a removed path gives zeros; kept apart, an unused path costs nothing, and its
    weights get no gradient.
    """

    def __init__(self, in_channels, out_channels):
        super().__init__()
        self.paths = nn.ModuleDict(
            {
                str(kernel): nn.Sequential(
                    nn.Conv2d(in_channels, out_channels, kernel, padding=kernel // 2),
                    nn.ReLU(),
                    nn.Conv2d(out_channels, out_channels, 1, bias=False),
                )
                for kernel in KERNELS
            }
        )

    def forward(self, x, choice=None):
        """The output with the paths of a choice, 3, 5 or 35; None: with all that the layer has."""
        kept = self.paths if choice is None else self.kept(choice)
        return combine(self.paths[kernel](x) for kernel in kept)

    def kept(self, choice):
        """The names of a choice's paths. TypeError or ValueError for one that this layer lacks."""
        named = {each: [*map(str, kernels)] for each, kernels in PATHS.items() if {*map(str, kernels)} <= {*self.paths}}
        return named[asking.choice("choice", asking.whole("choice", choice), [*named])]

    def every(self, x):
        """The outputs of the three choices, in the order of PATHS; each path is computed once."""
        outputs = {kernel: self.paths[str(kernel)](x) for kernel in KERNELS}
        return [combine(outputs[kernel] for kernel in kernels) for kernels in PATHS.values()]

    def extract(self, choice):
        """A layer of its own with copies of these paths and no others."""
        layer, kept = deepcopy(self), self.kept(choice)
        layer.paths = nn.ModuleDict({kernel: layer.paths[kernel] for kernel in kept})
        return layer


def combine(outputs):
    """The sum of the paths' outputs after ReLU and 2x2 max pooling."""
    return functional.max_pool2d(reduce(torch.add, outputs).relu(), 2)


class ParallelSupernet(nn.Module):
    """Nine networks in one; an architecture names what each of two layers keeps: 3, 5 or both, 35.

    (35, 35) is the one-shot model, with all paths; removing some gives the other eight. width: channels of
    both layers. seed: as in DepthSupernet, whose interface it shares.
    Source of the idea: Bender et al. 2018.
    """

    name, measures = "parallel", ("shared",)  # as in DepthSupernet

    def __init__(self, width=32, seed=0):
        super().__init__()
        width = asking.whole("width", width, most=MOST_CHANNELS)
        self.architectures = PARALLEL
        with seeded("weights", asking.seed(seed)):
            self.layer1 = ParallelLayer(1, width)
            self.layer2 = ParallelLayer(width, width)
            self.head = KernelHead(7 * 7 * width)

    def check(self, arch):
        """The architecture, if it is in the space. TypeError or ValueError, naming the allowed ones, if not."""
        return member(arch, self.architectures, "choose a tuple of two, each 3, 5 or 35 for both, e.g. (3, 35)")

    def forward(self, x, arch):
        """Logits (N, 10) of the subnet `arch` for images x (N, 1, 28, 28)."""
        first, second = self.check(arch)
        check_images(x, self.head[0].weight.dtype)
        return self.head(self.layer2(self.layer1(x, first), second).flatten(1))

    def forward_all(self, x):
        """Logits of all subnets, (9, N, 10): each path of a common prefix is computed once."""
        check_images(x, self.head[0].weight.dtype)
        return torch.stack([self.head(x2.flatten(1)) for x1 in self.layer1.every(x) for x2 in self.layer2.every(x1)])

    def extract(self, arch):
        """The subnet `arch` as an ordinary nn.Module, model(x) -> (N, 10), with copies of its paths alone.

        It shares no storage with the supernet and inherits its mode.
        """
        first, second = self.check(arch)
        model = nn.Sequential()
        model.add_module("layer1", self.layer1.extract(first))
        model.add_module("layer2", self.layer2.extract(second))
        model.add_module("flatten", nn.Flatten())
        model.add_module("head", deepcopy(self.head))
        return model.train(self.training)


class PathDropoutSampler(Sampler):
    """Each path of each layer is dropped independently, with a probability that rises linearly over training.

    It starts at 0, so that all paths train together at first, and reaches `rate` at the last of `steps` steps. A layer
    that would be left with none draws again. At the rate 0.5 the three choices of a layer are equally likely, so that
    the default goes from the one-shot model to uniform sampling; at rate 0 nothing is ever dropped.
    Source: Bender et al. 2018. Theirs is a linear schedule from 0 too, and its end a hyperparameter that
    decides how well shared and separate accuracies agree; 0.5 is ours. They drop paths anew in each of several parts of
    a batch; here a batch has one choice, as everywhere in the book.
    Raises ValueError for architectures other than those of ParallelSupernet, steps below 1 or a rate outside [0, 1).
    """

    _memory = ("_round", "_step")

    def __init__(self, architectures, seed=0, *, steps, rate=0.5):
        super().__init__(architectures, seed)
        if set(self.architectures) != set(PARALLEL):
            raise ValueError(f"architectures is {self.architectures}: path dropout needs the nine of ParallelSupernet")
        self.steps = asking.whole("steps", steps)
        self.rate = asking.number("rate", rate)
        if not 0 <= self.rate < 1:
            raise ValueError(f"rate is {rate!r}: choose a probability from 0 up to, not including, 1")
        self._step = 0

    def probability(self, step):
        """The probability that a path is dropped in a step, counted from 0; past the last it stays at `rate`."""
        return self.rate * min(1, step / max(1, self.steps - 1))

    def _deal(self):
        dropped = self.probability(self._step)
        self._step += 1
        return [(self._draw(dropped), self._draw(dropped))]

    def _draw(self, dropped):
        """One layer's choice: what is left of its paths."""
        while True:
            kept = torch.rand(len(KERNELS), generator=self._generator, device="cpu", dtype=torch.float32) >= dropped
            if kept.any():
                left = tuple(kernel for kernel, keep in zip(KERNELS, kept.tolist(), strict=True) if keep)
                return next(choice for choice, kernels in PATHS.items() if kernels == left)
