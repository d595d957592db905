"""Laws of the search strategies: no budget is exceeded, brute force finds the best, one seed takes one path."""

from itertools import product

import numpy as np
import pytest

from nas.methods.search import (
    STRATEGIES,
    Runs,
    bill,
    cost_of_halving,
    evolution,
    largest,
    mutate,
    random_search,
    rounds,
    search,
    shared_ranking,
    successive_halving,
)
from nas.seeding import generator

SPACE = tuple(product(range(1, 6), repeat=2))
everywhere = pytest.mark.parametrize("strategy", STRATEGIES.values(), ids=STRATEGIES)


def toy(seed=0, epochs=3):
    """Curves of 25 networks and of their supernet, without ties: top-1 at random."""
    draws = np.random.default_rng(seed).permutation(2 * 25 * epochs).reshape(2, 25, epochs) / 200
    return tuple({arch: tuple(map(float, row)) for arch, row in zip(SPACE, rows, strict=True)} for rows in draws)


def path(strategy, budget, seed=0, draw=0, known=None):
    """The choice of a strategy, and the runs it leaves behind."""
    runs = Runs(*(known or toy(seed)), budget)
    return strategy(runs, generator("test", seed, draw)), runs


def spent(runs):
    """Epochs by the log alone: each network's longest training, and the supernet."""
    longest = {}
    for arch, epochs in runs.log:
        longest[arch] = max(longest.get(arch, 0), epochs)
    return sum(longest.values())


# --- the runs --------------------------------------------------------------------------------


def test_a_run_goes_on_from_where_it_was():
    alone, shared = toy()
    runs = Runs(alone, shared, 6)
    assert runs.train((1, 1), 1) == alone[1, 1][0]
    assert runs.train((1, 1), 3) == alone[1, 1][2]
    assert runs.left == 3
    assert runs.train((1, 1), 2) == alone[1, 1][1]  # passed already
    assert runs.left == 3
    assert runs.train_supernet() == {arch: curve[-1] for arch, curve in shared.items()}
    assert runs.left == 0
    with pytest.raises(ValueError, match=r"1 epochs are asked for, 0 are left"):
        runs.train((2, 2), 1)
    assert runs.done[2, 2] == 0


# --- every strategy --------------------------------------------------------------------------


@everywhere
def test_no_budget_is_exceeded_and_the_log_is_the_bill(strategy):
    for budget in range(90):
        choice, runs = path(strategy, budget, draw=budget)
        assert choice in SPACE
        assert spent(runs) == budget - runs.left <= budget


@everywhere
def test_the_same_numbers_take_the_same_path(strategy, undisturbed):
    with undisturbed():
        for budget in (0, 8, 30):
            first, second = (path(strategy, budget) for _ in range(2))
            assert first[0] == second[0]
            assert first[1].log == second[1].log


@pytest.mark.parametrize("strategy", [random_search, evolution, successive_halving])
def test_other_draws_take_other_paths(strategy):
    assert len({str(path(strategy, 12, draw=draw)[1].log) for draw in range(10)}) > 5


def test_a_search_s_numbers_are_named_by_seed_and_draw():
    taken = [[search(random_search, toy(), 3, seed, draw) for draw in range(20)] for seed in (0, 0, 1)]
    assert taken[0] == taken[1] != taken[2]
    assert len(set(taken[0])) > 5


@pytest.mark.parametrize("strategy", [random_search, evolution, shared_ranking])
@pytest.mark.parametrize("seed", range(5))
def test_with_a_full_budget_the_best_on_validation_is_found(strategy, seed):
    alone, _ = toy(seed)
    choice, _ = path(strategy, 25 * 3 + 3 * (strategy is shared_ranking), seed)
    assert choice == max(alone, key=lambda arch: alone[arch][-1])


@everywhere
def test_a_choice_that_was_trained_is_the_best_of_those_trained_to_the_end(strategy):
    for draw in range(20):
        choice, runs = path(strategy, 20, draw=draw)
        ended = [arch for arch, epochs in runs.log if epochs == 3 and arch != "supernet"]
        assert not ended or choice == max(ended, key=lambda arch: runs.curves[arch][-1])


@everywhere
def test_with_nothing_to_spend_nothing_is_trained(strategy):
    choice, runs = path(strategy, 0)
    assert runs.log == []
    assert choice == (5, 5) or strategy is not largest


# --- one by one ------------------------------------------------------------------------------


def test_random_search_draws_without_repeats_and_evenly():
    first = [path(random_search, 12, draw=draw)[1].log for draw in range(500)]
    assert all(len({arch for arch, _ in log}) == 4 for log in first)
    counts = [sum(arch == a for log in first for arch, _ in log) for a in SPACE]
    assert max(abs(count - 80) for count in counts) < 4.5 * (80 * 0.84) ** 0.5


def test_shared_ranking_trains_the_supernet_s_favourites():
    alone, shared = toy()
    order = sorted(SPACE, key=lambda arch: -shared[arch][-1])
    assert path(shared_ranking, 3)[0] == order[0]
    choice, runs = path(shared_ranking, 3 + 4 * 3 + 2)
    assert [arch for arch, _ in runs.log] == ["supernet", *order[:4]]
    assert choice == max(order[:4], key=lambda arch: alone[arch][-1])


def test_ageing_removes_the_oldest_however_good():
    """With a sample as large as the population each parent is the best of the last five, as the log shows."""
    strayed = 0
    for draw in range(30):
        _, runs = path(lambda *a: evolution(*a, population=5, sample=5), 75, draw=draw)
        order, final = [arch for arch, _ in runs.log], {arch: curve[-1] for arch, curve in runs.curves.items()}
        for place in range(5, 25):
            near = {arch for arch in order[place:] if differ(arch, max(order[place - 5 : place], key=final.get)) == 1}
            assert order[place] in (near or order[place:])
            strayed += differ(order[place], max(order[:place], key=final.get)) != 1
    assert strayed > 50  # it does not climb from the best of all


def differ(a, b):
    return sum(x != y for x, y in zip(a, b, strict=True))


def test_a_mutation_changes_one_choice():
    rng = generator("mutations")
    found = {mutate((2, 3), SPACE, rng) for _ in range(300)}
    assert found == {arch for arch in SPACE if differ(arch, (2, 3)) == 1}
    assert mutate((1, 1), [(2, 2)], rng) == (2, 2)  # no neighbour left


FOUR = {(1, 1): (0.9, 0.9, 0.5), (1, 2): (0.8, 0.8, 0.6), (2, 1): (0.1, 0.2, 0.99), (2, 2): (0.2, 0.1, 0.98)}


def test_successive_halving_by_hand():
    choice, runs = path(successive_halving, 8, known=(FOUR, FOUR))
    assert choice == (1, 2)  # the later best are gone after one epoch
    assert sorted(runs.log[:4]) == [(arch, 1) for arch in FOUR]
    assert runs.log[4:] == [((1, 1), 3), ((1, 2), 3)]
    assert runs.left == 0


@pytest.mark.parametrize("budget, starts, left", [(2, 0, 2), (3, 1, 0), (4, 2, 0), (6, 2, 2), (7, 3, 0), (99, 4, 91)])
def test_successive_halving_starts_with_as_many_as_it_can_carry(budget, starts, left):
    _, runs = path(successive_halving, budget, known=(FOUR, FOUR))
    assert sum(epochs == 1 for _, epochs in runs.log) == starts
    assert runs.left == left


@pytest.mark.parametrize("epochs, ends", [(1, [1]), (2, [1, 2]), (3, [1, 3]), (7, [1, 3, 7]), (10, [1, 3, 7, 10])])
def test_rounds_double(epochs, ends):
    assert rounds(epochs) == ends


@pytest.mark.parametrize("epochs", [1, 3, 10])
def test_the_bill_of_halving_is_what_it_spends(epochs):
    for budget in range(0, 25 * epochs, 7):
        _, runs = path(successive_halving, budget, known=toy(epochs=epochs))
        starts = len({arch for arch, _ in runs.log})
        assert spent(runs) == cost_of_halving(starts, rounds(epochs))
        assert starts == 25 or cost_of_halving(starts + 1, rounds(epochs)) > budget


# --- bills and records -----------------------------------------------------------------------


def test_a_bill_by_hand():
    costs, curve = {"A": 1, "B": 2, "C": 3}, (0.5, 0.6, 0.7)
    runs = Runs(dict.fromkeys(costs, curve), dict.fromkeys(costs, curve), budget=9)
    assert bill("C", runs, costs) == 9 / 6  # an untrained choice has its training to come
    runs.train("A", 1)
    runs.train("B", 1)
    runs.train("B", 3)  # goes on
    assert bill("B", runs, costs) == 7 / 6
    runs.train_supernet()
    assert bill("A", runs, costs) == (3 + 6 + 6) / 6


@everywhere
def test_with_equal_prices_a_bill_is_the_epochs_spent_and_the_choice_s_own(strategy):
    for budget in (0, 3, 8, 20):
        choice, runs = path(strategy, budget)
        missing = max(0, 3 - runs.done[choice])
        assert bill(choice, runs, dict.fromkeys(SPACE, 7)) == pytest.approx((spent(runs) + missing) / 3)


@pytest.mark.parametrize("arch, epochs", [((1, 1), 0), ((1, 1), -1), ((1, 1), 4), ((1, 1), 1.5), ((9, 9), 3)])
def test_what_is_not_on_record_is_not_given_away(arch, epochs):
    runs = Runs(*toy(), 9)
    with pytest.raises(ValueError, match="is not on record: 1 to 3 epochs of"):
        runs.train(arch, epochs)
    assert (runs.left, runs.log) == (9, [])
