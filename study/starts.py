"""What a training run starts with, as plain values: by it a checkpoint tells its own run from any other."""

import re
import zlib
from weakref import WeakKeyDictionary

import torch

from nas import asking

STATE = ("state_dict", "load_state_dict")
WEIGHTS = WeakKeyDictionary()  # {net: {file: weights it began with}}: a stopped cell may be run again as it stands


def started(path, net, splits, sampler, compute, score):
    """{name: value} of the network, its layers and weights, checksums of the splits, the samplers, step and score.

    path: the checkpoint's. splits: {name: split} of the images to train on and to measure on.
    """
    options, samplers = {"architectures": getattr(sampler, "architectures", None)}, {"sampler": sampler}
    if hasattr(sampler, "sampler"):  # as a HeldOutReward has
        samplers["held-out sampler"], splits = sampler.sampler, splits | {"held-out images": sampler.split}
    for name, each in samplers.items():
        lacks = [] if each is None else [call for call in STATE if not hasattr(each, call)]
        if lacks:
            raise TypeError(f"sampler is {asking.named(each)}, without {' and '.join(lacks)}, which a checkpoint calls")
        options |= {name: type(each).__name__}
        options |= {f"{name}'s {key}": value for key, value in getattr(each, "_settings", dict)().items()}
        held = getattr(each, "__dict__", {}).values()
        options[f"{name}'s seed"] = [value.initial_seed() for value in held if isinstance(value, torch.Generator)]
    sums = {name: [*map(checksum, (asking.held(split.images), split.labels))] for name, split in splits.items()}
    weights = zlib.crc32(repr([*map(checksum, (*net.parameters(), *net.buffers()))]).encode())
    sums["initial weights"] = WEIGHTS.setdefault(net, {}).setdefault(path, weights)
    frozen = [name for name, values in net.named_parameters() if not values.requires_grad]
    layers = {f"net's {name}": type(each) if [*each.children()] else each for name, each in net.named_modules()}
    used = layers | {"compute": compute, "score": getattr(score, "func", score)}
    said = {name: re.sub(" at 0x[0-9a-fA-F]+", "", repr(each)) for name, each in used.items()}
    return options | sums | {"frozen": frozen} | said


def checksum(values):
    """CRC-32 of a tensor's bytes."""
    return zlib.crc32(values.detach().cpu().contiguous().flatten().view(torch.uint8).numpy())
