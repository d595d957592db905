"""An extension in one file: a sampler, a search space, and an experiment on both."""

from copy import deepcopy
from itertools import product

import torch
from torch import nn

from nas.blocks import Head, NASBlock
from nas.methods.bandits import Learner
from nas.seeding import seeded
from nas.supernet import member
from study.groups import Experiment, alone, supernets
from study.named import Named
from study.recipes import Space, Variant


class LaggardSampler(Learner):
    """The architecture with the lowest mean reward, so that none is left behind."""

    def _choose(self):
        means = self.means()
        return means.index(min(means))


class StemSupernet(nn.Module):
    """A stem with a 3x3 or a 5x5 convolution, then a NAS block: (depth, kernel)."""

    name, measures = "stems", ("running",)
    architectures = tuple(product((1, 2, 3), (3, 5)))

    def __init__(self, width=32, seed=0):
        super().__init__()
        with seeded("weights", seed):
            self.stems = nn.ModuleDict(
                {str(k): nn.Conv2d(1, width, k, padding=k // 2) for k in (3, 5)}
            )
            self.block, self.head = NASBlock(width, 3), Head(width)

    def forward(self, x, arch):
        """Logits (N, 10) of the subnet `arch` for images x (N, 1, 28, 28)."""
        asked = f"choose one of {self.architectures}"
        depth, kernel = member(arch, self.architectures, asked)
        return self.head(self.block(self.stems[str(kernel)](x), depth))

    def forward_all(self, x):
        """Logits of all subnets, (6, N, 10)."""
        return torch.stack([self(x, arch) for arch in self.architectures])

    def extract(self, arch):
        """The subnet as an ordinary model with copies of its weights."""
        depth, kernel = arch
        stem, head = deepcopy(self.stems[str(kernel)]), deepcopy(self.head)
        return nn.Sequential(stem, self.block.extract(depth), head).train(self.training)


STEMS = Space(
    f"{__name__}:StemSupernet", choices=("depth of the block", "kernel of the stem")
)
LAGGARD = Variant("laggard", sampler=Named(f"{__name__}:LaggardSampler"))
EXPERIMENT = Experiment(
    "laggards",
    "Does a supernet gain if the subnet that lags behind trains next?",
    STEMS,
    supernets(LAGGARD) | {"scratch": alone()},
)
