"""One-shot neural architecture search, block by block: the module that the book's chapters draw their code from.

Its names are handed on when they are first asked for, so that `import nas` is cheap and whoever only reads records
needs no torch. `lookup` and `trained` live in the study.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # what an editor sees
    from nas import machine
    from nas.config import TrainConfig
    from nas.data import load_data
    from nas.ensembling import ensemble
    from nas.evaluation import evaluate, evaluate_all, recalibrate, recalibrate_all
    from nas.kernels import KernelSupernet
    from nas.samplers import UniformSampler
    from nas.supernet import DepthSupernet
    from nas.training import train
    from study.tabular import lookup
    from study.tasks import trained

__all__ = [
    "DepthSupernet",
    "KernelSupernet",
    "TrainConfig",
    "UniformSampler",
    "ensemble",
    "evaluate",
    "evaluate_all",
    "load_data",
    "lookup",
    "machine",
    "recalibrate",
    "recalibrate_all",
    "train",
    "trained",
]

PLACES = {
    "nas.data": ["load_data"],
    "nas.ensembling": ["ensemble"],
    "nas.evaluation": ["evaluate", "evaluate_all", "recalibrate", "recalibrate_all"],
    "nas.kernels": ["KernelSupernet"],
    "nas.samplers": ["UniformSampler"],
    "nas.supernet": ["DepthSupernet"],
    "nas.config": ["TrainConfig"],
    "nas.training": ["train"],
    "study.tabular": ["lookup"],
    "study.tasks": ["trained"],
}


def __getattr__(name):
    for place, names in PLACES.items():
        if name in names:
            globals()[name] = found = getattr(import_module(place), name)
            return found
    if name == "machine":
        return import_module("nas.machine")
    raise AttributeError(f"module 'nas' has no attribute {name!r}")


def __dir__():
    return sorted({*globals(), *__all__})
