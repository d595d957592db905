"""Records as pandas tables: top-1 by seed and architecture, curves by epoch, 3x3 grids."""

import pandas as pd

from nas.statistics import mean_interval


def architectures(records):
    """The architectures of the records' space, as tuples."""
    return [tuple(arch) for arch in records[0]["architectures"]]


def top1(records, kind, split="test"):
    """Top-1 in [0, 1], a row a seed and a column an architecture.

    kind: "running" or "recalculated" (shared weights), "scratch" or "short" (its own), or another of the record's
    groups, such as "fair-recalculated". split: "test", "validation"
    (after the last epoch) or "training" (as many training images as there are validation images). ValueError for
    another split, or a kind that these records do not hold.
    """
    if kind not in records[0]["validation"]:
        raise ValueError(f"kind {kind!r} is unknown: these records hold {', '.join(records[0]['validation'])}")
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
    """Top-1 on validation in [0, 1] after each epoch told: rows (seed, epoch), a column an architecture."""
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
    """The epochs after which a record tells the validation counts of a kind: all, unless it says which."""
    every = range(1, len(record["validation"][kind]) + 1)
    return record["epochs"][kind] if "epochs" in record else list(every)


def costs(records):
    """Parameters and multiply-adds of one image, a row an architecture."""
    return pd.DataFrame(
        {"parameters": records[0]["parameters"], "multiply-adds": records[0]["multiply_adds"]},
        index=architecture_index(records),
    )


def grid(values):
    """A series over architectures (d1, d2) as a square table: rows depth of block 1, columns depth of block 2."""
    d1, d2 = zip(*values.index, strict=True)
    index = pd.MultiIndex.from_arrays([d1, d2], names=["block 1", "block 2"])
    return pd.Series(values.to_numpy(), index=index).unstack()


def plus_minus(interval):
    """An interval over seeds as text, e.g. "97.91 ± 0.23"."""
    return f"{interval.mean:.2f} ± {interval.high - interval.mean:.2f}"


def summary(table):
    """A table (seeds, architectures) of shares as text in percent: mean and 95 % t interval, or one seed's figure."""
    percent = 100 * table
    if len(percent) == 1:
        return percent.iloc[0].map("{:.2f}".format)
    return percent.apply(lambda column: plus_minus(mean_interval(column)))


def verdict(difference):
    """A difference with its interval as text, and what it allows to say: "+0.40 [+0.10, +0.70]: higher".

    "higher" or "lower" where the interval leaves zero out, otherwise "undecided".
    """
    mean, low, high = difference[:3]
    side = "higher" if low > 0 else "lower" if high < 0 else "undecided"
    return f"{mean:+.2f} [{low:+.2f}, {high:+.2f}]: {side}"
