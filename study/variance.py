"""Where the scatter of accuracies comes from - networks, seeds, images - and what it leaves to be known.

Tables as in study.statistics: a row a seed, a column an architecture. Here all columns share one
error: randomised blocks, value = architecture + seed + error, for networks trained apart.
"""

from collections import namedtuple
from itertools import combinations

import numpy as np
from scipy import stats

from study.rankings import tau_b
from study.statistics import ALPHA, Difference, Interval, checked

Error = namedtuple("Error", "variance freedom")  # of one run, pooled over all architectures
Ceilings = namedtuple("Ceilings", "one_run perfect")  # what tau with one run can reach, in the mean
# a correlation of ranks between true values, its interval, and what one run has with another
Corrected = namedtuple("Corrected", "correlation low high observed repeats truth_repeats")


def pooled_error(table):
    """Variance of one run about architecture + seed, with (seeds - 1)(architectures - 1) degrees of freedom.

    Randomised complete blocks (Fisher 1935, The Design of Experiments, chapter 4). It holds where
    all architectures scatter alike: see equal_scatter.
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
    x, (variance, freedom) = checked(table, "table", 2), pooled_error(table)
    if variance <= 1e-24 * (x**2).max():
        raise ValueError("the table has no scatter over seeds: there is no error to compare with")
    seeds, columns = x.shape
    error = (variance / seeds) ** 0.5
    half = stats.studentized_range.ppf(1 - alpha, columns, freedom) * error
    pairs, means = list(combinations(range(columns), 2)), x.mean(0)
    gaps = np.array([means[i] - means[j] for i, j in pairs])
    p = stats.studentized_range.sf(abs(gaps) / error, columns, freedom)
    rows = zip(gaps, gaps - half, gaps + half, p, strict=True)
    return {pair: Difference(*map(float, row[:3]), seeds, float(row[3])) for pair, row in zip(pairs, rows, strict=True)}


def settled_pairs(table, alpha=ALPHA):
    """The pairs (better, worse) of columns that differ by pair_differences.

    The pooled error is known far better than that of each pair alone, from which resolved_pairs of
    study.rankings must decide: with three seeds that has two degrees of freedom.
    """
    found = {pair: d.mean for pair, d in pair_differences(table, alpha).items() if d.p < alpha}
    return [(i, j) if mean > 0 else (j, i) for (i, j), mean in found.items()]


def equal_scatter(table):
    """p of the test that all columns scatter alike over seeds: Levene's, about medians (Brown & Forsythe 1974).

    Each seed's mean is taken off first. A large p proves nothing: with three seeds a median is one of
    the values, and the test finds next to nothing.
    """
    x = checked(table, "table", 2, least=3)
    return float(stats.levene(*(x - x.mean(1, keepdims=True)).T, center="median").pvalue)


def ceilings(table):
    """The tau that a ruler can expect with one run of this table: if as noisy as one run, and without noise.

    one_run: mean tau-b of every two seeds. perfect: with true values spread as the means of the
    table are, less the share of its noise, and the pooled error. Of a pair that lies d apart, a run
    with a standard deviation s gets the order right with probability Phi(d / (s sqrt(2))).
    """
    x, (variance, _) = checked(table, "table", 2), pooled_error(table)
    one_run = np.mean([tau_b(*pair) for pair in combinations(x, 2)])
    gaps = abs(np.subtract(*zip(*combinations(shrunk_means(x, variance), 2), strict=True)))
    right = stats.norm.cdf(gaps / (2 * variance) ** 0.5) if variance else np.ones(len(gaps))
    return Ceilings(float(one_run), float((2 * right - 1).mean()))


def shrunk_means(table, variance):
    """Column means, drawn together until they vary as the true values do: less the error of a mean."""
    means, error = table.mean(0), variance / len(table)
    spread = means.var(ddof=1)
    return means.mean() + (means - means.mean()) * max(0.0, 1 - error / spread if spread else 0.0) ** 0.5


def corrected_correlation(scores, truth, level=0.95, draws=10_000):
    """Rank correlation of what scores and truth would be without noise, with a bootstrap interval over seeds.

    r(scores, truth) / sqrt(r(scores, scores) r(truth, truth)), each the mean of Spearman's r over
    different seeds only (Spearman 1904), so that no shared seed counts as agreement. Below 1 the
    scores are biased: no averaging helps. Noise in the estimate can take it above 1. scores: a
    table, or one row for a ruler without noise. ValueError where one side does not repeat itself.
    """
    b = checked(truth, "truth", 2)
    a = np.asarray(scores, dtype=float)
    a = checked(np.tile(a, (len(b), 1)) if a.ndim == 1 else a, "scores", 2)
    if a.shape != b.shape:
        raise ValueError(f"scores {a.shape} and truth {b.shape}: pair the same seeds and architectures")
    together = [rank_correlations(*sides) for sides in ((a, b), (a, a), (b, b))]
    observed, *repeats = (between_seeds(table, np.ones(len(b))) for table in together)
    if min(repeats) <= 0:
        raise ValueError(f"two seeds of one side do not agree with each other (mean r {min(repeats):.2f})")
    low, high = np.quantile(resampled(together, draws), [(1 - level) / 2, (1 + level) / 2])
    found = observed / np.prod(repeats) ** 0.5
    return Corrected(*map(float, (found, low, high, observed, *repeats)))


def rank_correlations(a, b):
    """Spearman's correlation of every row of a with every row of b, as a matrix."""
    for x in (a, b):
        if (np.ptp(x, axis=1) == 0).any():
            raise ValueError("a seed has equal scores for all architectures: no ranks to correlate")
    ranks = [stats.rankdata(x, axis=1) for x in (a, b)]
    return np.corrcoef(*ranks)[: len(a), len(a) :]


def between_seeds(table, weights):
    """Mean of a matrix over pairs of different seeds, each seed counted so often (..., seeds)."""
    pairs = weights[..., :, None] * weights[..., None, :] * (1 - np.eye(len(table)))
    return (pairs * table).sum((-2, -1)) / pairs.sum((-2, -1))


def resampled(together, draws):
    """The corrected correlation of seeds drawn with replacement; draws of a single seed, or undefined, are left out."""
    seeds = len(together[0])
    weights = np.random.RandomState(0).multinomial(seeds, np.full(seeds, 1 / seeds), size=draws)
    weights = weights[(weights > 0).sum(1) > 1].astype(float)
    observed, *repeats = (between_seeds(table, weights) for table in together)
    sound = np.minimum(*repeats) > 0
    return observed[sound] / np.sqrt(repeats[0] * repeats[1])[sound]


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
    extra = np.maximum(squares - rest, 0)  # of each component; below nothing there is none
    variance = (extra.sum() + rest) / (n * m)
    parts = np.array([*np.where(extra > 0, squares, 0), rest]) ** 2 / [n - 1, m - 1, (n - 1) * (m - 1)]
    half = 0.0
    if variance:
        half = stats.t.ppf((1 + level) / 2, (variance * n * m) ** 2 / parts.sum()) * variance**0.5
    return Interval(float(mean), float(mean - half), float(mean + half), n)
