"""The machine a run uses: its threads, device and precision. The one place that sets any of them."""

import os

import torch

from nas.config import choice, named

MOST_THREADS = 1024


def wanted_threads():
    """The number that NAS_THREADS names, by default 1. ValueError unless it is an int from 1 to 1024."""
    wanted = os.environ.get("NAS_THREADS") or "1"
    if not wanted.isdecimal() or not 1 <= int(wanted[:9]) <= MOST_THREADS:
        raise ValueError(f"NAS_THREADS={wanted!r}: set it to an int from 1 to {MOST_THREADS}, or leave it unset")
    return int(wanted)


# One torch thread per process. On two cores, two processes with two threads each are over ten times slower than
# two with one each, and another number of threads changes the bits that training gives.
THREADS = wanted_threads()
torch.set_num_threads(THREADS)


def device():
    """The torch.device to use: the GPU where there is one, else the CPU; NAS_DEVICE=cpu or cuda overrides this.

    Raises ValueError for another value of NAS_DEVICE, or where it asks for a GPU that is absent.
    """
    wanted = os.environ.get("NAS_DEVICE") or ("cuda" if torch.cuda.is_available() else "cpu")
    if wanted not in ("cpu", "cuda"):
        raise ValueError(f"NAS_DEVICE={wanted!r}: set it to 'cpu' or 'cuda', or leave it unset")
    if wanted == "cuda" and not torch.cuda.is_available():
        raise ValueError("NAS_DEVICE='cuda', but torch finds no GPU here: set NAS_DEVICE=cpu, or leave it unset")
    return torch.device(wanted)


def known(where):
    """A torch.device, given as such or by name, "cpu". TypeError or ValueError for anything else."""
    try:
        return torch.device(where if isinstance(where, str | torch.device) else "")
    except RuntimeError as error:
        kind = ValueError if isinstance(where, str) else TypeError
        raise kind(f"where is {named(where)}: pass a torch.device, e.g. machine.device()") from error


def has_fast_bf16(where):
    """True where the hardware multiplies bfloat16 faster than float32: asked, not assumed."""
    where = known(where)
    if where.type == "cuda":
        return torch.cuda.get_device_capability(where) >= (8, 0)
    checks = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    return any(getattr(torch.cpu, check, bool)() for check in checks)


def autocast(where, precision):
    """Context in which convolutions run in the given precision: "fp32" or "bf16". ValueError for another."""
    bf16 = choice("precision", precision, ("fp32", "bf16")) == "bf16"
    return torch.autocast(known(where).type, dtype=torch.bfloat16, enabled=bf16)
