"""Laws of searches judged on the recorded runs: regrets are those of the statistics, limits leave out the dearer."""

import numpy as np
import pytest

from nas.methods.search import STRATEGIES, Runs, bill, largest, random_search, search
from nas.seeding import generator
from study.analysis.rankings import points_lost
from study.analysis.searching import losses, outcomes, prices, recorded, regrets
from study.analysis.tabular import curves, seeds


@pytest.mark.parametrize("depth", [depth for depth in (3, 5) if len(seeds(depth)) > 1])
def test_regrets_are_those_of_the_statistics(depth):
    known = [recorded(depth, seed) for seed in seeds(depth)]
    test = [[curve[-1] for curve in curves(depth, seed, "test").values()] for seed in seeds(depth)]
    for name in ("largest", "random search", "shared ranking"):
        found = regrets(STRATEGIES[name], depth, 9, draws=3)
        assert found.shape == (len(seeds(depth)), 3)
        for draw in range(3):
            pairs = zip(known, seeds(depth), strict=True)
            taken = [search(STRATEGIES[name], pair, 9, seed, draw) for pair, seed in pairs]
            columns = [list(known[0][0]).index(arch) for arch in taken]
            assert found[:, draw].tolist() == [row[c] for row, c in zip(points_lost(test, 1), columns, strict=True)]


def test_a_depth_that_is_not_recorded_is_refused():
    with pytest.raises(ValueError, match="depth is 4: choose one of 3, 5"):
        regrets(largest, 4, 0)


@pytest.mark.parametrize("depth, top", [(3, (1, 3)), (5, (3, 3))])
def test_a_limit_leaves_out_what_is_dearer_and_the_best_is_sought_within(depth, top):
    costs = prices(depth)
    limit = costs[top]
    fits = [arch for arch in costs if costs[arch] <= limit]
    test = [[curves(depth, seed, "test")[arch][-1] for arch in fits] for seed in seeds(depth)]
    lost = losses(depth, limit)
    assert list(lost) == seeds(depth) and all(list(row) == fits for row in lost.values())
    assert np.allclose([list(row.values()) for row in lost.values()], points_lost(test, images=1))
    assert all(list(column) == fits for column in recorded(depth, 0, limit))
    assert 1 < len(fits) < len(costs)


def test_outcomes_are_those_of_the_searches_within_the_limit():
    costs = prices(3)
    limit = costs[1, 3]
    lost, bills = outcomes(random_search, 3, 7, draws=4, limit=limit)
    table = losses(3, limit)
    for row, seed in enumerate(seeds(3)):
        for draw in range(4):
            runs = Runs(*recorded(3, seed, limit), 7)
            choice = random_search(runs, generator("search", "random_search", seed, draw))
            assert (lost[row, draw], bills[row, draw]) == (table[seed][choice], bill(choice, runs, costs))
    assert np.array_equal(regrets(random_search, 3, 7, draws=4, limit=limit), lost)


def test_a_choice_outside_the_limit_is_refused():
    with pytest.raises(ValueError, match=r"too_large takes \(3, 3\): choose one of \(1, 1\)"):
        outcomes(too_large, 3, 3, limit=prices(3)[1, 3])
    with pytest.raises(KeyError):  # only a supernet costs the mean
        bill((9, 9), Runs(*recorded(3, 0), 9), prices(3))


def too_large(runs, rng):
    return (3, 3)


def test_a_limit_below_every_network_is_refused():
    with pytest.raises(ValueError, match="limit is 5: the cheapest network has 4629056 multiply-adds"):
        losses(3, 5)
