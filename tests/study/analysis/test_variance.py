"""Laws of study.analysis.variance: a textbook's example, the code that decides the claims, scipy, and known truths.

Every simulation has a fixed seed and a margin of at least four standard errors.
"""

from itertools import combinations

import numpy as np
import pytest
from scipy import stats

from study.analysis import variance as va
from study.analysis.rankings import resolved_pairs, tau_b
from study.claims import decide
from study.records import answers_path, load_answers, save_answers

# Montgomery, Design and Analysis of Experiments, example 4.1: yield of vascular grafts by extrusion pressure (columns:
# 8,500, 8,700, 8,900, 9,100 psi) in six batches of resin.
GRAFTS = np.array(
    [
        [90.3, 89.2, 98.2, 93.9, 87.4, 97.9],
        [92.5, 89.5, 90.6, 94.7, 87.0, 95.8],
        [85.5, 90.8, 89.6, 86.2, 88.0, 93.4],
        [82.5, 89.5, 85.6, 87.4, 78.9, 90.7],
    ]
).T


def world(seeds, nets, spread, rng):
    """True values, and a table of runs with an error of 1 and seed effects."""
    truth = rng.normal(size=nets) * spread
    return truth, truth + rng.normal(size=(seeds, nets)) + rng.normal(size=(seeds, 1))


# --- a pooled error --------------------------------------------------------------------------


def test_the_textbook_s_blocks():
    assert va.pooled_error(GRAFTS) == (pytest.approx(7.33, abs=0.005), 15)  # printed
    assert set(va.settled_pairs(GRAFTS)) == {(0, 3), (1, 3)}  # Tukey's least difference: 4.08 sqrt(7.33 / 6) = 4.51
    first = va.pair_differences(GRAFTS)[0, 3]
    assert (first.high - first.low) / 2 == pytest.approx(4.51, abs=0.01)


def test_tukey_is_scipys_but_for_the_degrees_of_freedom(monkeypatch):
    x = GRAFTS - GRAFTS.mean(1, keepdims=True)  # without blocks, one-way and two-way leave the same residuals
    one_way = stats.tukey_hsd(*x.T)
    within = (x - x.mean(0)).var(axis=0, ddof=1).mean()
    monkeypatch.setattr(va, "pooled_error", lambda table: va.Error(within, 4 * 5))
    for (i, j), found in va.pair_differences(x).items():
        low, high = (side[i, j] for side in one_way.confidence_interval())
        assert found.p == pytest.approx(one_way.pvalue[i, j], rel=1e-6)
        assert (found.low, found.high) == pytest.approx((low, high))


def test_it_is_the_test_that_decides_the_claims():
    x = np.random.RandomState(1).normal(size=(5, 4)) + np.arange(4)
    weights = np.array([np.eye(4)[i] - np.eye(4)[j] for i, j in combinations(range(4), 2)])
    estimate, error, freedom = decide.estimates(x, weights, pooled=True)
    expected = decide.tukey(estimate, error, freedom, 4)
    assert [d.p for d in va.pair_differences(x).values()] == pytest.approx(list(expected))


def test_equal_nets_are_settled_in_five_percent_and_seed_effects_cancel():
    rng = np.random.RandomState(2)
    tables = [world(3, 9, 0, rng)[1] for _ in range(300)]
    alarms = [bool(va.settled_pairs(x)) for x in tables]
    assert np.mean(alarms) == pytest.approx(0.05, abs=4 * (0.05 * 0.95 / 300) ** 0.5)
    shifted = tables[0] + 1000 * np.arange(3)[:, None]
    assert va.pooled_error(shifted).variance == pytest.approx(va.pooled_error(tables[0]).variance)


def test_three_seeds_settle_what_a_test_for_each_pair_cannot():
    rng = np.random.RandomState(3)
    tables = [world(3, 9, 3, rng)[1] for _ in range(40)]
    pooled, alone = (np.mean([len(test(x)) for x in tables]) for test in (va.settled_pairs, resolved_pairs))
    assert pooled > 15 and alone < 3


def test_unequal_scatter_is_noticed_with_many_seeds_and_never_with_three():
    rng = np.random.RandomState(4)
    even, uneven = rng.normal(size=(20, 5)), rng.normal(size=(20, 5)) * [1, 1, 1, 1, 5]
    assert va.equal_scatter(even) > 0.05 > va.equal_scatter(uneven)
    assert all(va.equal_scatter(rng.normal(size=(3, 25))) > 0.05 for _ in range(30))


# --- ceilings and bias -----------------------------------------------------------------------


@pytest.mark.parametrize("seeds, nets, spread", [(5, 9, 4), (3, 25, 3)])
def test_ceilings_are_those_of_the_world(seeds, nets, spread):
    rng, found, true, one = np.random.RandomState(5), [], [], []
    for _ in range(80):
        truth, table = world(seeds, nets, spread, rng)
        again, other = truth + rng.normal(size=(2, nets))
        found.append(va.ceilings(table))
        true.append(tau_b(truth, again))
        one.append(tau_b(again, other))
    error = (np.var(true) / 80 + np.var([f.perfect for f in found]) / 80) ** 0.5
    assert np.mean([f.perfect for f in found]) == pytest.approx(np.mean(true), abs=4 * error)
    assert np.mean([f.one_run for f in found]) == pytest.approx(np.mean(one), abs=4 * error)


def test_ceilings_without_noise_and_without_signal():
    assert va.ceilings(np.tile(np.arange(9.0), (5, 1))) == (1, 1)
    none = [va.ceilings(world(3, 9, 0, np.random.RandomState(rng))[1]).perfect for rng in range(40)]
    assert 0 <= np.mean(none) < 0.25  # of true values that are equal, little is left


def test_noise_is_corrected_and_bias_is_not():
    rng, noise, bias = np.random.RandomState(6), [], []
    for _ in range(20):
        truth = rng.normal(size=200) * 2
        wrong = truth + rng.normal(size=200) * 2
        scratch, noisy, biased = (x + rng.normal(size=(5, 200)) * 2 for x in (truth, truth, wrong))
        noise.append(va.corrected_correlation(noisy, scratch))
        bias.append(va.corrected_correlation(biased, scratch).correlation)
    assert np.mean([c.observed for c in noise]) == pytest.approx(0.5, abs=0.05)
    assert np.mean([c.correlation for c in noise]) == pytest.approx(1, abs=0.02)
    assert np.mean(bias) == pytest.approx(0.5**0.5, abs=0.03)  # that of the true values


def test_what_seeds_share_by_chance_is_no_agreement():
    rng = np.random.RandomState(7)
    truth, luck = rng.normal(size=300), rng.normal(size=(5, 300))
    found = va.corrected_correlation(truth + luck, truth + luck)  # the same runs on both sides
    assert found.observed == pytest.approx(found.repeats) == pytest.approx(found.truth_repeats)
    assert found.observed < 0.6 and found.correlation == pytest.approx(1)


@pytest.mark.parametrize("seeds, nets", [(3, 25), (5, 9)])
def test_the_interval_over_seeds_covers(seeds, nets):
    rng = np.random.RandomState(8)
    truth = rng.normal(size=nets)
    wrong = truth + 0.6 * rng.normal(size=nets)

    def draw(n):
        return va.corrected_correlation(*(x + 0.35 * rng.normal(size=(n, nets)) for x in (wrong, truth)))

    limit = draw(300).correlation
    inside = [found.low < limit < found.high for found in (draw(seeds) for _ in range(150))]
    assert np.mean(inside) > 0.95 - 4 * (0.95 * 0.05 / 150) ** 0.5


# --- seeds and images ------------------------------------------------------------------------


def answers(seeds, images, of_seed, of_image, rng):
    """Right or wrong where seeds differ in skill and images in difficulty."""
    skill = 2 + of_seed * rng.normal(size=(seeds, 1)) + of_image * rng.normal(size=images)
    return skill + rng.normal(size=(seeds, images)) > 0


@pytest.mark.parametrize("seeds, images, of_seed", [(5, 1000, 0.05), (5, 1000, 0.3), (20, 300, 0.1)])
def test_the_crossed_interval_covers_other_seeds_and_images(seeds, images, of_seed):
    rng = np.random.RandomState(9)
    truth = stats.norm.cdf(2 / (1 + of_seed**2 + 1.5**2) ** 0.5)
    found = [va.crossed_interval(answers(seeds, images, of_seed, 1.5, rng)) for _ in range(300)]
    assert np.mean([i.low < truth < i.high for i in found]) == pytest.approx(0.95, abs=0.05)


def test_the_crossed_variance_is_that_of_its_parts():
    rng = np.random.RandomState(10)
    seeds, images = rng.normal(size=5), rng.normal(size=400)
    by_seed = va.crossed_interval(np.tile(seeds[:, None], 400))  # images alike: the t interval over seeds
    assert by_seed[:3] == pytest.approx(tuple(va.mean_interval(seeds)[:3]))
    by_image = va.crossed_interval(np.tile(images, (5, 1)))
    assert by_image[:3] == pytest.approx(tuple(va.mean_interval(images)[:3]))
    assert va.crossed_interval(np.ones((3, 9), bool))[:3] == (1, 1, 1)


def test_it_takes_right_answers_as_they_are_kept(tmp_path):
    rng = np.random.RandomState(11)
    kept = [rng.rand(1, 100) < 0.8 for _ in range(3)]
    records = [
        {"experiment": "x", "profile": "p", "seed": seed, "data": {"test": 100}, "test": {"scratch": [int(a.sum())]}}
        for seed, a in enumerate(kept)
    ]
    for seed, a in enumerate(kept):
        save_answers(answers_path(tmp_path, "x", "p", seed), {"scratch": a})
    right = np.stack([load_answers(record, tmp_path)["scratch"][0] for record in records])
    assert va.crossed_interval(right).mean == pytest.approx(np.mean(kept))


# --- bad input -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: va.pooled_error([[1.0, 2.0]]), "shape"),
        (lambda: va.settled_pairs(np.tile(np.arange(4.0), (3, 1))), "no scatter"),
        (lambda: va.settled_pairs([[1, 2], [3, np.nan]]), "NaN"),
        (lambda: va.equal_scatter([[1.0, 2.0, 4.0], [2.0, 1.0, 3.0]]), "shape"),
        (lambda: va.corrected_correlation(GRAFTS[:2], GRAFTS[:2]), "shape"),
        (lambda: va.corrected_correlation(GRAFTS[:4], GRAFTS), "unequal lengths"),
        (lambda: va.corrected_correlation([1, 1, 1, 1], GRAFTS), "equal scores"),
        (lambda: va.corrected_correlation([[1, 2, 3], [3, 2, 1], [2, 3, 1]], np.tile([1, 2, 3], (3, 1))), "not agree"),
        (lambda: va.crossed_interval([True, False]), "shape"),
    ],
)
def test_bad_input_is_named(call, words):
    with pytest.raises(ValueError, match=words):
        call()
