"""Laws of the statistics that decide claims_v2: each against a worked example, scipy, or simulation.

Streams are RandomState's, which NumPy promises; every simulation allows four standard errors or more.
"""

import numpy as np
import pytest
from scipy import stats

from study.analysis.statistics import signal_to_noise
from study.claims import decide

# Hardness by four tips (columns) on four coupons (rows): Montgomery, Design and Analysis of Experiments, table 4.1.
HARDNESS = np.array([[9.3, 9.4, 9.2, 9.7], [9.4, 9.3, 9.4, 9.6], [9.6, 9.8, 9.5, 10.0], [10.0, 9.9, 9.7, 10.2]])


def pairs_of(columns):
    return decide.weights_of("all pairs", tuple((1, place) for place in range(columns)), {})[0]


# ------------------------------------------------------------------------------------------- the pooled error


def test_the_pooled_error_is_that_of_a_worked_example():
    estimate, error, freedom = decide.estimates(HARDNESS, pairs_of(4), pooled=True)
    assert freedom == 9
    assert error == pytest.approx(np.full(6, np.sqrt(2 * (0.08 / 9) / 4)))  # its table 4.4: residual sum 0.08
    assert estimate[0] == pytest.approx(HARDNESS[:, 0].mean() - HARDNESS[:, 1].mean())


def test_the_pooled_error_is_that_of_least_squares_on_seeds_and_networks():
    table = np.random.RandomState(1).standard_normal((6, 5)) + np.arange(5)
    seed, net = np.indices(table.shape).reshape(2, -1)
    design = np.column_stack([seed[:, None] == np.arange(6), net[:, None] == np.arange(1, 5)]).astype(float)
    coefficients, (residual,), rank, _ = np.linalg.lstsq(design, table.ravel())
    covariance = residual / (table.size - rank) * np.linalg.inv(design.T @ design)
    estimate, error, freedom = decide.estimates(table, pairs_of(5)[:4], pooled=True)  # network 0 minus each other
    assert freedom == table.size - rank
    assert estimate == pytest.approx(-coefficients[6:])
    assert error == pytest.approx(np.sqrt(np.diag(covariance)[6:]))


def test_tukey_is_scipys_where_there_are_no_blocks():
    table = np.random.RandomState(2).standard_normal((6, 4)) + np.array([0, 0.5, 1, 3])
    within = table.var(axis=0, ddof=1).mean()
    estimate = pairs_of(4) @ table.mean(0)
    p = decide.tukey(estimate, np.full(6, np.sqrt(2 * within / 6)), 20, 4)
    assert p == pytest.approx(stats.tukey_hsd(*table.T).pvalue[np.triu_indices(4, 1)], rel=1e-6)


def test_equal_networks_show_a_settled_pair_in_5_percent_of_experiments():
    tables = np.random.RandomState(3).standard_normal((4000, 5, 9)) + np.random.RandomState(4).normal(size=(4000, 5, 1))
    critical = stats.studentized_range.ppf(0.95, 9, 32) / np.sqrt(2)
    found = [decide.estimates(table, pairs_of(9), pooled=True)[:2] for table in tables]
    false = np.mean([np.abs(estimate / error).max() > critical for estimate, error in found])
    assert false == pytest.approx(0.05, abs=0.014)
    assert decide.tukey(np.array([critical]), np.ones(1), 32, 9) == pytest.approx(0.05, abs=1e-6)


def test_the_pooled_interval_covers_95_percent_and_is_narrower_than_a_pairs_own():
    random, truth = np.random.RandomState(5), np.array([0.0, 1, 2, 3])
    tables = random.standard_normal((4000, 5, 4)) + random.standard_normal((4000, 5, 1)) + truth
    widths = []
    for pooled in (True, False):
        covered, width = 0, 0
        for table in tables:
            _, low, high = decide.interval(*decide.estimates(table, pairs_of(4)[:1], pooled), 0.95)
            covered, width = covered + (low < -1 < high), width + (high - low)
        assert covered / 4000 == pytest.approx(0.95, abs=0.014)
        widths.append(width)
    assert widths[0] < 0.85 * widths[1]


# ----------------------------------------------------------------------------------------------- the p-values


def p_of(part, values):
    values = np.asarray(values, dtype=float)[:, None]
    (found,) = decide.test(part, decide.Sample(values, np.ones((1, 1)), ("",)))
    return found


@pytest.mark.parametrize("shift", [-1, 0.2, 3])
def test_p_values_are_scipys(shift):
    values = np.random.RandomState(6).standard_normal(9) + shift
    less = [stats.ttest_1samp(values, x, alternative="less").pvalue for x in (-0.5, 0.5)]
    greater = [stats.ttest_1samp(values, x, alternative="greater").pvalue for x in (-0.5, 0.5)]
    within = p_of({"within": 0.5}, values)
    assert within.p_confirms == pytest.approx(max(less[1], greater[0]))
    assert within.p_refutes == pytest.approx(min(less[0], greater[1]))
    above = p_of({"above": -0.5, "worth": 0.5}, values)
    assert above.p_confirms == pytest.approx(min(1, 2 * greater[0]))
    assert above.p_refutes == pytest.approx(min(1, 2 * less[1]))
    below = p_of({"below": 0.5}, -values)
    assert (below.p_confirms, below.p_refutes) == (
        pytest.approx(min(1, 2 * greater[0])),
        pytest.approx(min(1, 2 * less[0])),
    )
    interval = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert (above.low, above.high) == pytest.approx(tuple(interval))


def test_an_interval_and_its_p_say_the_same():
    for values in np.random.RandomState(7).standard_normal((300, 5)):
        for part in ({"above": 0.4}, {"below": 0.4}, {"within": 1.5}, {"within": 1.96, "noise": True}):
            found = p_of(part, values)
            side = {"above": found.low > 0.4, "below": found.high < 0.4}
            inside = -part.get("within", 0) < found.low and found.high < part.get("within", 0)
            assert (found.p_confirms < 0.05) == side.get(next(iter(part)), inside)


def test_in_units_of_noise_the_interval_is_that_of_the_noncentral_t():
    values = np.random.RandomState(8).standard_normal(7) + 1
    found, expected = p_of({"within": 1.96, "noise": True}, values), signal_to_noise(values, np.zeros(7), 0.90)
    assert tuple(found[1:4]) == pytest.approx(expected[:3], rel=1e-6)


def test_a_difference_of_just_1_96_scatters_is_called_less_in_5_percent():
    table = np.random.RandomState(9).standard_normal((9, 4000)) + 1.96
    p, _ = decide.p_values({"within": 1.96}, *decide.estimates(table, np.eye(4000), False), 4000, shift=3.0)
    assert np.mean(p < 0.05) == pytest.approx(0.05, abs=0.014)


def test_without_scatter_p_has_its_limits():
    assert p_of({"above": 0.0}, [1, 1, 1])[4:] == (0, 1)
    assert p_of({"above": 0.0}, [0, 0, 0])[4:] == (1, 1)
    assert p_of({"within": 1.0}, [0, 0, 0])[4:] == (0, 1)


def test_holm_is_its_definition():
    p = np.random.RandomState(10).uniform(size=7) ** 3
    for place, corrected in enumerate(decide.holm(p)):
        smaller = [q for q in sorted(p) if q <= p[place]]
        assert corrected == pytest.approx(min(1, max((7 - rank) * q for rank, q in enumerate(smaller))))


def test_a_refutation_is_corrected_over_all_parts_and_a_confirmation_takes_the_weakest():
    parts = [{"above": 0.0}, {"above": 0.0}]
    low, high = np.linspace(-2, 0.3, 9), np.linspace(1, 2, 9)
    samples = [decide.Sample(values[:, None], np.ones((1, 1)), ("",)) for values in (low, high)]
    word, p, contrasts = decide.combine(parts, samples)
    assert word == "refuted"
    assert p == pytest.approx(2 * contrasts[0].p_refutes)
    word, p, contrasts = decide.combine(parts, [samples[1], samples[1]._replace(table=samples[1].table - 1)])
    assert (word, p) == ("confirmed", contrasts[1].p_confirms)


def test_log_odds_are_scipys_logit_and_finite_at_the_ends():
    right = np.array([0, 1, 5000, 9999, 10_000])
    assert decide.log_odds(right, 10_000) == pytest.approx(np.log((right + 0.5) / (10_000.5 - right)))
    assert decide.log_odds(10_000 - right, 10_000) == pytest.approx(-decide.log_odds(right, 10_000))
