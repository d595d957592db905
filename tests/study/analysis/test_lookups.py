"""Laws of look-ups in the tabular benchmark: a curve, a query and the noise are the table's, a slip is named."""

import random

import numpy as np
import pandas as pd
import pytest

import nas
from study.analysis import tabular
from study.analysis.tabular import curves, lookup, noise, query, read_table, residuals, seeds
from study.records import RESULTS

RECORDED = [depth for depth in tabular.SPACES if seeds(depth)]
LARGEST = (max(RECORDED), max(RECORDED))


def test_the_public_name():
    assert nas.lookup is lookup
    assert lookup((2, 3), 0, 1) == read_table(RESULTS / tabular.FILE)["mnist", (2, 3), 0, 1]


@pytest.mark.parametrize(
    "asked, message",
    [
        (((1, 6), 0, 3), r"arch is \(1, 6\): choose one of \(1, 1\), \(1, 2\), "),
        (((1, 1), 9, 3), r"seed is 9: choose one of 0, 1, 2, 3, 4$"),
        ((LARGEST, 7, 3), f"seed is 7: choose one of {', '.join(map(str, seeds(LARGEST[0])))}$"),
        (((1, 1), 0, 0), r"epoch is 0: choose one of 1, 2, 3$"),
    ],
)
def test_what_is_not_in_the_table_is_named(asked, message):
    with pytest.raises(ValueError, match=message):
        lookup(*asked)


def test_a_list_is_an_architecture_and_none_is_no_epoch():
    assert lookup([1, 1], 0, 3) == lookup((1, 1), 0, 3)
    with pytest.raises(TypeError, match="epoch is None: it must be an int, e.g. depth=3, seed=0, epoch=3"):
        lookup((1, 1), 0, None)


@pytest.mark.parametrize("depth", RECORDED)
def test_curves_are_those_of_the_space(depth):
    space = [(d1, d2) for d1 in range(1, depth + 1) for d2 in range(1, depth + 1)]
    for column in ("scratch", f"recalculated{depth}", "test"):
        found = curves(depth, 0, column)
        assert list(found) == space
        for arch, curve in found.items():
            assert curve == tuple(getattr(lookup(arch, 0, epoch), column) for epoch in (1, 2, 3))
    with pytest.raises(ValueError, match=f"seed is 9: at depth {depth} choose one of 0, 1, 2"):
        curves(depth, 9)


def test_a_query_is_a_finished_run_and_draws_every_seed():
    assert query((2, 3), seed=1) == lookup((2, 3), seed=1, epoch=3)
    drawn = {query((2, 3), rng=random.Random(number)) for number in range(40)}
    assert drawn == {lookup((2, 3), seed, 3) for seed in seeds(3)}
    with pytest.raises(ValueError, match="data is 'cifar': choose one of "):
        query((2, 3), data="cifar")
    with pytest.raises(ValueError, match="seed is 77: choose one of 0, 1, 2, 3, 4$"):
        query((2, 3), seed=77)


@pytest.mark.parametrize("depth", RECORDED)
def test_the_noise_is_what_is_left_beside_networks_and_seeds(depth):
    left, found = residuals(depth).to_numpy(), noise(depth)
    assert np.allclose(left.sum(axis=0), 0, atol=1e-9) and np.allclose(left.sum(axis=1), 0, atol=1e-9)
    assert found.freedom == (left.shape[0] - 1) * (left.shape[1] - 1)
    assert found.deviation == pytest.approx(((left**2).sum() / found.freedom) ** 0.5)
    assert 0 < found.deviation < 0.2 and 0 <= found.seeds < 0.2 and 0 < found.equal_scatter <= 1


def test_noise_finds_again_what_was_put_in(monkeypatch):
    rng = np.random.RandomState(0)
    x = rng.randn(9) + 0.5 * rng.randn(400, 1) + 0.1 * rng.randn(400, 9)
    monkeypatch.setattr(tabular, "tested", lambda depth, data: pd.DataFrame(x))
    found = noise(3)
    assert found.deviation == pytest.approx(0.1, rel=0.05) and found.seeds == pytest.approx(0.5, rel=0.1)


def test_another_depth_is_refused():
    with pytest.raises(ValueError, match="depth is 4: choose one of 3, 5"):
        curves(4, 0)


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: curves(3, True), TypeError, "seed is True: it must be an int"),
        (lambda: curves(3, 0.0), TypeError, "seed is 0.0: it must be an int"),
        (lambda: curves(True, 0), TypeError, "depth is True: it must be an int"),
        (lambda: seeds(3.0), TypeError, "depth is 3.0: it must be an int"),
        (lambda: seeds([3]), TypeError, "depth is a list: it must be an int"),
        (lambda: noise("3"), TypeError, "depth is '3': it must be an int"),
        (lambda: tabular.residuals(None), TypeError, "depth is None: it must be an int"),
        (lambda: tabular.query((1, 1), rng=None), TypeError, "rng is None: it must be a random.Random"),
        (lambda: tabular.query((1, 1), rng=0), TypeError, "rng is 0: it must be a random.Random"),
        (lambda: curves(3, 0, "shared"), ValueError, "column is 'shared': choose one of parameters, "),
        (lambda: curves(3, 0, None), ValueError, "column is None: choose one of parameters, "),
        (lambda: seeds(3, "cifar"), ValueError, "data is 'cifar': choose one of fashion, mnist"),
    ],
)
def test_a_slip_in_what_curves_and_seeds_are_asked_ends_in_a_sentence(call, error, said):
    with pytest.raises(error, match=f"^{said}"):
        call()


def test_a_number_of_numpy_is_one():
    assert curves(np.int64(3), np.int64(0)) == curves(3, 0) and seeds(np.int64(3)) == seeds(3)
