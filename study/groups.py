"""What an experiment is: groups of tasks whose figures make one record. study/experiments.py lists all there are."""

from dataclasses import dataclass, field, replace

from study.named import Named
from study.recipes import NINE, Space, Variant, get_variant
from study.store import fit_for_files


@dataclass(frozen=True)
class Group:
    """Tasks whose figures stand together in a record: one for each variant, and if `alone` for each architecture too.

    variants: each a Variant, the name of one in study/recipes.py, or None for the plain task. share: a supernet's
    steps are divided by it; None: together they cost what a supernet does. space: None: the experiment's. ValueError
    for a variant with fields for the other kind of task.
    """

    variants: tuple[Variant | str | None, ...] = (None,)
    alone: bool = False
    share: int | None = 1
    space: Space | None = None

    def __post_init__(self):
        for variant in self.variants:
            get_variant(variant).of(self.alone)

    def tasks(self, experiment, profile, seed):
        """Its tasks. A task is known by its name, wherever it is wanted, so that no network is trained twice."""
        from study.tasks import Task

        archs = experiment.architectures if self.alone else (None,)
        space, share = self.space or experiment.space, self.share or len(experiment.architectures)
        return [Task(profile, seed, space, arch, share, variant) for variant in self.variants for arch in archs]


def supernet(variant=None, space=None):
    """A group of one task, a supernet of the whole space: the experiment's, if no other is named."""
    return Group((variant,), space=space)


def split(block, depths=3):
    """A group of few-shot supernets, one for each depth of a block, which together cost what one supernet does."""
    return Group(tuple(f"block{block}-depth{depth}" for depth in range(1, depths + 1)), share=depths)


def alone(variant=None, share=1, space=None):
    """A group of one task per architecture, each for a share of the steps."""
    return Group((variant,), True, share, space)


USUAL = {"supernet": supernet(), "scratch": alone(), "short": alone(share=None)}


@dataclass(frozen=True, eq=False)
class Experiment:
    """Groups of tasks whose figures make one record.

    space: whose architectures. groups: {name: Group}; the record's settings are those of the first. only: the
    architectures in the record; None: the whole space. diagnose(net, split, images): what else to say of the first
    group's supernet.
    full: with all epochs, ensembles and pairs of networks; otherwise with at most `told` epochs. ValueError for a name
    no file can have.
    """

    name: str
    question: str
    space: Space = NINE
    groups: dict = field(default_factory=lambda: USUAL)
    only: tuple | None = None
    diagnose: Named | None = None
    full: bool = True
    told: int = 3

    def __post_init__(self):
        fit_for_files("experiment", self.name)

    @property
    def architectures(self):
        """The architectures in the record."""
        return self.only or self.space.architectures

    def tasks(self, profile, seed):
        """The tasks of one record, {group: [task]}; what these need is not among them."""
        return {name: group.tasks(self, profile, seed) for name, group in self.groups.items()}


def at_other_settings(variants, groups=tuple(USUAL)):
    """Usual groups once more, for each of {end of their names: variant}; nine-networks has the plain ones."""
    return {
        f"{name}-{end}": replace(USUAL[name], variants=(variant,))
        for end, variant in variants.items()
        for name in groups
    }


def supernets(*variants):
    """A group of one supernet for each variant, by its name, beside the plain one."""
    return {"supernet": supernet()} | {get_variant(variant).name: supernet(variant) for variant in variants}
