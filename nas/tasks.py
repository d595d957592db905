"""A task trains one network with one seed: the smallest piece of work, whole in itself, that the runner hands out."""

import time
from dataclasses import asdict, dataclass, replace
from functools import lru_cache

from nas import machine
from nas.checkpoint import Checkpoint, load_tensors, refuse_other_machine, save_tensors, set_aside
from nas.costs import cost_table
from nas.data import load_data
from nas.evaluation import count_right, predict, predict_all, recalibrate_all
from nas.profiles import get_profile
from nas.results import RESULTS
from nas.samplers import UniformSampler
from nas.supernet import DepthSupernet
from nas.training import train

SCHEMA = 2  # changes when the meaning of anything in a part does


@dataclass(frozen=True)
class Task:
    """Train a supernet of depths 1 to `depth`, or the architecture `arch` alone, from scratch.

    share: train for the profile's steps divided by this; nine short runs cost what one supernet does. The order of the
    images comes from (seed, epoch) and is shared by all tasks of a seed; initial weights and path draws come from the
    task's own name: no bit depends on which process runs it, or when. ValueError for an unknown profile.
    """

    profile: str
    seed: int
    depth: int | None = None
    arch: tuple | None = None
    share: int = 1

    def __post_init__(self):
        get_profile(self.profile)
        if (self.depth is None) == (self.arch is None):
            raise ValueError(f"depth is {self.depth}, arch is {self.arch}: pass one, e.g. depth=3 or arch=(1, 1)")

    @property
    def name(self):
        """What the task trains, as a file name without folder or ending."""
        what = f"supernet-depth{self.depth}" if self.arch is None else f"scratch-{'-'.join(map(str, self.arch))}"
        return f"seed{self.seed}-{what}" + (f"-share{self.share}" if self.share > 1 else "")

    def network(self):
        """The network before training. A network trained from scratch is an extracted path that nobody trained yet."""
        width = get_profile(self.profile).width
        if self.arch is None:
            return DepthSupernet(width, self.depth, seed=self.name)
        return DepthSupernet(width, max(self.arch), seed=self.name).extract(self.arch)

    @property
    def steps(self):
        """Training steps: those of the profile's epochs, divided by `share`."""
        config = get_profile(self.profile).train
        steps = config.epochs * (len(training_data(self.profile).train) // config.batch_size)
        return max(1, round(steps / self.share))

    def config(self, where):
        """Its TrainConfig on a device."""
        config = get_profile(self.profile).config(where)
        return config if self.share == 1 else replace(config, steps=self.steps)

    def cost(self):
        """Multiply-adds of one image in all its training steps, for the estimate of the time left."""
        costs = _costs(get_profile(self.profile).width, self.depth or max(self.arch))
        return self.steps * (costs[self.arch] if self.arch else sum(costs.values()) / len(costs))


@lru_cache(maxsize=2)
def training_data(profile):
    """The profile's data on the device, loaded once a process."""
    profile = get_profile(profile)
    data = load_data(profile.dataset).to(machine.device())
    return data.take(profile.train_images) if profile.train_images else data


@lru_cache(maxsize=4)
def _costs(width, depth):
    return {arch: multiply_adds for arch, (_, multiply_adds) in cost_table(DepthSupernet(width, depth)).items()}


def run_task(task, folder, progress=None):
    """Train, measure and write the part folder/<task>.part, unless it is there; returns its path.

    A part that is broken or of other settings is set aside and made anew. Raises ValueError for one that was made
    under another fingerprint.
    """
    path = part_path(folder, task)
    if read_part(path, task) is not None:
        return path
    where = machine.device()
    config, data = task.config(where), training_data(task.profile)
    identity, fingerprint = describe(task), machine.fingerprint(where, config.precision)
    checkpoint = Checkpoint(path.with_suffix(".checkpoint"), identity, fingerprint)
    net, images = task.network().to(where), data.train.images[: get_profile(task.profile).recalibration]
    shared = task.arch is None
    sampler = UniformSampler(net.architectures, seed=task.name) if shared else None
    measure = measure_supernet if shared else measure_network

    def score(net):
        return {
            name: count_right(logits, data.validation.labels)
            for name, logits in measure(net, data.validation.images, images).items()
        }

    history = train(net, data, config, task.seed, sampler, score=score, checkpoint=checkpoint, progress=progress)
    start = time.perf_counter()
    with machine.autocast(where, config.precision):
        # The test split is looked at here and nowhere else: once, after training and all choices.
        test = measure(net, data.test.images, images)
        seen = data.train.take(len(data.validation))
        training = measure(net, seen.images, images)
    part = {
        "schema": SCHEMA,
        "identity": identity,
        "fingerprint": fingerprint,
        "revision": machine.code_revision(),
        "versions": machine.versions(),
        "history": history,
        "test": {name: logits.cpu() for name, logits in test.items()},
        "training": {name: count_right(logits, seen.labels) for name, logits in training.items()},
        "labels": data.test.labels.cpu(),
        "weights": {name: tensor.cpu().contiguous() for name, tensor in net.state_dict().items()},
        "seconds": {"final": time.perf_counter() - start},
    }
    save_tensors(path, part)
    checkpoint.path.unlink(missing_ok=True)
    return path


def measure_supernet(net, images, training_images):
    """Logits of all subnets with running and with recalculated statistics: (subnets, N, 10) each."""
    return {
        "running": predict_all(net, images),
        "recalculated": predict_all(recalibrate_all(net, training_images), images),
    }


def measure_network(net, images, training_images):
    """Logits (N, 10) of an ordinary network, with its running statistics."""
    return {"running": predict(net, images)}


def part_path(folder, task):
    """Where a task's result lies."""
    return folder / f"{task.name}.part"


def describe(task):
    """All that decides a task's result besides the machine: itself, its settings and its data, as a plain dict."""
    where = machine.device()
    profile = get_profile(task.profile)
    settings = profile.settings(where) | asdict(task.config(where))
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


def weights_path(root, task):
    """Where a finished task's weights are kept for the chapters."""
    return root / task.profile / "weights" / f"{task.name}.pt"


def trained(profile="quick", seed=0, depth=None, arch=None, root=RESULTS):
    """A trained network from the committed weights, in eval mode: the supernet (depth=3) or one from scratch (arch).

    Raises FileNotFoundError, naming the command that makes it, where there is none.
    """
    task = Task(profile, seed, depth=depth, arch=arch)
    path = weights_path(root, task)
    if not path.is_file():
        command = f"python -m nas run nine-networks --profile {profile} --seeds {seed}"
        raise FileNotFoundError(f"{path} is missing: only seed 0 of quick keeps its weights, made by `{command}`")
    net = task.network()
    net.load_state_dict(load_tensors(path))
    return net.eval()
