"""Laws of study.analysis.rankings: published tables, brute force, equal nets.

Every simulation has a fixed seed and a margin of at least four standard errors.
"""

from collections import Counter
from itertools import combinations, permutations

import numpy as np
import pytest
from scipy import stats

from study.analysis import rankings as rk
from study.analysis import statistics as st
from study.analysis.published import WIDTHS, published

NETS = [(i, j) for i in (1, 2, 3) for j in (1, 2, 3)]
PARAMETERS = [9280 * i + 36992 * j for i, j in NETS]  # up to a constant, W = 32
DEPTH = [i + j for i, j in NETS]  # orders the nine as their multiply-adds do

# The four published tables, shared and scratch, in the order of NETS.
PUBLISHED = {title: (published("shared")[title], published("scratch")[title]) for title in WIDTHS}


def seeds_of_equal_nets(seeds, nets=9, repeats=1, rng=0):
    return np.random.default_rng(rng).normal(size=(repeats, seeds, nets))


def test_agreement_counts_by_hand():
    pairs = rk.ordered_pairs([3, 1, 2, 1])
    assert set(pairs) == {(0, 1), (0, 2), (0, 3), (2, 1), (2, 3)}
    assert rk.agreement(pairs, [9, 5, 5, 7]) == (3, 1, 1)
    assert rk.agreement([], [1, 2]) == (0, 0, 0)


def test_the_ruler_beats_shared_accuracy_at_equal_multiply_adds():
    found = np.zeros((2, 3), int)
    for shared, scratch in PUBLISHED.values():
        pairs = rk.ordered_pairs(scratch, groups=DEPTH)
        found += [rk.agreement(pairs, shared), rk.agreement(pairs, PARAMETERS)]
    assert found.tolist() == [[10, 9, 0], [17, 2, 0]]


def tau_by_pairs(a, b):
    pairs = list(combinations(range(len(a)), 2))
    signs = [(np.sign(a[i] - a[j]), np.sign(b[i] - b[j])) for i, j in pairs]
    total = sum(s * t for s, t in signs)
    untied = [sum(s != 0 for s, _ in signs), sum(t != 0 for _, t in signs)]
    return total / (untied[0] * untied[1]) ** 0.5


def test_tau_b_counts_pairs():
    rng = np.random.default_rng(7)
    for a, b in rng.integers(0, 6, size=(100, 2, 9)):  # small numbers: many ties
        assert rk.kendall(a, b).tau == pytest.approx(tau_by_pairs(a, b))


def test_tau_p_is_exact_for_four_by_enumeration():
    taus = [tau_by_pairs(range(4), order) for order in permutations(range(4))]
    for order in permutations(range(4)):
        found = rk.kendall(range(4), order)
        extreme = np.mean([abs(t) >= abs(found.tau) - 1e-9 for t in taus])
        assert found.p == pytest.approx(extreme)


@pytest.mark.parametrize(
    "table, shared, parameters, depth",
    [
        ("ensemble report", (0.42, 0.145), (0.67, 0.013), (0.57, 0.050)),
        ("sampling report", (0.72, 0.006), (0.94, 0.000), (0.75, 0.006)),
        ("fourth, W = 16", (0.39, 0.180), (0.72, 0.006), (0.51, 0.085)),
        ("fourth, W = 32", (0.59, 0.032), (0.76, 0.004), (0.70, 0.009)),
    ],
)
def test_tau_of_the_published_tables(table, shared, parameters, depth):
    scores, scratch = PUBLISHED[table]
    rows = [(scores, shared), (PARAMETERS, parameters), (DEPTH, depth)]
    for ruler, (tau, p) in rows:
        found = rk.kendall(ruler, scratch)
        assert found.tau == pytest.approx(tau, abs=0.005)
        assert found.p == pytest.approx(p, abs=0.0006) and found.error == 0


def test_tau_p_is_exact_with_ties_by_enumeration():
    for a, b in np.random.RandomState(4).randint(0, 3, size=(20, 2, 6)):
        taus = [tau_by_pairs(a, order) for order in set(permutations(b))]  # all equally likely
        found = rk.kendall(a, b)
        assert found.p == pytest.approx(np.mean([abs(t) >= abs(found.tau) - 1e-9 for t in taus]))
        assert rk.kendall(b, a) == pytest.approx(found)


def test_all_orders_without_ties_count_inversions():
    ways = rk.all_orders((1,) * 5, (1,) * 5)
    found = Counter(10 - 2 * inversions(order) for order in permutations(range(5)))
    assert ways == found


def test_a_drawn_p_lies_within_its_error_of_the_exact_one(monkeypatch):
    a, b = PARAMETERS, DEPTH[::-1]
    exact = rk.kendall(a, b)
    monkeypatch.setattr(rk, "EXACT_ITEMS", 3)
    rk.shuffled.cache_clear()
    drawn = rk.kendall(a, b)
    rk.shuffled.cache_clear()
    assert 0 < drawn.error < 0.004 and abs(drawn.p - exact.p) < 4 * drawn.error
    assert drawn.tau == exact.tau


@pytest.mark.parametrize("items, tau", [(4, None), (5, 1.0), (9, 20 / 36), (25, 86 / 300)])
def test_smallest_significant_tau(items, tau):
    assert rk.smallest_significant_tau(items) == (tau and pytest.approx(tau))


def test_smallest_significant_tau_by_enumeration():
    pairs = 15
    taus = np.array([1 - 2 * inversions(o) / pairs for o in permutations(range(6))])
    reached = [t for t in sorted(set(taus)) if np.mean(abs(taus) >= t - 1e-9) < 0.05 and t > 0]
    assert rk.smallest_significant_tau(6) == pytest.approx(reached[0])


def inversions(order):
    return sum(order[i] > order[j] for i, j in combinations(range(len(order)), 2))


def test_tau_over_seeds_prints_every_value_and_stays_in_range():
    rng = np.random.default_rng(8)
    a, b = rng.integers(0, 50, size=(2, 5, 9))
    found = rk.kendall_over_seeds(a, b)
    assert found.values == tuple(rk.kendall(*rows).tau for rows in zip(a, b, strict=True))
    assert found.interval == st.mean_interval(found.values)
    ruled = rk.kendall_over_seeds(a, PARAMETERS)
    assert ruled.values == tuple(rk.kendall(row, PARAMETERS).tau for row in a)
    nearly = [[1, 2, 3], [1, 2, 3], [1, 3, 2]]
    assert rk.kendall_over_seeds(nearly, [1, 2, 3]).interval.high == 1


def test_noise_ceiling_is_one_without_noise_and_none_without_signal():
    assert rk.noise_ceiling(np.tile(np.arange(9), (5, 1))) == 1
    none = [rk.noise_ceiling(x) for x in seeds_of_equal_nets(4, repeats=300)]
    assert abs(np.mean(none)) < 4 * np.std(none) / 300**0.5


@pytest.mark.parametrize("seeds, splits", [(2, 1), (3, 3), (4, 3), (5, 10), (6, 10)])
def test_noise_ceiling_counts_each_split_once(seeds, splits):
    x = seeds_of_equal_nets(seeds)[0]
    halves = {
        frozenset([frozenset(half), frozenset(range(seeds)) - frozenset(half)])
        for half in combinations(range(seeds), seeds // 2)
    }
    taus = [tau_by_pairs(*(x[list(side)].mean(0) for side in split)) for split in halves]
    assert len(taus) == splits
    assert rk.noise_ceiling(x) == pytest.approx(np.mean(taus))


# --- choices ---------------------------------------------------------------------------------


def test_regret_by_hand():
    scratch = [[90, 80, 70], [92, 85, 70], [91, 80, 95]]  # of 100; net 0 is best elsewhere, always
    assert rk.points_lost(scratch, images=100).tolist() == [[0, 10, 20], [0, 7, 22], [0, 11, -4]]
    tied = [[1, 1, 0], [1, 1, 0], [5, 3, 0]]  # of 10; nets 0 and 1 tie over the first two seeds
    assert rk.points_lost(tied, images=10)[:, 1].tolist() == [0, 0, 100 / 10 * (4 - 3)]


def test_regret_is_not_flattered_by_the_winners_curse():
    tables = seeds_of_equal_nets(5, repeats=2000)
    ours = np.array([rk.points_lost(x, 100)[:, 0].mean() for x in tables])
    naive = np.array([(x.mean(0).max() - x.mean(0)[0]) for x in tables])
    assert abs(ours.mean()) < 4 * ours.std() / 2000**0.5  # equal nets: nothing is lost
    assert naive.mean() > 0.5  # the same seeds for best and price: something seems to be


def test_top_k_hits_by_hand():
    scratch = [[1, 2, 3], [1, 2, 3], [1, 2, 3]]
    scores = [[1, 2, 3], [3, 2, 1], [1, 3, 3]]
    assert rk.top_k_hits(scores, scratch, 1)[:2] == (1, 3)  # the tie on the third seed is no hit
    assert rk.top_k_hits(scores, scratch, 2)[:2] == (2, 3)
    assert rk.top_k_hits(scores, scratch, 3) == (3, 3, pytest.approx(0.025 ** (1 / 3)), 1, 1)


def test_chance_finds_either_of_two_tied_winners():
    table = [[1, 1, 0, 0]] * 3
    assert rk.top_k_hits(table, table, 1).by_chance == pytest.approx(1 / 2)
    assert rk.top_k_hits(table, table, 2).by_chance == pytest.approx(1 - 1 / 6)  # one of six pairs holds neither


def test_a_pair_without_scatter_takes_no_place_in_the_correction():
    """Its p would come first in Holm's order, and let the others off with a smaller factor."""
    table = np.array([[3.0, 2.0, 1.9], [4.0, 3.0, 2.4], [5.0, 4.0, 3.1], [6.0, 5.0, 4.7], [7.0, 6.0, 5.3]])
    found = {pair: p for pair, (_, p) in rk.pair_tests(table).items()}
    plain = {pair: stats.ttest_rel(*table[:, pair].T).pvalue for pair in [(0, 2), (1, 2)]}
    small, large = sorted(plain, key=plain.get)
    assert found[0, 1] == 1
    assert found[small] == pytest.approx(3 * plain[small])
    assert found[large] == pytest.approx(max(3 * plain[small], 2 * plain[large]))


def test_top_k_of_equal_nets_is_chance_and_uses_other_seeds():
    shared = seeds_of_equal_nets(5, repeats=500, rng=9)
    scratch = seeds_of_equal_nets(5, repeats=500)  # 0.04 is four standard errors of a share of 2,500 choices
    found = [rk.top_k_hits(a, b, 3) for a, b in zip(shared, scratch, strict=True)]
    share = np.mean([f.hits / f.n for f in found])
    assert share == pytest.approx(found[0].by_chance, abs=0.04)
    itself = np.mean([rk.top_k_hits(b, b, 3).hits / 5 for b in scratch])
    assert itself == pytest.approx(1 / 3, abs=0.04)  # its own noise must not count as a hit
