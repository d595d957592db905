"""The networks as other people measured them: published.toml, census.toml and r3_published_code.toml in results.

Each table is a single run, so what is computed from them describes them and proves nothing.
"""

import tomllib
from itertools import product

import numpy as np
import pandas as pd

from study.records import SHIPPED

WHOLE = {"percent": 100, "fraction": 1}


def _read(name):
    return tomllib.loads((SHIPPED / f"{name}.toml").read_text(encoding="utf-8"))


def _by_name(entries):
    return {entry["name"]: entry for entry in entries}


TABLES = _by_name(_read("published")["table"])
WIDTHS = {title: table["width"] for title, table in TABLES.items()}
ARCHITECTURES = tuple(product((1, 2, 3), repeat=2))
CENSUS = _read("census")
SOLUTIONS = _by_name(CENSUS["solution"])  # ten, with repository, commit, what was checked, and faults by kind
RERUN = _read("r3_published_code")  # R3's own code, run again by somebody else
ALL_TABLES = TABLES | _by_name(CENSUS["table"])  # those of both files, each with the name of its solution


def published(kind):
    """Top-1 in [0, 1] as published: a row per architecture, a column per table. kind: "shared" or "scratch".

    Raises ValueError for another kind.
    """
    if kind not in ("shared", "scratch"):
        raise ValueError(f"kind is {kind!r}: choose 'shared' or 'scratch'")
    return pd.DataFrame({title: accuracies(table, kind) for title, table in TABLES.items()})


def accuracies(table, kind):
    """Top-1 in [0, 1] of one table, "shared" or "scratch": a series over depths (d1, d2), or kernels such as (3, 5)."""
    values = np.array(table[kind]) / WHOLE[table["unit"]]
    choices = (3, 5) if len(values) == 2 else (1, 2, 3)
    index = pd.Index(tuple(product(choices, repeat=2)), tupleize_cols=False, name="architecture")
    return pd.Series(values.ravel(), index)


def gaps(task="nine networks", data="MNIST"):
    """What the supernet lacks, scratch minus shared, in points: by architecture, a column per table of this task.

    Raises ValueError for a task and data of which the census holds no table.
    """
    wanted = {name for name, solution in SOLUTIONS.items() if (solution["task"], solution["data"]) == (task, data)}
    chosen = {title: table for title, table in ALL_TABLES.items() if table["solution"] in wanted}
    if not chosen:
        raise ValueError(f"no table of {task!r} on {data!r}: tasks are 'nine networks' and 'four networks'")
    return pd.DataFrame(
        {title: 100 * (accuracies(table, "scratch") - accuracies(table, "shared")) for title, table in chosen.items()}
    )


def solution_of(title):
    """The census's entry of the solution that printed a table."""
    return SOLUTIONS[ALL_TABLES[title]["solution"]]


def count_parameters(arch, first, second):
    """Parameters of the network (d1, d2) with `first` channels in block 1 and `second` in block 2.

    Only the head has a bias; a batch normalisation has two parameters per channel.
    """

    def conv(a, b):
        return 9 * a * b + 2 * b

    d1, d2 = arch
    body = conv(1, first) + d1 * conv(first, first) + conv(first, second) + d2 * conv(second, second)
    return body + 10 * second + 10


def parameter_counts(table):
    """Parameters of each of the nine networks of a table, in its order."""
    width = table["width"]
    first, second = width if isinstance(width, list) else (width, 2 * width)
    return [count_parameters(arch, first, second) for arch in ARCHITECTURES]


def rerun_of_r3():
    """Top-1 in percent of R3's own code, run again: a row per architecture, columns "as trained" and "recalculated"."""
    index = pd.Index(ARCHITECTURES, tupleize_cols=False, name="architecture")
    columns = {"as trained": "running", "recalculated": "recalculated"}
    return pd.DataFrame({name: np.ravel(RERUN["test"][kind]) for name, kind in columns.items()}, index)


def faults():
    """{kind of fault: names of the solutions that have it}, the most frequent first."""
    kinds = sorted({kind for solution in SOLUTIONS.values() for kind in solution["faults"]})
    found = {kind: [name for name, solution in SOLUTIONS.items() if kind in solution["faults"]] for kind in kinds}
    return dict(sorted(found.items(), key=lambda pair: -len(pair[1])))
