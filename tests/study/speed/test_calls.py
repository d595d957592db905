"""Laws of study.speed.calls: each operator counts once, with what it reads and writes; a view counts nothing."""

import torch

from study.speed.calls import Calls


def test_an_operator_counts_once_with_its_bytes_and_a_view_not_at_all():
    a, b = torch.ones(3, 4), torch.ones(3, 4)
    with Calls() as calls:
        (a + b).t()
    assert calls.names == {"add": 1}
    assert calls.bytes == 3 * 3 * 4 * 4  # two read, one written, of 12 numbers of 4 bytes


def test_what_is_outside_the_block_is_not_counted():
    with Calls() as calls:
        pass
    torch.ones(2) + 1
    assert calls.names == {} and calls.bytes == 0
