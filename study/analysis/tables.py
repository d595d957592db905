"""Records as pandas tables: top-1 by seed and architecture, curves, grids; and differences in words."""

from math import inf

import numpy as np
import pandas as pd

from study.analysis import rankings, statistics
from study.analysis.statistics import accuracy_interval, mean_interval, side


def architectures(records):
    """The architectures of the records' space, as tuples."""
    return [tuple(arch) for arch in records[0]["architectures"]]


def top1(records, kind, split="test"):
    """Top-1 in [0, 1], a row per seed and a column per architecture.

    kind: "running" or "recalculated" (shared weights), "scratch" or "short" (own weights), or another of the record's
    groups, such as "fair-recalculated". split: "test", "validation"
    (after the last epoch) or "training" (as many training images as there are validation images). ValueError for
    another split, or a kind that one of these records does not hold.
    """
    if lacking := [record for record in records if kind not in record["validation"]]:
        seeds = f"seed {', '.join(str(record['seed']) for record in lacking)}"
        raise ValueError(f"kind {kind!r} is not on record for {seeds}: held are {', '.join(lacking[0]['validation'])}")
    if split not in ("training", "validation", "test"):
        raise ValueError(f"split {split!r} is unknown: choose 'training', 'validation' or 'test'")
    size = records[0]["data"]["validation" if split == "training" else split]
    rows = [record[split][kind][-1] if split == "validation" else record[split][kind] for record in records]
    seeds = pd.Index([record["seed"] for record in records], name="seed")
    return pd.DataFrame(rows, index=seeds, columns=architecture_index(records)) / size


def architecture_index(records):
    """The architectures as one pandas index of tuples, not as two levels."""
    return pd.Index(architectures(records), tupleize_cols=False, name="architecture")


def curves(records, kind):
    """Top-1 on validation in [0, 1] after each epoch recorded: rows (seed, epoch), a column per architecture."""
    frames = {
        record["seed"]: pd.DataFrame(
            record["validation"][kind],
            index=pd.Index(epochs(record, kind), name="epoch"),
            columns=architecture_index(records),
        )
        for record in records
    }
    return pd.concat(frames, names=["seed"]) / records[0]["data"]["validation"]


def epochs(record, kind):
    """The epochs after which a record holds validation counts of a kind: all, unless it says which."""
    every = range(1, len(record["validation"][kind]) + 1)
    return record.get("epochs", {}).get(kind, list(every))


def costs(records):
    """Parameters and multiply-adds of one image, a row per architecture."""
    return pd.DataFrame(
        {"parameters": records[0]["parameters"], "multiply-adds": records[0]["multiply_adds"]},
        index=architecture_index(records),
    )


def grid(values, names=("block 1", "block 2")):
    """A series over architectures (first, second) as a square table: rows the first choice, columns the second."""
    index = pd.MultiIndex.from_tuples(values.index, names=names)
    return pd.Series(values.to_numpy(), index=index).unstack()


def plus_minus(interval):
    """An interval over seeds as text, e.g. "97.91 ± 0.23"."""
    return f"{interval.mean:.2f} ± {interval.high - interval.mean:.2f}"


def limits(mean, interval):
    """A mean beside an interval that is not symmetric, shares in percent as text, e.g. "57.11 [25.34, 86.22]"."""
    low, high = min(interval.low, mean), max(interval.high, mean)  # that of log-odds may miss it by half an answer
    return f"{100 * mean:.2f} [{100 * low:.2f}, {100 * high:.2f}]"


def summary(table, images=None):
    """A table (seeds, architectures) of shares as text in percent: mean and 95 % t interval, or one seed's figure.

    images: how many each share was counted on, for figures that scatter so widely that 100 % or 0 % is near, such as
    those of shared weights as trained. Their mean stays the plain one. Their interval is that of the log-odds, which
    passes neither: see statistics.accuracy_interval.
    """
    if len(table) == 1:
        return (100 * table).iloc[0].map("{:.2f}".format)
    if images:
        return table.apply(lambda column: limits(column.mean(), accuracy_interval(column * images, images)))
    return table.apply(lambda column: plus_minus(mean_interval(100 * column)))


def verdict(difference, p=None):
    """A difference with its interval as text, and what that shows: "+0.40 [+0.10, +0.70]: higher".

    "higher", "lower" or "undecided", by the one rule, statistics.side. p: after Holm, where one question has
    several differences; it is printed, and must be below 0.05 too.
    """
    mean, low, high = difference[:3]
    beside = "" if p is None else ", p < 0.001" if p < 0.001 else f", p = {p:.3f}"
    return f"{mean:+z.2f} [{low:+.2f}, {high:+.2f}]{beside}: {side(low, high, p=p)}"


def verdicts(contrasts):
    """The contrasts of one question as a series of `verdict`, with p after Holm over all of them.

    contrasts: {name: (a, b)}, a value per seed on each side; a - b is judged. ValueError: see paired_difference.
    """
    return pd.Series([verdict(test, p) for _, test, p in tested(contrasts)], index=list(contrasts))


def family(pairs):
    """Paired differences that answer one question, a row each: mean, 95 % t interval, p after Holm and verdict.

    pairs: {name: (a, b)}, a value per seed each. "higher" or "lower" where p, corrected over all rows, is below 0.05,
    otherwise "undecided": the more one looks, the likelier is a find by chance.
    """
    rows = [
        (f"{mean:+z.2f}", f"{low:+.2f} to {high:+.2f}", probability(p), side(low, high, p=p))
        for _, (mean, low, high, *_), p in tested(pairs)
    ]
    return pd.DataFrame(rows, list(pairs), ["difference", "95 % interval", "p (Holm)", "verdict"])


def tested(pairs):
    """The pairs with their paired difference and its p after Holm over all of them."""
    tests = [statistics.paired_difference(*pair) for pair in pairs.values()]
    return zip(pairs.values(), tests, statistics.holm([test.p for test in tests]), strict=True)


def probability(p):
    """A p-value as text: "0.042", or "<0.001"."""
    return f"{p:.3f}" if p >= 0.0005 else "<0.001"


def with_range(values, digits=1):
    """Values by seed as text: their mean, the lowest and the highest, e.g. "57.1 (27.9 to 83.4)"."""
    mean, low, high = (f"{value:.{digits}f}" for value in (np.mean(values), np.min(values), np.max(values)))
    return f"{mean} ({low} to {high})"


def seeds_apart(pairs, ratio=False):
    """As `family`, with the lowest and the highest seed in place of the interval: for few seeds, or skewed figures.

    With ratio, a and b are logarithms; their ratio is shown.
    """
    rows = []
    for (a, b), (mean, low, high, *_), p in tested(pairs):
        shown = [f"{np.exp(x):.2f}" if ratio else f"{x:+z.2f}" for x in (mean, np.min(a - b), np.max(a - b))]
        told = "{} ({} to {})".format(*shown)
        rows.append((f"× {told}" if ratio else told, probability(p), side(low, high, p=p)))
    return pd.DataFrame(rows, list(pairs), ["ratio" if ratio else "difference", "p (Holm)", "verdict"])


def at(table, choices):
    """The entry of each row in the column chosen for it."""
    return pd.Series([table.loc[seed].to_dict()[arch] for seed, arch in choices.items()], index=choices.index)


def points_lost(truth):
    """What rankings.points_lost counts, of shares; of one seed, the distance from its own best.

    truth: top-1 in [0, 1], a frame (seed, choice). A single choice loses nothing.
    """
    if len(truth) == 1 or truth.shape[1] == 1:
        return 100 * truth.rsub(truth.max(axis=1), axis=0)
    return pd.DataFrame(rankings.points_lost(truth, images=1), index=truth.index, columns=truth.columns)


def difference(a, b):
    """(mean, low, high, p) of a - b over seeds."""
    if len(a) == 1:
        return float((a - b).iloc[0]), -inf, inf, 1.0
    mean, low, high, _, p = statistics.paired_difference(a, b)
    return mean, low, high, p
