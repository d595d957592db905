"""The two rulers against counts by hand."""

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from nas import DepthSupernet, KernelSupernet
from nas.evaluation import cost_table, multiply_adds, parameters
from nas.methods.parallel import ParallelSupernet


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


def counted(forward):
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        forward(torch.zeros(1, 1, 28, 28))
    return counter.get_total_flops() // 2


@pytest.mark.parametrize(
    "make",
    [lambda: DepthSupernet(4), lambda: DepthSupernet(2, depth=5), lambda: ParallelSupernet(4)]
    + [lambda padding=padding: KernelSupernet(4, padding) for padding in ("same", "none")],
)
def test_hooks_count_what_pytorch_s_own_counter_does_in_all_spaces(make):
    net = make().eval()
    table = cost_table(net)
    assert {arch: madds for arch, (_, madds) in table.items()} == {a: counted(net.extract(a)) for a in table}
    assert multiply_adds(net.forward_all) == counted(net.forward_all)


def test_groups_one_dimension_and_other_networks_at_the_same_time():
    net = nn.Sequential(nn.Conv2d(1, 4, 3), nn.Conv2d(4, 8, 5, stride=2, groups=2), nn.Flatten(2), nn.Conv1d(8, 3, 2))
    assert multiply_adds(net) == counted(net)
    assert multiply_adds(lambda x: multiply_adds(net)) == counted(net)  # a count inside a count


def test_counting_leaves_a_network_as_it_was():
    net = DepthSupernet(width=2).extract((1, 1)).train()
    multiply_adds(net)
    assert net.stem[1].num_batches_tracked == 0
    assert all(module.training for module in net.modules())
