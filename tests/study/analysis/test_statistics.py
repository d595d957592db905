"""Laws of study.analysis.statistics: against published examples, scipy, brute force, and simulated seeds.

Every simulation has a fixed seed and a margin of at least four standard errors.
"""

from itertools import combinations

import numpy as np
import pytest
from scipy import special, stats

from study.analysis import rankings as rk
from study.analysis import statistics as st
from study.claims import decide

# Extra hours of sleep of ten patients under two drugs (Student 1908, section IX).
DEXTRO = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
LAEVO = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]


def seeds_of_equal_nets(seeds, nets=9, repeats=1, rng=0):
    return np.random.default_rng(rng).normal(size=(repeats, seeds, nets))


# --- means and differences -------------------------------------------------------------------


def test_students_own_example():
    found = st.paired_difference(LAEVO, DEXTRO)
    expected = stats.ttest_rel(LAEVO, DEXTRO)
    assert found.mean == pytest.approx(1.58)  # printed in the paper
    assert found.p == pytest.approx(expected.pvalue, rel=1e-9)
    assert (found.low, found.high) == pytest.approx(tuple(expected.confidence_interval()))
    assert st.paired_difference(DEXTRO, LAEVO).mean == -found.mean


def test_the_interval_covers_95_percent_where_the_percentile_bootstrap_covers_84():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(4000, 5))
    t = np.array([st.mean_interval(row)[1:3] for row in x])
    resampled = x[np.arange(4000)[:, None, None], rng.integers(5, size=(4000, 400, 5))].mean(2)
    bootstrap = np.percentile(resampled, [2.5, 97.5], axis=1).T
    covered = [np.mean((low < 0) & (high > 0)) for low, high in (t.T, bootstrap.T)]
    assert covered == pytest.approx([0.95, 0.84], abs=0.025)


def test_an_interval_at_another_level_is_scipys():
    x = [3.0, 1.0, 4.0, 1.0, 5.0]
    expected = stats.t.interval(0.9, 4, np.mean(x), stats.sem(x))
    assert st.mean_interval(x, 0.9)[1:3] == pytest.approx(expected)


def test_differences_without_scatter_have_the_limit_of_p():
    assert st.paired_difference([1, 2, 3], [1, 2, 3]).p == 1
    assert st.paired_difference([2, 3, 4], [1, 2, 3]) == (1, 1, 1, 3, 0)


def test_equivalence_agrees_with_a_published_example_and_with_its_interval():
    a, b = [4, 7, 8, 6, 3, 2], [6, 8, 7, 10, 11, 9]
    assert st.equivalence(a, b, 0.5).p == pytest.approx(0.954854, abs=1e-6)  # pingouin's manual
    for margin in np.linspace(0.5, 8, 40):
        found = st.equivalence(a, b, margin)
        assert (found.p < 0.05) == (-margin < found.low and found.high < margin)


def test_equivalence_at_the_margin_errs_in_five_percent():
    x = np.random.default_rng(2).normal(1.0, 0.2, size=(4000, 5))  # truly at the margin
    share = np.mean([st.equivalence(row, np.zeros(5), 1.0).p < 0.05 for row in x])
    assert share == pytest.approx(0.05, abs=0.015)


def test_signal_to_noise_inverts_the_noncentral_t_and_covers():
    found = st.signal_to_noise(LAEVO, DEXTRO)
    t = found.mean * 10**0.5
    assert t == pytest.approx(stats.ttest_rel(LAEVO, DEXTRO).statistic)
    assert stats.nct.sf(t, 9, found.low * 10**0.5) == pytest.approx(0.025)
    assert stats.nct.cdf(t, 9, found.high * 10**0.5) == pytest.approx(0.025)
    x = np.random.default_rng(3).normal(1.5, 1, size=(1500, 5))
    inside = [i.low < 1.5 < i.high for i in (st.signal_to_noise(row, np.zeros(5)) for row in x)]
    assert np.mean(inside) == pytest.approx(0.95, abs=0.025)


@pytest.mark.parametrize("seeds", [2, 3, 10])
@pytest.mark.parametrize("shift", [0, 30, 3000])
def test_signal_to_noise_stays_within_its_search(seeds, shift):
    x = np.random.default_rng(4).normal(shift, 1, size=seeds)
    found = st.signal_to_noise(x, np.zeros(seeds))
    assert found.low < found.mean < found.high


# --- accuracies near their bounds, and what an interval allows to say ---------------------------


def test_log_odds_are_those_that_decide_the_claims_and_an_interval_turns_round_with_right_and_wrong():
    right = np.array([9_990, 8_000, 300, 0, 10_000])
    assert st.log_odds(right, 10_000) == pytest.approx(decide.log_odds(right, 10_000))
    found, turned = st.accuracy_interval(right, 10_000), st.accuracy_interval(10_000 - right, 10_000)
    assert (found.mean, found.low, found.high) == pytest.approx((1 - turned.mean, 1 - turned.high, 1 - turned.low))
    assert 0 < found.low < found.mean < found.high < 1


def test_accuracy_intervals_cover_the_accuracy_of_the_mean_log_odds():
    odds = np.random.RandomState(10).normal(1.5, 2, size=(2000, 5))
    right = 10_000 * special.expit(odds)
    inside = [i.low < special.expit(1.5) < i.high for i in (st.accuracy_interval(x, 10_000) for x in right)]
    assert np.mean(inside) == pytest.approx(0.95, abs=0.02)


@pytest.mark.parametrize(
    "low, high, options, word",
    [
        (0.1, 0.7, {}, "higher"),
        (-0.7, -0.1, {}, "lower"),
        (-0.1, 0.7, {}, "undecided"),
        (0.0, 0.7, {}, "undecided"),
        (0.1, 0.7, {"p": 0.049}, "higher"),
        (0.1, 0.7, {"p": 0.05}, "undecided"),
        (-0.1, 0.7, {"p": 0.01}, "undecided"),
        (1.1, 1.7, {"at": 1, "words": ("slower", "faster")}, "faster"),
        (0.1, 0.7, {"at": 1, "words": ("slower", "faster")}, "slower"),
    ],
)
def test_the_one_rule(low, high, options, word):
    assert st.side(low, high, **options) == word


def test_the_one_rule_and_p_never_disagree():
    for d in np.random.RandomState(11).normal(0.8, 1, size=(300, 5)):
        _, low, high, _, p = st.paired_difference(d, np.zeros(5))
        assert (st.side(low, high) != "undecided") == (p < 0.05)


# --- many pairs ------------------------------------------------------------------------------


def test_holm_rejects_what_the_procedure_rejects():
    p = [0.50, 0.01, 0.001, 0.69, 0.02, 0.05, 0.0025]
    assert list(st.holm(p) < 0.05) == [0, 0, 1, 0, 0, 0, 1]  # the manual of R's HDLSSkST
    for p in np.random.default_rng(5).uniform(0, 0.05, size=(200, 6)):
        rejected = np.zeros(6, bool)
        for step, i in enumerate(np.argsort(p)):  # Holm's words: stop at the first that is too big
            if p[i] >= 0.05 / (6 - step):
                break
            rejected[i] = True
        assert list(st.holm(p) < 0.05) == list(rejected)


def test_resolved_pairs_find_no_more_than_five_percent_among_equals_and_all_that_differ():
    alarms = [bool(rk.resolved_pairs(x)) for x in seeds_of_equal_nets(5, nets=5, repeats=400)]
    assert np.mean(alarms) < 0.05 + 4 * (0.05 * 0.95 / 400) ** 0.5
    ladder = 100 * np.arange(5) + seeds_of_equal_nets(5, nets=5)[0]
    assert set(rk.resolved_pairs(ladder)) == {(j, i) for i, j in combinations(range(5), 2)}


# --- images ----------------------------------------------------------------------------------


def test_accuracy_error_of_99_percent_is_a_tenth_of_a_point():
    assert 100 * st.accuracy_error(0.99, 10_000) == pytest.approx(0.0995, abs=1e-4)
    draws = np.random.default_rng(6).binomial(360, 0.9, size=20_000) / 360
    assert draws.std() == pytest.approx(st.accuracy_error(0.9, 360), rel=0.03)


def test_mcnemar_is_the_binomial_tail():
    assert st.mcnemar(12, 2) == pytest.approx(0.0129, abs=5e-5)  # Armitage & Berry, StatsDirect
    assert st.mcnemar(2, 12) == st.mcnemar(12, 2)
    assert st.mcnemar(0, 5) == 2 / 2**5
    assert st.mcnemar(7, 7) == st.mcnemar(0, 0) == 1


# --- bad input -------------------------------------------------------------------------------

TABLE, ROW = [[1.0, 2.0, 4.0], [2.0, 1.0, 3.0]], [1.0, 2.0, 4.0]
SPOILED = {
    "short": lambda x: x[:1],
    "NaN": lambda x: np.where(np.arange(np.size(x)).reshape(np.shape(x)) == 1, np.nan, x),
    "infinite": lambda x: np.where(np.arange(np.size(x)).reshape(np.shape(x)) == 1, np.inf, x),
    "of another shape": lambda x: np.expand_dims(x, 0),
}
CALLS = {
    "mean_interval": (st.mean_interval, [ROW]),
    "paired_difference": (st.paired_difference, [ROW, ROW]),
    "equivalence": (lambda a, b: st.equivalence(a, b, 1), [ROW, ROW]),
    "signal_to_noise": (st.signal_to_noise, [ROW, [0.0, 0.0, 1.0]]),
    "kendall": (rk.kendall, [ROW, ROW]),
    "kendall_over_seeds": (rk.kendall_over_seeds, [TABLE, TABLE]),
    "ordered_pairs": (rk.ordered_pairs, [ROW]),
    "agreement": (lambda scores: rk.agreement([(0, 1)], scores), [ROW]),
    "resolved_pairs": (rk.resolved_pairs, [TABLE]),
    "noise_ceiling": (rk.noise_ceiling, [TABLE]),
    "points_lost": (lambda table: rk.points_lost(table, 10), [TABLE]),
    "top_k_hits": (lambda a, b: rk.top_k_hits(a, b, 1), [TABLE, TABLE]),
}


@pytest.mark.parametrize("how", SPOILED)
@pytest.mark.parametrize("name", CALLS)
def test_spoiled_input_is_refused(name, how):
    function, arguments = CALLS[name]
    function(*arguments)  # sound input passes
    for spoiled in range(len(arguments)):
        bad = [SPOILED[how](x) if i == spoiled else x for i, x in enumerate(arguments)]
        with pytest.raises(ValueError, match=r"shape|NaN|lengths"):
            function(*bad)


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: st.paired_difference([1, 2], [1, 2, 3]), "unequal lengths"),
        (lambda: rk.kendall([1, 2], [1, 2, 3]), "unequal lengths"),
        (lambda: rk.kendall_over_seeds(TABLE, [1, 2]), "unequal lengths"),
        (lambda: rk.ordered_pairs(ROW, groups=[1, 2]), "unequal lengths"),
        (lambda: rk.top_k_hits(TABLE, [*TABLE, ROW], 1), "unequal lengths"),
        (lambda: rk.kendall([1, 1, 1], ROW), "undefined"),
        (lambda: st.signal_to_noise([2, 3], [1, 2]), "scatter"),
        (lambda: st.signal_to_noise([0.1, 0.2, 0.3], [0, 0.1, 0.2]), "scatter"),
        (lambda: st.mean_interval(ROW, level=95), "level"),
        (lambda: st.equivalence(ROW, ROW, 0), "margin"),
        (lambda: st.holm([]), "shape"),
        (lambda: st.accuracy_interval([90, 101], 100), "between 0 and 100"),
        (lambda: st.side(1, 0), "upside down"),
        (lambda: st.side(np.nan, 1), "not a number"),
        (lambda: st.holm([0.1, 1.2]), "p-values"),
        (lambda: st.holm([0.1, np.nan]), "NaN"),
        (lambda: st.accuracy_error(99, 10_000), "accuracy"),
        (lambda: st.accuracy_error(0.9, 0), "images"),
        (lambda: st.mcnemar(-1, 3), "0 or more"),
        (lambda: st.mcnemar(1.5, 3), "0 or more"),
        (lambda: rk.smallest_significant_tau(1), "items"),
        (lambda: rk.noise_ceiling(np.ones((17, 3))), "splits"),
        (lambda: rk.top_k_hits(TABLE, TABLE, 4), "k is 4"),
    ],
)
def test_other_bad_input_is_named(call, words):
    with pytest.raises(ValueError, match=words):
        call()


@pytest.mark.parametrize("value", [0.11, 99.9, 1e-7])
def test_what_rounding_leaves_is_no_scatter(value):
    """The mean of three equal differences may be another number than they are."""
    a = np.array([98.87, 98.76, 98.98]) + value
    found = st.paired_difference(a, a - value)
    assert found.low == found.high == found.mean and found.p == 0
    with pytest.raises(ValueError, match="scatter"):
        st.signal_to_noise(a, a - value)
