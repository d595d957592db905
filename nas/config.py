"""How a network is trained, and on what, as plain values with their checks: none of it imports torch.

nas.asking has the checks of everything else.
"""

import math
import numbers
import sys
from dataclasses import dataclass

# Each data set and the fingerprint of its raw pixels, labels and splits.
DATASETS = {"digits": "fb8d3afa569683cf", "mnist": "d33e0dc143f91d01", "fashion": "14ace5d4178baf70"}
CLASSES = 10
LARGEST = sys.float_info.max


def named(value):
    """A value in a few words: a plain one as it is, anything large by its type."""
    if isinstance(value, type):
        return f"the class {value.__name__}"
    if getattr(value, "ndim", 0):
        return f"a {type(value).__name__} of {getattr(value, 'dtype', 'values')}, shape {tuple(value.shape)}"
    plain = value is None or isinstance(value, numbers.Number | str | tuple) or hasattr(value, "dtype")
    text = repr(value) if plain else ""
    return text if 0 < len(text) <= 200 else f"a {type(value).__name__}"


def is_number(value, kind):
    """Whether it is a number of this kind, not a bool, and not a timedelta, which NumPy calls an integer."""
    span = getattr(getattr(value, "dtype", None), "kind", "") == "m"
    return isinstance(value, kind) and not isinstance(value, bool) and not span


def number(name, value, kind=numbers.Real, wanted="a number, e.g. 0.01"):
    """A Python int or float, infinite if too large. TypeError for a bool, or a tensor that holds a number."""
    if not is_number(value, kind):
        empty = getattr(value, "is_meta", False)  # a tensor without values
        inside = value.item() if getattr(value, "ndim", None) == 0 and not empty else None
        held = f"; pass what it holds, {name}=x.item()" if is_number(inside, kind) else ""
        raise TypeError(f"{name} is {named(value)}: it must be {wanted}{held}")
    if kind is numbers.Integral:
        return int(value)
    try:
        plain = float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf
    return int(value) if isinstance(value, numbers.Integral) else plain


def whole(name, value, least=1, most=None):
    """An int from `least` to `most`."""
    wanted = f"an int, {least} or more" if most is None else f"an int from {least} to {most}"
    value = number(name, value, numbers.Integral, wanted)
    if value < least or (most is not None and value > most):
        raise ValueError(f"{name} is {named(value)}: it must be {wanted}")
    return value


def choice(name, value, allowed):
    """One of the allowed words, or of True and False."""
    if not isinstance(value, type(allowed[0])) or value not in allowed:
        raise ValueError(f"{name} is {named(value)}: choose one of {', '.join(map(str, allowed))}")
    return value


@dataclass(frozen=True)
class TrainConfig:
    """How a network is trained. TypeError or ValueError for a value that makes no sense.

    epochs: passes over the training images. lr: the highest learning rate. schedule: "one-cycle" (Smith & Topin 2018)
    or "constant". steps: stop after this many, the schedule shortened to match; None: epochs decide. precision: "fp32"
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
        counts = {name: getattr(self, name) for name in ("epochs", "batch_size", "steps")}
        plain = {name: whole(name, n) for name, n in counts.items() if name != "steps" or n is not None}
        plain |= {name: number(name, getattr(self, name)) for name in ("lr", "weight_decay")}
        lr, decay = plain["lr"], plain["weight_decay"]
        if not (0 < lr <= LARGEST and 0 <= decay <= LARGEST):
            raise ValueError(f"lr is {lr}, weight_decay {decay}: finite, lr above 0, decay 0 or more")
        words = {"schedule": ("one-cycle", "constant"), "precision": ("fp32", "bf16"), "channels_last": (True, False)}
        for name, allowed in words.items():
            choice(name, getattr(self, name), allowed)
        for name, value in plain.items():
            object.__setattr__(self, name, value)  # records hold Python's own numbers
