"""Laws of R1's loss, and of counting the classes that are lost."""

import numpy as np
import pandas as pd
import pytest
import torch
from torch.nn.functional import cross_entropy, one_hot

from nas.seeding import generator
from study.lost_classes import account, recalls, rises, softmax_as_log_probabilities
from study.records import load_records


def logits(n=50, scale=5.0):
    return (scale * torch.randn(n, 10, generator=generator("logits"), dtype=torch.float64)).requires_grad_()


def labels(n=50):
    return torch.randint(10, (n,), generator=generator("labels"))


def gradient(loss, x, y):
    """Of the sum over examples, so that each row is that of its own example."""
    return torch.autograd.grad(len(x) * loss(x, y), x)[0]


def test_the_loss_is_minus_the_probability_of_the_label():
    x, y = logits(), labels()
    p = x.softmax(dim=-1)[range(50), y]
    assert torch.isclose(softmax_as_log_probabilities(x, y), -p.mean())


def test_its_gradient_is_that_of_cross_entropy_times_the_probability():
    x, y = logits(), labels()
    p = x.softmax(dim=-1).detach()
    ours, theirs = gradient(softmax_as_log_probabilities, x, y), gradient(cross_entropy, x, y)
    assert torch.allclose(theirs, p - one_hot(y, 10))
    assert torch.allclose(ours, p[range(50), y, None] * theirs)


@pytest.mark.parametrize("scale", [0.1, 1.0, 5.0, 50.0])
def test_its_gradient_is_2p_times_1_minus_p_in_all_and_at_most_one_half(scale):
    x, y = logits(scale=scale), labels()
    p = x.softmax(dim=-1).detach()[range(50), y]
    total = gradient(softmax_as_log_probabilities, x, y).abs().sum(dim=1)
    assert torch.allclose(total, 2 * p * (1 - p))
    assert total.max() <= 0.5 + 1e-12


def test_cross_entropy_pulls_hardest_where_the_probability_is_smallest():
    x, y = logits(), labels()
    p = x.softmax(dim=-1).detach()[range(50), y]
    assert torch.allclose(gradient(cross_entropy, x, y).abs().sum(dim=1), 2 * (1 - p))


def test_a_lost_class_learns_as_slowly_as_p_says():
    """Gradient flow of one logit: the wrong loss leaves p = 1e-4 nearly where it was, cross-entropy does not."""
    moved = {}
    for loss in (softmax_as_log_probabilities, cross_entropy):
        x, y = torch.tensor([[np.log(1e-4 / 0.9999), 0.0]], dtype=torch.float64), torch.tensor([0])
        for _ in range(100):
            x = x - 0.1 * gradient(loss, x.requires_grad_(), y).detach()
            x = x.detach()
        moved[loss] = x.softmax(dim=-1)[0, 0].item()
    assert moved[softmax_as_log_probabilities] < 2e-4
    assert moved[cross_entropy] > 0.5


def record(seed, counts, images=(10, 30), epochs=(2, 4)):
    return {
        "seed": seed,
        "by_class": {"epochs": list(epochs), "images": list(images), "kind": [[row] for row in counts]},
    }


def test_recalls_are_counts_over_images():
    frame = recalls([record(0, [[5, 30], [10, 0]]), record(3, [[0, 0], [1, 3]])], "kind")
    assert list(frame.index) == [(0, 2), (0, 4), (3, 2), (3, 4)]
    assert frame.to_numpy().tolist() == [[0.5, 1], [1, 0], [0, 0], [0.1, 0.1]]


@pytest.mark.parametrize("bad", [{"seed": 0}, record(0, [[1, 1], [1, 1]])])
@pytest.mark.parametrize("kind", ["other", "epochs", "images"])
def test_another_kind_is_named(bad, kind):
    with pytest.raises(ValueError, match=f"kind '{kind}' is not counted by class"):
        recalls([bad], kind)


def test_an_account_by_hand():
    """40 images in two classes: 10 of the first, all lost but for none; 27 of the 30 others right."""
    (row,) = account(pd.DataFrame([[0.0, 0.9]]), [10, 30]).to_dict("records")
    assert row == pytest.approx({"accuracy": 27 / 40, "lost": 1, "ceiling": 0.75, "inside": 0.25, "outside": 3 / 40})


def test_accounts_add_up():
    images = [3, 50, 7, 40]
    table = pd.DataFrame(np.random.default_rng(0).uniform(0, 1, (60, 4)) ** 4)
    found = account(table, images)
    assert np.allclose(found["accuracy"], (table * images).sum(axis=1) / 100)
    assert np.allclose(found["accuracy"] + found["inside"] + found["outside"], 1)
    assert np.allclose(
        found["ceiling"] - found["accuracy"],
        found["outside"] - (table * images).where(table < 0.05, 0).sum(axis=1) / 100,
    )
    assert set(found["lost"]) > {0, 1}


def test_a_class_at_the_threshold_is_not_lost():
    assert account(pd.DataFrame([[0.05, 0.049, 0.5]]), [1, 1, 1])["lost"].tolist() == [1]


@pytest.mark.parametrize("table, images", [([[0.5, 1.2]], [1, 1]), ([[-0.1, 0.5]], [1, 1]), ([[0.5, 0.5]], [1, 1, 1])])
def test_senseless_accounts_are_refused(table, images):
    with pytest.raises(ValueError, match=r"outside \[0, 1\]|for 2 classes"):
        account(pd.DataFrame(table), images)


def test_rises_stay_within_a_seed():
    frame = recalls([record(s, [[0, 15], [10, 15]]) for s in (0, 1)], "kind")
    found = rises(account(frame, [10, 30]))
    assert list(found.index) == [(0, 4), (1, 4)]
    assert np.allclose(found, [[0.25, 1], [0.25, 1]])


def test_recorded_recalls_add_up_to_the_recorded_accuracies():
    records = load_records("kernel-steps", "laptop")
    images = records[0]["by_class"]["images"]
    for kind in records[0]["validation"]:
        accuracy = account(recalls(records, kind), images)["accuracy"]
        for record in records:
            curve = [right / sum(images) for (right,) in record["validation"][kind]]
            assert accuracy[record["seed"]].tolist() == pytest.approx(
                [curve[e - 1] for e in record["by_class"]["epochs"]]
            )
