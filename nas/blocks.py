"""The parts of every network in the book: layer, NAS block, stem and head."""

from copy import deepcopy

import torch
from torch import nn

from nas import asking

# Limits, so that a mistyped number does not fill the memory.
MOST_LAYERS = 100
MOST_CHANNELS = 4_096


def conv_bn_relu(in_channels, out_channels, stride=1):
    """3x3 convolution, batch normalisation, ReLU: (N, in, H, W) -> (N, out, H / stride, W / stride), rounded up.

    A border of zeros ("same" padding) keeps the size at stride 1; batch normalisation brings a shift of its own,
    so the convolution needs no bias. Source: Ioffe & Szegedy 2015, section 3.2.
    """
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, kernel_size=3, stride=stride, padding=1, bias=False),
        nn.BatchNorm2d(out_channels),
        nn.ReLU(inplace=True),
    )


class NASBlock(nn.Module):
    """A chain of layers, of which a path takes the first 1, 2, ... or `depth`: (N, C, H, W) -> (N, C, H, W).

    The order is fixed and nothing is skipped, so a path is fully described by its depth. TypeError or ValueError for a
    depth that is not an int from 1 to the number of layers.
    """

    def __init__(self, channels, depth=3):
        super().__init__()
        channels = asking.whole("channels", channels, most=2 * MOST_CHANNELS)
        depth = asking.whole("depth", depth, most=MOST_LAYERS)
        self.layers = nn.ModuleList(conv_bn_relu(channels, channels) for _ in range(depth))

    def path(self, depth):
        """The first `depth` layers."""
        return self.layers[: asking.whole("depth", depth, most=len(self.layers))]

    def forward(self, x, depth):
        for layer in self.path(depth):
            x = layer(x)
        return x

    def prefixes(self, x):
        """The outputs after depth 1, 2, ..., each computed from the one before."""
        for layer in self.layers:
            x = layer(x)
            yield x

    def extract(self, depth):
        """The path of this depth as an ordinary nn.Sequential with its own copies of the layers."""
        return nn.Sequential(*(deepcopy(layer) for layer in self.path(depth)))


class Stem(nn.Sequential):
    """The first layer, (N, 1, 28, 28) -> (N, width, 28, 28); it refuses any other input."""

    def __init__(self, width):
        width = asking.whole("width", width, most=2 * MOST_CHANNELS)
        super().__init__(*conv_bn_relu(1, width))

    def forward(self, x):
        check_images(x, self[0].weight.dtype)
        return super().forward(x)


def check_images(x, dtype):
    """Raise TypeError or ValueError unless x is a tensor of images (N, 1, 28, 28) of this dtype."""
    if not isinstance(x, torch.Tensor):
        raise TypeError(f"images are {asking.named(x)}: pass a float tensor of shape (N, 1, 28, 28)")
    if x.dim() != 4 or x.shape[1:] != (1, 28, 28):
        channel = ", images.unsqueeze(1)" if x.dim() == 3 else ""
        raise ValueError(f"images have shape {tuple(x.shape)}: this network takes (N, 1, 28, 28){channel}")
    if x.dtype != dtype:
        raise TypeError(f"images are {x.dtype}: this network takes {dtype}, normalised as load_data does it")


class Head(nn.Module):
    """Mean over all positions, then one linear layer: (N, C, H, W) -> logits (N, 10)."""

    def __init__(self, channels, classes=10):
        super().__init__()
        channels = asking.whole("channels", channels, most=2 * MOST_CHANNELS)
        classes = asking.whole("classes", classes, most=MOST_CHANNELS)
        self.linear = nn.Linear(channels, classes)

    def forward(self, x):
        # Logits in full precision: with bfloat16's eight bits, two classes would often tie.
        with torch.autocast(x.device.type, enabled=False):
            return self.linear(x.to(self.linear.weight.dtype).mean(dim=(2, 3)))
