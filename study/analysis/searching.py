"""What the strategies of nas/methods/search.py take on the recorded curves, what it costs and what it loses."""

from math import inf

import numpy as np
import pandas as pd

from nas.methods.search import bill, follow
from study.analysis.tables import points_lost
from study.analysis.tabular import curves, seeds


def recorded(depth, seed, limit=inf):
    """Curves from scratch and of the recalculated supernet, as Runs takes them, for depths 1 to `depth`.

    limit: multiply-adds of one image; networks above it are left out. ValueError if it leaves none.
    """
    fits = {arch for arch, cost in prices(depth).items() if cost <= limit}
    if not fits:
        raise ValueError(f"limit is {limit}: the cheapest network has {min(prices(depth).values())} multiply-adds")
    columns = ("scratch", f"recalculated{depth}")
    found = [curves(depth, seed, column) for column in columns]
    return tuple({arch: curve for arch, curve in column.items() if arch in fits} for column in found)


def prices(depth):
    """Multiply-adds of one image, {arch: number}, of the space of depths 1 to `depth`."""
    return {arch: curve[-1] for arch, curve in curves(depth, seeds(depth)[0], "multiply_adds").items()}


def losses(depth, limit=inf):
    """Points of test top-1 that each choice loses, {seed: {arch: points}}, within a limit of multiply-adds.

    Against the best within the limit, which the other seeds name: see rankings.points_lost. ValueError: see
    `recorded`.
    """
    fits = recorded(depth, seeds(depth)[0], limit)[0]
    test = [[curve[-1] for arch, curve in curves(depth, seed, "test").items() if arch in fits] for seed in seeds(depth)]
    lost = points_lost(pd.DataFrame(test)).to_numpy()
    return {seed: dict(zip(fits, map(float, row), strict=True)) for seed, row in zip(seeds(depth), lost, strict=True)}


def outcomes(strategy, depth, budget, draws=1, limit=inf):
    """What the choices of a strategy lose and what they cost: points of regret and bills, two arrays (seeds, draws).

    Each seed has its own recorded runs; each draw repeats the search on them with other random numbers. The mean over
    draws is what to expect of a seed, so an interval over seeds is statistics.mean_interval(regrets.mean(axis=1)).
    limit: multiply-adds of a network that may be taken. ValueError unless depth is 3 or 5.
    """
    lost, costs = losses(depth, limit), prices(depth)
    found = []
    for seed in lost:
        runs = recorded(depth, seed, limit)
        searches = [follow(strategy, runs, budget, seed, draw) for draw in range(draws)]
        found.append([(lost[seed][taken], bill(taken, left, costs)) for taken, left in searches])
    return tuple(np.moveaxis(np.array(found), -1, 0))


def regrets(strategy, depth, budget, draws=1, limit=inf):
    """The first of the two arrays of `outcomes`: points of regret (seeds, draws)."""
    return outcomes(strategy, depth, budget, draws, limit)[0]
