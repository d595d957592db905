"""Every hyperparameter of the book's experiments, in one place, each with its reason."""

import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

from nas import machine
from nas.reports import as_r3
from nas.training import TrainConfig


@dataclass(frozen=True)
class Profile:
    """One size at which every experiment runs.

    width: channels of the supernet's first block. seeds: how many a full record has. recalibration: training images
    for recalculated batch statistics. train_images: how many of the training images are used; None: all.
    fast: take channels_last, bfloat16 where the hardware multiplies it faster, and CUDA graphs on a GPU.
    keep_weights: of seed 0's networks, beside the records. augmentation: how far training images are changed, arguments
    of drawn_by_hand; None: not at all. network(net): what to make of an untrained supernet.
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
    augmentation: dict | None = None
    network: Callable = lambda net: net

    def supernet(self, space, seed):
        """The untrained supernet of a space."""
        return self.network(space.supernet(self.width, seed))

    def config(self, device):
        """The TrainConfig on this device."""
        if not self.fast:
            return self.train
        precision = "bf16" if machine.has_fast_bf16(device) else "fp32"
        return replace(self.train, channels_last=True, precision=precision, graphs=device.type == "cuda")

    def settings(self, device):
        """All of the above as a plain dict, for records."""
        own = {name: getattr(self, name) for name in ("width", "recalibration", "train_images")}
        changes = {"augmentation": self.augmentation} if self.augmentation else {}
        return own | asdict(self.config(device)) | changes


# What other hands do: turns in radians, slant in columns a row, scale as a share, shift and stroke width in pixels.
OTHER_HANDS = {"turn": 0.2, "slant": 0.3, "scale": 0.15, "shift": 1.5, "width": 0.6}
# As R3 tells them; its number of epochs is not known.
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
        # The network in the page, for digits from any hand: small enough to load, trained on images that vary more.
        Profile("page", "mnist", 8, TrainConfig(epochs=6), 1, keep_weights=True, augmentation=OTHER_HANDS),
        # The book's evidence on two cores: W = 16 is the widest at which all its experiments end within three hours.
        Profile("laptop", "mnist", 16, TrainConfig(epochs=3, batch_size=128), 5, fast=True),
        # The same in float32 and PyTorch's usual memory format: evidence that the fast path costs no accuracy.
        Profile("laptop-fp32", "mnist", 16, TrainConfig(epochs=3, batch_size=128), 5),
        # The width and number of epochs that the published reports used, for a GPU.
        Profile("full", "mnist", 32, TrainConfig(epochs=10, batch_size=128), 10, fast=True),
        # R0's settings as far as known, width and epochs; the rest is ours.
        Profile("as-r0", "mnist", 32, TrainConfig(epochs=10, batch_size=128), 3, fast=True),
        # R3's settings: width, optimiser, rate, batch size, sizes and pooling.
        Profile("as-r3", "mnist", 32, AS_R3, 3, fast=True, network=as_r3),
    )
}


def get_profile(name):
    """The profile of this name. Raises ValueError, naming the allowed ones, for another."""
    if name not in PROFILES:
        raise ValueError(f"profile {name!r} is unknown: choose one of {', '.join(PROFILES)}")
    return PROFILES[name]


def live_profile():
    """The profile at which the chapters train live: NAS_PROFILE, by default quick. ValueError for an unknown one."""
    return get_profile(os.environ.get("NAS_PROFILE") or "quick")
