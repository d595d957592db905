"""Alternatives to shared running statistics: how else a supernet could normalise."""

from collections import OrderedDict
from contextlib import contextmanager
from copy import deepcopy

import torch
from torch import nn

from nas import asking
from nas.evaluation import batch_norms, needed, recalculate_statistics
from nas.supernet import DepthSupernet

STATISTICS = ("running_mean", "running_var", "num_batches_tracked")


def group_norm(net, groups=4):
    """Replace each batch normalisation of a network that is not yet trained by group normalisation; returns the net.

    Each image is normalised by itself, over the positions and channels of one group: no batch, no running statistics.
    Scale and shift stay the same parameters. groups: how many the channels of each layer are split into. ValueError
    if they cannot be, or without batch normalisation. Source: Wu & He 2018, section 3.
    """
    groups = asking.whole("groups", groups)
    for name, layer in needed(net).items():
        if layer.num_features % groups:
            raise ValueError(f"{name} has {layer.num_features} channels, not divisible by groups={groups}: take fewer")
    norms = {}
    for layer in batch_norms(net).values():
        norms[layer] = norm = nn.GroupNorm(groups, layer.num_features, eps=layer.eps).train(layer.training)
        norm.weight, norm.bias = layer.weight, layer.bias
    for name, layer in [*net.named_modules(remove_duplicate=False)]:  # one layer may serve in several places
        if layer in norms:
            net.set_submodule(name, norms[layer])
    return net


def with_momentum(net, momentum):
    """Set the momentum of every batch normalisation: running = (1 - momentum) running + momentum batch; returns net.

    momentum: in (0, 1], the weight of the newest batch; None: the plain average over all batches so far. ValueError
    for another, or for a network without batch normalisation.
    """
    momentum = momentum if momentum is None else asking.number("momentum", momentum)
    if momentum is not None and not 0 < momentum <= 1:
        raise ValueError(f"momentum is {momentum!r}: pass a number above 0, at most 1, or None for a plain average")
    for layer in needed(net).values():
        layer.momentum = momentum
    return net


@contextmanager
def batch_statistics(net):
    """Inside the block every batch normalisation uses the mean and variance of the batch at hand, in eval mode too.

    An answer then depends on the other images of its batch. The running statistics are out of reach inside the block
    (a copy made there would lack them) and are restored after it.
    """
    layers = batch_norms(net).values()
    kept = [{name: getattr(layer, name) for name in STATISTICS} for layer in layers]
    try:
        for layer in layers:
            for name in STATISTICS:
                setattr(layer, name, None)  # PyTorch then has nothing but the batch to normalise by
        yield
    finally:
        for layer, statistics in zip(layers, kept, strict=True):
            for name, value in statistics.items():
                setattr(layer, name, value)


class PrefixTree(nn.Module):
    """All subnets of a DepthSupernet in one pass, with batch statistics of their own at every node of the tree.

    In the supernet `down` and block 2 serve every depth of block 1 with one set of statistics. Here each depth of
    block 1 gets its own copy of them, so each batch normalisation sees the inputs of one prefix only. The weights are
    copies too: training the tree would not train the supernet.
    """

    def __init__(self, net):
        super().__init__()
        self.architectures = net.architectures
        self.stem, self.block1, self.head = deepcopy(net.stem), deepcopy(net.block1), deepcopy(net.head)
        self.downs = nn.ModuleList(deepcopy(net.down) for _ in range(net.depth))
        self.blocks2 = nn.ModuleList(deepcopy(net.block2) for _ in range(net.depth))
        self.train(net.training)

    def forward_all(self, x):
        """Logits of all subnets, (len(architectures), N, 10), in the order of `architectures`."""
        branches = zip(self.block1.prefixes(self.stem(x)), self.downs, self.blocks2, strict=True)
        return torch.stack([self.head(x2) for x1, down, block2 in branches for x2 in block2.prefixes(down(x1))])


def recalibrate_all(net, images):
    """All subnets recalibrated in one pass: a PrefixTree in eval mode, as exact as nine calls of `recalibrate`.

    net: a DepthSupernet. Errors: see `recalibrate`.
    """
    needed(asking.network(net))
    if not isinstance(net, DepthSupernet):
        right = "it must be a DepthSupernet; for others recalibrate(net, arch, images)"
        raise TypeError(f"net is {asking.named(net)}: {right}")
    images = asking.images(images, "recalibrate_all(net, data.train.images)")
    tree = PrefixTree(net)
    recalculate_statistics(tree, tree.forward_all, images)
    return tree.eval()


class PrivateStatistics(PrefixTree):
    """A supernet whose batch normalisations keep running statistics for each prefix; all weights are shared.

    net: the DepthSupernet to copy; both take the same calls. `down` and block 2 exist once for each depth of block 1,
    every copy with the same parameters, among them scale and shift, and statistics of its own. Training uses batch
    statistics, so the weights come out as the supernet's would, to the bit. Source of the idea: Yu et al. 2019
    (slimmable networks), section 3, where scale and shift are private too.
    """

    check = DepthSupernet.check

    def __init__(self, net):
        super().__init__(net)
        self.depth = net.depth
        for copies in (self.downs, self.blocks2):
            for other in copies[1:]:
                tie(other, copies[0])

    def forward(self, x, arch):
        """Logits (N, 10) of the subnet `arch` for images x (N, 1, 28, 28)."""
        d1, d2 = self.check(arch)
        x = self.block1(self.stem(x), d1)
        x = self.blocks2[d1 - 1](self.downs[d1 - 1](x), d2)
        return self.head(x)

    def extract(self, arch):
        """The subnet `arch` with its own statistics, as an ordinary nn.Module: see DepthSupernet.extract."""
        d1, d2 = self.check(arch)
        parts = {
            "stem": deepcopy(self.stem),
            "block1": self.block1.extract(d1),
            "down": deepcopy(self.downs[d1 - 1]),
            "block2": self.blocks2[d1 - 1].extract(d2),
            "head": deepcopy(self.head),
        }
        return nn.Sequential(OrderedDict(parts)).train(self.training)


def tie(copy, original):
    """Let a copy of a module use the parameters of the original; its buffers stay its own."""
    for name in dict(copy.named_parameters()):
        owner, _, leaf = name.rpartition(".")
        setattr(copy.get_submodule(owner), leaf, original.get_parameter(name))
