"""The two rulers against counts by hand."""

import pytest
from torch import nn

from nas import DepthSupernet
from nas.costs import cost_table, multiply_adds, parameters


def by_hand(width, d1, d2):
    """Every output position of a 3x3 convolution takes 9 multiply-adds for each input channel."""
    full, half = 28 * 28, 14 * 14
    stem = full * width * 9
    block1 = full * width * 9 * width * d1
    down = half * 2 * width * 9 * width
    block2 = half * 2 * width * 9 * 2 * width * d2
    return stem + block1 + down + block2 + 2 * width * 10


@pytest.mark.parametrize("width, depth", [(1, 2), (4, 3), (32, 3)])
def test_multiply_adds_by_hand(width, depth):
    net = DepthSupernet(width, depth)
    table = cost_table(net)
    assert list(table) == list(net.architectures)
    for (d1, d2), (count, madds) in table.items():
        assert madds == by_hand(width, d1, d2)
        assert count == parameters(net.extract((d1, d2)))


def test_multiply_adds_grow_with_the_images():
    model = DepthSupernet(width=2).extract((2, 1)).eval()
    assert multiply_adds(model, images=5) == 5 * multiply_adds(model)


def test_frozen_parameters_do_not_count():
    layer = nn.Linear(3, 2)
    layer.bias.requires_grad_(False)
    assert parameters(layer) == 6


def test_counting_changes_nothing(undisturbed):
    net = DepthSupernet(width=2).train()
    with undisturbed():
        cost_table(net)
    assert net.training
    assert net.stem[1].num_batches_tracked == 0
