"""How intervals and differences are put into words; no word claims more than its interval."""

import pytest

from study.statistics import Difference, Interval
from study.tables import family, plus_minus, probability, verdict


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


def test_a_family_is_corrected_over_all_its_rows():
    clear, edge = ([3.0, 3.1, 2.9, 3.0], [0.0] * 4), ([1.0, 2.0, 0.5, 1.5], [0.0] * 4)
    alone, both = family({"edge": edge}), family({"clear": clear, "edge": edge, "again": edge})
    assert alone.loc["edge"].tolist() == ["+1.25", "+0.22 to +2.28", "0.030", "higher"]
    assert both["verdict"].to_dict() == {"clear": "higher", "edge": "undecided", "again": "undecided"}
    assert both.loc["edge", "p (Holm)"] == "0.061" and both.loc["clear", "p (Holm)"] == "<0.001"
    turned = family({"edge": edge[::-1]})
    assert turned.loc["edge", ["difference", "verdict"]].tolist() == ["-1.25", "lower"]


def test_small_probabilities():
    assert [probability(p) for p in (0.0421, 0.0006, 0.0004, 1.0)] == ["0.042", "0.001", "<0.001", "1.000"]
