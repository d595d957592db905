"""Rankings of networks: how well scores order them, how well they could, and what a choice by score costs.

Scores are tables as in study.analysis.statistics: a row per seed, a column per architecture.
"""

from bisect import bisect_left
from collections import Counter, namedtuple
from functools import lru_cache
from itertools import combinations, product
from math import comb, factorial, prod

import numpy as np
from scipy import stats

from study.analysis.statistics import Interval, checked, holm, mean_interval, paired_difference, same_length

Tau = namedtuple("Tau", "tau p error")  # tau-b in [-1, 1], two-sided p, standard error of a drawn p
Taus = namedtuple("Taus", "values interval")  # tau-b of each seed, the Interval of their mean
Agreement = namedtuple("Agreement", "right wrong tied")  # how a score orders a number of pairs
Share = namedtuple("Share", "hits n low high by_chance")  # 95 % interval; what chance would give
EXACT_ITEMS, DRAWS = 10, 20_000  # up to how many tied items p is exact; how many orders are drawn for more


def kendall(a, b):
    """Kendall's tau-b with the two-sided p of a permutation test; its error is 0 where that is exact.

    p: share of all orders of one side with |tau| at least as large (Kendall 1945), exact without
    ties and up to 10 items with them, otherwise from DRAWS orders drawn. ValueError where all
    scores of one side are equal: tau is undefined.
    """
    tau = tau_b(a, b)
    ranks = [np.unique(x, return_inverse=True)[1] for x in (a, b)]
    ties = [tuple(map(int, np.bincount(rank))) for rank in ranks]
    if len(ties[0]) == len(ties[1]) == len(ranks[0]):
        return Tau(tau, float(stats.kendalltau(a, b, method="exact").pvalue), 0.0)
    sums, orders = shuffled(*sorted(ties, key=len, reverse=True))
    extreme, every = int(orders[abs(sums) >= abs(concordance(*ranks))].sum()), int(orders.sum())
    if len(ranks[0]) <= EXACT_ITEMS:
        return Tau(tau, extreme / every, 0.0)
    p = (extreme + 1) / (every + 1)  # the order observed is one of them (Davison & Hinkley 1997)
    return Tau(tau, p, (p * (1 - p) / every) ** 0.5)


def tau_b(a, b):
    """(C - D) / sqrt((C + D + tied in a only) (C + D + tied in b only)) (Kendall 1945), without its p."""
    a, b = same_length(checked(a, "a"), checked(b, "b"))
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        raise ValueError("Kendall's tau is undefined: all scores of one side are equal")
    a, b = (np.sign(np.subtract.outer(x, x)) for x in (a, b))
    return float((a * b).sum() / (np.square(a).sum() * np.square(b).sum()) ** 0.5)


def concordance(a, b):
    """Concordant minus discordant pairs of ranks (..., items): an integer for every row."""
    pairs = combinations(range(np.shape(a)[-1]), 2)
    return sum(np.sign(a[..., i] - a[..., j]) * np.sign(b[..., i] - b[..., j]) for i, j in pairs)


@lru_cache
def shuffled(ties_a, ties_b):
    """C - D over all orders of one side, or those drawn: values, how many orders; ties: sizes of tied groups."""
    if sum(ties_a) <= EXACT_ITEMS:
        ways = all_orders(ties_a, ties_b)
        return np.array(list(ways)), np.array(list(ways.values()))
    a, b = (np.repeat(np.arange(len(ties)), ties) for ties in (ties_a, ties_b))
    drawn = np.random.RandomState(0).rand(DRAWS, len(b)).argsort(axis=1)
    return concordance(a, b[drawn]), np.ones(DRAWS, int)


def all_orders(ties_a, ties_b):
    """{C - D: how many orders give it}, exactly: the tied groups of a in turn take their share of b's values.

    Only how many of each value are left counts, so there are far fewer states than orders.
    """
    states = {ties_b: Counter({0: 1})}
    for size in ties_a:
        following = {}
        for left, ways in states.items():
            for taken in product(*(range(min(n, size) + 1) for n in left)):
                if sum(taken) == size:
                    rest = tuple(np.subtract(left, taken).tolist())
                    gain, orders = gained(taken, rest), factorial(size) // prod(map(factorial, taken))
                    into = following.setdefault(rest, Counter())
                    for value, count in ways.items():
                        into[value + gain] += count * orders
        states = following
    return states[(0,) * len(ties_b)]


def gained(taken, rest):
    """C - D of the values taken now with those that follow: larger ones minus smaller ones."""
    return sum(n * (sum(rest[i + 1 :]) - sum(rest[:i])) for i, n in enumerate(taken))


def kendall_over_seeds(a, b):
    """tau-b of each row of a with the same row of b, or with b itself if b is one row (a ruler).

    The t interval is cut to [-1, 1]. It is over seeds: the architectures are all there are.
    """
    a, b = checked(a, "a", 2), np.asarray(b, dtype=float)
    a, b = same_length(a, np.tile(b, (len(a), 1)) if b.ndim == 1 else checked(b, "b", 2))
    values = tuple(tau_b(*rows) for rows in zip(a, b, strict=True))
    mean, low, high, n = mean_interval(values)
    return Taus(values, Interval(mean, max(low, -1.0), min(high, 1.0), n))


def smallest_significant_tau(items, alpha=0.05):
    """Smallest |tau| with an exact two-sided p < alpha for this many untied items, or None.

    Counts the inversions that scipy's exact test still allows: tau = 1 - 2 inversions / pairs.
    """
    if items < 2:
        raise ValueError(f"items is {items}; a ranking needs at least two")
    pairs = items * (items - 1) // 2

    def p_value(inversions):
        ranking = _permutation(items, inversions)
        return stats.kendalltau(range(items), ranking, method="exact").pvalue

    too_many = bisect_left(range(pairs // 2 + 1), alpha, key=p_value)
    return 1 - 2 * (too_many - 1) / pairs if too_many else None


def ordered_pairs(scores, groups=None):
    """All pairs (better, worse) of columns by one row of scores, without ties, within groups."""
    x = checked(scores, "scores")
    groups = np.zeros(len(x)) if groups is None else np.asarray(groups)
    same_length(x, groups)
    pairs = [(i, j) for i, j in combinations(range(len(x)), 2) if groups[i] == groups[j]]
    return [(i, j) if x[i] > x[j] else (j, i) for i, j in pairs if x[i] != x[j]]


def resolved_pairs(table, alpha=0.05):
    """The pairs (better, worse) of columns that differ: paired t-tests, Holm over all pairs.

    A pair whose difference is the same on every seed is left out: counts tie, and t knows no scatter.
    """
    settled = {pair: mean for pair, (mean, p) in pair_tests(table).items() if p < alpha}
    return [(i, j) if mean > 0 else (j, i) for (i, j), mean in settled.items()]


def pair_tests(table):
    """{(i, j): (mean of columns i - j, its p after Holm over all pairs)}; p is 1 where there is no scatter."""
    x = checked(table, "table", 2)
    tests = {(i, j): paired_difference(x[:, i], x[:, j]) for i, j in combinations(range(x.shape[1]), 2)}
    corrected = holm([test.p if test.low < test.high else 1.0 for test in tests.values()])
    return {pair: (test.mean, p) for (pair, test), p in zip(tests.items(), corrected, strict=True)}


def agreement(pairs, scores):
    """How many of the pairs (better, worse) one row of scores orders rightly, wrongly, or ties."""
    x = checked(scores, "scores")
    signs = [np.sign(x[better] - x[worse]) for better, worse in pairs]
    return Agreement(signs.count(1), signs.count(-1), signs.count(0))


def noise_ceiling(table):
    """Mean tau-b between summed scores of one half of the seeds and of the other, over all splits.

    Halves of an odd number differ by one seed; all splits count alike. No interval is given, as
    splits share seeds. ValueError for more than 16 seeds: too many splits.
    """
    x = checked(table, "table", 2)
    if len(x) > 16:
        raise ValueError(f"{len(x)} seeds have too many splits; give at most 16")
    halves = [list(half) for half in combinations(range(len(x)), len(x) // 2)]
    return float(np.mean([tau_b(x[h].sum(0), np.delete(x, h, 0).sum(0)) for h in halves]))


def points_lost(table, images):
    """Points of scratch accuracy that each column loses on each seed, its regret: an array like the table.

    Seed s: 100 (table[s, best] - table[s, column]) / images, which may come out negative. The best
    has the most right answers on the *other* seeds (tied: their mean): no run picks its own
    yardstick. Choose a column without looking at the table.
    """
    x = checked(table, "table", 2)
    best = [x[s, _best_elsewhere(x, s)].mean() for s in range(len(x))]
    return 100 / images * (np.array(best)[:, None] - x)


def top_k_hits(scores, table, k):
    """On how many seeds the winner is among the top k by score; interval: Clopper & Pearson 1934.

    The winner is the best column of the table over the other seeds (any, if tied). A tie of scores
    across place k counts against it. ValueError for k outside 1..columns.
    """
    scores, x = same_length(checked(scores, "scores", 2), checked(table, "table", 2))
    if not 1 <= k <= x.shape[1]:
        raise ValueError(f"k is {k}; it must lie between 1 and the {x.shape[1]} columns")
    ranks, n = stats.rankdata(-scores, method="max", axis=1), x.shape[1]
    best = [_best_elsewhere(x, seed) for seed in range(len(x))]
    hits = sum(bool((row[winners] <= k).any()) for row, winners in zip(ranks, best, strict=True))
    low, high = stats.binomtest(hits, len(x)).proportion_ci(method="exact")
    missed = [comb(n - int(winners.sum()), k) / comb(n, k) for winners in best]  # by a k drawn by lot
    return Share(hits, len(x), float(low), float(high), 1 - sum(missed) / len(x))


def _permutation(items, inversions):
    """0..items-1 in an order with exactly `inversions` inversions."""
    order, left = [], list(range(items))
    for most in range(items - 1, -1, -1):
        order.append(left.pop(min(inversions, most)))
        inversions -= min(inversions, most)
    return order


def _best_elsewhere(table, seed):
    """Mask of the columns with the highest sum over all seeds but this one."""
    totals = np.delete(table, seed, 0).sum(0)
    return np.isclose(totals, totals.max(), rtol=1e-12, atol=0)  # sums of shares tie but for rounding
