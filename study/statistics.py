"""Statistics that claim no more than a few seeds allow.

A table of scores has one row a seed, one column an architecture: right answers, whose ties are
exact. An interval over seeds says how other seeds would do on the same images; for other images
see accuracy_error and mcnemar. Nothing bootstraps: over five seeds a percentile bootstrap covers
84 % where it says 95 %. ValueError for fewer than two values, NaN, infinity, unequal lengths.
"""

from bisect import bisect_left
from collections import namedtuple
from itertools import combinations

import numpy as np
from scipy import optimize, stats

Interval = namedtuple("Interval", "mean low high n")  # a mean over n seeds, its confidence interval
Difference = namedtuple("Difference", "mean low high n p")  # the same for a difference, with its p
Tau = namedtuple("Tau", "tau p")  # Kendall's tau-b in [-1, 1], two-sided p
Taus = namedtuple("Taus", "values interval")  # tau-b of each seed, the Interval of their mean
Agreement = namedtuple("Agreement", "right wrong tied")  # how a score orders a number of pairs
Share = namedtuple("Share", "hits n low high by_chance")  # 95 % interval; what chance would give


def mean_interval(values, level=0.95):
    """Mean and t interval: mean +- t(n-1) s / sqrt(n) (Student 1908), for normal scatter."""
    x = _array(values, "values")
    if not 0 < level < 1:
        raise ValueError(f"level is {level}; it must lie between 0 and 1, such as 0.95")
    half = stats.t.ppf((1 + level) / 2, len(x) - 1) * x.std(ddof=1) / len(x) ** 0.5
    return Interval(float(x.mean()), float(x.mean() - half), float(x.mean() + half), len(x))


def paired_difference(a, b, level=0.95):
    """Mean of a - b, seed by seed: t interval and two-sided p of the paired t-test (Student 1908).

    Differences all equal have no scatter; p is then its limit: 1 if they are zero, otherwise 0.
    """
    d = _difference(a, b)
    return Difference(*mean_interval(d, level), min(1.0, 2 * _p_above(abs(d.mean()), d)))


def equivalence(a, b, margin, alpha=0.05):
    """Two one-sided t-tests that the mean of a - b lies within +-margin (Schuirmann 1987).

    p is the larger of the two: p < alpha just when the (1 - 2 alpha) interval, which is the one
    given, lies within the margin. A large p proves no difference. ValueError for a margin <= 0.
    """
    if not 0 < margin < np.inf:
        raise ValueError(f"margin is {margin}; give the largest difference that would not matter")
    d = _difference(a, b)
    p = max(_p_above(margin + d.mean(), d), _p_above(margin - d.mean(), d))
    return Difference(*mean_interval(d, 1 - 2 * alpha), p)


def signal_to_noise(a, b, level=0.95):
    """Mean of a - b in units of its scatter over seeds, d = mean / s, with its exact interval.

    The interval inverts the noncentral t of d sqrt(n) (Cumming & Finch 2001). Where |d| < 1.96 the
    difference drowns in the 95 % noise of a single pair of runs. ValueError without any scatter.
    """
    d = _difference(a, b)
    n, spread = len(d), d.std(ddof=1)
    if spread <= 1e-12 * abs(d).max():
        raise ValueError("all differences are equal: without scatter there is no noise to compare")
    t = d.mean() / spread * n**0.5
    reach = 10 + 4 * abs(t)  # both limits lie inside, even for n = 2, where they reach 2.2 |t| + 2

    def limit(tail):
        return optimize.brentq(lambda x: stats.nct.sf(t, n - 1, x) - tail, -reach, reach) / n**0.5

    return Interval(float(d.mean() / spread), limit((1 - level) / 2), limit((1 + level) / 2), n)


def holm(p_values):
    """Holm's step-down p-values: running maximum of (m - rank) p, at most 1 (Holm 1979).

    The chance that any false one falls below alpha stays below alpha, however the tests depend.
    """
    p = _array(p_values, "p_values", least=1)
    if p.min() < 0 or p.max() > 1:
        raise ValueError(f"p-values lie in [0, 1], not {p.min()} to {p.max()}")
    order = np.argsort(p)
    stepped = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)).clip(max=1)
    return stepped[np.argsort(order)]


def chance_of_false_pair(nets, alpha=0.05, freedom=np.inf):
    """Chance that equal nets show a "significant" pair, each pair tested at alpha, uncorrected.

    P(studentised range of the nets > sqrt(2) t(1 - alpha/2)): the widest pair decides. For normal
    scores with a common error that is known (nine nets: 0.57) or pooled with so much freedom.
    """
    if nets < 2:
        raise ValueError(f"nets is {nets}; a pair needs at least two")
    widest = 2**0.5 * stats.t.ppf(1 - alpha / 2, freedom)
    return float(stats.studentized_range.sf(widest, nets, freedom))


def accuracy_error(accuracy, images):
    """Binomial standard error of an accuracy in [0, 1] on so many images: sqrt(p (1 - p) / N)."""
    if not (0 <= accuracy <= 1 and images >= 1):
        raise ValueError(f"accuracy {accuracy} on {images} images: need [0, 1] and at least one")
    return float((accuracy * (1 - accuracy) / images) ** 0.5)


def mcnemar(only_a, only_b):
    """Exact two-sided p that two nets err equally often, from the images that only one gets right.

    Binomial test of only_a in only_a + only_b at 1/2 (the exact form of the test in Dietterich
    1998). It speaks of these two trained nets on other images, not of other seeds. 0, 0 gives 1.
    """
    if min(only_a, only_b) < 0 or only_a % 1 or only_b % 1:
        raise ValueError(f"{only_a} and {only_b}: both must be numbers of images, 0 or more")
    total = int(only_a + only_b)
    return float(stats.binomtest(int(only_a), total).pvalue) if total else 1.0


def kendall(a, b):
    """Kendall's tau-b, (C - D) / sqrt((C + D + tied in a only) (C + D + tied in b only)).

    Kendall 1945. p is exact without ties up to 33 items, else normal (scipy's choice). ValueError
    where all scores of one side are equal: tau is undefined.
    """
    a, b = _same_length(_array(a, "a"), _array(b, "b"))
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        raise ValueError("Kendall's tau is undefined: all scores of one side are equal")
    return Tau(*map(float, stats.kendalltau(a, b)))


def kendall_over_seeds(a, b):
    """tau-b of each row of a with the same row of b, or with b itself if b is one row (a ruler).

    The t interval is cut to [-1, 1]. It is over seeds: the architectures are all there are.
    """
    a, b = _array(a, "a", 2), np.asarray(b, dtype=float)
    a, b = _same_length(a, np.tile(b, (len(a), 1)) if b.ndim == 1 else _array(b, "b", 2))
    values = tuple(kendall(*rows).tau for rows in zip(a, b, strict=True))
    mean, low, high, n = mean_interval(values)
    return Taus(values, Interval(mean, max(low, -1.0), min(high, 1.0), n))


def smallest_significant_tau(items, alpha=0.05):
    """Smallest |tau| with an exact two-sided p < alpha for so many untied items, or None.

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
    x = _array(scores, "scores")
    groups = np.zeros(len(x)) if groups is None else np.asarray(groups)
    _same_length(x, groups)
    pairs = [(i, j) for i, j in combinations(range(len(x)), 2) if groups[i] == groups[j]]
    return [(i, j) if x[i] > x[j] else (j, i) for i, j in pairs if x[i] != x[j]]


def resolved_pairs(table, alpha=0.05):
    """The pairs (better, worse) of columns that differ: paired t-tests, Holm over all pairs.

    A pair whose difference is the same on every seed is left out: counts tie, and t knows no scatter.
    """
    x = _array(table, "table", 2)
    pairs = list(combinations(range(x.shape[1]), 2))
    tests = [paired_difference(x[:, i], x[:, j]) for i, j in pairs]
    found = zip(pairs, tests, holm([test.p for test in tests]), strict=True)
    settled = [(pair, test) for pair, test, p in found if p < alpha and test.low < test.high]
    return [(i, j) if test.mean > 0 else (j, i) for (i, j), test in settled]


def agreement(pairs, scores):
    """How many of the pairs (better, worse) one row of scores orders rightly, wrongly, not."""
    x = _array(scores, "scores")
    signs = [np.sign(x[better] - x[worse]) for better, worse in pairs]
    return Agreement(signs.count(1), signs.count(-1), signs.count(0))


def noise_ceiling(table):
    """Mean tau-b between summed scores of one half of the seeds and of the other, over all splits.

    Halves of an odd number differ by one seed; all splits count alike. No interval is given, as
    splits share seeds. ValueError for more than 16 seeds: too many splits.
    """
    x = _array(table, "table", 2)
    if len(x) > 16:
        raise ValueError(f"{len(x)} seeds have too many splits; give at most 16")
    halves = [list(half) for half in combinations(range(len(x)), len(x) // 2)]
    return float(np.mean([kendall(x[h].sum(0), np.delete(x, h, 0).sum(0)).tau for h in halves]))


def regret(choices, table, images):
    """Points of scratch accuracy lost by the column chosen on each seed; may come out negative.

    Seed s: table[s, best] - table[s, choice], of so many images. The best has most right answers on
    the *other* seeds (tied: their mean): no run flatters what it prices. Choose without the table.
    """
    lost = points_lost(table, images)
    _same_length(lost, np.asarray(choices))
    if not set(choices) <= set(range(lost.shape[1])):
        raise ValueError(f"choices {list(choices)}: each must be a column, 0..{lost.shape[1] - 1}")
    return mean_interval([lost[s, c] for s, c in enumerate(choices)])


def points_lost(table, images):
    """What `regret` charges for every column on every seed, an array shaped like the table."""
    x = _array(table, "table", 2)
    best = [x[s, _best_elsewhere(x, s)].mean() for s in range(len(x))]
    return 100 / images * (np.array(best)[:, None] - x)


def top_k_hits(scores, table, k):
    """On how many seeds the winner is among the top k by score; interval: Clopper & Pearson 1934.

    The winner is the best column of the table over the other seeds (any, if tied). A tie of scores
    across place k counts against. ValueError for k outside 1..columns.
    """
    scores, x = _same_length(_array(scores, "scores", 2), _array(table, "table", 2))
    if not 1 <= k <= x.shape[1]:
        raise ValueError(f"k is {k}; it must lie between 1 and the {x.shape[1]} columns")
    ranks = stats.rankdata(-scores, method="max", axis=1)
    hits = sum(bool((ranks[s, _best_elsewhere(x, s)] <= k).any()) for s in range(len(x)))
    low, high = stats.binomtest(hits, len(x)).proportion_ci(method="exact")
    return Share(hits, len(x), float(low), float(high), k / x.shape[1])


def _array(values, name, dimensions=1, least=2):
    x = np.asarray(values, dtype=float)
    if x.ndim != dimensions or min(x.shape) < least:
        raise ValueError(f"{name}: shape {x.shape}; need {dimensions} axis(es) of at least {least}")
    if not np.isfinite(x).all():
        raise ValueError(f"{name} holds NaN or infinity; mend that run or leave it out by name")
    return x


def _same_length(a, b):
    if len(a) != len(b) or (a.ndim == b.ndim and a.shape != b.shape):
        raise ValueError(f"unequal lengths, {a.shape} and {b.shape}: pair the same seeds and nets")
    return a, b


def _difference(a, b):
    return np.subtract(*_same_length(_array(a, "a"), _array(b, "b")))


def _p_above(mean, d):
    """One-sided p-value that the true mean is above 0, given the scatter of d around it."""
    error = d.std(ddof=1) / len(d) ** 0.5
    return float(stats.t.sf(mean / error, len(d) - 1)) if error else float(mean <= 0)


def _permutation(items, inversions):
    """0..items-1 in an order with exactly so many inversions."""
    order, left = [], list(range(items))
    for most in range(items - 1, -1, -1):
        order.append(left.pop(min(inversions, most)))
        inversions -= min(inversions, most)
    return order


def _best_elsewhere(table, seed):
    """Mask of the columns with the highest sum over all seeds but this one."""
    totals = np.delete(table, seed, 0).sum(0)
    return np.isclose(totals, totals.max(), rtol=1e-12, atol=0)  # sums of shares tie but for rounding
