"""A task trains one network with one seed: the smallest piece of work, whole in itself, that the runner hands out."""

from dataclasses import asdict, dataclass, replace
from functools import lru_cache

from nas import asking, machine
from nas.costs import cost_table
from nas.data import load_data
from study.recipes import DepthSpace, KernelSpace, ParallelSpace, get_variant
from study.records import RESULTS
from study.settings import get_profile
from study.store import load_tensors, refuse_other_machine, set_aside

SCHEMA = 2  # changes when the meaning of anything in a part does
NINE = DepthSpace()  # whose supernet and networks fine-tuning starts from and students learn from


@dataclass(frozen=True)
class Task:
    """Train the supernet of a space, or one of its architectures, `arch`, alone, from scratch.

    share: train for the profile's steps divided by this; nine short runs cost what one supernet does. variant: what is
    done otherwise, a name in study/recipes.py; None: nothing. The order of the images comes from (seed, epoch) and is
    shared by all tasks of a seed; initial weights and path draws come from the plain task's name, so that a variant
    differs in what it says alone: no bit depends on which process runs it, or when. ValueError for an unknown profile
    or variant.
    """

    profile: str
    seed: int
    space: DepthSpace | KernelSpace | ParallelSpace = NINE
    arch: tuple | None = None
    share: int = 1
    variant: str | None = None

    def __post_init__(self):
        get_profile(self.profile)
        get_variant(self.variant)
        if self.arch:  # one network is the same task, whichever space wants it
            object.__setattr__(self, "space", self.space.around(self.arch))

    @property
    def origin(self):
        """The name of the plain task, from which initial weights and path draws come."""
        alone = self.arch and f"{self.space.prefix}scratch-{'-'.join(map(str, self.arch))}"
        what = alone or f"supernet-{self.space.name}"
        return f"seed{self.seed}-{what}" + (f"-share{self.share}" if self.share > 1 else "")

    @property
    def name(self):
        """What the task trains, as a file name without folder or ending."""
        return f"{self.origin}-{self.variant}" if self.variant else self.origin

    @property
    def plan(self):
        """The profile, with the variant's settings."""
        return get_variant(self.variant).settings(get_profile(self.profile))

    @property
    def needs(self):
        """The tasks to be finished before, whose networks this one starts from or learns from."""
        variant = get_variant(self.variant)
        if variant.teacher == "scratch":
            return tuple(Task(self.profile, self.seed, NINE, arch) for arch in NINE.architectures)
        return (Task(self.profile, self.seed, NINE),) if variant.teacher or variant.start else ()

    @property
    def architectures(self):
        """Those that it trains, in the order of the space."""
        if self.arch:
            return (self.arch,)
        return tuple(filter(get_variant(self.variant).paths, self.space.architectures))

    def network(self):
        """The network before training. A network trained from scratch is an extracted path that nobody trained yet."""
        net = self.plan.supernet(self.space, self.origin)
        return net.extract(self.arch) if self.arch else get_variant(self.variant).network(net)

    @property
    def measures(self):
        """How its network is measured after each epoch: names in nas.evaluation.MEASURES."""
        return get_variant(self.variant).measures or (("running",) if self.arch else self.space.measures)

    @property
    def steps(self):
        """Training steps: those of its epochs over all training images, divided by `share`."""
        config = self.plan.train
        steps = config.epochs * (len(training_data(self.profile).train) // config.batch_size)
        return max(1, round(steps / self.share))

    def config(self, where):
        """Its TrainConfig on a device."""
        config = self.plan.config(where)
        whole = self.share == 1 and not get_variant(self.variant).kept_out
        return config if whole else replace(config, steps=self.steps)

    def cost(self):
        """Multiply-adds of one image in all its training steps, for the estimate of the time left."""
        costs = _costs(self.plan.width, self.space)
        return self.steps * sum(costs[arch] for arch in self.architectures) / len(self.architectures)


@lru_cache(maxsize=2)
def training_data(profile):
    """The profile's data on the device, loaded once a process."""
    profile = get_profile(profile)
    data = load_data(profile.dataset).to(machine.device())
    return data.take(profile.train_images) if profile.train_images else data


@lru_cache(maxsize=4)
def _costs(width, space):
    return {arch: multiply_adds for arch, (_, multiply_adds) in cost_table(space.supernet(width, seed=0)).items()}


def part_path(folder, task):
    """Where a task's result lies."""
    return folder / f"{task.name}.part"


def describe(task):
    """All that decides a task's result besides the machine: itself, its settings and its data, as a plain dict."""
    where = machine.device()
    settings = task.plan.settings(where) | asdict(task.config(where))
    itself = {name: value for name, value in asdict(task).items() if value is not None}
    return {"task": itself, "settings": settings, "data": training_data(task.profile).fingerprint}


def read_part(path, task):
    """The task's finished part, or None where there is none that can be used."""
    try:
        part = load_tensors(path)
        if not isinstance(part, dict) or part.get("schema") != SCHEMA:
            raise ValueError("not a part of this version")
        if part["identity"] != describe(task):
            raise ValueError("it belongs to another task or other settings")
    except FileNotFoundError:
        return None
    except (ValueError, KeyError) as error:
        set_aside(path, error)
        return None
    where = machine.device()
    refuse_other_machine(path, part["fingerprint"], machine.fingerprint(where, task.config(where).precision))
    return part


def needed_network(task, folder):
    """The trained network of a finished task. FileNotFoundError if it is not finished."""
    part = read_part(part_path(folder, task), task)
    if part is None:
        raise FileNotFoundError(f"{part_path(folder, task)} is missing: run that task first")
    return with_weights(task, part["weights"])


def with_weights(task, weights):
    """A task's network with weights that were kept of it."""
    net = task.network()
    net.load_state_dict(weights)
    return net


def weights_path(root, task):
    """Where a finished task's weights are kept for the chapters."""
    return root / task.profile / "weights" / f"{task.name}.pt"


def trained(profile="quick", seed=0, depth=None, arch=None, root=RESULTS):
    """A trained network from the committed weights, in eval mode: the supernet (depth=3) or one from scratch (arch).

    Raises FileNotFoundError, naming the command that makes it, where there is none; ValueError for both or neither,
    TypeError for another kind of value.
    """
    arch, seed = asking.path(arch), asking.whole("seed", seed, 0)
    if not isinstance(profile, str):
        raise TypeError(f"profile is {asking.named(profile)}: it must be a name, e.g. trained('quick', depth=3)")
    if (depth is None) == (arch is None):
        raise ValueError(f"depth is {depth}, arch is {arch}: pass one, e.g. depth=3 or arch=(1, 1)")
    if arch is not None and not (isinstance(arch, tuple) and len(arch) == 2 and {*map(type, arch)} == {int}):
        raise TypeError(f"arch is {asking.named(arch)}: it must be a tuple of two ints, e.g. arch=(1, 1)")
    task = (
        Task(profile, seed, arch=arch)
        if arch
        else Task(profile, seed, DepthSpace(asking.whole("depth", depth, most=9)))
    )
    path = weights_path(root, task)
    if not path.is_file():
        command = f"python -m nas run nine-networks --profile {profile} --seeds {seed}"
        raise FileNotFoundError(f"{path} is missing: only seed 0 of quick keeps its weights, made by `{command}`")
    return with_weights(task, load_tensors(path)).eval()
