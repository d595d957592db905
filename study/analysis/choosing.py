"""Which network to take: within a budget of multiply-adds, by shared or own accuracy, and what each choice costs."""

from collections import namedtuple

import numpy as np
import pandas as pd

from study.analysis.statistics import Interval, mean_interval
from study.analysis.tables import points_lost

Pick = namedtuple("Pick", "budget name takes top1 regret")  # takes: one per seed; regret: Interval in points


def picks_within(costs, truth, picks):
    """The Picks of every budget worth having, cheapest first: of each way of choosing, and of random choice (the mean).

    costs: multiply-adds, a series over architectures. truth: top-1 in [0, 1], a frame (seed, architecture), or one
    series. picks: {name: scores}, scores likewise: within a budget each takes, on each seed, the affordable network
    with the highest score, the first of equals. Regret is that of rankings.points_lost (its best comes from the other
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
            found.append(Pick(budget, name, takes, top1, regret_within(choices, inside)))
        # Taking the mean of all is one more column: it never wins, so that the best stays what it was.
        average = np.column_stack([inside, inside.mean(axis=1)])
        lost = regret_within([len(fits)] * len(inside), average)
        found.append(Pick(budget, "random (mean)", (), float(inside.mean()), lost))
    return found


def regret_within(choices, table):
    """Regret in points of top-1, over seeds; of a single seed the plain distance from its best, without limits."""
    lost = points_lost(pd.DataFrame(table)).to_numpy()[np.arange(len(table)), choices]
    return Interval(float(lost[0]), None, None, 1) if len(lost) == 1 else mean_interval(lost)


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


SHARED = ("running", "recalculated", "fine-tuned")


def within(multiply_adds, limit):
    """The architectures that cost at most `limit` multiply-adds, a list. ValueError if there is none.

    multiply_adds: of one image, a series over architectures.
    """
    fits = [arch for arch, cost in multiply_adds.items() if cost <= limit]
    if not fits:
        raise ValueError(
            f"no network costs at most {limit:,} multiply-adds: the cheapest costs {multiply_adds.min():,}"
        )
    return fits


def top_k(scores, k, candidates):
    """The k candidates with the highest scores {architecture: score}, best first; of equals the earlier candidate.

    All of them, in this order, where there are no more than k. ValueError for no candidates, a candidate without a
    score, or a k that is not an int above 0.
    """
    candidates = list(candidates)
    if not candidates:
        raise ValueError("the candidate set is empty: pass at least one architecture, or raise the limit")
    if unscored := [arch for arch in candidates if arch not in scores]:
        raise ValueError(f"candidates {unscored} have no score: choose among {list(scores.keys())}")
    if type(k) is not int or k < 1:
        raise ValueError(f"k is {k!r}: it must be a whole number, 1 or more")
    return sorted(candidates, key=lambda arch: -scores[arch])[:k]


def decide(plan, scores, candidates):
    """The architecture that a plan takes, and its measurements, a list of (kind, [architectures measured]).

    scores: {kind: {architecture: score}} of one seed. ValueError for a plan without stages or one that does not end
    with a single network, a kind without scores, and as top_k does.
    """
    if not plan or plan[-1][1] != 1:
        raise ValueError(f"the plan is {plan!r}: its last stage must keep 1, as in (('running', 3), ('fine-tuned', 1))")
    left, measured = list(candidates), []
    for kind, keep in plan:
        if kind not in scores:
            raise ValueError(f"the plan measures {kind!r}: there are scores of {', '.join(scores)}")
        measured.append((kind, left))
        left = top_k(scores[kind], keep, left)
    return left[0], measured


def units(measured, shares, multiply_adds):
    """The price of measurements in units: steps x multiply-adds, where training the supernet of the space costs 1.

    measured: as `decide` returns it. shares: {kind: what each network measured trains, in steps of the supernet}, 0
    for evaluating existing weights. multiply_adds: a series over all architectures of the space. The supernet is
    paid for once, however many stages look at it. ValueError for a kind not in shares.
    """
    if unpriced := {kind for kind, _ in measured} - shares.keys():
        raise ValueError(f"no price for {', '.join(sorted(unpriced))}: shares hold {', '.join(shares)}")
    price = multiply_adds / multiply_adds.mean()
    supernet = any(kind.startswith(SHARED) for kind, _ in measured)
    return float(supernet) + sum(shares[kind] * sum(price[arch] for arch in members) for kind, members in measured)


def outcomes(plan, scores, truth, shares, multiply_adds, limit=None):
    """What a plan takes, costs and loses, a frame with rows by seed: takes, measured, units, lost.

    truth: scratch top-1 in [0, 1], a frame (seed, architecture). limit: only networks of at most so many multiply-adds
    are candidates; None: all. lost: points against the best candidate, which the other seeds name (see
    rankings.points_lost; it may come out negative). ValueError as in within, decide and units.
    """
    candidates = within(multiply_adds, multiply_adds.max() if limit is None else limit)
    lost = points_lost(truth[candidates]).to_numpy()
    rows = []
    for seed, losses in zip(truth.index, lost, strict=True):
        takes, measured = decide(plan, {kind: table.loc[seed] for kind, table in scores.items()}, candidates)
        rows.append((takes, measured, units(measured, shares, multiply_adds), losses[candidates.index(takes)]))
    return pd.DataFrame(rows, index=truth.index, columns=["takes", "measured", "units", "lost"])


def pareto_front(costs, values):
    """The architectures that no other beats, with more value at no more cost or as much value at less cost.

    costs, values: series over the same index; the cheapest comes first. Architectures equal in both stay.
    """
    beaten = {
        a: any(
            costs[b] <= costs[a] and values[b] >= values[a] and (costs[b], values[b]) != (costs[a], values[a])
            for b in costs.index
        )
        for a in costs.index
    }
    return sorted((arch for arch, lost in beaten.items() if not lost), key=lambda arch: costs[arch])
