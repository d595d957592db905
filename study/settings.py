"""Every hyperparameter of the book's experiments, in one place, each with its reason; and what the reports
built otherwise, as far as known, for the profiles that carry their names.
"""

import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

from torch import nn

from nas import machine
from nas.blocks import Head
from nas.seeding import seeded
from nas.supernet import DepthSupernet
from nas.training import TrainConfig

WINDOW = 7


class WindowHead(Head):
    """The head of R3: a mean over the upper left 7 x 7 positions, then one linear layer.

    R3 pools 12 x 12 positions in windows of 7 x 7; at the usual stride of one window only that one fits.
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
    """The supernet with R3's sizes but the mean over all positions that it meant to take. As as_r3 otherwise."""
    if not isinstance(net, DepthSupernet):
        raise ValueError(f"a {type(net).__name__} has no settings of R3: pass a DepthSupernet, or use another profile")
    for layer in (net.stem, net.down):
        layer[0].padding = (0, 0)
    return net


def with_biases(net):
    """The network with convolutions that have a bias, as R0's. Returns net, changed in place.

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


@dataclass(frozen=True)
class Profile:
    """One size at which every experiment runs.

    width: channels of the supernet's first block. seeds: how many a full record has. recalibration: training images
    for recalculated batch statistics. train_images: how many of the training images are used; None: all.
    fast: take channels_last, bfloat16 where the hardware multiplies it faster, and CUDA graphs on a GPU.
    keep_weights: of seed 0's networks, beside the records. network(net): what to make of an untrained supernet.
    count_all: count right answers on all images that MNIST calls training images too, as R3 did.
    """

    name: str
    dataset: str
    width: int
    train: TrainConfig
    seeds: int
    recalibration: int = 2_000
    train_images: int | None = None
    fast: bool = False
    keep_weights: bool = False
    network: Callable = lambda net: net
    count_all: bool = False

    def supernet(self, space, seed):
        """The untrained supernet of a space."""
        net = space.supernet(self.width, seed)
        with seeded("network", seed):  # of what the profile draws anew
            return self.network(net)

    def config(self, device):
        """The TrainConfig on this device."""
        if not self.fast:
            return self.train
        precision = "bf16" if machine.has_fast_bf16(device) else "fp32"
        return replace(self.train, channels_last=True, precision=precision)

    def graphs(self, device):
        """Whether steps are replayed as CUDA graphs on this device."""
        return self.fast and device.type == "cuda"

    @property
    def asked(self):
        """What it asks of every machine, as a plain dict."""
        own = {name: getattr(self, name) for name in ("width", "recalibration", "train_images")}
        return own | asdict(self.train) | {"channels_last": self.fast or self.train.channels_last}

    def settings(self, device):
        """The same with what this device decides, for records."""
        return self.asked | asdict(self.config(device)) | {"graphs": self.graphs(device)}


# As R0's program has them: Adam, which AdamW is without weight decay. Its 600 steps an epoch are 550 of ours, which set
# 5,000 images aside; its normalisation, by 0.1307 and 0.3081, is ours to the third decimal.
AS_R0 = TrainConfig(epochs=10, batch_size=100, lr=1e-3, weight_decay=0, schedule="constant", channels_last=True)
# As R3 tells them in its notebook: 3 epochs for the uniform supernet and for each network from scratch.
AS_R3 = TrainConfig(epochs=3, batch_size=32, lr=1e-4, schedule="constant")
# AdamW and a one-cycle schedule to 1e-2 everywhere: the highest rate at which every network, alone or in the supernet,
# trained without a spike at each size; the cycle ends near zero, so that the last epoch can be compared between runs.
PROFILES = {
    profile.name: profile
    for profile in (
        # W = 4, 256 digits, 2 epochs: each experiment in a second or two, for the tests. Its figures mean nothing.
        Profile("tiny", "digits", 4, TrainConfig(epochs=2, batch_size=12), 2, recalibration=256, train_images=256),
        # Digits are few: 30 epochs of 19 steps. W = 8 and float32 throughout, so that a chapter runs in seconds and
        # gives the same bits on one machine each time.
        Profile("quick", "digits", 8, TrainConfig(epochs=30, batch_size=64), 3, recalibration=500, keep_weights=True),
        # The book's evidence on two cores: W = 16 is the widest at which all its experiments end within three hours.
        Profile("laptop", "mnist", 16, TrainConfig(epochs=3, batch_size=128), 5, fast=True),
        # The same on clothes instead of digits, to see what holds elsewhere.
        Profile("fashion", "fashion", 16, TrainConfig(epochs=3, batch_size=128), 5, fast=True),
        # The same in float32 and PyTorch's usual memory format: evidence that the fast path costs no accuracy.
        Profile("laptop-fp32", "mnist", 16, TrainConfig(epochs=3, batch_size=128), 5),
        # The width and number of epochs that the published reports used, for a GPU.
        Profile("full", "mnist", 32, TrainConfig(epochs=10, batch_size=128), 10, fast=True),
        # R0's settings: width, optimiser, rate, batch size, biases and initial weights. Its faults are variants.
        Profile("as-r0", "mnist", 32, AS_R0, 3, network=as_r0),
        # R3's settings: width, optimiser, rate, batch size, sizes, pooling, and the images that it counted on.
        Profile("as-r3", "mnist", 32, AS_R3, 3, fast=True, network=as_r3, count_all=True),
    )
}


def get_profile(name):
    """The profile of this name. Raises ValueError, naming the allowed ones, for another."""
    if name not in PROFILES:
        raise ValueError(f"profile {name!r} is unknown: choose one of {', '.join(PROFILES)}")
    return PROFILES[name]


def live_profile():
    """The profile at which the chapters train live: NAS_PROFILE, by default quick. ValueError for an unknown one."""
    try:
        return get_profile(os.environ.get("NAS_PROFILE") or "quick")
    except ValueError as error:
        raise ValueError(f"NAS_PROFILE: {error}") from error
