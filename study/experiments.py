"""The experiments: which tasks each needs, in groups."""

from collections.abc import Callable
from dataclasses import dataclass, field

from nas.methods.diagnosis import diagnose
from study.recipes import TEACHERS, DepthSpace, KernelSpace, ParallelSpace
from study.tasks import Task


def supernet(variant=None, space=None):
    """A group of one task, a supernet of the whole space: that of the experiment, if no other is named."""
    return lambda experiment, profile, seed: [Task(profile, seed, space or experiment.space, variant=variant)]


def split(block):
    """A group of few-shot supernets, one for each depth of a block, which together cost what one supernet does."""
    return lambda experiment, profile, seed: [
        Task(profile, seed, experiment.space, share=experiment.space.depth, variant=f"block{block}-depth{depth}")
        for depth in range(1, experiment.space.depth + 1)
    ]


def alone(variant=None, share=1, space=None):
    """A group of one task an architecture, each for a share of the steps; None: all cost together what a supernet does.

    A task is known by its name, wherever it is wanted, so that no network is trained twice.
    """
    return lambda experiment, profile, seed: [
        Task(profile, seed, space or experiment.space, arch, share or len(experiment.architectures), variant)
        for arch in experiment.architectures
    ]


DEPTHS_TO_3 = DepthSpace(3)
NINE = {"supernet": supernet(), "scratch": alone(), "short": alone(share=None)}


@dataclass(frozen=True, eq=False)
class Experiment:
    """Groups of tasks whose figures make one record.

    space: whose architectures. groups: {name: what makes its tasks}; the first is a plain one. architectures: those
    that the record tells of; None: the whole space. diagnose(net, split, images): what else to say of the first group's
    supernet. full: with all epochs, ensembles and pairs of networks; otherwise with at most `told` epochs.
    """

    name: str
    question: str
    space: DepthSpace | KernelSpace | ParallelSpace = DEPTHS_TO_3
    groups: dict = field(default_factory=lambda: NINE)
    architectures: tuple | None = None
    diagnose: Callable | None = None
    full: bool = True
    told: int = 3

    def __post_init__(self):
        if self.architectures is None:
            object.__setattr__(self, "architectures", self.space.architectures)

    def tasks(self, profile, seed):
        """The tasks of one record, {group: [task]}; what these need is not among them."""
        return {group: make(self, profile, seed) for group, make in self.groups.items()}


def supernets(*variants):
    """A group of one supernet for each variant, by its name, beside the plain one."""
    return {"supernet": supernet()} | {variant: supernet(variant) for variant in variants}


EXPERIMENTS = {
    experiment.name: experiment
    for experiment in (
        Experiment("nine-networks", "Can one supernet tell which of nine networks is best?"),
        Experiment(
            "twenty-five-networks",
            "Does the answer hold for depths to 5, where a ranking carries more?",
            space=DepthSpace(5),
        ),
        Experiment(
            "shared-stage", "What do nine networks reach with shared weights, at other settings?", groups=supernets()
        ),
        Experiment(
            "faults-of-r0",
            "Which fault of R0's program costs how many points?",
            groups={
                fault: supernet(f"r0-{fault}")
                for fault in ("as-it-was", "blocks-trained", "one-adam", "both", "usual-initialisation")
            },
            full=False,
            told=10,
        ),
        Experiment(
            "program-of-r0",
            "What does R0's program give with shared weights, and alone at the supernet's cost?",
            groups={"as-it-was": supernet("r0-as-it-was"), "short": alone("r0-alone", share=None)},
        ),
        Experiment(
            "program-of-r0-alone",
            "What does R0's program give with shared weights, and alone?",
            groups={"as-it-was": supernet("r0-as-it-was"), "scratch": alone("r0-alone")},
        ),
        Experiment(
            "shared-and-scratch",
            "What do nine networks reach together and alone, at other settings?",
            groups={"supernet": supernet(), "scratch": alone()},
        ),
        Experiment(
            "pool-of-r3",
            "By how much does R3's pool, which sees a third of the positions, inflate the worth of depth?",
            groups={
                "supernet": supernet(),
                "scratch": alone(),
                "global-pool": supernet("global-pool"),
                "scratch-global-pool": alone("global-pool"),
            },
            architectures=((1, 1), (1, 3), (3, 1), (3, 3)),
            full=False,
        ),
        Experiment(
            "batch-statistics",
            "Why do shared accuracies collapse, and what mends them?",
            groups=supernets("low-momentum", "private-statistics", "group-norm")
            | {"split-block1": split(1), "split-block2": split(2)},
            diagnose=diagnose,
            full=False,
        ),
        Experiment(
            "collapse",
            "When do shared accuracies not collapse?",
            groups=supernets("low-rate", "constant-rate", "one-epoch", "half-width"),
            full=False,
        ),
        Experiment(
            "learning-rates",
            "Does the comparison rest on the learning rate?",
            groups=NINE
            | {
                f"{group}-{rate}": make
                for rate in (0.3, 3)
                for group, make in (
                    ("supernet", supernet(f"rate-{rate}")),
                    ("scratch", alone(f"rate-{rate}")),
                    ("short", alone(f"rate-{rate}", share=None)),
                )
            },
            full=False,
        ),
        Experiment(
            "widths",
            "Does the comparison rest on the width?",
            groups=NINE
            | {
                f"{group}-{width}": make
                for width in ("half", "double")
                for group, make in (
                    ("supernet", supernet(f"{width}-width")),
                    ("scratch", alone(f"{width}-width")),
                    ("short", alone(f"{width}-width", share=None)),
                )
            },
            full=False,
        ),
        Experiment(
            "schedules",
            "Does a fair schedule, or the sandwich rule, beat uniform sampling at equal steps?",
            groups=supernets("fair", "sandwich"),
            full=False,
        ),
        Experiment(
            "samplers",
            "Does a sampler that learns beat uniform sampling at equal steps?",
            groups=supernets(
                "proportional", "epsilon-greedy", "epsilon-greedy-discounted", "ucb1", "thompson", "exp3"
            ),
            full=False,
        ),
        Experiment(
            "held-out-rewards",
            "Do epsilon-greedy sampling and halving learn better from images that are not trained on?",
            groups=supernets(
                "halving",
                "epsilon-greedy-nine-tenths",
                "epsilon-greedy-held-out",
                "halving-nine-tenths",
                "halving-held-out",
            ),
            full=False,
        ),
        Experiment(
            "fine-tuning",
            "Does a little training of extracted subnets tell which is best?",
            groups={
                "supernet": supernet(),
                "fine-tuned": alone("fine-tuned", share=3),
                "fine-tuned-briefly": alone("fine-tuned", share=9),
                "fine-tuned-frozen": alone("frozen", share=9),
                "fine-tuned-graded": alone("graded", share=9),
            },
            full=False,
        ),
        Experiment(
            "distillation",
            "Does the smallest network gain from the answers of nine?",
            groups={"scratch": alone()}
            | {f"distilled-{teacher}": alone(f"distilled-{teacher}") for teacher in TEACHERS},
            architectures=((1, 1),),
            full=False,
        ),
        Experiment(
            "in-place",
            "Does a supernet gain if its largest subnet teaches the others?",
            groups=supernets("in-place", "with-largest", "in-place-with-largest"),
            full=False,
        ),
        Experiment(
            "long-samplers",
            "Does epsilon-greedy sampling find the best subnet in fewer epochs?",
            groups={
                "supernet": supernet("ten-epochs"),
                "epsilon-greedy": supernet("epsilon-greedy-ten-epochs"),
            },
            full=False,
            told=10,
        ),
        Experiment(
            "kernel-choice",
            "Do four networks of other kernels reach together what each reaches alone?",
            space=KernelSpace("none"),
            groups={
                f"{how}-{padding}": group("ten-epochs", space=KernelSpace(padding))
                for padding in ("none", "same")
                for how, group in (("shared", supernet), ("scratch", alone))
            },
        ),
        Experiment(
            "kernel-batch",
            "Does shared training suffer from large batches, and does a path for each image help?",
            space=KernelSpace("none"),
            groups={"shared-128": supernet("ten-epochs"), "scratch-128": alone("ten-epochs")}
            | {f"shared-{size}": supernet(f"batch-{size}") for size in (256, 1024, 4096)}
            | {f"scratch-{size}": alone(f"batch-{size}") for size in (1024, 4096)}
            | {f"shared-per-example-{size}": supernet(f"per-example-{size}") for size in (256, 1024, 4096)},
            full=False,
        ),
        Experiment(
            "kernel-steps",
            "Where do the steps in R1's learning curves come from?",
            space=KernelSpace("none"),
            groups={
                f"{how}-{output}": group(f"r1-{output}")
                for output in ("softmax", "logits")
                for how, group in (("shared", supernet), ("scratch", alone))
            },
            architectures=((3, 3),),
            full=False,
            told=40,
        ),
        Experiment(
            "parallel-paths",
            "What is left of a network when paths are removed, and does path dropout prepare it?",
            space=ParallelSpace(),
            groups={
                "shared": supernet(),
                "path-dropout": supernet("path-dropout"),
                "all-paths": supernet("all-paths"),
                "scratch": alone(),
            },
            full=False,
        ),
    )
}  # fmt: skip


def get_experiment(name):
    """The experiment of this name. Raises ValueError, naming the allowed ones, for another."""
    if name not in EXPERIMENTS:
        raise ValueError(f"experiment {name!r} is unknown: choose one of {', '.join(EXPERIMENTS)}")
    return EXPERIMENTS[name]
