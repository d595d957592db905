"""How a network is trained, and on what, as plain values: read, compared and recorded without importing torch."""

import math
from dataclasses import dataclass

# Each data set and the fingerprint of its raw pixels, on which every record rests.
DATASETS = {"digits": "fb8d3afa569683cf", "mnist": "d33e0dc143f91d01", "fashion": "14ace5d4178baf70"}


def positive_int(name, value):
    """The value, if it is an int above zero. TypeError or ValueError, naming the argument, if not."""
    if type(value) is not int:
        raise TypeError(f"{name} is {value!r}: it must be an int, 1 or more")
    if value < 1:
        raise ValueError(f"{name} is {value}: it must be 1 or more")
    return value


@dataclass(frozen=True)
class TrainConfig:
    """How a network is trained. TypeError or ValueError for a value that makes no sense.

    epochs: passes over the training images. lr: the highest learning rate. schedule: "one-cycle" (Smith & Topin 2018)
    or "constant". steps: stop after so many, the schedule shortened to match; None: epochs decide. precision: "fp32"
    or "bf16", in which convolutions run. channels_last: memory format of the weights, faster on most hardware.
    """

    epochs: int = 3
    batch_size: int = 128
    lr: float = 1e-2
    weight_decay: float = 1e-2
    schedule: str = "one-cycle"
    steps: int | None = None
    precision: str = "fp32"
    channels_last: bool = False

    def __post_init__(self):
        positive_int("epochs", self.epochs)
        positive_int("batch_size", self.batch_size)
        if self.steps is not None:
            positive_int("steps", self.steps)
        for name in ("lr", "weight_decay"):
            if type(getattr(self, name)) not in (int, float):
                raise TypeError(f"{name} is {getattr(self, name)!r}: it must be a number")
        if not (0 < self.lr < math.inf and 0 <= self.weight_decay < math.inf):
            raise ValueError(f"lr is {self.lr}, weight_decay {self.weight_decay}: finite, lr above 0, decay 0 or more")
        for name, allowed in (("schedule", ("one-cycle", "constant")), ("precision", ("fp32", "bf16"))):
            if getattr(self, name) not in allowed:
                raise ValueError(f"{name} is {getattr(self, name)!r}: choose one of {', '.join(allowed)}")
