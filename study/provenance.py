"""Where a record comes from: the machine, the versions and the commit that made it."""

import os
import platform
import subprocess
from pathlib import Path

import numpy
import torch

from nas import machine


def device_name(where):
    """What the device calls itself, for records and captions."""
    where = machine.known(where)
    if where.type == "cuda":
        return torch.cuda.get_device_name(where)
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def fingerprint(where, precision):
    """All that decides the bits of a run, besides the code: two runs with equal fingerprints give equal bits."""
    return {
        "device": device_name(where),
        "instructions": torch.backends.cpu.get_cpu_capability() if machine.known(where).type == "cpu" else "cuda",
        "threads": torch.get_num_threads(),
        "precision": precision,
        "torch": str(torch.__version__),
    }


def versions():
    """Versions of what a record's figures depend on less directly."""
    return {"python": platform.python_version(), "numpy": numpy.__version__}


def code_revision():
    """(commit, dirty) of the project's own checkout; (None, None) outside one, as in a virtual environment.

    A repository around the environment, or one that git's variables name (as in a hook), is another project's.
    """
    root = Path(__file__).resolve().parent.parent
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}

    def git(*words):
        words = ["git", "-C", root, *words]
        done = subprocess.run(words, capture_output=True, check=True, env=environment).stdout
        return os.fsdecode(done).strip()

    try:
        if not root.samefile(git("rev-parse", "--show-toplevel")):
            return None, None
        git("ls-files", "--error-unmatch", Path(__file__).resolve())
        return git("rev-parse", "HEAD")[:12], bool(git("status", "--porcelain", "--", ":/nas", ":/study"))
    except (OSError, subprocess.CalledProcessError):
        return None, None
