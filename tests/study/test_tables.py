"""How intervals and differences are put into words; no word claims more than its interval."""

import pytest

from study.statistics import Difference, Interval
from study.tables import plus_minus, verdict


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
