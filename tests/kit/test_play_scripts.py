"""The formulas in the scripts of the instruments, and what a page says with them: they compute what Python does."""

import random

import numpy as np
import pytest
import torch
from scipy.stats import norm
from torch import nn

from kit import play_facts
from nas.methods.bandits import EpsilonGreedySampler
from nas.supernet import all_architectures
from study.analysis.batch_means import load_batch_means
from study.analysis.rankings import kendall
from study.analysis.toys import play as take_steps
from study.records import load_records

ARCHS = all_architectures(3)


@pytest.fixture(scope="module")
def bench():
    worlds = {"identical": dict.fromkeys(ARCHS, 0.98)}
    return play_facts.bench_facts(worlds, ["epsilon-greedy"], seeds=2)["worlds"]["identical"]


@pytest.mark.parametrize("train", ["turn", "A", "B"])
def test_the_bells_are_those_of_batch_normalisation(node, train):
    gap, ratio = 3.5, 2.25
    quantiles = torch.distributions.Normal(0, 1).icdf((torch.arange(20_000, dtype=torch.float64) + 0.5) / 20_000)
    paths = {"A": quantiles, "B": gap + ratio**0.5 * quantiles}
    layer = nn.BatchNorm1d(1, dtype=torch.float64)
    for _ in range(300):
        for path in "AB" if train == "turn" else train:
            layer(paths[path][:, None])
    found = node("[play.running(...x), play.survives(...x)]", [train, gap, ratio])
    assert found[0]["mean"] == pytest.approx(layer.running_mean.item(), abs=1e-3)
    assert found[0]["deviation"] == pytest.approx(layer.running_var.item() ** 0.5, abs=1e-3)
    for path, values in paths.items():
        passed = (layer.eval()(values[:, None]) > 0).double().mean().item()
        assert found[1][path] == pytest.approx(passed, abs=1e-3)


def test_the_normal_distribution_is_scipys(node):
    points = [-6, -2.5, -1, -0.1, 0, 0.3, 1, 2, 5]
    assert node("x.map(play.below)", points) == pytest.approx(norm.cdf(points), abs=2e-7)
    shape = {"mean": 1.5, "deviation": 0.7}
    found = node("x[0].map(z => [play.density(z, x[1]), play.above(z, x[1])])", [points, shape])
    assert [pair[0] for pair in found] == pytest.approx(norm.pdf(points, 1.5, 0.7), abs=1e-12)
    assert [pair[1] for pair in found] == pytest.approx(norm.sf(points, 1.5, 0.7), abs=2e-7)


def test_tau_is_scipys_with_ties_and_without(node):
    rng = random.Random(0)
    pairs = [[rng.choices(range(top), k=9), rng.sample(range(9), 9)] for top in (3, 9, 1000) for _ in range(30)]
    pairs = [pair for pair in pairs if len(set(pair[0])) > 1]
    assert node("x.map(pair => play.tau(...pair))", pairs) == pytest.approx([kendall(*pair).tau for pair in pairs])


def test_crossings_are_the_pairs_the_wrong_way_round(node):
    rng = random.Random(1)
    for _ in range(5):
        order, target = (rng.sample(range(9), 9) for _ in range(2))
        found = node("play.crossings(...x)", [order, target])
        tau = kendall([-order.index(i) for i in range(9)], [-target.index(i) for i in range(9)]).tau
        assert len(found) == round(18 * (1 - tau))
        assert all(0 < way < 1 and 0 <= height <= 8 for way, height in found)


def test_a_ranking_from_scratch_is_held_against_the_other_seeds(node):
    facts = play_facts.ranking_facts(load_records("nine-networks", "laptop"))
    scratch = np.array(facts["scratch"])
    for n in (1, 3):
        found = node("play.sides(x[0], 'scratch', x[1])", [facts, n])
        assert found["scores"] == pytest.approx(scratch[:n].mean(0))
        assert found["truth"] == pytest.approx(scratch[n:].mean(0))
    found = node("play.sides(x, 'running', 2)", facts)
    assert found["scores"] == pytest.approx(np.mean(facts["running"][:2], axis=0))
    assert found["truth"] == pytest.approx(scratch.mean(0))
    assert node("play.ranked(x)", [3, 5, 5, 1]) == [1, 2, 0, 3]
    assert node("play.ranked(x, [3, 2, 1, 0])", [3, 5, 5, 1]) == [2, 1, 0, 3]
    assert node("play.pairs(x, [4, 3, 2, 1])", [3, 5, 5, 1]) == {"wrong": 2, "tied": 1}


def test_tau_seed_by_seed_is_that_of_the_chapters_table(node):
    records = load_records("nine-networks", "laptop")
    facts = play_facts.ranking_facts(records)
    for kind in ("parameters", "running", "recalculated"):
        scores = [
            facts[kind] if kind == "parameters" else run for run in facts["scratch" if kind == "parameters" else kind]
        ]
        mean = np.mean([kendall(*pair).tau for pair in zip(scores, facts["scratch"], strict=True)])
        assert node("play.seedBySeed(...x)", [facts, kind]) == pytest.approx(mean)


def test_the_bench_counts_and_its_leader_is_the_one_that_epsilon_greedy_follows(node, bench):
    run, steps = bench["seeds"][1]["epsilon-greedy"], 500
    picks = run["picks"]
    found = node("play.tally(x[0], x[1])", [picks, steps])
    assert found["archs"] == [picks[:steps].count(str(place)) for place in range(9)]
    trained = [ARCHS[int(digit)] for digit in picks[:steps]]
    assert found["layers"]["1.3"] == sum(d1 == 3 for d1, _ in trained)
    assert found["layers"]["2.2"] == sum(d2 >= 2 for _, d2 in trained)
    assert found["layers"]["stem"] == steps
    sampler = EpsilonGreedySampler(ARCHS, 1)
    diary = take_steps(sampler, dict.fromkeys(ARCHS, 0.98), steps, play_facts.BATCH, 1)
    assert "".join(str(ARCHS.index(arch)) for arch in diary.picks) == picks[:steps]
    leads = node("x.map(([leaders, step]) => play.leader(leaders, step))", [[run["leaders"], n] for n in (99, steps)])
    assert leads == [None, np.argmax(sampler.means())]
    assert node("play.leader(x, 500)", None) is None  # of a sampler that does not learn


def test_the_running_mean_is_batch_normalisation_s(node):
    run, norm = load_batch_means()[0], nn.BatchNorm1d(1)
    found = node("play.runningMean(x)", run["means"])
    for step, mean in enumerate(run["means"]):
        norm(torch.full((2, 1), mean))
        assert found[step] == pytest.approx(norm.running_mean.item(), abs=1e-5)


def test_the_state_goes_into_the_address_and_back_and_wrong_values_are_ignored(node):
    keys = {"kind": ["x", "y z"], "n": {"start": 3, "min": 0, "max": 9}}
    address = node("play.toHash('id', x, {kind: 'y z', n: 3})", keys)
    assert address == "#id:kind=y%20z"
    assert node("play.fromHash('#id:kind=y%20z', 'id', x)", keys) == {"kind": "y z", "n": 3}
    for wrong in ("#id:kind=q&n=10", "#id:n=abc&other=1", "#id:n=", "#id:__proto__=1"):
        assert node(f"play.fromHash('{wrong}', 'id', x)", keys) == {"kind": "x", "n": 3}
    assert node("play.fromHash('#section', 'id', x)", keys) is None
    assert node("play.fromHash('#other:n=4', 'id', x)", keys) is None


def test_predictions_are_right_near_or_surprising(node):
    choices = ["a", "b", "c"]
    assert node("[1, 2, 3].map(said => play.verdict(said, '2', '3', x))", choices) == ["surprised", "right", "near"]
    assert node("play.verdict(1, '2', '', x)", choices) == "surprised"
    assert node("[2.3, 7.3, 7.4].map(said => play.verdict(said, '2.3', '5', null))") == ["right", "near", "surprised"]
    assert node("['1,000', '50 %', ' −2.5 ', '.5', '12,34', 'about 3', ''].map(text => play.number(text))") == [
        1000, 50, -2.5, 0.5, None, None, None,
    ]  # fmt: skip
    assert node("['22 px', '22px', '22', '22 cm'].map(text => play.number(text, 'px'))") == [22, 22, 22, None]
    assert node("['06b_how_sure', '01_nas_block', 'how_we_measure'].map(play.titled)") == [
        "Chapter 6b", "Chapter 1", "How we measure",
    ]  # fmt: skip


def test_a_number_meets_the_sentence_of_the_nearest_or_of_any_other(node):
    sentences = [{"for": "40", "off": "0.5"}, {"for": "20"}, {"for": "other"}]
    assert node("[40, 40.5, 20, 20.2, -40].map(said => play.meets(said, x))", sentences) == [0, 0, 1, 2, 2]
