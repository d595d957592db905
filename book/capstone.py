"""A search space of one's own: how wide a network, with which activation?"""

from collections import namedtuple
from copy import deepcopy
from dataclasses import dataclass
from itertools import product

import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

from nas.seeding import seeded

UNITS = 4  # hidden units of one block
ACTIVATIONS = {"none": nn.Identity(), "relu": nn.ReLU(), "tanh": nn.Tanh()}
Table = namedtuple("Table", "train validation test")


@dataclass(frozen=True)
class Rows:
    """`images` (N, features) float32, `labels` (N,) int64: names that `nas` reads."""

    images: torch.Tensor
    labels: torch.Tensor

    def __len__(self):
        return len(self.images)


def load_table():
    """The ink in each row and column of scikit-learn's digits, 16 numbers a digit."""
    digits = load_digits()
    ink, y = torch.tensor(digits.images).float(), torch.tensor(digits.target)
    x = torch.cat([ink.sum(dim=1), ink.sum(dim=2)], dim=1)

    def split(rows, size):
        return train_test_split(rows, test_size=size, stratify=y[rows], random_state=0)

    rest, test = split(list(range(len(x))), 600)
    train, validation = split(rest, 300)
    x = (x - x[train].mean(dim=0)) / x[train].std(dim=0)  # by the training rows alone
    return Table(*(Rows(x[part], y[part]) for part in (train, validation, test)))


class Subnet(nn.Module):
    """Blocks of hidden units whose logits add up: (N, features) -> (N, classes)."""

    def __init__(self, hidden, heads, activation):
        super().__init__()
        self.hidden, self.heads = hidden, heads
        self.activation = ACTIVATIONS[activation]

    def forward(self, x):
        blocks = zip(self.hidden, self.heads, strict=True)
        return sum(head(self.activation(hidden(x))) for hidden, head in blocks)


class TableSupernet(nn.Module):
    """All in one; an architecture (blocks, activation) takes the first few blocks.

    A block is a module of its own: off the path it has no gradient, and no optimiser
    moves it. ValueError for an architecture outside the space.
    """

    def __init__(self, features=16, classes=10, blocks=(1, 2, 4), seed=0):
        super().__init__()
        self.architectures, most = tuple(product(blocks, ACTIVATIONS)), max(blocks)
        with seeded("weights", seed):
            hidden = [nn.Linear(features, UNITS) for _ in range(most)]
            heads = [nn.Linear(UNITS, classes) for _ in range(most)]
        self.hidden, self.heads = nn.ModuleList(hidden), nn.ModuleList(heads)

    def path(self, arch):
        if arch not in self.architectures:
            allowed = ", ".join(map(str, self.architectures))
            raise ValueError(f"{arch!r} is not in this space: choose one of {allowed}")
        return Subnet(self.hidden[: arch[0]], self.heads[: arch[0]], arch[1])

    def forward(self, x, arch):
        return self.path(arch)(x)

    def forward_all(self, x):
        return torch.stack([self(x, arch) for arch in self.architectures])

    def extract(self, arch):
        return deepcopy(self.path(arch)).train(self.training)
