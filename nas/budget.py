"""What each way of choosing a network takes within a budget of multiply-adds, and what its choice loses."""

from collections import namedtuple

import numpy as np
import pandas as pd

from nas.statistics import Interval, regret

Pick = namedtuple("Pick", "budget name takes top1 regret")  # takes: an architecture a seed; regret: Interval in points


def picks_within(costs, truth, picks):
    """The Picks of every budget worth having, cheapest first: of each way of choosing, and of random choice (the mean).

    costs: multiply-adds, a series over architectures. truth: top-1 in [0, 1], a frame (seed, architecture), or one
    series. picks: {name: scores}, scores likewise: within a budget each takes, on each seed, the fitting network with
    the highest score, the first of equals. Regret is that of nas.statistics.regret (its best comes from the other
    seeds, so that it may come out negative); with one seed, the distance from this very run's best and no interval.
    Raises ValueError for no architectures or picks, or where scores do not have truth's architectures and seeds.
    """
    architectures(costs.index)
    table = by_seed(truth, costs, truth)
    scores = {name: by_seed(values, costs, truth) for name, values in picks.items()}
    if not scores:
        raise ValueError("picks is empty: pass at least one {name: scores over architectures}")
    found = []
    for budget in sorted(set(costs)):
        fits = np.flatnonzero(costs.to_numpy() <= budget)
        inside = table[:, fits]
        for name, values in scores.items():
            choices = values[:, fits].argmax(axis=1)
            takes = tuple(costs.index[fits[choice]] for choice in choices)
            top1 = float(inside[np.arange(len(inside)), choices].mean())
            found.append(Pick(budget, name, takes, top1, points_lost(choices, inside)))
        # Taking the mean of all is one more column: it never wins, so that the best stays what it was.
        average = np.column_stack([inside, inside.mean(axis=1)])
        lost = points_lost([len(fits)] * len(inside), average)
        found.append(Pick(budget, "random (mean)", (), float(inside.mean()), lost))
    return found


def points_lost(choices, table):
    """Regret in points of top-1, over seeds; of a single seed the plain distance from its best, without limits."""
    if len(table) == 1:
        lost = 100 * float(table.max() - table[0, choices[0]])
        return Interval(lost, None, None, 1)
    if table.shape[1] == 1:
        return Interval(0.0, 0.0, 0.0, len(table))  # one network fits: there is nothing to choose
    return regret(choices, table, images=1)


def architectures(index):
    """The index as a list, if it is a non-empty one of architectures (d1, d2). ValueError if not."""
    members = list(index)
    good = [
        arch
        for arch in members
        if isinstance(arch, tuple) and len(arch) == 2 and all(type(depth) is int and depth > 0 for depth in arch)
    ]
    if not members or good != members:
        raise ValueError(f"{members[:12]} are not architectures: pass data over tuples of two depths, such as (1, 3)")
    return members


def by_seed(values, costs, truth):
    """Scores as an array (seeds, architectures) in the order of `costs`; one series serves every seed of `truth`."""
    seeds = truth.index if isinstance(truth, pd.DataFrame) else [0]
    given = values.columns if isinstance(values, pd.DataFrame) else values.index
    if set(given) != set(costs.index) or len(given) != len(costs):
        raise ValueError(f"scores are over {list(given)}, costs over {list(costs.index)}: pass the same architectures")
    if isinstance(values, pd.Series):
        table = np.tile(values[list(costs.index)].to_numpy(float), (len(seeds), 1))
    elif list(values.index) == list(seeds):
        table = values.to_numpy(float)[:, [list(given).index(arch) for arch in costs.index]]
    else:
        raise ValueError(f"scores are of seeds {list(values.index)}, truth of {list(seeds)}: pass the same seeds")
    if not np.isfinite(table).all():
        raise ValueError("scores hold NaN or infinity: leave that run out, by name")
    return table
