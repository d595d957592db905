"""What a task may be, as data: the search spaces, and the ways in which a task differs from the plain one."""

from dataclasses import dataclass, field, fields
from functools import lru_cache

from study.named import Named
from study.store import fit_for_files

CONTRACT = ("name", "measures", "architectures", "forward_all", "extract")
SAMPLERS, TEACHING = "nas.methods.bandits", "nas.methods.teaching"
UNIFORM, GRADIENTS = Named("nas.samplers:UniformSampler"), Named("nas.training:gradients")
TEACHERS = ("scratch", "recalculated", "running")
TENTHS = ("training", "nothing", "rewards")
FOR_SUPERNETS, FOR_ONE = ("network", "sampler", "tenth", "fixed"), ("start", "teacher")


@dataclass(frozen=True)
class Space:
    """The networks of a supernet, a "module:class" with options besides width and seed; the class says which.

    choices: what the two numbers of an architecture choose, for table headings.
    The class needs, like DepthSupernet: name (of the space), measures (names in study.work.MEASURES),
    architectures, forward_all and extract, and, if an architecture also lies in smaller spaces, around. ValueError,
    naming it, where one is missing.
    """

    place: str
    options: dict = field(default_factory=dict, hash=False)
    choices: tuple = field(default=("first choice", "second choice"), compare=False)

    def supernet(self, width, seed):
        """An untrained supernet."""
        return Named(self.place, self.options)(width, seed=seed)

    @property
    def name(self):
        """What it is called in records and file names."""
        return example(self).name

    @property
    def measures(self):
        """How its supernet is measured."""
        return example(self).measures

    @property
    def architectures(self):
        """All of them, in the order of forward_all."""
        return example(self).architectures

    @property
    def prefix(self):
        """Begins the names of tasks that train one network alone; empty for the first space."""
        return "" if self.place == DEPTHS else f"{self.name}-"

    def around(self, arch):
        """The smallest space that holds this architecture, whose supernet it is extracted from."""
        return Space(self.place, example(self).around(arch)) if hasattr(example(self), "around") else self


@lru_cache
def example(space):
    """A supernet of one channel, to query."""
    net = space.supernet(1, seed=0)
    if missing := [name for name in CONTRACT if not hasattr(net, name)]:
        raise ValueError(f"{space.place} has no {', '.join(missing)}: a supernet of a study needs them")
    fit_for_files(f"{space.place}.name", net.name)
    return net


DEPTHS = "nas.supernet:DepthSupernet"
KERNELS = ("kernel of layer 1", "kernel of layer 2")


def depths_to(most=3):
    """Two NAS blocks of depths 1 to `most`: chapters 1 to 10."""
    return Space(DEPTHS, {"depth": most}, ("depth of block 1", "depth of block 2"))


NINE = depths_to(3)  # the first space, whose supernet and networks fine-tuning starts from and students learn from


def kernels(padding="same"):
    """Two layers, each with a 3x3 or a 5x5 convolution, with or without padding: chapter 11."""
    return Space("nas.methods.kernels:KernelSupernet", {"padding": padding}, KERNELS)


# A 3x3 and a 5x5 convolution, or both at once: chapter 11c.
PARALLEL = Space("nas.methods.parallel:ParallelSupernet", choices=KERNELS)


@dataclass(frozen=True)
class Variant:
    """How a task differs from the plain one of its seed; a field left alone changes nothing.

    name: in names of tasks. settings(profile): the profile to use instead. network(net): made from the untrained one.
    sampler(architectures, seed), or with the argument steps: which path trains next. tenth: what the last tenth of the
    training images is for: "training", "nothing", or the sampler's "rewards". fixed: (block, choice); the architectures
    to train are those with this choice in this block. measures: of a supernet, names in study.work.MEASURES; None:
    those of its space. once: measures taken after the last epoch only, in addition. by_class: count the right answers
    of each class after each epoch. compute, rates, forget: as in nas.train; loss: that of `compute`. start: begin from
    the extracted subnet of the plain supernet, not from random weights. teacher: learn from an ensemble of nine, the
    networks from scratch or the supernet's subnets with either statistics, instead of the labels.
    ValueError for another tenth or teacher, or a name that no file can have; where it is used, for fields that a
    network alone has no use for (FOR_SUPERNETS), or a supernet (FOR_ONE).
    """

    name: str = ""
    settings: Named | None = None
    network: Named | None = None
    sampler: Named = UNIFORM
    tenth: str = "training"
    fixed: tuple | None = None
    measures: tuple | None = None
    once: tuple = ()
    by_class: bool = False
    compute: Named = GRADIENTS
    loss: Named | None = None
    rates: dict | None = field(default=None, hash=False)
    forget: bool = False
    start: bool = False
    teacher: str | None = None

    def __post_init__(self):
        if self.name:
            fit_for_files("variant", self.name)
        for name, allowed in (("tenth", TENTHS), ("teacher", (None, *TEACHERS))):
            if getattr(self, name) not in allowed:
                value, choices = getattr(self, name), ", ".join(map(repr, allowed))
                raise ValueError(f"variant {self.name!r}: {name} is {value!r}, choose one of {choices}")

    def of(self, alone):
        """The variant. ValueError for fields that its kind of task, a network `alone` or a supernet, ignores."""
        useless = FOR_SUPERNETS if alone else FOR_ONE
        plain = {each.name: each.default for each in fields(self)}
        if odd := [name for name in useless if getattr(self, name) != plain[name]]:
            what = "a network alone" if alone else "a supernet"
            raise ValueError(f"variant {self.name!r}: {', '.join(odd)} means nothing to {what}: leave it out")
        return self


def settings(function, **options):
    """A change of the profile, by the name of a function in study/settings.py."""
    return Named(f"study.settings:{function}", options)


def sampler(name, module=SAMPLERS, **options):
    """A sampler with options."""
    return Named(f"{module}:{name}", options)


# As R0 measured, and after the last epoch the two other ways.
R0S_MEASURES = {"measures": ("batch-100",), "once": ("running", "recalculated")}
WITHOUT_BLOCKS = settings("with_network", place="untrained_blocks")
TENTH_OF_RATE = settings("trained_with", rate=0.1)  # for weights that have been trained already
TEN_EPOCHS = settings("ten_epochs")
GREEDY, HALVING = sampler("EpsilonGreedySampler"), sampler("HalvingSampler")
FAIR = sampler("FairSampler", "nas.methods.schedules")
PER_EXAMPLE = Named(f"{TEACHING}:per_example_gradients")
R1S_LOSS = Named("study.lost_classes:softmax_as_log_probabilities")

VARIANTS = {
    variant.name: variant
    for variant in (
        Variant(
            "low-momentum",
            network=Named("nas.methods.remedies:with_momentum", {"momentum": 0.01}),
            measures=("running", "recalculated", "batch"),
        ),
        Variant("private-statistics", network=Named("nas.methods.remedies:PrivateStatistics"), measures=("running",)),
        Variant("group-norm", network=Named("nas.methods.remedies:group_norm"), measures=("running",)),
        *(Variant(f"block{block}-depth{depth}", fixed=(block, depth)) for block in (1, 2) for depth in (1, 2, 3)),
        Variant("low-rate", settings=TENTH_OF_RATE),
        Variant("constant-rate", settings=settings("trained_with", rate=0.1, schedule="constant")),
        Variant("one-epoch", settings=settings("trained_with", epochs=1)),
        Variant("half-width", settings=settings("of_width", factor=0.5)),
        Variant("double-width", settings=settings("of_width", factor=2)),
        *(Variant(f"rate-{rate}", settings=settings("trained_with", rate=rate)) for rate in (0.3, 3)),
        Variant("fair", sampler=FAIR),
        Variant("sandwich", sampler=sampler("SandwichSampler", "nas.methods.schedules")),
        Variant("proportional", sampler=sampler("ProportionalSampler")),
        Variant("epsilon-greedy", sampler=GREEDY),
        Variant("epsilon-greedy-discounted", sampler=sampler("EpsilonGreedySampler", discount=0.99)),
        Variant("ucb1", sampler=sampler("UCB1Sampler")),
        Variant("thompson", sampler=sampler("ThompsonSampler")),
        Variant("exp3", sampler=sampler("exp3", "study.builds")),
        Variant("halving", sampler=HALVING),
        Variant("epsilon-greedy-nine-tenths", sampler=GREEDY, tenth="nothing"),
        Variant("epsilon-greedy-held-out", sampler=GREEDY, tenth="rewards"),
        Variant("halving-nine-tenths", sampler=HALVING, tenth="nothing"),
        Variant("halving-held-out", sampler=HALVING, tenth="rewards"),
        Variant("fine-tuned", settings=TENTH_OF_RATE, start=True),
        Variant("frozen", settings=TENTH_OF_RATE, start=True, rates={"stem": 0, "block1": 0}),
        Variant("graded", settings=TENTH_OF_RATE, start=True, rates={"stem": 0.1, "block1": 0.1, "down": 0.3}),
        *(
            Variant(f"distilled-{teacher}", teacher=teacher, loss=Named(f"{TEACHING}:distillation_loss"))
            for teacher in TEACHERS
        ),
        Variant("ten-epochs", settings=TEN_EPOCHS),
        Variant("epsilon-greedy-ten-epochs", settings=TEN_EPOCHS, sampler=GREEDY),
        *(Variant(f"batch-{size}", settings=settings("in_batches_of", size=size)) for size in (256, 1024, 4096)),
        # The fair sampler's counts tell the truth: each path has a quarter of every batch.
        *(
            Variant(
                f"per-example-{size}",
                settings=settings("in_batches_of", size=size),
                sampler=FAIR,
                compute=PER_EXAMPLE,
            )
            for size in (256, 1024, 4096)
        ),
        *(Variant(f"slow-layer{layer}", rates={f"layer{layer}": 0.1}) for layer in (1, 2)),
        Variant("frozen-layer1", rates={"layer1": 0}),
        Variant("r1-softmax", settings=settings("as_r1"), by_class=True, loss=R1S_LOSS),
        Variant("r1-logits", settings=settings("as_r1"), by_class=True),
        Variant(
            "r0-as-it-was",
            settings=WITHOUT_BLOCKS,
            forget=True,
            measures=("batch-100",),
            once=("running", "recalculated", "mixed"),
        ),
        Variant("r0-blocks-trained", forget=True, **R0S_MEASURES),
        Variant("r0-one-adam", settings=WITHOUT_BLOCKS, **R0S_MEASURES),
        Variant("r0-both", **R0S_MEASURES),
        Variant(
            "r0-usual-initialisation",
            settings=settings("with_network", place="with_biases", after=False),
            **R0S_MEASURES,
        ),
        Variant("r0-alone", settings=WITHOUT_BLOCKS, measures=("batch-100",), once=("running",)),
        Variant("global-pool", settings=settings("with_network", place="unpadded", after=False)),
        Variant("path-dropout", sampler=sampler("PathDropoutSampler", "nas.methods.parallel")),
        Variant("all-paths", sampler=sampler("PathDropoutSampler", "nas.methods.parallel", rate=0)),
        Variant("in-place", compute=Named(f"{TEACHING}:in_place_gradients")),
        Variant("with-largest", compute=Named(f"{TEACHING}:with_largest", {"teach": False})),
        Variant("in-place-with-largest", compute=Named(f"{TEACHING}:with_largest")),
    )
}  # fmt: skip
PLAIN = Variant()


def get_variant(name):
    """The variant of this name, the plain one for None; a Variant is itself. ValueError, with all names, if unknown."""
    if name is None or isinstance(name, Variant):
        return name or PLAIN
    if name not in VARIANTS:
        raise ValueError(
            f"variant {name!r} is unknown: choose one of {', '.join(VARIANTS)}, or None for the plain task"
        )
    return VARIANTS[name]
