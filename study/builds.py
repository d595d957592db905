"""What the reports built differently, as far as known, and samplers that must know the number of steps."""

from torch import nn

from nas.blocks import Head
from nas.methods.bandits import Exp3Sampler, exp3_gamma
from nas.supernet import DepthSupernet

WINDOW = 7


class WindowHead(Head):
    """The head of R3: a mean over the upper left 7 x 7 positions, then one linear layer.

    R3 pools 12 x 12 positions in windows of 7 x 7; at the usual stride, one window, only that one fits.
    """

    def forward(self, x):
        return super().forward(x[:, :, :WINDOW, :WINDOW])


def as_r3(net):
    """The supernet with R3's sizes, 28 -> 26 -> 12: no padding in the stem and `down`, and its pooling. Same weights.

    Returns net, changed in place. ValueError for the supernet of another space.
    """
    unpadded(net)
    head = WindowHead(net.head.linear.in_features, net.head.linear.out_features)
    head.load_state_dict(net.head.state_dict())
    net.head = head
    return net


def unpadded(net):
    """The supernet with R3's sizes but the mean over all positions that R3 meant to take. See as_r3."""
    if not isinstance(net, DepthSupernet):
        raise ValueError(f"a {type(net).__name__} has no settings of R3: pass a DepthSupernet, or use another profile")
    for layer in (net.stem, net.down):
        layer[0].padding = (0, 0)
    return net


def with_biases(net):
    """The network with convolutions that have a bias, as R0's do. Returns net, changed in place.

    All of them draw their initial weights and biases anew from PyTorch's default distributions. A batch normalisation
    that uses the statistics of the batch takes each bias away again.
    """
    for layer in [layer for layer in net.modules() if isinstance(layer, nn.Conv2d)]:
        layer.bias = nn.Parameter(layer.weight.new_empty(layer.out_channels))
        layer.reset_parameters()
    return net


def as_r0(net):
    """The network with biases, and with R0's initial weights: all, biases and the last layer too, from U(-1, 1).

    Returns net, changed in place.
    """
    for layer in with_biases(net).modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            nn.init.uniform_(layer.weight, -1, 1)
            nn.init.uniform_(layer.bias, -1, 1)
    return net


def untrained_blocks(net):
    """The network whose two blocks keep their initial weights, scales and shifts: without gradients nothing moves them.

    R0 keeps the layers of its blocks in plain lists, and the optimiser never hears of them; batch normalisation in the
    blocks goes on updating its running statistics. Returns net, changed in place.
    """
    net.block1.requires_grad_(False)
    net.block2.requires_grad_(False)
    return net


def exp3(architectures, seed, *, steps):
    """Exp3 with the gamma that its source recommends."""
    return Exp3Sampler(architectures, seed, gamma=exp3_gamma(len(architectures), steps))
