"""What the records of samplers say: who had how many steps, what was chosen, and what the choice is worth."""

import numpy as np
import pandas as pd

from study.analysis import rankings, statistics
from study.analysis.tables import architecture_index, architectures, at, difference, points_lost, top1

UNIFORM = "uniform"
MEASURES = {
    "nine": "recalculated top-1 on test, mean of the nine subnets, %",
    "shared": "recalculated top-1 on test of the subnet chosen on validation, %",
    "scratch": "top-1 on test of the same network trained from scratch with the same seed, %",
    "favourite": "the same of the subnet that had most steps, %",
    "regret": "points that choice loses from scratch; the best network is named by the other seeds",
    "tau": "Kendall's tau of recalculated validation accuracies with scratch",
    "work": "multiply-adds of its steps, as a share of uniform sampling's",
}


def join(*experiments):
    """Records of several experiments, each a list by seed, as one list: the seeds that all have, with all samplers.

    Each holds the same plain supernet. ValueError if they have no seed in common, or where their plain figures differ.
    """
    by_seed = [{record["seed"]: record for record in records} for records in experiments]
    seeds = sorted(set.intersection(*map(set, by_seed)))
    if not seeds:
        raise ValueError(f"no seed is in all experiments: they have {[sorted(records) for records in by_seed]}")
    return [joined([records[seed] for records in by_seed]) for seed in seeds]


def joined(records):
    """One record out of several of the same seed."""
    first = records[0]
    for other in records[1:]:
        if any(other[field] != first[field] for field in ("data", "settings", "picks")) or (
            other["test"]["recalculated"] != first["test"]["recalculated"]
        ):
            raise ValueError(f"the plain supernets of seed {first['seed']} differ: run one of the experiments again")
    fields = ("groups", "validation", "test", "epochs")
    every = {field: [record.get(field, {}).items() for record in records] for field in fields}
    return first | {field: {name: x for items in every[field] for name, x in items} for field in fields}


def samplers(records):
    """The names of the samplers in these records, the plain supernet's, uniform sampling, first."""
    others = (name for name in records[0]["groups"] if name not in ("plain", UNIFORM))
    return [UNIFORM, *others]


def kind(sampler, which="recalculated"):
    """The kind under which a sampler's counts stand in a record."""
    return which if sampler == UNIFORM else f"{sampler}-{which}"


def picks(records, sampler):
    """Steps of each architecture, a row per seed."""
    rows = [
        record["picks"] if sampler == UNIFORM else np.sum(record["groups"][sampler]["picks"], axis=0)
        for record in records
    ]
    seeds = pd.Index([record["seed"] for record in records], name="seed")
    return pd.DataFrame(rows, index=seeds, columns=architecture_index(records))


def shares(records):
    """Share of the steps in [0, 1], mean over the seeds: a row per sampler, a column per architecture."""
    means = {name: picks(records, name).sum() for name in samplers(records)}
    return pd.DataFrame({name: counts / counts.sum() for name, counts in means.items()}).T


def chosen(records, sampler):
    """The subnet with the highest recalculated validation accuracy on each seed, the first of equals."""
    return top1(records, kind(sampler), "validation").idxmax(axis=1)


def measure(records, truth):
    """{measure: frame with a row per seed and a column per sampler}, measures as in MEASURES.

    truth: top-1 in [0, 1] on test from scratch, a frame (seed, architecture) of the same seeds. ValueError for others.
    """
    if [record["seed"] for record in records] != list(truth.index) or architectures(records) != list(truth.columns):
        raise ValueError(
            f"truth is of seeds {list(truth.index)}: pass the scratch accuracies of the records' own seeds"
        )
    lost = points_lost(truth)
    costs = np.array(records[0]["multiply_adds"])
    work = {name: (picks(records, name) * costs).sum(axis=1) for name in samplers(records)}
    found = {name: {} for name in MEASURES}
    for name in samplers(records):
        choices = chosen(records, name)
        test, seen = (top1(records, kind(name), split) for split in ("test", "validation"))
        found["nine"][name] = 100 * test.mean(axis=1)
        found["shared"][name] = 100 * at(test, choices)
        found["scratch"][name] = 100 * at(truth, choices)
        found["favourite"][name] = 100 * at(truth, picks(records, name).idxmax(axis=1))
        found["regret"][name] = at(lost, choices)
        taus = [rankings.tau_b(*rows) for rows in zip(seen.to_numpy(), truth.to_numpy(), strict=True)]
        found["tau"][name] = pd.Series(taus, index=truth.index)
        found["work"][name] = work[name] / work[UNIFORM]
    return {name: pd.DataFrame(columns) for name, columns in found.items()}


def against(measured, baseline=UNIFORM):
    """Every other sampler minus the baseline, by seed: columns mean, low, high (95 % t), p, and p after Holm.

    measured: a frame of `measure`. Holm corrects over all rows. A single seed leaves everything open: its interval is
    without limits and p is 1. Raises ValueError for a baseline that is not there.
    """
    if baseline not in measured:
        raise ValueError(f"sampler {baseline!r} is unknown: choose one of {', '.join(measured)}")
    rows = {name: difference(measured[name], measured[baseline]) for name in measured if name != baseline}
    table = pd.DataFrame(rows, index=["mean", "low", "high", "p"]).T
    return table.assign(holm=statistics.holm(table["p"]))
