"""Every hyperparameter of the book's experiments, in one place, each with its reason, and how recipes change them.

Plain values: torch is imported when a network is made from them.
"""

import os
from dataclasses import asdict, dataclass, replace

from nas.config import TrainConfig
from study.named import Named


@dataclass(frozen=True)
class Profile:
    """One size at which every experiment runs.

    width: channels of the supernet's first block. seeds: how many a full record has. recalibration: training images
    for recalculated batch statistics. train_images: how many of the training images are used; None: all.
    fast: take channels_last, bfloat16 where the hardware multiplies it faster, and CUDA graphs on a GPU.
    keep_weights: seed 0's, beside the records. augmentation: how far training images are changed, arguments
    of drawn_by_hand; None: not at all. network: changes of an untrained supernet, in this order.
    count_all: also count right answers on all that MNIST calls training images, as R3 did.
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
    network: tuple[Named, ...] = ()
    count_all: bool = False

    def supernet(self, space, seed):
        """The untrained supernet of a space."""
        from nas.seeding import seeded

        net = space.supernet(self.width, seed)
        with seeded("network", seed):  # for what it draws anew
            for change in self.network:
                net = change(net)
        return net

    def config(self, device):
        """The TrainConfig on this device."""
        if not self.fast:
            return self.train
        from nas import machine

        precision = "bf16" if machine.has_fast_bf16(device) else "fp32"
        return replace(self.train, channels_last=True, precision=precision)

    def graphs(self, device):
        """Whether steps are replayed as CUDA graphs on this device."""
        return self.fast and device.type == "cuda"

    @property
    def asked(self):
        """What it asks of every machine, as a plain dict."""
        own = {name: getattr(self, name) for name in ("width", "recalibration", "train_images")}
        changes = {"augmentation": self.augmentation} if self.augmentation else {}
        return own | asdict(self.train) | {"channels_last": self.fast or self.train.channels_last} | changes

    def settings(self, device):
        """The same, plus what this device decides, for records."""
        return self.asked | asdict(self.config(device)) | {"graphs": self.graphs(device)}


# As R0's program has them: Adam, which AdamW is without weight decay. Its 600 steps per epoch are 550 of ours: we set
# 5,000 images aside; its normalisation, by 0.1307 and 0.3081, is ours to the third decimal.
AS_R0 = TrainConfig(epochs=10, batch_size=100, lr=1e-3, weight_decay=0, schedule="constant", channels_last=True)
# How hands differ: turn in radians, slant in columns per row, scale as a share; shift, bend and pen width in pixels.
# Most of all they draw wider: a pad is square, MNIST's digits are 0.7 (a six) to 0.95 (a two) as wide as high. Stretch
# takes these to 0.4 and 1.6. The pad sizes and centres each digit itself, which leaves little scale and shift.
OTHER_HANDS = {
    "turn": 0.2, "slant": 0.3, "scale": 0.1, "stretch": 0.5, "shift": 1.0, "bend": 1.0, "width": 0.6,
}  # fmt: skip
# Images that vary want more steps than the usual batches give; a CPU multiplies fastest in this format.
FOR_ANY_HAND = TrainConfig(epochs=6, batch_size=64, channels_last=True)
# As R3's notebook gives them: 3 epochs for the uniform supernet and for each network from scratch.
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
        Profile("page", "mnist", 8, FOR_ANY_HAND, 1, keep_weights=True, augmentation=OTHER_HANDS),
        # The book's evidence on two cores: W = 16 is the widest at which all its experiments end within three hours.
        Profile("laptop", "mnist", 16, TrainConfig(epochs=3, batch_size=128), 5, fast=True),
        # The same on clothes instead of digits, to see what holds elsewhere.
        Profile("fashion", "fashion", 16, TrainConfig(epochs=3, batch_size=128), 5, fast=True),
        # The same in float32 and PyTorch's usual memory format: evidence that the fast path costs no accuracy.
        Profile("laptop-fp32", "mnist", 16, TrainConfig(epochs=3, batch_size=128), 5),
        # The width and number of epochs that the published reports used, for a GPU.
        Profile("full", "mnist", 32, TrainConfig(epochs=10, batch_size=128), 10, fast=True),
        # R0's settings: width, optimiser, rate, batch size, biases and initial weights. Its faults are variants.
        # It ran in float32; here convolutions take bfloat16 where that is faster, which cost laptop no accuracy.
        Profile("as-r0", "mnist", 32, AS_R0, 3, fast=True, network=(Named("study.builds:as_r0"),)),
        # R3's settings: width, optimiser, rate, batch size, sizes, pooling, and the images that it counted on.
        Profile("as-r3", "mnist", 32, AS_R3, 3, fast=True, network=(Named("study.builds:as_r3"),), count_all=True),
    )
}
LIVE = ("quick", "laptop", "full")


def get_profile(name):
    """The profile of this name. Raises ValueError, naming the allowed ones, for another."""
    if name not in PROFILES:
        raise ValueError(f"profile {name!r} is unknown: choose one of {', '.join(PROFILES)}")
    return PROFILES[name]


def live_profile():
    """The profile at which the chapters train live: NAS_PROFILE, by default quick. ValueError if not in LIVE."""
    name = os.environ.get("NAS_PROFILE") or "quick"
    if name not in LIVE:  # at any other, the chapters' checks of what was trained fail
        raise ValueError(f"NAS_PROFILE: no chapter trains at profile {name!r}: choose one of {', '.join(LIVE)}")
    return PROFILES[name]


def trained_with(profile, rate=1, **changes):
    """The profile with other training settings, and its learning rate times `rate`."""
    return replace(profile, train=replace(profile.train, lr=profile.train.lr * rate, **changes))


def ten_epochs(profile):
    """The profile with ten epochs or more, for readable curves."""
    return trained_with(profile, epochs=max(profile.train.epochs, 10))


def in_batches_of(profile, size):
    """The profile with ten epochs in batches of this size, or of a quarter of its images if it has few."""
    most = profile.train_images // 4 if profile.train_images else size
    return ten_epochs(trained_with(profile, batch_size=min(size, most)))


def as_r1(profile):
    """The settings of R1, for 40 epochs: W = 32, Adam at a fixed rate of 1e-4, batches of 4,096; tests stay small."""
    train = replace(profile.train, lr=1e-4, weight_decay=0, schedule="constant")
    if not profile.train_images:
        profile, train = replace(profile, width=32), replace(train, epochs=40)
    return in_batches_of(replace(profile, train=train), 4096)


def of_width(profile, factor):
    """The profile with `factor` times the channels."""
    return replace(profile, width=max(1, round(factor * profile.width)))


def with_network(profile, place, after=True):
    """The profile with one more change of its untrained networks, a name in study/builds.py, or with this one alone."""
    return replace(profile, network=(*(profile.network if after else ()), Named(f"study.builds:{place}")))
