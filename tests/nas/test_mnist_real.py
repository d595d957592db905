"""The real MNIST and Fashion-MNIST, where NAS_DATA_DIR names them: their splits, order and statistics are known."""

import os

import pytest
import torch

from nas import load_data


@pytest.fixture
def mnist():
    if not os.environ.get("NAS_DATA_DIR"):
        pytest.skip("real MNIST: NAS_DATA_DIR is not set, and tests download nothing")
    return load_data("mnist")  # a folder that is named and holds no MNIST is a failure, not a skip


def test_real_fashion_mnist():
    if not os.environ.get("NAS_DATA_DIR"):
        pytest.skip("real Fashion-MNIST: NAS_DATA_DIR is not set, and tests download nothing")
    fashion = load_data("fashion")
    assert [len(split) for split in (fashion.train, fashion.validation, fashion.test)] == [55_000, 5_000, 10_000]
    assert fashion.fingerprint == "14ace5d4178baf70"
    assert fashion.test.labels[:10].tolist() == [9, 2, 1, 1, 6, 1, 4, 6, 5, 7]
    assert torch.bincount(fashion.train.labels).tolist() == [5_500] * 10


def test_real_mnist(mnist):
    splits = (mnist.train, mnist.validation, mnist.test)
    assert [len(split) for split in splits] == [55_000, 5_000, 10_000]
    assert mnist.fingerprint == "d33e0dc143f91d01"
    assert mnist.test.labels[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    assert (mnist.mean, mnist.std) == pytest.approx((0.1307, 0.3081), abs=5e-4)
    assert mnist.train.images.mean().item() == pytest.approx(0, abs=1e-4)
    assert mnist.train.images.std().item() == pytest.approx(1, abs=1e-4)
    counts = [torch.bincount(split.labels) for split in splits[:2]]
    assert (counts[0] / 11 - counts[1]).abs().max() <= 1
