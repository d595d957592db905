"""The published tables: what of a transcription can be checked, and what they say when ranked."""

import numpy as np
import pytest

from nas import DepthSupernet
from nas.costs import cost_table
from study.published import ARCHITECTURES, TABLES, WIDTHS, published
from study.rankings import agreement, kendall, ordered_pairs

SHARED, SCRATCH = published("shared"), published("scratch")


def costs(title):
    """Parameters and multiply-adds of the nine, in the order of the tables."""
    return np.array(list(cost_table(DepthSupernet(WIDTHS[title])).values())).T


def test_the_tables_are_whole_and_scratch_is_better_everywhere():
    assert list(SHARED.index) == list(SCRATCH.index) == list(ARCHITECTURES)
    assert SHARED.shape == SCRATCH.shape == (9, 4)
    assert (SHARED > 0.5).all(axis=None) and (SHARED < SCRATCH).all(axis=None) and (SCRATCH < 1).all(axis=None)
    assert all(table["source"] and table["training"] and table["images"] for table in TABLES.values())


def test_another_kind_is_refused():
    with pytest.raises(ValueError, match=r"'short'.*'shared' or 'scratch'"):
        published("short")


def test_r3_was_measured_on_the_training_images():
    figures = np.concatenate([SHARED["R3"], SCRATCH["R3"]])
    images = np.arange(1_000, 60_001)
    right = figures * images[:, None]  # right answers: whole numbers, but for the sixth decimal's rounding
    fits = (abs(right - right.round()) <= 0.5e-6 * images[:, None] + 1e-9).all(axis=1)
    assert images[fits].tolist() == [60_000]


def test_r0_ensemble_is_above_each_member():
    assert TABLES["R0"]["ensemble"] / 100 > SHARED["R0"].max()


@pytest.mark.parametrize(
    "title, shared, parameters, multiply_adds, lost",
    [
        ("R0", (0.42, 0.145), (0.67, 0.013), (0.57, 0.050), 0.01),
        ("R3", (0.72, 0.006), (0.94, 0.000), (0.75, 0.006), 0),
        ("fourth, W = 16", (0.39, 0.18), (0.72, 0.006), (0.51, 0.085), 0.04),
        ("fourth, W = 32", (0.59, 0.032), (0.76, 0.004), (0.70, 0.009), 0),
    ],
)
def test_rankings(title, shared, parameters, multiply_adds, lost):
    scratch = SCRATCH[title]
    rulers = zip((SHARED[title], *costs(title)), (shared, parameters, multiply_adds), strict=True)
    for scores, (tau, p) in rulers:
        assert kendall(scores, scratch)[:2] == pytest.approx((tau, p), abs=0.005)
    assert 100 * (scratch.max() - scratch.iloc[-1]) == pytest.approx(lost, abs=1e-9)


def test_equal_multiply_adds():
    found = np.zeros((2, 3), int)
    for title in TABLES:
        parameters, multiply_adds = costs(title)
        pairs = ordered_pairs(SCRATCH[title], groups=multiply_adds)
        found += [agreement(pairs, SHARED[title]), agreement(pairs, parameters)]
    assert found.tolist() == [[10, 9, 0], [17, 2, 0]]


def test_costs_that_the_text_names():
    parameters, multiply_adds = costs("R0")
    assert parameters[[2, 4, 6]].tolist() == [139_818, 112_106, 84_394]
    assert len(set(multiply_adds[[2, 4, 6]])) == 1 and multiply_adds[2] == pytest.approx(32.74e6, abs=5e3)
