"""The instruments in the page: their data are the records' and the module's, their scripts compute what Python does."""

import html
import json
import random
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import torch
from play_scripts import scripts
from scipy.stats import norm
from torch import nn

from nas import DepthSupernet, play
from nas.bandits import EpsilonGreedySampler
from nas.costs import cost_table
from nas.diagnosis import mismatch, with_statistics_for
from nas.evaluation import predict
from nas.results import RESULTS, load_records
from nas.statistics import kendall
from nas.supernet import all_architectures

STATIC = Path(__file__).parent.parent / "book" / "_static" / "play"
NAMES = ("bells", "sharing", "bench", "replay", "ranking", "whose")
ARCHS = all_architectures(3)
CEILING = 0.98


@pytest.fixture(scope="module")
def node():
    """node(expression, value): what a JavaScript expression gives for `x`, with all scripts of the instruments read."""
    program = shutil.which("node")
    if program is None:
        pytest.skip("no Node here: the instruments' own computing is tested where it is")
    files = ["parts", "curves", *NAMES, "predict"]
    source = "\n".join(f"{{{(STATIC / f'{name}.js').read_text(encoding='utf-8')}\n}}" for name in files)
    source = source.replace("const play = (() =>", "var play = (() =>")

    def run(expression, value=None):
        code = f"{source}\nconst x = {json.dumps(value)};\nconsole.log(JSON.stringify({expression}));"
        done = subprocess.run([program, "-"], input=code, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr[-2000:]
        return json.loads(done.stdout)

    return run


@pytest.fixture(scope="module")
def bench():
    return play.bench_facts(CEILING, seeds=2)


def facts_of(box):
    """What a browser reads back from a box."""
    return json.loads(html.unescape(re.search(r"data-facts='([^']*)'", box.data)[1]))


# ---- boxes ----


def test_a_box_carries_its_facts_unharmed_and_names_its_scripts():
    facts = {"words": 'it\'s <b> & "quotes"', "numbers": [1, 2.5]}
    box = play.play("bench", facts, "<p>picture</p>", "A & B", "second", ["curves"])
    assert facts_of(box) == facts
    assert 'id="second" data-play="curves bench" data-title="A &amp; B"' in box.data
    assert box.data.endswith("><p>picture</p></div>")


def test_a_page_gets_the_scripts_of_its_instruments_once_and_no_others():
    assert scripts("<p>data-play</p>") == []
    both = play.bells().data + play.bells("other").data
    assert scripts(both) == ["parts", "curves", "bells"]
    question = play.predict("?", ["a", "b"], answer=0).data
    assert scripts(question) == ["parts", "predict"]
    assert scripts('<div class="predict-summary"></div>') == ["parts", "predict"]
    assert scripts(both + question) == ["parts", "curves", "bells", "predict"]


@pytest.mark.parametrize("name", NAMES)
def test_every_script_defines_its_instrument_and_is_small(name):
    source = (STATIC / f"{name}.js").read_text(encoding="utf-8")
    assert f'play.define("{name}"' in source
    assert not re.search(r"\bfetch\(|\bimport\b\s*[({\"']|https?://|new Worker", source)  # none of it works from a file


def test_an_instrument_with_its_data_has_at_most_40_kb(bench):
    laptop, quick = load_records("nine-networks", "laptop"), load_records("nine-networks", "quick")
    boxes = {
        "bells": play.bells(),
        "sharing": play.sharing(DepthSupernet(width=8)),
        "bench": play.bench(CEILING),
        "replay": play.replay(quick),
        "ranking": play.ranking(laptop),
    }
    for name, box in boxes.items():
        own = [script for script in scripts(box.data) if script != "parts"]
        size = len(box.data.encode()) + sum((STATIC / f"{script}.js").stat().st_size for script in own)
        assert size <= 40_000, f"{name}: {size}"
        assert "<svg" in box.data or "<table" in box.data  # for readers without script


# ---- data ----


def test_layers_add_up_to_what_every_subnet_costs(node):
    net = DepthSupernet(width=8)
    costs = cost_table(net)
    layers = play.sharing_facts(net)["layers"]
    paths = node("play.ARCHS.map(arch => play.path(arch).layers)")
    for arch, path in zip(ARCHS, paths, strict=True):
        assert tuple(sum(layers[name][which] for name in path) for which in (0, 1)) == costs[arch]
    assert net.training


@pytest.mark.parametrize("name", play.SAMPLERS)
def test_the_bench_draws_what_the_module_draws(bench, name):
    for seed, picks in enumerate(bench["seeds"]):
        sampler = play.SAMPLERS[name](ARCHS, seed)
        rewards = bench["right"][seed]
        for step, digit in enumerate(picks[name]):
            arch = sampler.sample()
            assert arch == ARCHS[int(digit)]
            # Only epsilon-greedy learns: it is told the rewards that the page has.
            sampler.update(arch, int(rewards[2 * step : 2 * step + 2], 36) / bench["batch"])
        assert len(picks[name]) == bench["steps"]


def test_the_arms_of_the_bench_are_identical_and_rise(bench):
    rewards = (
        np.array([int(bench["right"][0][i : i + 2], 36) for i in range(0, 2 * bench["steps"], 2)]) / bench["batch"]
    )
    assert rewards[:20].mean() < 0.3
    assert abs(rewards[-200:].mean() - CEILING) < 0.01
    assert bench["warm_up"] == EpsilonGreedySampler(ARCHS).warm_up


def test_the_replay_is_the_record_and_its_draws_are_those_of_the_run():
    records = load_records("nine-networks", "quick")
    facts = play.replay_facts(records)
    for run, record in zip(facts["seeds"], records, strict=True):
        assert [run["picks"].count(str(place)) for place in range(9)] == record["picks"]
        assert run["running"] == record["validation"]["running"]
        assert run["recalculated"] == record["validation"]["recalculated"]
        assert run["loss"] == record["loss"]["supernet"]
        assert len(run["picks"]) == facts["steps"] * len(run["loss"])
    other = json.loads(json.dumps(records))
    other[0]["picks"][0], other[0]["picks"][1] = other[0]["picks"][1], other[0]["picks"][0]
    with pytest.raises(ValueError, match="not the draws"):
        play.replay_facts(other)


def test_the_ranking_has_the_records_test_counts():
    records = load_records("nine-networks", "laptop")
    facts = facts_of(play.ranking(records))
    for kind in ("scratch", "running", "recalculated"):
        assert facts[kind] == [record["test"][kind] for record in records]
    assert facts["parameters"] == records[0]["parameters"]
    stored = json.loads((RESULTS / "laptop" / "nine-networks-seed0.json").read_text())
    assert facts["scratch"][0] == stored["test"]["scratch"]


def test_whose_counts_right_answers_with_each_paths_statistics(net, digits):
    net, split, images = net.eval(), digits.validation.take(40), digits.train.images[:60]
    with torch.no_grad():
        net.down[1].weight[0] = -1.0
        net.down[1].bias[0] = 0.5
    facts = play.whose_facts(net, split, images)
    for row, column in ((0, 4), (1, 8), (5, 0)):
        served = with_statistics_for(net, ARCHS[row - 1], images) if row else net
        right = (predict(served, split.images, ARCHS[column]).argmax(1) == split.labels).sum().item()
        assert facts["rows"][row][column] == right
    shift, ratio = mismatch(net, (2, 1), images)["down"]
    assert facts["channels"][2][1] == [round(shift[1].item(), 3), round(ratio[1].item(), 3)]
    assert facts["channels"][2][0][0] == pytest.approx(-shift[0].item(), abs=1e-3)  # mirrored, as its gain is negative
    assert facts["borders"][0] == -0.5


# ---- what the scripts compute ----


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
    facts = play.ranking_facts(load_records("nine-networks", "laptop"))
    scratch = np.array(facts["scratch"])
    for n in (1, 3):
        found = node("play.sides(x[0], 'scratch', x[1])", [facts, n])
        assert found["scores"] == pytest.approx(scratch[:n].mean(0))
        assert found["truth"] == pytest.approx(scratch[n:].mean(0))
    found = node("play.sides(x, 'running', 2)", facts)
    assert found["scores"] == pytest.approx(np.mean(facts["running"][:2], axis=0))
    assert found["truth"] == pytest.approx(scratch.mean(0))
    assert node("play.ranked(x)", [3, 5, 5, 1]) == [1, 2, 0, 3]


def test_the_bench_counts_and_its_leader_is_the_one_that_epsilon_greedy_follows(node, bench):
    picks, rewards, steps = bench["seeds"][1]["epsilon-greedy"], bench["right"][1], 500
    found = node(
        "[play.tally(x[0], x[3]), play.means(...x.slice(0, 2), x[2], x[3])]", [picks, rewards, bench["batch"], steps]
    )
    assert found[0]["archs"] == [picks[:steps].count(str(place)) for place in range(9)]
    trained = [ARCHS[int(digit)] for digit in picks[:steps]]
    assert found[0]["layers"]["1.3"] == sum(d1 == 3 for d1, _ in trained)
    assert found[0]["layers"]["2.2"] == sum(d2 >= 2 for _, d2 in trained)
    assert found[0]["layers"]["stem"] == steps
    sampler = EpsilonGreedySampler(ARCHS, 1)
    for step in range(steps):
        sampler.update(sampler.sample(), int(rewards[2 * step : 2 * step + 2], 36) / bench["batch"])
    assert found[1] == pytest.approx(sampler.means())


def test_updates_of_a_layer_are_the_draws_of_the_paths_through_it(node):
    run = play.replay_facts(load_records("nine-networks", "quick"))["seeds"][0]
    found = node("play.updates(x, 190)", run["picks"])
    drawn = [ARCHS[int(digit)] for digit in run["picks"][:190]]
    assert found == {
        **dict.fromkeys(("stem", "down", "head", "1.1", "2.1"), 190),
        **{f"{block}.{layer}": sum(arch[block - 1] >= layer for arch in drawn) for block in (1, 2) for layer in (2, 3)},
    }


def test_a_layer_has_its_own_statistics_just_where_both_paths_agree_up_to_it(node, net, digits):
    """Against the module: are the statistics recalculated for the owner those that the path would have?"""
    images = digits.train.images[:50]
    for path, owner in (((1, 1), (3, 2)), ((2, 3), (2, 1)), ((3, 3), (3, 3)), ((2, 2), (1, 3))):
        found = node("play.served(...x)", [path, owner])
        kept, own, theirs = net, with_statistics_for(net, path, images), with_statistics_for(net, owner, images)
        for name, kind in found.items():
            layers = [layer_of(each, name) for each in (kept, own, theirs)]
            means = [layer.running_mean for layer in layers]
            assert torch.allclose(means[2], means[1], atol=1e-5) == (kind == "own"), (path, owner, name, kind)
            assert torch.equal(means[2], means[0]) == (kind == "running")
    assert set(node("play.served([1, 2], null)").values()) == {"running"}


def layer_of(net, name):
    """The batch normalisation of a layer by its name in the drawing."""
    if name in ("stem", "down"):
        return getattr(net, name)[1]
    block, place = name.split(".")
    return getattr(net, f"block{block}").layers[int(place) - 1][1]


def test_common_layers_and_the_common_prefix(node):
    assert node("play.common([1, 3], [3, 1])") == {
        "shared": ["stem", "1.1", "down", "2.1", "head"],
        "prefix": ["stem", "1.1"],
    }
    assert node("play.common([2, 1], [2, 3]).prefix") == ["stem", "1.1", "1.2", "down", "2.1"]
    assert node("play.users('1.3')") == [[3, 1], [3, 2], [3, 3]]


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
    assert node("['1,000', '50 %', ' −2.5 ', '.5', '12,34', 'about 3', ''].map(play.number)") == [
        1000, 50, -2.5, 0.5, None, None, None,
    ]  # fmt: skip


def test_a_question_from_a_cell_says_where_its_answer_is():
    box = play.predict("How many?", ["none", "<all>"], answer=1, near=[0]).data
    assert 'data-answer="2" data-near="1"' in box
    assert "<li>none</li><li>&lt;all&gt;</li>" in box
    assert 'data-answer="2.3" data-near="5" data-unit="%"' in play.predict("?", answer=2.3, near=5, unit="%").data
    for choices, answer in ((["one"], 0), (["a", "b"], 2), (list("abcde"), 0)):
        with pytest.raises(ValueError, match="two to four"):
            play.predict("?", choices, answer=answer)
