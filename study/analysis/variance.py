"""Where the scatter of accuracies comes from - networks, seeds, images - and what can be known despite it.

Tables as in study.analysis.statistics: a row per seed, a column per architecture. Here all columns share one
error: randomised blocks, value = architecture + seed + error, for networks trained apart.
"""

from collections import namedtuple
from functools import lru_cache
from itertools import combinations

import numpy as np
from scipy import stats

from study.analysis.rankings import tau_b
from study.analysis.statistics import ALPHA, Difference, Interval, checked, mean_interval

Error = namedtuple("Error", "variance freedom")  # of one run, pooled over all architectures
Ceilings = namedtuple("Ceilings", "one_run perfect")  # what tau with one run can reach, on average
# a rank correlation of true values, its interval, and the correlation between runs
Corrected = namedtuple("Corrected", "correlation low high observed repeats truth_repeats")


def pooled_error(table):
    """Variance of one run about architecture + seed, with (seeds - 1)(architectures - 1) degrees of freedom.

    Randomised blocks (Fisher 1925, section 48). It holds where all architectures scatter alike: see
    equal_scatter.
    """
    x = checked(table, "table", 2)
    residual = x - x.mean(0) - x.mean(1, keepdims=True) + x.mean()
    freedom = (len(x) - 1) * (x.shape[1] - 1)
    return Error(float((residual**2).sum() / freedom), freedom)


def pair_differences(table, alpha=ALPHA):
    """{(i, j): Difference of columns i - j}, with simultaneous intervals and p over all pairs.

    Tukey's honest significant difference with the pooled error (Tukey 1953): the chance of any false
    p < alpha is alpha. ValueError for a table without scatter.
    """
    gaps, least, error, freedom = gaps_of(table, alpha)
    (seeds, columns), found = np.shape(table), {}
    for pair, gap in gaps.items():
        p = stats.studentized_range.sf(abs(gap) / error, columns, freedom)
        found[pair] = Difference(float(gap), float(gap - least), float(gap + least), seeds, float(p))
    return found


def settled_pairs(table, alpha=ALPHA):
    """The pairs (better, worse) of columns that differ by pair_differences.

    The pooled error is known far better than that of each pair alone, from which resolved_pairs of
    study.analysis.rankings must decide: with three seeds that has two degrees of freedom.
    """
    gaps, least, *_ = gaps_of(table, alpha)
    return [(i, j) if gap > 0 else (j, i) for (i, j), gap in gaps.items() if abs(gap) > least]


def gaps_of(table, alpha):
    """{pair: difference of its means}, the least that counts, and the error of a mean with its degrees of freedom."""
    x, (variance, freedom) = checked(table, "table", 2), pooled_error(table)
    if variance <= 1e-24 * (x**2).max():
        raise ValueError("the table has no scatter over seeds: there is no error to compare with")
    means, error = x.mean(0), (variance / len(x)) ** 0.5
    gaps = {(i, j): means[i] - means[j] for i, j in combinations(range(len(means)), 2)}
    return gaps, widest(len(means), freedom, alpha) * error, error, freedom


@lru_cache
def widest(columns, freedom, alpha):
    """The studentised range that equal columns exceed with probability alpha (slow to find, so kept)."""
    return float(stats.studentized_range.isf(alpha, columns, freedom))


def equal_scatter(table):
    """p of the test that all columns scatter alike over seeds: Levene's, about medians (Brown & Forsythe 1974).

    Each seed's mean is taken off first. A large p proves nothing, and with three seeds less than
    nothing: a median is then one of the values, and p < 0.05 hardly occurs. Also look whether
    scatter goes with accuracy: kendall(table.mean(0), table.std(0, ddof=1)).
    """
    x = checked(table, "table", 2, least=3)
    return float(stats.levene(*(x - x.mean(1, keepdims=True)).T, center="median").pvalue)


def ceilings(table):
    """The tau that a ruler can expect with one run of this table: one as noisy as a run, and one without noise.

    one_run: mean tau-b of every two seeds. perfect: with true values spread as the means of the
    table are, minus the share of its noise, and the pooled error. Of a pair that lies d apart, a run
    with a standard deviation s gets the order right with probability Phi(d / (s sqrt(2))).
    """
    x, (variance, _) = checked(table, "table", 2), pooled_error(table)
    one_run = np.mean([tau_b(*pair) for pair in combinations(x, 2)])
    gaps = abs(np.subtract(*zip(*combinations(shrunk_means(x, variance), 2), strict=True)))
    right = stats.norm.cdf(gaps / (2 * variance) ** 0.5) if variance else np.ones(len(gaps))
    return Ceilings(float(one_run), float((2 * right - 1).mean()))


def shrunk_means(table, variance):
    """Column means, drawn together until they vary as the true values do, without their own error."""
    means, error = table.mean(0), variance / len(table)
    spread = means.var(ddof=1)
    return means.mean() + (means - means.mean()) * max(0.0, 1 - error / spread if spread else 0.0) ** 0.5


def corrected_correlation(scores, truth, level=0.95):
    """Rank correlation of what scores and truth would be without noise, with a jackknife interval over seeds.

    r(scores, truth) / sqrt(r(scores, scores) r(truth, truth)), each the mean of Spearman's r over
    different seeds only (Spearman 1904), so that no shared seed counts as agreement. Below 1 the
    scores are biased: no averaging helps. Noise in the estimate can take it above 1. The interval is
    Student's t of the pseudo-values that omit each seed in turn (Tukey 1958); a bootstrap of three
    seeds covers 56 %. scores: a table, or one row for a ruler without noise. ValueError for fewer
    than 3 seeds, or where one side does not repeat itself.
    """
    b = checked(truth, "truth", 2, least=3)
    a = np.asarray(scores, dtype=float)
    a = checked(np.tile(a, (len(b), 1)) if a.ndim == 1 else a, "scores", 2, least=3)
    if a.shape != b.shape:
        raise ValueError(f"unequal lengths, scores {a.shape} and truth {b.shape}: pair the same seeds and nets")
    seeds, together = len(b), [rank_correlations(*sides) for sides in ((a, b), (a, a), (b, b))]
    without_one = [between_seeds(table, 1 - np.eye(seeds)) for table in together]
    observed, *repeats = (between_seeds(table, np.ones(seeds)) for table in together)
    if min(*repeats, np.min(without_one[1:])) <= 0:
        raise ValueError("the seeds of one side do not agree with each other: no noise can be told from bias")
    found = observed / np.prod(repeats) ** 0.5
    left = without_one[0] / (without_one[1] * without_one[2]) ** 0.5
    _, low, high, _ = mean_interval(seeds * found - (seeds - 1) * left, level)
    half = (high - low) / 2
    return Corrected(*map(float, (found, found - half, found + half, observed, *repeats)))


def rank_correlations(a, b):
    """Spearman's correlation of every row of a with every row of b, as a matrix."""
    for x in (a, b):
        if (np.ptp(x, axis=1) == 0).any():
            raise ValueError("a seed has equal scores for all architectures: no ranks to correlate")
    ranks = [stats.rankdata(x, axis=1) for x in (a, b)]
    return np.corrcoef(*ranks)[: len(a), len(a) :]


def between_seeds(table, weights):
    """Mean of a matrix over pairs of different seeds; weights (..., seeds) count each seed."""
    pairs = weights[..., :, None] * weights[..., None, :] * (1 - np.eye(len(table)))
    return (pairs * table).sum((-2, -1)) / pairs.sum((-2, -1))


def crossed_interval(right, level=0.95):
    """Interval of a mean over other seeds and other images at once; right: (seeds, images), right or wrong.

    Two-way random effects: var(mean) = (MS seeds + MS images - MS rest) / (seeds images), with
    Satterthwaite's degrees of freedom (Satterthwaite 1946; Searle, Casella & McCulloch 1992, section
    4.3). A difference of two networks: pass that of their arrays, with values -1, 0 and 1.
    """
    x = checked(right, "right", 2)
    (n, m), mean = x.shape, x.mean()
    seeds, images = (x.mean(1) - mean), (x.mean(0) - mean)
    rest = ((x - mean - seeds[:, None] - images) ** 2).sum() / ((n - 1) * (m - 1))
    squares = np.array([m * (seeds**2).sum() / (n - 1), n * (images**2).sum() / (m - 1)])
    extra = np.maximum(squares - rest, 0)  # of each component; never negative
    variance = (extra.sum() + rest) / (n * m)
    parts = np.array([*np.where(extra > 0, squares, 0), rest]) ** 2 / [n - 1, m - 1, (n - 1) * (m - 1)]
    half = 0.0
    if variance:
        half = stats.t.ppf((1 + level) / 2, (variance * n * m) ** 2 / parts.sum()) * variance**0.5
    return Interval(float(mean), float(mean - half), float(mean + half), n)
