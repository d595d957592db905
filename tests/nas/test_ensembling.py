"""Averages and calibration against counts by hand."""

import math

import pytest
import torch

from nas import ensemble
from nas.evaluation import calibration_error
from nas.methods.teaching import ensemble_logits


@pytest.fixture
def logits():
    return torch.randn(3, 50, 10, generator=torch.Generator().manual_seed(0))


def test_averages_by_hand():
    """Two classes, two members: one says 3 to 1, the other 1 to 1."""
    members = torch.tensor([[[math.log(3), 0.0]], [[0.0, 0.0]]])
    assert ensemble(members).tolist() == [pytest.approx([0.625, 0.375])]
    root = math.sqrt(3)
    assert ensemble(members, "logits").tolist() == [pytest.approx([root / (root + 1), 1 / (root + 1)])]


def test_one_sure_member_outvotes_two_in_logits_but_not_in_probabilities():
    members = torch.tensor([[[9.0, 0.0]], [[0.0, 1.5]], [[0.0, 1.5]]])
    assert ensemble(members).argmax() == 1
    assert ensemble(members, "logits").argmax() == 0


@pytest.mark.parametrize("average", ["probabilities", "logits"])
def test_probabilities_add_up_and_equal_members_change_nothing(logits, average):
    together = ensemble(logits, average)
    assert together.shape == (50, 10)
    assert torch.allclose(together.sum(dim=-1), torch.ones(50))
    assert (together >= 0).all()
    alone = logits[0].softmax(dim=-1)
    assert torch.allclose(ensemble(logits[:1].repeat(5, 1, 1), average), alone)
    assert torch.allclose(ensemble(logits.flip(0), average), together)


@pytest.mark.parametrize("shape", [(50, 10), (0, 50, 10), (10,)])
def test_logits_of_another_shape_are_refused(shape):
    with pytest.raises(ValueError) as caught:
        ensemble(torch.zeros(shape))
    assert f"logits have shape {shape}: pass (members, N, classes)" in str(caught.value)


def test_an_unknown_average_is_refused(logits):
    with pytest.raises(ValueError, match=r"average is 'votes': choose one of probabilities, logits"):
        ensemble(logits, "votes")


def test_calibration_error_by_hand():
    """Four answers: two at 0.9 of which one is right, two at 0.6 that are both right."""
    probabilities = torch.tensor([[0.9, 0.1], [0.9, 0.1], [0.6, 0.4], [0.6, 0.4]])
    labels = torch.tensor([0, 1, 0, 0])
    assert calibration_error(probabilities, labels, bins=10) == pytest.approx((0.4 * 2 + 0.4 * 2) / 4)
    assert calibration_error(probabilities, labels, bins=1) == pytest.approx(0.0, abs=1e-6)  # one bin hides it


def test_calibration_at_its_extremes():
    sure = torch.eye(10)
    assert calibration_error(sure, torch.arange(10)) == 0
    assert calibration_error(sure, (torch.arange(10) + 1) % 10) == 1
    unsure = torch.full((10, 10), 0.1)
    assert calibration_error(unsure, torch.arange(10)) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(
    "probabilities, labels, named",
    [
        (torch.full((4, 10), 0.2), [0, 1, 2, 3], "add up to 1 for each image: for logits, .softmax"),
        (torch.zeros(4, 10) * math.nan, [0, 1, 2, 3], "add up to 1"),
        (torch.eye(10)[:4], [0, 1, 2], r"shapes \(4, 10\) and \(3,\): pass \(N, classes\) and \(N,\)"),
        (torch.eye(10)[0], [0], "shapes"),
        (torch.eye(10)[:2], [0, 99], "labels hold 99"),
    ],
)
def test_what_are_no_probabilities_is_refused(probabilities, labels, named):
    with pytest.raises(ValueError, match=named):
        calibration_error(probabilities, torch.tensor(labels))


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("use", [ensemble, ensemble_logits])
def test_a_member_that_diverged_is_named(use, value):
    logits = torch.zeros(2, 4, 10)
    logits[1, 3, 9] = value
    with pytest.raises(ValueError, match="^logits hold nan or infinity"):
        use(logits)


def test_calibration_error_by_brute_force(logits):
    probabilities = logits[0].softmax(dim=-1)
    labels = torch.randint(10, (50,), generator=torch.Generator().manual_seed(1))
    expected = 0
    for low in range(15):
        rows = [i for i in range(50) if low <= probabilities[i].max() * 15 < low + 1]
        gap = sum(probabilities[i].max() for i in rows) - sum(probabilities[i].argmax() == labels[i] for i in rows)
        expected += abs(float(gap)) / 50
    assert calibration_error(probabilities, labels) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("bins", [15, 100_000])
def test_calibration_in_half_precision_counts_in_the_same_bins(logits, dtype, bins):
    """Times the bins, float16 overflows above 65,504."""
    rounded, labels = logits[0].softmax(dim=-1).to(dtype), torch.arange(len(logits[0])) % 10
    assert calibration_error(rounded, labels, bins) == calibration_error(rounded.float(), labels, bins)
