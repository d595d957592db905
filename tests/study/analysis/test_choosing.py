"""Plans: what they take, what they cost and what they lose, against counts by hand and brute force."""

from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest

from nas.evaluation import cost_table
from nas.supernet import DepthSupernet
from study.analysis.choosing import decide, outcomes, pareto_front, top_k, units, within
from study.analysis.rankings import points_lost

ARCHS = tuple(product((1, 2, 3), repeat=2))
INDEX = pd.Index(ARCHS, tupleize_cols=False, name="architecture")
COSTS = pd.Series([multiply_adds for _, multiply_adds in cost_table(DepthSupernet(2)).values()], INDEX)
SHARES = {"parameters": 0, "running": 0, "recalculated": 0, "fine-tuned": 1 / 3, "short": 1 / 9, "scratch": 1}
REMEDY = (("running", 3), ("fine-tuned", 1))


def tables(seeds=4, rng=0):
    rng = np.random.default_rng(rng)
    return {kind: pd.DataFrame(rng.uniform(size=(seeds, 9)), columns=INDEX) for kind in SHARES}


def test_the_best_by_hand_with_a_tie_that_goes_to_the_earlier():
    scores = {(1, 1): 0.5, (1, 2): 0.9, (2, 1): 0.7, (2, 2): 0.9}
    assert top_k(scores, 2, scores) == [(1, 2), (2, 2)]
    assert top_k(scores, 3, [(2, 2), (1, 1), (1, 2)]) == [(2, 2), (1, 2), (1, 1)]
    assert top_k(scores, 9, scores) == [(1, 2), (2, 2), (2, 1), (1, 1)]


@pytest.mark.parametrize("k", range(1, 10))
def test_the_best_k_have_the_highest_sum_of_all_sets_of_k(k):
    for scores in tables()["running"].to_dict("records"):
        found = sum(scores[arch] for arch in top_k(scores, k, ARCHS))
        assert found == pytest.approx(max(sum(scores[a] for a in members) for members in combinations(ARCHS, k)))


def test_a_remedy_that_keeps_one_is_its_first_stage_and_one_that_keeps_all_is_its_last():
    for seed in range(4):
        scores = {kind: table.loc[seed] for kind, table in tables().items()}
        first, last = scores["running"].idxmax(), scores["fine-tuned"].idxmax()
        assert first != last
        assert decide((("running", 1), ("fine-tuned", 1)), scores, ARCHS)[0] == first
        assert decide((("running", 9), ("fine-tuned", 1)), scores, ARCHS)[0] == last


def test_a_plan_measures_all_candidates_and_then_those_it_kept():
    scores = {kind: table.loc[0] for kind, table in tables().items()}
    candidates = [arch for arch in ARCHS if sum(arch) <= 4]
    takes, [(first, everyone), (second, kept)] = decide(REMEDY, scores, candidates)
    assert (first, second, everyone) == ("running", "fine-tuned", candidates)
    assert kept == top_k(scores["running"], 3, candidates)
    assert takes == max(kept, key=lambda arch: scores["fine-tuned"][arch])


def test_units_by_hand():
    costs = pd.Series({(1, 1): 2, (1, 2): 4, (2, 1): 4, (2, 2): 6})
    assert units([("parameters", [(2, 2)])], SHARES, costs) == 0
    assert units([("running", list(costs.index))], SHARES, costs) == 1
    assert units([("scratch", list(costs.index))], SHARES, costs) == pytest.approx(4)
    assert units([("running", []), ("fine-tuned", [(1, 1), (2, 2)])], SHARES, costs) == pytest.approx(1 + 8 / 12)
    assert units([("fine-tuned", [(1, 2)])], SHARES, costs) == pytest.approx(1 + 1 / 3)


def test_units_are_multiply_adds_times_steps_over_those_of_the_supernet():
    steps, batch = 90, 32  # uniform draws: a ninth of the steps on each path
    supernet = sum(steps / 9 * batch * cost for cost in COSTS)
    tuned = sum(steps / 3 * batch * COSTS[arch] for arch in ((1, 3), (2, 2), (3, 3)))
    measured = [("recalculated", list(ARCHS)), ("fine-tuned", [(1, 3), (2, 2), (3, 3)])]
    assert units(measured, SHARES, COSTS) == pytest.approx((supernet + tuned) / supernet)


def test_the_supernet_is_paid_once_and_only_where_it_is_used():
    looks = [("running", list(ARCHS)), ("recalculated", list(ARCHS))]
    assert units(looks, SHARES, COSTS) == 1
    assert units([("short", list(ARCHS))], SHARES, COSTS) == pytest.approx(1)
    assert units([("scratch", list(ARCHS))], SHARES, COSTS) == pytest.approx(9)


def test_outcomes_are_those_of_decide_units_and_regret_seed_by_seed():
    scores, limit = tables(), sorted(set(COSTS))[2]
    found = outcomes(REMEDY, scores, scores["scratch"], SHARES, COSTS, limit)
    candidates = within(COSTS, limit)
    for seed, row in found.iterrows():
        takes, measured = decide(REMEDY, {kind: table.loc[seed] for kind, table in scores.items()}, candidates)
        assert (row["takes"], row["measured"]) == (takes, measured)
        assert row["units"] == units(measured, SHARES, COSTS)
    priced = points_lost(scores["scratch"][candidates], images=1)
    taken = [candidates.index(arch) for arch in found["takes"]]
    assert found["lost"].tolist() == [row[place] for row, place in zip(priced, taken, strict=True)]


def test_one_candidate_has_nothing_to_lose_and_no_limit_means_all():
    scores = tables()
    (cheapest,) = within(COSTS, COSTS.min())
    alone = outcomes(REMEDY, scores, scores["scratch"], SHARES, COSTS, COSTS.min())
    assert set(alone["takes"]) == {cheapest} and (alone["lost"] == 0).all()
    free = outcomes(REMEDY, scores, scores["scratch"], SHARES, COSTS)
    assert free.equals(outcomes(REMEDY, scores, scores["scratch"], SHARES, COSTS, COSTS.max()))


SCORES = {kind: dict(table.loc[0]) for kind, table in tables().items()}


@pytest.mark.parametrize(
    "call, says",
    [
        (lambda: top_k(SCORES["running"], 3, []), "candidate set is empty"),
        (lambda: decide(REMEDY, SCORES, []), "candidate set is empty"),
        (lambda: within(COSTS, COSTS.min() - 1), "no network costs at most"),
        (lambda: outcomes(REMEDY, tables(), tables()["scratch"], SHARES, COSTS, 1), "no network costs at most"),
        (lambda: top_k(SCORES["running"], 0, ARCHS), "k is 0"),
        (lambda: top_k(SCORES["running"], 1.5, ARCHS), "k is 1.5"),
        (lambda: top_k(SCORES["running"], True, ARCHS), "k is True"),
        (lambda: top_k(SCORES["running"], 3, [(4, 4)]), "have no score"),
        (lambda: decide((), SCORES, ARCHS), "last stage must keep 1"),
        (lambda: decide((("running", 3),), SCORES, ARCHS), "last stage must keep 1"),
        (lambda: decide((("walking", 1),), SCORES, ARCHS), "'walking'"),
        (lambda: units([("walking", [(1, 1)])], SHARES, COSTS), "no price for walking"),
    ],
)
def test_bad_input_is_refused_with_what_is_wrong(call, says):
    with pytest.raises(ValueError, match=says):
        call()


def test_pareto_front_by_hand():
    costs = pd.Series({"cheap": 1, "twin": 1, "worse": 2, "good": 3, "equal": 4, "best": 5})
    values = pd.Series({"cheap": 0.5, "twin": 0.5, "worse": 0.4, "good": 0.9, "equal": 0.9, "best": 1.0})
    assert pareto_front(costs, values) == ["cheap", "twin", "good", "best"]


def test_pareto_front_by_brute_force():
    draw = np.random.default_rng(0)
    costs, values = (pd.Series(draw.integers(0, 6, 12)) for _ in range(2))
    front = pareto_front(costs, values)
    for a in costs.index:
        better = [b for b in front if costs[b] <= costs[a] and values[b] >= values[a]]
        assert better and ((a in front) == ((costs[a], values[a]) in {(costs[b], values[b]) for b in better}))
