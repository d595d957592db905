"""What every test and every chapter's kernel starts with, set before any of them imports torch."""

import atexit
import gc
import os
import sys
from pathlib import Path

import pytest

ROOT = str(Path(__file__).resolve().parent)
sys.path.insert(0, os.path.join(ROOT, "tools"))
import fork_kernel  # noqa: E402

LONG = (
    "test_recipes.py",
    "test_projector.py",
    "test_wheel.py",
    "test_student.py",
    "test_homework.py",
    "test_runner_elsewhere.py",
)

# A kernel runs in book/ and inherits the environment: this is how it finds `nas`, `study` and `kit` without an install.
paths = [ROOT, os.path.join(ROOT, "book"), *filter(None, [os.environ.get("PYTHONPATH")])]
os.environ["PYTHONPATH"] = os.pathsep.join(paths)
os.environ.setdefault("NAS_DEVICE", "cpu")  # committed outputs are those of a CPU
os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")  # else kernels warn on stderr
# So does the oldest PyTorch of ours, where it reads an exported program.
os.environ.setdefault("PYTHONWARNINGS", "ignore:The given buffer is not writable:UserWarning")


def pytest_configure(config):
    """nbval looks for the file from the current folder, which may be any."""
    if "nbval_sanitize_with" in config.option and not config.option.nbval_sanitize_with:
        config.option.nbval_sanitize_with = os.path.join(ROOT, "tests", "sanitize.cfg")
    if fork_kernel.POSSIBLE and getattr(config.option, "nbval", False):
        if not hasattr(config, "workerinput"):  # one for all workers, which inherit the environment
            config.add_cleanup(fork_kernel.start())
        config.option.nbval_current_env, config.option.nbval_kernel_name = False, "forked"


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """What is collected stays: the collector of garbage would read it again and again, for a third of the time."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.freeze()
        atexit.register(gc.unfreeze)  # a library complains of what is left at the very end


def pytest_collection_modifyitems(items):
    """Long files first: a core that took one last would let the others wait."""
    items.sort(key=lambda item: (item.path.suffix != ".ipynb", item.path.name not in LONG))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers():
    """The cores that are allotted, up to eight: a process of tests takes a gigabyte."""
    from study.executors import cores

    return min(cores(), 8)
