"""Randomness by name: every draw comes from a generator of its own, so nothing depends on what ran before."""

import hashlib
import threading
from contextlib import contextmanager

import torch

from nas import machine  # noqa: F401 (sets the number of threads)


def derive_seed(*names):
    """A 63-bit seed from any names and numbers, e.g. derive_seed("order", seed, epoch): same names, same seed."""
    digest = hashlib.sha256("/".join(map(str, names)).encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def generator(*names):
    """A new CPU torch.Generator, seeded by derive_seed(*names)."""
    return torch.Generator().manual_seed(derive_seed(*names))


_one_at_a_time = threading.Lock()  # the workers of a Dask cluster may be threads of one process


@contextmanager
def seeded(*names):
    """Seed torch's global CPU generator, under a lock, inside the block only; layers made there draw from it."""
    with _one_at_a_time, torch.random.fork_rng(devices=[]), torch.device("cpu"):
        torch.default_generator.manual_seed(derive_seed(*names))
        yield
