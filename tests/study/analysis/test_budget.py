"""Laws of study.analysis.choosing: against brute force over all networks, budgets and seeds."""

import numpy as np
import pandas as pd
import pytest

from study.analysis.choosing import architectures, picks_within

ARCHS = pd.Index([(a, b) for a in (1, 2, 3) for b in (1, 2, 3)], tupleize_cols=False)
COSTS = pd.Series([10 + 5 * (a + b) for a, b in ARCHS], ARCHS)


def scores(seeds, rng, images=1_000):
    """Top-1 of so many seeds: counts, so that ties do happen."""
    counts = np.random.default_rng(rng).integers(images - 12, images, (seeds, len(ARCHS)))
    return pd.DataFrame(counts / images, columns=ARCHS)


def expected_regret(truth, takes):
    """Points below the net that is best on the other seeds (the mean of such), in whole answers of 1,000."""
    counts = (truth * 1_000).round().astype(int)
    lost = []
    for seed, arch in enumerate(takes):
        others = counts.drop(index=seed).sum()
        best = counts.loc[seed, others == others.max()].mean()
        lost.append((best - counts.loc[seed].to_dict()[arch]) / 10)
    return lost


def fitting(frame, budget):
    return frame.loc[:, [COSTS.iloc[place] <= budget for place in range(len(ARCHS))]]


@pytest.mark.parametrize("rng", range(5))
def test_choice_and_regret_are_those_of_brute_force(rng):
    truth, shared = scores(5, rng), scores(5, rng + 100)
    ruler = pd.Series(range(9), ARCHS)
    found = picks_within(COSTS, truth, {"shared": shared, "ruler": ruler})
    assert [pick.budget for pick in found[::3]] == sorted(set(COSTS))
    for pick in found:
        inside = fitting(truth, pick.budget)
        if pick.name == "random (mean)":
            lost = np.mean([expected_regret(inside, [arch] * 5) for arch in inside.columns], axis=0)
            assert pick.top1 == pytest.approx(inside.to_numpy().mean())
        else:
            rows = fitting(shared, pick.budget) if pick.name == "shared" else None
            last = max(inside.columns, key=lambda arch: ruler.to_dict()[arch])
            takes = [max(row, key=row.get) for row in rows.to_dict("records")] if rows is not None else [last] * 5
            assert pick.takes == tuple(takes)
            lost = expected_regret(inside, takes)
            assert pick.top1 == pytest.approx(np.mean([inside.loc[s].to_dict()[a] for s, a in enumerate(takes)]))
        assert pick.regret.mean == pytest.approx(np.mean(lost), abs=1e-9)
        assert pick.regret.n == 5
        assert pick.regret.low <= pick.regret.mean <= pick.regret.high


def test_one_seed_gives_the_distance_from_its_best_and_no_interval():
    truth, ruler = scores(1, 0), pd.Series(range(9), ARCHS)
    for values in (truth, truth.iloc[0]):  # a frame of one seed, a series
        last = picks_within(COSTS, values, {"ruler": ruler})[-2]
        assert last.takes == ((3, 3),)
        assert last.regret[1:] == (None, None, 1)
        assert last.regret.mean == pytest.approx(100 * (truth.to_numpy().max() - truth.iloc[0, -1]))


def test_choosing_by_the_truth_of_one_seed_costs_nothing_and_the_dearest_budget_holds_all():
    truth = scores(1, 3)
    picks = picks_within(COSTS, truth, {"truth": truth})
    assert [pick.regret.mean for pick in picks[::2]] == [0] * len(set(COSTS))
    assert picks[-2].budget == COSTS.max()


def test_the_order_of_columns_does_not_matter():
    truth, shared = scores(3, 0), scores(3, 1)
    turned = shared[shared.columns[::-1]]
    assert picks_within(COSTS, truth, {"a": shared}) == picks_within(COSTS, truth, {"a": turned})


@pytest.mark.parametrize(
    ("truth", "picks", "says"),
    [
        (scores(2, 0), {}, "picks is empty"),
        (scores(2, 0), {"a": scores(3, 0)}, "same seeds"),
        (scores(2, 0), {"a": scores(2, 0).iloc[:, :8]}, "same architectures"),
        (scores(2, 0).iloc[:, :8], {"a": scores(2, 0)}, "same architectures"),
        (scores(2, 0), {"a": scores(2, 0).replace(0.99, np.nan)}, "NaN"),
    ],
)
def test_what_does_not_match_is_refused(truth, picks, says):
    assert says != "NaN" or picks["a"].isna().any().any()
    with pytest.raises(ValueError, match=says):
        picks_within(COSTS, truth, picks)


@pytest.mark.parametrize("index", [[], [1, 2], [(1,)], [(0, 1)], ["ab"], [(1, 2.5)]])
def test_an_index_without_architectures_is_refused(index):
    with pytest.raises(ValueError, match="are not architectures"):
        architectures(index)


def test_a_multiindex_of_depths_holds_architectures():
    assert architectures(pd.MultiIndex.from_tuples(ARCHS)) == list(ARCHS)
