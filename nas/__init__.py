"""One-shot neural architecture search, block by block: the module that the book's chapters draw their code from."""

from nas import machine  # first: it sets the number of threads
from nas.data import load_data
from nas.ensemble import ensemble
from nas.evaluation import evaluate, evaluate_all, recalibrate, recalibrate_all
from nas.kernel_space import KernelSupernet
from nas.samplers import UniformSampler
from nas.supernet import DepthSupernet
from nas.tabular import lookup
from nas.tasks import trained
from nas.training import TrainConfig, train

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
