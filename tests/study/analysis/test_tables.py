"""How intervals and differences are put into words; no word claims more than its interval."""

import numpy as np
import pandas as pd
import pytest

from study.analysis.statistics import Difference, Interval, paired_difference
from study.analysis.tables import family, plus_minus, probability, seeds_apart, summary, verdict, verdicts, with_range


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


def test_a_mean_of_nothing_has_no_minus_and_a_limit_keeps_its_side():
    assert verdict(Difference(-0.001, -0.2, 0.2, 5, 0.9)) == "+0.00 [-0.20, +0.20]: undecided"
    assert verdict(Difference(-0.15, -0.3, -0.001, 5, 0.04)) == "-0.15 [-0.30, -0.00]: lower"


def test_plus_minus():
    assert plus_minus(Interval(97.912, 97.682, 98.142, 5)) == "97.91 ± 0.23"


def test_verdict_with_p_after_holm():
    higher = Difference(0.4, 0.1, 0.7, 5, 0.02)
    assert verdict(higher, 0.04) == "+0.40 [+0.10, +0.70], p = 0.040: higher"
    assert verdict(higher, 0.08) == "+0.40 [+0.10, +0.70], p = 0.080: undecided"
    assert verdict(higher, 0.0001) == "+0.40 [+0.10, +0.70], p < 0.001: higher"


def test_summary_of_figures_as_trained_stays_between_0_and_100():
    table = pd.DataFrame({"wide": [0.2, 0.6, 0.9, 0.95, 1.0], "narrow": [0.5, 0.5, 0.5, 0.5, 0.5]})
    assert summary(table)["wide"] == "73.00 ± 41.55"  # beyond 100
    mean, low, high = (float(word.strip("[,]")) for word in summary(table, 10_000)["wide"].split())
    assert mean == 73 and 0 < low < mean < high < 100  # the same mean with either interval
    assert summary(table, 10_000)["narrow"] == "50.00 [50.00, 50.00]"
    assert summary(table[:1], 10_000)["wide"] == "20.00"


def test_the_contrasts_of_one_question_share_one_correction():
    clear, weak = [1.0, 1.1, 1.2, 1.0, 1.1], [0.1, 0.5, 0.2, 0.9, 0.1]
    alone = verdicts({"weak": (weak, [0] * 5)})
    both = verdicts({"weak": (weak, [0] * 5), "clear": (clear, [0] * 5), "none": (weak, weak[::-1])})
    assert list(both.index) == ["weak", "clear", "none"]
    p = [float(texts["weak"].split("p = ")[1].split(":")[0]) for texts in (alone, both)]
    assert p[1] == pytest.approx(2 * p[0], abs=0.0011)  # the second of three: of the two that are left
    assert both["clear"].endswith("p < 0.001: higher")


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


def test_with_range():
    assert with_range([57.0, 27.94, 83.4]) == "56.1 (27.9 to 83.4)"
    assert with_range([0.5, 1.5], digits=0) == "1 (0 to 2)"


A = np.array([3.0, 3.1, 2.9, 3.2])
SLOPE = np.array([1.0, 2.0, 4.0, 8.0])
ZIGZAG = np.array([1.0, -1.0, 1.0, -1.0])


def test_seeds_apart_is_decided_by_p_after_holm_over_all_its_rows():
    b = A - 1 - SLOPE / 4  # p is about 0.015: decided alone, undecided among ten
    alone = seeds_apart({"alone": (A, b)})
    among = seeds_apart({"alone": (A, b)} | {f"noise {k}": (A, A + ZIGZAG) for k in range(9)})
    assert alone.loc["alone", "verdict"] == "higher" and among.loc["alone", "verdict"] == "undecided"
    p = paired_difference(A, b).p
    assert [table.loc["alone", "p (Holm)"] for table in (alone, among)] == [f"{p:.3f}", f"{10 * p:.3f}"]


def test_seeds_apart_the_other_way_round_has_the_other_verdict():
    assert seeds_apart({"less": (A - 2 - SLOPE / 100, A)}).loc["less", "verdict"] == "lower"
    assert seeds_apart({"noise": (A + ZIGZAG, A)}).loc["noise", "verdict"] == "undecided"


def test_seeds_apart_of_logarithms_shows_ratios():
    twice = seeds_apart({"twice": (np.log(2 * A * (1 + SLOPE / 1e6)), np.log(A))}, ratio=True)
    assert twice.loc["twice", "ratio"] == "× 2.00 (2.00 to 2.00)"


@pytest.mark.parametrize("shares", [[0.1, 0.1], [0.0, 0.0], [1.0, 1.0], [0.1, 0.2], [0.99, 1.0, 1.0]])
@pytest.mark.parametrize("images", [90, 360, 10_000])
def test_a_mean_lies_in_the_interval_printed_beside_it(shares, images):
    mean, low, high = (float(word.strip("[,]")) for word in summary(pd.DataFrame({"a": shares}), images)["a"].split())
    assert low <= mean <= high
