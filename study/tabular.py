"""The tabular benchmark: all curves of the laptop records in one small file, looked up instead of trained."""

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from nas import asking
from study.files import write_atomically
from study.records import RESULTS, find, load_records

PROFILE = "laptop"
SPACES = {3: "nine-networks", 5: "twenty-five-networks"}  # depth of the supernet: the experiment that trains it
FILE = "tabular.csv"


class Entry(NamedTuple):
    """One architecture after one epoch of one seed's runs.

    parameters, multiply_adds: of one image, counted. Accuracies are top-1 in [0, 1], on validation but for `test`.
    scratch: trained alone. running3, recalculated3: with the weights of the supernet of depths 1 to 3 after as many
    epochs, by its running and by recalculated batch statistics; running5, recalculated5: of that of depths 1 to 5.
    Only in the last epoch's entry, being of finished runs: short9, short25, trained alone for a 9th or 25th of the
    steps; test, of `scratch` on the test split, which is looked at once; seconds, which that training took on one core.
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
    seconds: float | None = None


KEYS = ("d1", "d2", "seed", "epoch")


def lookup(arch, seed, epoch):
    """The Entry of an architecture such as (1, 3), after `epoch` epochs (from 1) of the runs of a seed.

    Raises ValueError, naming the allowed ones, for an architecture, seed or epoch that the table does not hold, and
    TypeError for what is none.
    """
    arch, seed, epoch = asking.path(arch), asking.number("seed", seed), asking.number("epoch", epoch)
    if not isinstance(arch, tuple):
        raise TypeError(f"arch is {asking.named(arch)}: it must be a tuple, e.g. lookup((1, 3), seed=0, epoch=3)")
    table = read_table(find(FILE))
    left = list(table)
    for place, (name, value) in enumerate({"arch": arch, "seed": seed, "epoch": epoch}.items()):
        allowed = sorted({key[place] for key in left})
        if value not in allowed:
            raise ValueError(f"{name} is {value!r}: choose one of {', '.join(map(str, allowed))}")
        left = [key for key in left if key[place] == value]
    return table[left[0]]


def seeds(depth):
    """The seeds with which all architectures of depths 1 to `depth` are recorded. ValueError unless depth is 3 or 5."""
    if depth not in SPACES:
        raise ValueError(f"depth is {depth!r}: choose one of {', '.join(map(str, SPACES))}")
    table = read_table(find(FILE))
    return sorted({seed for (_, seed, _), entry in table.items() if getattr(entry, f"running{depth}") is not None})


def curves(depth, seed, column="scratch"):
    """Validation top-1 after each epoch, {arch: tuple}, of all architectures of depths 1 to `depth`.

    column: "scratch", or one of the supernet's, such as "recalculated5". ValueError for an unknown depth or seed.
    """
    if seed not in seeds(depth):
        raise ValueError(f"seed is {seed!r}: at depth {depth} choose one of {', '.join(map(str, seeds(depth)))}")
    found = {}
    for (arch, its_seed, _), entry in read_table(find(FILE)).items():  # by architecture, seed and epoch
        if its_seed == seed and max(arch) <= depth:
            found[arch] = (*found.get(arch, ()), getattr(entry, column))
    return found


def build_table(root=RESULTS):
    """The table {(arch, seed, epoch): Entry} that the records under `root` give, sorted.

    Raises ValueError where two records disagree about a run that they share.
    """
    found = {}
    for depth, experiment in SPACES.items():
        if depth > min(SPACES) and not any(Path(root, PROFILE).glob(f"{experiment}-seed*.json")):
            continue  # a larger space takes hours; the table can do without
        for record in load_records(experiment, PROFILE, root):
            for key, fields in entries(record, depth):
                known = found.setdefault(key, fields)
                for field in fields.keys() & known.keys() - {"seconds"}:
                    if fields[field] != known[field]:
                        raise ValueError(f"{key}: {field} is {known[field]} in one record, {fields[field]} in another")
                found[key] = fields | known
    return {key: Entry(**found[key]) for key in sorted(found)}


def entries(record, depth):
    """What one record says, as pairs ((arch, seed, epoch), {field of Entry: value})."""
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
                fields["seconds"] = record["seconds"]["scratch"]["train"][column]
            yield (tuple(arch), record["seed"], epoch), fields


def write_table(root=RESULTS):
    """Make root/tabular.csv from the records under `root`, atomically; returns its path."""
    rows = [(*arch, seed, epoch, *entry) for (arch, seed, epoch), entry in build_table(root).items()]
    text = pd.DataFrame(rows, columns=(*KEYS, *Entry._fields)).to_csv(index=False, lineterminator="\n")
    write_atomically(root / FILE, lambda file: file.write(text.encode()))
    return root / FILE


@lru_cache(maxsize=1)
def read_table(path):
    """The table in a file, {(arch, seed, epoch): Entry}. FileNotFoundError, with the command, where there is none."""
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing: `python -m nas tabular` makes it from the records")
    # As text, for Python to read: pandas' own reading changes the last bit of some figures.
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    whole = (*KEYS, "parameters", "multiply_adds")
    columns = [[number(cell, name in whole) for cell in table[name]] for name in table]
    rows = zip(*columns, strict=True)
    return {((d1, d2), seed, epoch): Entry(*figures) for d1, d2, seed, epoch, *figures in rows}


def number(text, whole):
    """A cell's figure, None where it is empty."""
    return (int(text) if whole else float(text)) if text else None
