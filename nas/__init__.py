"""One-shot neural architecture search, block by block: the module that the book's chapters draw their code from.

Each name is imported when it is first used, so that `import nas` is cheap and reading records needs no torch.
`lookup` and `trained` live in the study.
"""

from importlib import import_module
from typing import TYPE_CHECKING

# ruff: noqa: F401
if TYPE_CHECKING:  # what an editor sees
    from nas import machine
    from nas.config import TrainConfig
    from nas.data import load_data
    from nas.evaluation import ensemble, evaluate, evaluate_all, recalibrate
    from nas.methods.kernels import KernelSupernet
    from nas.methods.remedies import recalibrate_all
    from nas.samplers import UniformSampler
    from nas.supernet import DepthSupernet
    from nas.training import train
    from study.analysis.tabular import lookup
    from study.tasks import trained

# Each public name, and the module that holds it.
PLACES = {
    "DepthSupernet": "nas.supernet",
    "KernelSupernet": "nas.methods.kernels",
    "TrainConfig": "nas.config",
    "UniformSampler": "nas.samplers",
    "ensemble": "nas.evaluation",
    "evaluate": "nas.evaluation",
    "evaluate_all": "nas.evaluation",
    "load_data": "nas.data",
    "lookup": "study.analysis.tabular",
    "machine": "nas.machine",
    "recalibrate": "nas.evaluation",
    "recalibrate_all": "nas.methods.remedies",
    "train": "nas.training",
    "trained": "study.tasks",
}
__all__ = [*PLACES]


def __getattr__(name):
    if name not in PLACES:
        raise AttributeError(f"module 'nas' has no attribute {name!r}")
    module = import_module(PLACES[name])
    globals()[name] = found = module if name == "machine" else getattr(module, name)
    return found


def __dir__():
    return sorted({*globals(), *__all__})
