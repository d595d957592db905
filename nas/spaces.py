"""Search spaces: which architectures a task may train, and the supernet that holds them all."""

from dataclasses import dataclass
from typing import ClassVar

from nas.kernel_space import FOUR, KernelSupernet
from nas.parallel_paths import PARALLEL, ParallelSupernet
from nas.supernet import DepthSupernet, all_architectures


@dataclass(frozen=True)
class DepthSpace:
    """Two NAS blocks of depths 1 to `depth`: chapters 1 to 10."""

    depth: int = 3
    measures: ClassVar = ("running", "recalculated")  # how its supernet is measured: names in nas.evaluation.MEASURES
    prefix: ClassVar = ""  # of the names of tasks that train one network alone

    @property
    def name(self):
        return f"depth{self.depth}"

    @property
    def architectures(self):
        return all_architectures(self.depth)

    def supernet(self, width, seed):
        """An untrained supernet."""
        return DepthSupernet(width, self.depth, seed)

    def around(self, arch):
        """The smallest such space that holds this architecture, whose supernet it is extracted from."""
        return DepthSpace(max(arch))


@dataclass(frozen=True)
class KernelSpace:
    """Two layers, each with a 3x3 or a 5x5 convolution, with or without padding: chapter 11."""

    padding: str = "same"
    measures: ClassVar = ("shared",)  # no batch statistics to choose between

    @property
    def name(self):
        return f"kernels-{self.padding}"

    @property
    def prefix(self):
        return f"{self.name}-"

    @property
    def architectures(self):
        return FOUR

    def supernet(self, width, seed):
        """An untrained supernet."""
        return KernelSupernet(width, self.padding, seed)

    def around(self, arch):
        """This space: all its networks are as large as the supernet."""
        return self


@dataclass(frozen=True)
class ParallelSpace:
    """Two layers that may apply a 3x3 and a 5x5 convolution at once: chapter 11c."""

    name: str = "parallel"  # a field, so that it is part of a task's identity
    measures: ClassVar = ("shared",)
    prefix: ClassVar = "parallel-"

    @property
    def architectures(self):
        return PARALLEL

    def supernet(self, width, seed):
        """An untrained supernet."""
        return ParallelSupernet(width, seed)

    def around(self, arch):
        """This space: random initial weights are drawn in the order of its supernet."""
        return self
