"""How intervals and differences are put into words; no word claims more than its interval."""

import numpy as np
import pytest

from study.statistics import Difference, Interval, paired_difference
from study.tables import family, plus_minus, verdict, with_range


@pytest.mark.parametrize(
    "low, high, text",
    [
        (0.1, 0.7, "+0.40 [+0.10, +0.70]: higher"),
        (-0.1, 0.9, "+0.40 [-0.10, +0.90]: undecided"),
        (0.0, 0.8, "+0.40 [+0.00, +0.80]: undecided"),
    ],
)
def test_verdict(low, high, text):
    assert verdict(Difference(0.4, low, high, 5, 0.5)) == text
    assert verdict(Interval(-0.4, -high, -low, 5)).endswith(text.split()[-1].replace("higher", "lower"))


def test_plus_minus():
    assert plus_minus(Interval(97.912, 97.682, 98.142, 5)) == "97.91 ± 0.23"


def test_with_range():
    assert with_range([57.0, 27.94, 83.4]) == "56.1 (27.9 to 83.4)"
    assert with_range([0.5, 1.5], digits=0) == "1 (0 to 2)"


A = np.array([3.0, 3.1, 2.9, 3.2])
SLOPE = np.array([1.0, 2.0, 4.0, 8.0])
ZIGZAG = np.array([1.0, -1.0, 1.0, -1.0])


def test_a_family_is_decided_by_p_after_holm_over_all_its_rows():
    b = A - 1 - SLOPE / 4  # p is about 0.015: decided alone, undecided among ten
    alone = family({"alone": (A, b)})
    among = family({"alone": (A, b)} | {f"noise {k}": (A, A + ZIGZAG) for k in range(9)})
    assert alone.loc["alone", "verdict"] == "higher" and among.loc["alone", "verdict"] == "undecided"
    p = paired_difference(A, b).p
    assert [table.loc["alone", "p (Holm)"] for table in (alone, among)] == [f"{p:.3f}", f"{10 * p:.3f}"]


def test_a_family_the_other_way_round_has_the_other_verdict():
    assert family({"less": (A - 2 - SLOPE / 100, A)}).loc["less", "verdict"] == "lower"
    assert family({"noise": (A + ZIGZAG, A)}).loc["noise", "verdict"] == "undecided"


def test_a_family_of_logarithms_shows_ratios():
    twice = family({"twice": (np.log(2 * A * (1 + SLOPE / 1e6)), np.log(A))}, ratio=True)
    assert twice.loc["twice", "ratio"] == "× 2.00 (× 2.00 to × 2.00)"
