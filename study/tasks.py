"""A task trains one network with one seed: the smallest piece of work, whole in itself, that the runner hands out."""

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path

from nas import asking, machine
from nas.config import DATASETS
from nas.data import load_data
from nas.evaluation import cost_table
from study import provenance
from study.named import Named, digest
from study.recipes import NINE, PLAIN, Space, Variant, depths_to, get_variant
from study.records import chosen, find
from study.settings import get_profile
from study.store import load_tensors, refuse_other_machine, save_tensors, set_aside

SCHEMA = 2  # changes when the meaning of anything in a part does


class OtherCodeError(ValueError):
    """A part that other code made: only the reader can know whether that matters."""


@dataclass(frozen=True)
class Task:
    """Train the supernet of a space, or one of its architectures, `arch`, alone, from scratch.

    share: train for the profile's steps divided by this; nine short runs cost what one supernet does. variant: what it
    does differently, a Variant or the name of one in study/recipes.py; None: nothing. The images' order comes from
    (seed, epoch) and is shared by all tasks of a seed; initial weights and path draws come from the plain task's name,
    so that a variant changes only what it says: no bit depends on which process runs it, or when. ValueError for an
    unknown profile or variant, or one meant for the other kind of task.
    """

    profile: str
    seed: int
    space: Space = NINE
    arch: tuple | None = None
    share: int = 1
    variant: Variant | str | None = PLAIN

    def __post_init__(self):
        get_profile(self.profile)
        object.__setattr__(self, "seed", asking.whole("seed", self.seed, 0))
        object.__setattr__(self, "share", asking.whole("share", self.share))
        object.__setattr__(self, "variant", get_variant(self.variant).of(alone=self.arch is not None))
        if self.arch:  # one network is the same task, whichever space wants it
            object.__setattr__(self, "arch", asking.path(self.arch))
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
        return f"{self.origin}-{self.variant.name}" if self.variant.name else self.origin

    @property
    def plan(self):
        """The profile, with the variant's settings."""
        profile = get_profile(self.profile)
        return self.variant.settings(profile) if self.variant.settings else profile

    @property
    def needs(self):
        """The tasks to finish first, whose networks this one starts from or learns from."""
        if self.variant.teacher == "scratch":
            return tuple(Task(self.profile, self.seed, arch=arch) for arch in NINE.architectures)
        return (Task(self.profile, self.seed),) if self.variant.teacher or self.variant.start else ()

    @property
    def architectures(self):
        """The architectures that it trains, in the order of the space."""
        if self.arch:
            return (self.arch,)
        block, choice = self.variant.fixed or (0, None)
        return tuple(arch for arch in self.space.architectures if not block or arch[block - 1] == choice)

    def network(self):
        """The network before training. A network trained from scratch is an extracted path, not yet trained."""
        net = self.plan.supernet(self.space, self.origin)
        if self.arch:
            return net.extract(self.arch)
        return self.variant.network(net) if self.variant.network else net

    @property
    def measures(self):
        """How its network is measured after each epoch: names in study.work.MEASURES."""
        return self.variant.measures or (("running",) if self.arch else self.space.measures)

    @property
    def steps(self):
        """Training steps: those of its epochs over all training images, divided by `share`."""
        config = self.plan.train
        steps = config.epochs * (len(training_data(self.profile).train) // config.batch_size)
        return max(1, round(steps / self.share))

    def config(self, where):
        """Its TrainConfig on a device."""
        config = self.plan.config(where)
        whole = self.share == 1 and self.variant.tenth == "training"
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


@lru_cache
def _costs(width, space):
    return {arch: multiply_adds for arch, (_, multiply_adds) in cost_table(space.supernet(width, seed=0)).items()}


def part_path(folder, task):
    """Where a task's result lies."""
    return folder / f"{task.name}.part"


def describe(task):
    """All that decides a task's result besides the machine, as a plain dict; a digest stands for the code."""
    where = machine.device()
    return recipe(task) | {
        "settings": task.plan.settings(where) | asdict(task.config(where)),
        "data": training_data(task.profile).fingerprint,
        "needs": [describe(need) for need in task.needs],
        "code": code(task),
    }


def recipe(task):
    """What neither machine nor code decides, without loading data, so that a record can be compared with it."""
    itself = {name: getattr(task, name) for name in ("profile", "seed", "arch", "share")}
    itself |= {"space": task.space.options, "variant": task.variant.name or None}
    done = {name: value for name, value in asdict(task.variant).items() if name not in ("name", "settings")}
    return {
        "task": {name: value for name, value in itself.items() if value is not None},
        "settings": chosen(task.plan.asked),
        "data": DATASETS[get_profile(task.profile).dataset],
        "recipe": done | {"space": task.space.place, "networks": [asdict(each) for each in task.plan.network]},
        "needs": [recipe(need) for need in task.needs],
    }


def recipe_digest(tasks):
    """SHA-256, in short, of what a group's tasks ask, and of the modules outside the book that they name."""
    asked = [recipe(task) for task in tasks]
    own = {name for task in tasks for name in modules(task) if name.partition(".")[0] not in ("nas", "study")}
    text = json.dumps([*asked, digest(frozenset(), frozenset(own))] if own else asked, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def modules(task):
    """The modules that a task names."""
    named = [each for each in (*vars(task.variant).values(), *task.plan.network) if isinstance(each, Named)]
    return {task.space.place.partition(":")[0], *(each.module for each in named)}


def code(task):
    """The digest of the modules that decide a task's result."""
    used = {"nas.data", "nas.training", "nas.methods.remedies"} | modules(task)  # study.work measures with remedies
    used |= {"nas.methods.graphs"} if task.plan.graphs(machine.device()) else set()
    used |= {"nas.methods.teaching"} if task.variant.teacher else set()
    used |= {"nas.methods.held_out"} if task.variant.tenth == "rewards" else set()
    used |= {"nas.methods.augmentation"} if task.plan.augmentation else set()
    profile_only = {"study.settings"}  # what it does stands in the settings
    return digest(frozenset(used - profile_only), frozenset({"study.work"}))


def read_part(path, task):
    """The task's finished part, or None if there is no usable one; an unusable one is set aside.

    OtherCodeError if only the code that made it differs; ValueError if another machine made it.
    """
    try:
        part = load_tensors(path)
        if not isinstance(part, dict) or part.get("schema") != SCHEMA:
            raise ValueError("not a part of this version")
        ours, theirs = describe(task), part["identity"]
        told = ("task", "settings", "data") if "code" not in theirs else [name for name in ours if name != "code"]
        if any(theirs[name] != ours[name] for name in told):
            raise ValueError("it belongs to another task or other settings")
    except FileNotFoundError:
        return None
    except (ValueError, KeyError) as error:
        set_aside(path, error)
        return None
    where = machine.device()
    refuse_other_machine(path, part["fingerprint"], provenance.fingerprint(where, task.config(where).precision))
    if theirs.get("code") != ours["code"]:
        raise OtherCodeError(f"{path} was made by other code")
    return part


def accept_part(path, task):
    """Accept a part that other code made as this code's own; its earlier digest is kept in it."""
    part = load_tensors(path)
    before = [*part.get("accepted", []), part["identity"].get("code")]
    save_tensors(path, part | {"identity": describe(task), "accepted": before})


def with_weights(task, weights):
    """A task's network with its saved weights."""
    net = task.network()
    net.load_state_dict(weights)
    return net


def weights_path(root, task):
    """Where a finished task's weights are kept for the chapters."""
    return root / task.profile / "weights" / f"{task.name}.pt"


def trained(profile="quick", seed=0, depth=None, arch=None, root=None):
    """A trained network from the committed weights, in eval mode: the supernet (depth=3) or one from scratch (arch).

    Raises FileNotFoundError, naming the command that makes it, where there is none; ValueError for both or neither, or
    a damaged file, TypeError for another kind of value.
    """
    arch, seed = asking.path(arch), asking.whole("seed", seed, 0)
    if not isinstance(profile, str):
        raise TypeError(f"profile is {asking.named(profile)}: it must be a name, e.g. trained('quick', depth=3)")
    keeps = get_profile(profile).keep_weights  # before its network: a misspelt one is named
    if (depth is None) == (arch is None):
        raise ValueError(f"depth is {depth}, arch is {arch}: pass one, e.g. depth=3 or arch=(1, 1)")
    if arch is not None and not (isinstance(arch, tuple) and len(arch) == 2 and {*map(type, arch)} == {int}):
        raise TypeError(f"arch is {asking.named(arch)}: it must be a tuple of two ints, e.g. arch=(1, 1)")
    task = Task(profile, seed, arch=arch) if arch else Task(profile, seed, depths_to(asking.whole("depth", depth)))
    path = find(weights_path(Path(), task), root)
    experiment = "shared-stage" if profile == "page" else "nine-networks"
    command = f"python -m nas run {experiment} --profile {profile} --seeds 0"
    if not path.is_file():
        kept = keeps and seed == 0 and (depth == 3 or (arch and profile == "quick"))
        only = "only seed 0 keeps weights: quick those of depth=3 and of each arch, (1, 1) to (3, 3), page of depth=3"
        mend = f"`{command}` makes it" if kept else only
        raise FileNotFoundError(f"{path} is missing: {mend}")
    try:
        net = with_weights(task, load_tensors(path)).eval()
        for name, values in net.state_dict().items():
            asking.finite(name, values)
    except (ValueError, TypeError, RuntimeError) as error:
        raise ValueError(f"{path} does not hold this network: move it away; `{command}` makes it") from error
    return net
