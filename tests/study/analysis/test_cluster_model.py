"""Laws of the model of many machines: its bounds hold and are reached, formula and simulation agree."""

import math
from itertools import pairwise, product

import numpy as np
import pytest

from study.analysis.cluster_model import expected_seconds, makespan_bounds, simulate_makespan

DRAW = np.random.default_rng(14)
JOBS = [DRAW.exponential(10, size=size) + 0.1 for size in (1, 2, 7, 40)]


def best(seconds, workers):
    """The shortest makespan of all assignments."""
    return min(
        max(sum(time for time, its in zip(seconds, where, strict=True) if its == worker) for worker in range(workers))
        for where in product(range(workers), repeat=len(seconds))
    )


def mean_and_error(**options):
    draws = [simulate_makespan(seed=seed, **options) for seed in range(4_000)]
    return np.mean(draws), np.std(draws) / len(draws) ** 0.5


@pytest.mark.parametrize("seconds", JOBS, ids=len)
def test_one_worker_takes_the_sum(seconds):
    assert makespan_bounds(seconds, 1) == pytest.approx([seconds.sum()] * 2)
    assert simulate_makespan(seconds, 1) == pytest.approx(seconds.sum())
    assert simulate_makespan(seconds, 1, start=2.0) == pytest.approx(seconds.sum() + 2.0 * len(seconds))


@pytest.mark.parametrize("seconds", JOBS, ids=len)
@pytest.mark.parametrize("workers", [1, 2, 3, 8, 100])
def test_every_order_ends_within_the_bounds(seconds, workers):
    low, high = makespan_bounds(seconds, workers)
    for seed in range(20):
        order = np.random.default_rng(seed).permutation(seconds)
        assert low * (1 - 1e-12) <= simulate_makespan(order, workers) <= high * (1 + 1e-12)


def test_a_worker_each_takes_the_longest():
    assert simulate_makespan([3, 9, 1], 3) == 9 == makespan_bounds([3, 9, 1], 3)[0]


@pytest.mark.parametrize("workers", [2, 3, 5])
def test_the_upper_bound_is_reached(workers):
    """Graham's own example: many short tasks first, the long one last."""
    seconds = [1] * (workers * (workers - 1)) + [workers]
    assert simulate_makespan(seconds, workers) == 2 * workers - 1 == pytest.approx(makespan_bounds(seconds, workers)[1])
    assert simulate_makespan(seconds[::-1], workers) == workers == makespan_bounds(seconds, workers)[0]


@pytest.mark.parametrize("seconds, optimum", [([3, 3, 2, 2, 2], 6), ([5, 4, 3, 3, 3], 9), ([1, 1, 1], 2)])
def test_brute_force_lies_between_the_lower_bound_and_the_simulation(seconds, optimum):
    assert best(seconds, 2) == optimum
    assert makespan_bounds(seconds, 2)[0] <= optimum <= simulate_makespan(seconds, 2)


@pytest.mark.parametrize("seconds", JOBS, ids=len)
def test_one_more_worker_is_never_slower(seconds):
    times = [simulate_makespan(seconds, workers) for workers in range(1, 50)]
    assert all(fewer >= more for fewer, more in pairwise(times))


def test_with_deaths_more_workers_are_faster_on_average():
    options = {"seconds": [6.0] * 12, "epochs": 3, "mtbf": 5.0, "restart": 1.0}
    times = [mean_and_error(workers=workers, **options) for workers in (1, 2, 4, 12)]
    for (fewer, error), (more, _) in pairwise(times):
        assert more + 5 * error < fewer


def test_without_deaths_nothing_is_lost():
    assert expected_seconds(7.0, 3, math.inf, restart=5.0) == 7.0
    assert expected_seconds(7.0, 3, 1e12) == pytest.approx(7.0)
    undisturbed = simulate_makespan(JOBS[-1], 3)
    for seed in range(5):
        assert simulate_makespan(JOBS[-1], 3, epochs=4, restart=9.0, seed=seed) == pytest.approx(undisturbed)


@pytest.mark.parametrize("epochs, mtbf, restart", [(1, 10.0, 0.0), (5, 10.0, 0.0), (5, 3.0, 2.0), (20, 0.5, 0.1)])
def test_formula_and_simulation_agree_on_one_task(epochs, mtbf, restart):
    mean, error = mean_and_error(seconds=[10.0], workers=1, epochs=epochs, mtbf=mtbf, restart=restart)
    assert abs(mean - expected_seconds(10.0, epochs, mtbf, restart)) < 4 * error
    assert error < 0.05 * mean


def test_taking_up_a_task_again_costs_its_start_again():
    mean, error = mean_and_error(seconds=[10.0], workers=1, epochs=5, mtbf=3.0, restart=2.0, start=1.5)
    assert abs(mean - 1.5 - expected_seconds(10.0, 5, 3.0, restart=2.0 + 1.5)) < 4 * error


def test_a_lost_task_goes_on_elsewhere():
    """With a second worker nobody waits for the first to come back."""
    alone, _ = mean_and_error(seconds=[10.0], workers=1, epochs=5, mtbf=5.0, restart=100.0)
    spare, _ = mean_and_error(seconds=[10.0], workers=50, epochs=5, mtbf=5.0, restart=100.0)
    assert spare == pytest.approx(expected_seconds(10.0, 5, 5.0), rel=0.1)
    assert alone > 5 * spare


def test_rare_deaths_cost_half_an_epoch_and_the_restart():
    expected = expected_seconds(100.0, 10, 1e6, restart=3.0)
    assert expected - 100 == pytest.approx(100 / 1e6 * (10 / 2 + 3), rel=1e-3)


def test_more_checkpoints_lose_less():
    times = [expected_seconds(10.0, epochs, 4.0, 1.0) for epochs in (1, 2, 5, 100, 10_000)]
    assert times == sorted(times, reverse=True)
    assert times[-1] == pytest.approx(10 * (1 + 1 / 4), rel=1e-3)  # what no checkpoint can save: the restarts
    assert expected_seconds(np.array([10.0, 20.0]), 2, 4.0)[0] == expected_seconds(10.0, 2, 4.0)


@pytest.mark.parametrize(
    "seconds, workers, named",
    [([], 2, "at least one task"), ([1, 0], 2, "above 0"), ([1, math.inf], 2, "finite"), ([[1]], 2, "one finite time"),
     ([1], 0, "workers is 0"), ([1], 1.5, "workers is 1.5")],
)  # fmt: skip
def test_bad_input_is_named(seconds, workers, named):
    for function in (makespan_bounds, simulate_makespan):
        with pytest.raises(ValueError, match=named):
            function(seconds, workers)


@pytest.mark.parametrize("arguments", [(0, 1, 1), (1, 0, 1), (1, 1, 0), (1, 1, 1, -1)])
def test_bad_rates_are_named(arguments):
    with pytest.raises(ValueError, match="mtbf"):
        expected_seconds(*arguments)


@pytest.mark.parametrize("rates", [{"epochs": 0}, {"mtbf": 0}, {"restart": -1}])
def test_the_simulation_asks_the_same(rates):
    with pytest.raises(ValueError, match="mtbf"):
        simulate_makespan([1], 1, **rates)
