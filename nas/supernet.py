"""The supernet of chapters 2 to 10: two NAS blocks, one depth to choose in each, all weights shared."""

from copy import deepcopy
from itertools import product

import torch
from torch import nn

from nas import asking
from nas.blocks import MOST_CHANNELS, MOST_LAYERS, Head, NASBlock, Stem, conv_bn_relu
from nas.seeding import seeded


def member(arch, architectures, allowed):
    """The architecture, if it is in the space. TypeError or ValueError, saying what is `allowed`, if not."""
    arch = asking.path(arch, allowed)
    if not isinstance(arch, tuple) or any(type(choice) is not int for choice in arch):
        raise TypeError(f"architecture is {asking.named(arch)}: {allowed}")
    if arch not in architectures:
        raise ValueError(f"architecture {arch!r} is not in this space: {allowed}")
    return arch


def all_architectures(depth):
    """All (d1, d2) of depths 1 to `depth`, in the order of `forward_all`: ((1, 1), (1, 2), ..., (depth, depth))."""
    return tuple(product(range(1, depth + 1), repeat=2))


class DepthSupernet(nn.Module):
    """Every depth of two NAS blocks in one network; an architecture (d1, d2) picks a path for one call.

    width: channels of the first block, the second has twice as many. depth: the largest depth of each block; 3 gives
    nine subnets. seed: of the initial weights (PyTorch's default distributions); the global generator is untouched.
    Source of the idea: Bender et al. 2018.
    """

    measures = ("running", "recalculated")  # how it is measured: names in study.work.MEASURES

    def __init__(self, width=32, depth=3, seed=0):
        super().__init__()
        width = asking.whole("width", width, most=MOST_CHANNELS)
        self.depth = depth = asking.whole("depth", depth, most=MOST_LAYERS)
        with seeded("weights", asking.seed(seed)):
            self.stem = Stem(width)
            self.block1 = NASBlock(width, depth)
            self.down = conv_bn_relu(width, 2 * width, stride=2)
            self.block2 = NASBlock(2 * width, depth)
            self.head = Head(2 * width)
        self.architectures = all_architectures(depth)
        self.name = f"depth{depth}"  # in records and file names

    def around(self, arch):
        """Options of the smallest DepthSupernet that holds the architecture, to extract it from."""
        return {"depth": max(arch)}

    def check(self, arch):
        """The architecture, if it is in the space. TypeError or ValueError, naming the allowed ones, if not."""
        allowed = f"choose a tuple of ints from 1 to {self.depth}, e.g. {(1, self.depth)}"
        return member(arch, self.architectures, allowed)

    def forward(self, x, arch):
        """Logits (N, 10) of the subnet `arch` for images x (N, 1, 28, 28)."""
        d1, d2 = self.check(arch)
        x = self.block1(self.stem(x), d1)
        x = self.block2(self.down(x), d2)
        return self.head(x)

    def forward_all(self, x):
        """Logits of all subnets, (len(architectures), N, 10): each common prefix is computed once. Eval mode only.

        Raises ValueError in train mode: a layer would update its running statistics once for each prefix, where nine
        forwards do it once for every subnet that uses it.
        """
        if self.training:
            raise ValueError(
                "net is in train mode, where forward_all would update a shared layer's batch statistics once for each "
                "prefix instead of once for every subnet; call net.eval() first"
            )
        return torch.stack(
            [self.head(x2) for x1 in self.block1.prefixes(self.stem(x)) for x2 in self.block2.prefixes(self.down(x1))]
        )

    def extract(self, arch):
        """The subnet `arch` as an ordinary nn.Module, model(x) -> (N, 10), with copies of its weights and statistics.

        It has no parameter that the path does not use, shares no storage with the supernet, and inherits its mode.
        """
        d1, d2 = self.check(arch)
        model = nn.Sequential()
        model.add_module("stem", deepcopy(self.stem))
        model.add_module("block1", self.block1.extract(d1))
        model.add_module("down", deepcopy(self.down))
        model.add_module("block2", self.block2.extract(d2))
        model.add_module("head", deepcopy(self.head))
        return model.train(self.training)
