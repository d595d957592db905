"""Statistics that claim no more than a few seeds allow.

A table of scores has a row per seed, a column per architecture: right answers, whose ties are
exact. An interval over seeds says how other seeds would do on the same images; for other images
see accuracy_error, mcnemar and study.analysis.variance. No mean is bootstrapped: over five seeds a percentile
bootstrap covers 84 % where it says 95 %. ValueError for fewer than two values, NaN, infinity,
unequal lengths. Rankings, and choices by score, are in study.analysis.rankings.
"""

from collections import namedtuple

import numpy as np
from scipy import optimize, special, stats

Interval = namedtuple("Interval", "mean low high n")  # a mean over n seeds, its confidence interval
Difference = namedtuple("Difference", "mean low high n p")  # the same for a difference, with its p
ALPHA = 0.05  # the book's one level
ROUNDING = 1e-12  # of figures around 1 or 100


def mean_interval(values, level=0.95):
    """Mean and t interval: mean +- t(n-1) s / sqrt(n) (Student 1908), for normal scatter."""
    x = checked(values, "values")
    if not 0 < level < 1:
        raise ValueError(f"level is {level}; it must lie between 0 and 1, such as 0.95")
    half = stats.t.ppf((1 + level) / 2, len(x) - 1) * _error(x)
    return Interval(float(x.mean()), float(x.mean() - half), float(x.mean() + half), len(x))


def paired_difference(a, b, level=0.95):
    """Mean of a - b, seed by seed: t interval and two-sided p of the paired t-test (Student 1908).

    Differences all equal have no scatter; p is then its limit: 1 if they are zero, otherwise 0.
    """
    d = _difference(a, b)
    return Difference(*mean_interval(d, level), min(1.0, 2 * _p_above(abs(d.mean()), d)))


def equivalence(a, b, margin, alpha=ALPHA):
    """Two one-sided t-tests that the mean of a - b lies within +-margin (Schuirmann 1987).

    p is the larger of the two: p < alpha exactly when the (1 - 2 alpha) interval, which is
    returned, lies within the margin. A large p proves no difference. ValueError for a margin <= 0.
    """
    if not 0 < margin < np.inf:
        raise ValueError(f"margin is {margin}; give the largest difference that would not matter")
    d = _difference(a, b)
    p = max(_p_above(margin + d.mean(), d), _p_above(margin - d.mean(), d))
    return Difference(*mean_interval(d, 1 - 2 * alpha), p)


def log_odds(right, images):
    """log((right + 1/2) / (wrong + 1/2)) of right answers among `images` images (Anscombe 1956).

    Unbounded, and finite even where all or none are right. ValueError for counts outside 0..images.
    """
    right = np.asarray(right, dtype=float)
    if not ((right >= 0) & (right <= images)).all():
        raise ValueError(f"right answers must lie between 0 and {images}, the number of images: {right}")
    return np.log((right + 0.5) / (images - right + 0.5))


def accuracy_interval(right, images, level=0.95):
    """The t interval of the log-odds over seeds, transformed back: accuracies that stay within 0 and 1.

    For accuracies that scatter widely, as those of shared weights as trained do. Its centre is the
    accuracy of the mean log-odds, which is nearer to the typical seed than the mean accuracy is.
    """
    odds = mean_interval(log_odds(checked(right, "right"), images), level)
    return Interval(*map(float, special.expit(odds[:3])), odds.n)


def side(low, high, at=0.0, p=None, words=("lower", "higher")):
    """The book's one rule for reading an interval: words[0], words[1] or "undecided".

    Decided if the whole interval lies beyond `at` and, if p is given, p < 0.05: pass Holm's p where
    one question has several contrasts. An interval that touches `at` decides nothing.
    """
    if not low <= high:
        raise ValueError(f"the interval {low} to {high} is upside down, or not a number")
    if low <= at <= high or (p is not None and not p < ALPHA):
        return "undecided"
    return words[1] if low > at else words[0]


def signal_to_noise(a, b, level=0.95):
    """Mean of a - b in units of its scatter over seeds, d = mean / s, with its exact interval.

    The interval inverts the noncentral t of d sqrt(n) (Cumming & Finch 2001). Where |d| < 1.96 the
    difference drowns in the 95 % noise of a single pair of runs. ValueError without any scatter.
    """
    d = _difference(a, b)
    n, spread = len(d), _error(d) * len(d) ** 0.5
    if not spread:
        raise ValueError("all differences are equal: without scatter there is no noise to compare")
    t = d.mean() / spread * n**0.5
    reach = 10 + 4 * abs(t)  # both limits lie inside, even for n = 2, where they reach 2.2 |t| + 2

    def limit(tail):
        return optimize.brentq(lambda x: stats.nct.sf(t, n - 1, x) - tail, -reach, reach) / n**0.5

    return Interval(float(d.mean() / spread), limit((1 - level) / 2), limit((1 + level) / 2), n)


def holm(p_values):
    """Holm's step-down p-values: running maximum of (m - rank) p, at most 1 (Holm 1979).

    The chance of any false finding is at most alpha, however the tests depend on each other.
    """
    p = checked(p_values, "p_values", least=1)
    if p.min() < 0 or p.max() > 1:
        raise ValueError(f"p-values lie in [0, 1], not {p.min()} to {p.max()}")
    order = np.argsort(p)
    stepped = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)).clip(max=1)
    return stepped[np.argsort(order)]


def accuracy_error(accuracy, images):
    """Binomial standard error of an accuracy in [0, 1] on N images: sqrt(p (1 - p) / N)."""
    if not (0 <= accuracy <= 1 and images >= 1):
        raise ValueError(f"accuracy {accuracy} on {images} images: need [0, 1] and at least one")
    return float((accuracy * (1 - accuracy) / images) ** 0.5)


def mcnemar(only_a, only_b):
    """Exact two-sided p of the hypothesis that two nets err equally often, from the images that only one gets right.

    Binomial test of only_a in only_a + only_b at 1/2 (the exact form of the test in Dietterich
    1998). It speaks of these two trained nets on other images, not of other seeds. 0, 0 gives 1.
    """
    if min(only_a, only_b) < 0 or only_a % 1 or only_b % 1:
        raise ValueError(f"{only_a} and {only_b}: both must be numbers of images, 0 or more")
    total = int(only_a + only_b)
    return float(stats.binomtest(int(only_a), total).pvalue) if total else 1.0


def checked(values, name, dimensions=1, least=2):
    """The values as an array of floats; ValueError for another shape, NaN or infinity."""
    x = np.asarray(values, dtype=float)
    if x.ndim != dimensions or min(x.shape) < least:
        raise ValueError(f"{name}: shape {x.shape}; need {dimensions} axis(es) of at least {least}")
    if not np.isfinite(x).all():
        raise ValueError(f"{name} holds NaN or infinity; mend that run or leave it out by name")
    return x


def same_length(a, b):
    """Both arrays, unchanged; ValueError where their lengths or shapes differ."""
    if len(a) != len(b) or (a.ndim == b.ndim and a.shape != b.shape):
        raise ValueError(f"unequal lengths, {a.shape} and {b.shape}: pair the same seeds and nets")
    return a, b


def _difference(a, b):
    return np.subtract(*same_length(checked(a, "a"), checked(b, "b")))


def _p_above(mean, d):
    """One-sided p-value that the true mean is above 0, given the scatter of d around it."""
    error = _error(d)
    return float(stats.t.sf(mean / error, len(d) - 1)) if error else float(mean <= 0)


def _error(x):
    """Standard error of the mean; 0 where the values differ by rounding alone, not scatter."""
    return x.std(ddof=1) / len(x) ** 0.5 if np.ptp(x) > ROUNDING * max(1, abs(x).max()) else 0.0
