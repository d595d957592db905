"""The tabular benchmark: all curves of the MNIST and Fashion-MNIST records in one small file, looked up, not trained.

Beside it stands its description, with the schema and the SHA-256 by which a damaged or older copy is refused.
"""

import json
import random
from functools import lru_cache, partial
from numbers import Integral
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from nas import asking
from nas.methods.files import write_atomically
from study.analysis import croissant, variance
from study.records import RESULTS, find, load_records

PROFILES = {"mnist": "laptop", "fashion": "fashion"}  # data set: the profile of its records
SPACES = {3: "nine-networks", 5: "twenty-five-networks"}  # depth of the supernet: the experiment that trains it
FILE, TIMES = "tabular.csv", "trainings/cpu.json"


class Entry(NamedTuple):
    """One architecture after one epoch of one seed's runs.

    parameters, multiply_adds: of one image, counted. Accuracies are top-1 in [0, 1], on validation by default.
    scratch: trained alone. running3, recalculated3: with the weights of the supernet of depths 1 to 3 after as many
    epochs, by its running and by recalculated batch statistics; running5, recalculated5: with depths 1 to 5.
    Only in the last epoch's entry, for finished runs: short9, short25, trained alone for a 9th or 25th of the
    steps; and of `scratch`: test, on the test split, which is looked at once; training, on as many training images as
    there are validation images; loss, the mean cross-entropy in its last epoch; seconds that its steps take on one
    core of an idle machine, timed apart from the runs (study/speed/trainings.py) and so the same for all of them.
    None: no such run, or an earlier epoch.
    """

    parameters: int
    multiply_adds: int
    scratch: float
    running3: float | None = None
    recalculated3: float | None = None
    running5: float | None = None
    recalculated5: float | None = None
    short9: float | None = None
    short25: float | None = None
    test: float | None = None
    training: float | None = None
    loss: float | None = None
    seconds: float | None = None


class Noise(NamedTuple):
    """A model of test top-1 in points: that of the architecture, plus an effect of the seed, plus normal noise.

    deviation: of the noise of one run, from `freedom` degrees of freedom. seeds: deviation of the seeds' effects, 0 if
    they vary no more than noise does. equal_scatter: p of the hypothesis that all architectures scatter alike.
    """

    deviation: float
    freedom: int
    seeds: float
    equal_scatter: float


KEYS = ("data", "d1", "d2", "seed", "epoch")
WHOLE = (*KEYS[1:], "parameters", "multiply_adds")  # whole numbers; "data" is a name, all others are shares or means
REMEDY = "`python -m nas tabular` makes it from the records"


integer = partial(asking.number, kind=Integral, wanted="an int, e.g. depth=3, seed=0, epoch=3")


def lookup(arch, seed, epoch, data="mnist"):
    """The Entry of an architecture such as (1, 3), after `epoch` epochs (from 1) of the runs of a seed.

    data: "mnist" or "fashion". Raises ValueError, naming the allowed ones, for an architecture, seed or epoch that the
    table does not hold, and TypeError for anything else.
    """
    arch, seed, epoch = asking.path(arch), integer("seed", seed), integer("epoch", epoch)
    if not isinstance(arch, tuple):
        raise TypeError(f"arch is {asking.named(arch)}: it must be a tuple, e.g. lookup((1, 3), seed=0, epoch=3)")
    if any(type(part) is not int for part in arch):
        raise TypeError(f"arch is {asking.named(arch)}: its choices must be ints, e.g. lookup((1, 3), seed=0, epoch=3)")
    (key,) = narrowed({"data": data, "arch": arch, "seed": seed, "epoch": epoch})
    return read_table(find(FILE))[key]


def query(arch, seed=None, data="mnist", rng=random):
    """What one finished run of an architecture gave: its Entry after the last epoch.

    seed: None draws one of those recorded, as a fresh training would; rng: what draws it, a random.Random. Errors: see
    `lookup`.
    """
    if not callable(getattr(rng, "choice", None)):
        raise TypeError(f"rng is {asking.named(rng)}: it must be a random.Random, e.g. query((1, 1), rng=Random(0))")
    keys = narrowed({"data": data, "arch": asking.path(arch)})
    seed = rng.choice(sorted({key[2] for key in keys})) if seed is None else integer("seed", seed)
    keys = narrowed({"data": data, "arch": asking.path(arch), "seed": seed})
    return read_table(find(FILE))[max(keys)]


def narrowed(asked):
    """The keys of the table that have these first parts. ValueError, naming the allowed ones, if there are none."""
    left = list(read_table(find(FILE)))
    for place, (name, value) in enumerate(asked.items()):
        allowed = sorted({key[place] for key in left})
        if value not in allowed:
            raise ValueError(f"{name} is {value!r}: choose one of {', '.join(map(str, allowed))}")
        left = [key for key in left if key[place] == value]
    return left


def seeds(depth, data="mnist"):
    """The seeds with which all architectures of depths 1 to `depth` are recorded. ValueError unless depth is 3 or 5."""
    depth = integer("depth", depth)
    if depth not in SPACES:
        raise ValueError(f"depth is {depth}: choose one of {', '.join(map(str, SPACES))}")
    table, column = read_table(find(FILE)), f"running{depth}"
    return sorted({key[2] for key in narrowed({"data": data}) if getattr(table[key], column) is not None})


def curves(depth, seed, column="scratch", data="mnist"):
    """Validation top-1 after each epoch, {arch: tuple}, of all architectures of depths 1 to `depth`.

    column: "scratch", or one of the supernet's, such as "recalculated5". ValueError for an unknown depth or seed.
    """
    seed, known = integer("seed", seed), seeds(depth, data)
    asking.choice("column", column, Entry._fields)
    if seed not in known:
        raise ValueError(f"seed is {seed}: at depth {depth} choose one of {', '.join(map(str, known))}")
    found = {}
    for (its_data, arch, its_seed, _), entry in read_table(find(FILE)).items():  # by architecture, seed and epoch
        if (its_data, its_seed) == (data, seed) and max(arch) <= depth:
            found[arch] = (*found.get(arch, ()), getattr(entry, column))
    return found


def residuals(depth, data="mnist"):
    """Test top-1 in points minus the means of architecture and seed: a frame (seed, architecture)."""
    x = tested(depth, data)
    return x.sub(x.mean(axis=1), axis=0) - x.mean() + x.to_numpy().mean()


def noise(depth, data="mnist"):
    """How one run scatters about its architecture's mean: the Noise of finished runs. ValueError: see `seeds`.

    Randomised blocks (Fisher 1925, section 48), seeds being the blocks; Levene's test is the check on its residuals.
    """
    x = tested(depth, data)
    one_run, freedom = variance.pooled_error(x)
    between = max(0.0, float(x.mean(axis=1).var(ddof=1)) - one_run / x.shape[1])
    return Noise(one_run**0.5, freedom, between**0.5, variance.equal_scatter(x))


def tested(depth, data):
    """Test top-1 from scratch in points, a frame (seed, architecture)."""
    rows = {seed: curves(depth, seed, "test", data) for seed in seeds(depth, data)}
    return 100 * pd.DataFrame({seed: {arch: row[-1] for arch, row in found.items()} for seed, found in rows.items()}).T


def build_table(root=RESULTS):
    """The table {(data, arch, seed, epoch): Entry} that the records under `root` give, sorted.

    Raises ValueError where two records disagree about a run that they share.
    """
    found, times = {}, step_times(root)
    needed = min(SPACES), "mnist"  # a larger space, or more data, takes hours; the table can do without
    for depth, data in [(depth, data) for depth in SPACES for data in PROFILES]:
        experiment, profile = SPACES[depth], PROFILES[data]
        if (depth, data) != needed and not any(Path(root, profile).glob(f"{experiment}-seed*.json")):
            continue
        for record in load_records(experiment, profile, root):
            for key, fields in entries(record, depth, data, times):
                known = found.setdefault(key, fields)
                for field in fields.keys() & known.keys():
                    if fields[field] != known[field]:
                        raise ValueError(f"{key}: {field} is {known[field]} in one record, {fields[field]} in another")
                found[key] = fields | known
    return {key: Entry(**found[key]) for key in sorted(found)}


def step_times(root):
    """{arch: seconds of one step}, as timed on an idle machine; {} where that was not done."""
    path = Path(root, TIMES)
    if not path.is_file():
        return {}
    timed = json.loads(path.read_text())
    middle = (middle / 1e3 for _, middle, _ in timed["milliseconds"])
    return dict(zip(map(tuple, timed["architectures"]), middle, strict=True))


def entries(record, depth, data, times):
    """What one record says, as pairs ((data, arch, seed, epoch), {field of Entry: value}); times: see step_times."""
    steps = record["data"]["train"] // record["settings"]["batch_size"] * len(record["validation"]["scratch"])
    images, curves = record["data"]["validation"], record["validation"]
    for column, arch in enumerate(record["architectures"]):
        for epoch, right in enumerate(curves["scratch"], start=1):
            fields = {name: record[name][column] for name in ("parameters", "multiply_adds")}
            fields["scratch"] = right[column] / images
            for kind in ("running", "recalculated"):
                fields[f"{kind}{depth}"] = curves[kind][epoch - 1][column] / images
            if epoch == len(curves["scratch"]):
                fields[f"short{depth**2}"] = curves["short"][-1][column] / images
                fields["test"] = record["test"]["scratch"][column] / record["data"]["test"]
                fields["training"] = record["training"]["scratch"][column] / images
                fields["loss"] = record["loss"]["scratch"][column]
                if tuple(arch) in times:
                    fields["seconds"] = round(steps * times[tuple(arch)], 1)
            yield (data, tuple(arch), record["seed"], epoch), fields


def write_table(root=RESULTS):
    """Make root/tabular.csv and its description from the records under `root`, atomically; returns the table's path."""
    rows = [(data, *arch, *when, *entry) for (data, arch, *when), entry in build_table(root).items()]
    lines = pd.DataFrame(rows, columns=(*KEYS, *Entry._fields)).to_csv(index=False, lineterminator="\n").encode()
    write_atomically(croissant.beside(root / FILE), croissant.describe(FILE, lines, WHOLE))
    return write_atomically(root / FILE, lines)


@lru_cache(maxsize=1)
def read_table(path):
    """The table in a file, {(data, arch, seed, epoch): Entry}.

    FileNotFoundError, with the command, where it or its description is missing; ValueError if it is not as described.
    """
    for needed in (path, croissant.beside(path)):
        if not needed.is_file():
            raise FileNotFoundError(f"{needed} is missing: {REMEDY}")
    if fault := croissant.fault(path):
        raise ValueError(f"{path} {fault}: {REMEDY}")
    table = pd.read_csv(path)
    rows = table.astype(object).where(table.notna(), None).itertuples(index=False, name=None)
    return {(data, (d1, d2), seed, epoch): Entry(*figures) for data, d1, d2, seed, epoch, *figures in rows}
