"""What a task may be: the search spaces, and the variants, by name, of what is done otherwise than plainly."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import ClassVar

from nas.kernels import FOUR, KernelSupernet
from nas.methods.bandits import (
    EpsilonGreedySampler,
    Exp3Sampler,
    HalvingSampler,
    ProportionalSampler,
    ThompsonSampler,
    UCB1Sampler,
    exp3_gamma,
)
from nas.methods.parallel import PARALLEL, ParallelSupernet, PathDropoutSampler
from nas.methods.remedies import PrivateStatistics, group_norm, with_momentum
from nas.methods.teaching import distillation_loss, in_place_gradients, per_example_gradients, with_largest
from nas.samplers import FairSampler, SandwichSampler, UniformSampler
from nas.supernet import DepthSupernet, all_architectures
from nas.training import gradients
from study.lost_classes import softmax_as_log_probabilities
from study.settings import unpadded, untrained_blocks, with_biases


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


TEACHERS = ("scratch", "recalculated", "running")


@dataclass(frozen=True)
class Variant:
    """What one task does otherwise than the plain one of its seed; a field left alone changes nothing.

    settings(profile): the profile to use instead. network(net): made of the untrained network. sampler(architectures,
    seed, steps): which path trains next. kept_out: a tenth of the training images is kept out of training. held_out:
    and the sampler's rewards come from that tenth. paths(arch): the architectures to train, of all. measures: of a
    supernet, names in nas.evaluation.MEASURES; None: those of its space. once: measures taken after the last epoch
    only, in addition. by_class: count the right answers of each class after each epoch. compute, rates, forget: as in
    nas.train. start: begin from the extracted subnet
    of the plain supernet, not from random weights. teacher: learn from an ensemble of nine, the networks from scratch
    or the supernet's subnets with either statistics, instead of the labels.
    """

    settings: Callable = lambda profile: profile
    network: Callable = lambda net: net
    sampler: Callable = lambda architectures, seed, steps: UniformSampler(architectures, seed)
    kept_out: bool = False
    held_out: bool = False
    paths: Callable = lambda arch: True
    measures: tuple | None = None
    once: tuple = ()
    by_class: bool = False
    compute: Callable = gradients
    rates: dict | None = None
    forget: bool = False
    start: bool = False
    teacher: str | None = None


def trained_with(rate=1, **changes):
    """A function that gives a profile other training settings, and its learning rate times `rate`."""

    def settings(profile):
        return replace(profile, train=replace(profile.train, lr=profile.train.lr * rate, **changes))

    return settings


def ten_epochs(profile):
    """The profile with ten epochs or more, for curves that are to be read."""
    return replace(profile, train=replace(profile.train, epochs=max(profile.train.epochs, 10)))


def in_batches_of(size):
    """A function that gives a profile ten epochs in batches of this size, or a quarter of its images if it has few."""

    def settings(profile):
        most = profile.train_images // 4 if profile.train_images else size
        return ten_epochs(replace(profile, train=replace(profile.train, batch_size=min(size, most))))

    return settings


def as_r1(profile):
    """The settings of R1, for 40 epochs: W = 32, Adam at a fixed rate of 1e-4, batches of 4,096; tests stay small."""
    train = replace(profile.train, lr=1e-4, weight_decay=0, schedule="constant")
    if not profile.train_images:
        profile, train = replace(profile, width=32), replace(train, epochs=40)
    return in_batches_of(4096)(replace(profile, train=train))


def of_width(factor):
    """A function that gives a profile so many times the channels."""
    return lambda profile: replace(profile, width=max(1, round(factor * profile.width)))


def without_block_training(profile):
    """The profile with networks whose blocks keep their initial weights."""
    return replace(profile, network=lambda net: untrained_blocks(profile.network(net)))


def plainly(sampler, **options):
    """A sampler that need not know how many steps there will be."""
    return lambda architectures, seed, steps: sampler(architectures, seed, **options)


def exp3(architectures, seed, steps):
    """Exp3 with the gamma that its source recommends."""
    return Exp3Sampler(architectures, seed, gamma=exp3_gamma(len(architectures), steps))


def halving(architectures, seed, steps):
    """Successive halving with all steps as its budget."""
    return HalvingSampler(architectures, seed, steps=steps)


def path_dropout(**options):
    """Path dropout that rises over all the steps of a task."""
    return lambda architectures, seed, steps: PathDropoutSampler(architectures, seed, steps=steps, **options)


def only(block, depth):
    """Is a block of an architecture of this depth? For few-shot supernets, each of a third of the space."""
    return lambda arch: arch[block - 1] == depth


# As R0 measured, and after the last epoch the two other ways.
R0S_MEASURES = {"measures": ("batch-100",), "once": ("running", "recalculated")}
TENTH = trained_with(rate=0.1)  # for weights that have been trained already
epsilon_greedy = plainly(EpsilonGreedySampler)

VARIANTS = {
    "low-momentum": Variant(
        network=lambda net: with_momentum(net, 0.01), measures=("running", "recalculated", "batch")
    ),
    "private-statistics": Variant(network=PrivateStatistics, measures=("running",)),
    "group-norm": Variant(network=group_norm, measures=("running",)),
    **{f"block{block}-depth{depth}": Variant(paths=only(block, depth)) for block in (1, 2) for depth in (1, 2, 3)},
    "low-rate": Variant(settings=TENTH),
    "constant-rate": Variant(settings=trained_with(rate=0.1, schedule="constant")),
    "one-epoch": Variant(settings=trained_with(epochs=1)),
    "half-width": Variant(settings=of_width(0.5)),
    "double-width": Variant(settings=of_width(2)),
    **{f"rate-{rate}": Variant(settings=trained_with(rate=rate)) for rate in (0.3, 3)},
    "fair": Variant(sampler=plainly(FairSampler)),
    "sandwich": Variant(sampler=plainly(SandwichSampler)),
    "proportional": Variant(sampler=plainly(ProportionalSampler)),
    "epsilon-greedy": Variant(sampler=epsilon_greedy),
    "epsilon-greedy-discounted": Variant(sampler=plainly(EpsilonGreedySampler, discount=0.99)),
    "ucb1": Variant(sampler=plainly(UCB1Sampler)),
    "thompson": Variant(sampler=plainly(ThompsonSampler)),
    "exp3": Variant(sampler=exp3),
    "halving": Variant(sampler=halving),
    "epsilon-greedy-nine-tenths": Variant(sampler=epsilon_greedy, kept_out=True),
    "epsilon-greedy-held-out": Variant(sampler=epsilon_greedy, kept_out=True, held_out=True),
    "halving-nine-tenths": Variant(sampler=halving, kept_out=True),
    "halving-held-out": Variant(sampler=halving, kept_out=True, held_out=True),
    "fine-tuned": Variant(settings=TENTH, start=True),
    "frozen": Variant(settings=TENTH, start=True, rates={"stem": 0, "block1": 0}),
    "graded": Variant(settings=TENTH, start=True, rates={"stem": 0.1, "block1": 0.1, "down": 0.3}),
    **{
        f"distilled-{teacher}": Variant(teacher=teacher, compute=partial(gradients, loss=distillation_loss))
        for teacher in TEACHERS
    },
    "ten-epochs": Variant(settings=ten_epochs),
    "epsilon-greedy-ten-epochs": Variant(settings=ten_epochs, sampler=epsilon_greedy),
    **{f"batch-{size}": Variant(settings=in_batches_of(size)) for size in (256, 1024, 4096)},
    **{
        # The fair sampler's counts tell the truth: each path has a quarter of every batch.
        f"per-example-{size}": Variant(
            settings=in_batches_of(size), sampler=plainly(FairSampler), compute=per_example_gradients
        )
        for size in (256, 1024, 4096)
    },
    "r1-softmax": Variant(settings=as_r1, by_class=True, compute=partial(gradients, loss=softmax_as_log_probabilities)),
    "r1-logits": Variant(settings=as_r1, by_class=True),
    "r0-as-it-was": Variant(
        settings=without_block_training,
        forget=True,
        measures=("batch-100",),
        once=("running", "recalculated", "mixed"),
    ),
    "r0-blocks-trained": Variant(forget=True, **R0S_MEASURES),
    "r0-one-adam": Variant(settings=without_block_training, **R0S_MEASURES),
    "r0-both": Variant(**R0S_MEASURES),
    "r0-usual-initialisation": Variant(settings=lambda profile: replace(profile, network=with_biases), **R0S_MEASURES),
    "r0-alone": Variant(settings=without_block_training, measures=("batch-100",), once=("running",)),
    "global-pool": Variant(settings=lambda profile: replace(profile, network=unpadded)),
    "path-dropout": Variant(sampler=path_dropout()),
    "all-paths": Variant(sampler=path_dropout(rate=0)),
    "in-place": Variant(compute=in_place_gradients),
    "with-largest": Variant(compute=partial(with_largest, teach=False)),
    "in-place-with-largest": Variant(compute=with_largest),
}
PLAIN = Variant()


def get_variant(name):
    """The variant of this name, the plain one for None. ValueError, naming the allowed ones, for another."""
    if name is None:
        return PLAIN
    if name not in VARIANTS:
        raise ValueError(
            f"variant {name!r} is unknown: choose one of {', '.join(VARIANTS)}, or None for the plain task"
        )
    return VARIANTS[name]


def without_last_tenth(data):
    """The dataset without the last tenth of its training images, and these as a split of their own."""
    kept = len(data.train) - len(data.train) // 10
    rest = replace(data.train, images=data.train.images[kept:], labels=data.train.labels[kept:])
    return data.take(kept), rest
