"""The instruments in the page: their data are the records' and the module's, their scripts compute what Python does."""

import html
import json
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import quiz
import torch
from play_scripts import scripts

from kit import play, play_facts
from nas import DepthSupernet, trained
from nas.evaluation import predict
from nas.methods.diagnosis import mismatch, with_statistics_for
from nas.supernet import all_architectures
from study.analysis.batch_means import load_batch_means
from study.analysis.toys import play as take_steps
from study.records import RESULTS, load_records

STATIC = Path(__file__).parents[2] / "book" / "_static" / "play"
NAMES = ("bells", "sharing", "bench", "replay", "ranking", "ensembling", "whose")
ARCHS = all_architectures(3)
KNOBS = [name for name in play_facts.SAMPLERS if name.startswith(("epsilon", "discount"))]
CEILING, REAL = 0.98, {arch: 0.9 + 0.01 * sum(arch) for arch in ARCHS}


@pytest.fixture(scope="module")
def bench():
    worlds = {"identical": dict.fromkeys(ARCHS, CEILING), "real": REAL}
    return play_facts.bench_facts(worlds, play_facts.SAMPLERS, seeds=2)


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
    assert scripts(quiz.quiz(())) == ["parts", "predict", "quiz"]


@pytest.mark.parametrize("name", NAMES)
def test_every_script_defines_its_instrument_and_is_small(name):
    source = (STATIC / f"{name}.js").read_text(encoding="utf-8")
    assert f'play.define("{name}"' in source
    assert not re.search(r"\bfetch\(|\bimport\b\s*[({\"']|https?://|new Worker", source)  # none of it works from a file


def test_an_instrument_with_its_data_has_at_most_40_kb(digits):
    laptop, quick = load_records("nine-networks", "laptop"), load_records("nine-networks", "quick")
    boxes = {
        "bells": play.bells(),
        "sharing": play.sharing(DepthSupernet(width=8)),
        "bench": play.bench(CEILING),
        "knobs": play.bench(CEILING, KNOBS, seeds=1, real=REAL),
        "replay": play.replay(quick, load_batch_means()),
        "ranking": play.ranking(laptop),
        "ensembling": play.ensembling(trained(depth=3), digits.test.take(130), digits.train.images[:100]),
    }
    for name, box in boxes.items():
        own = [script for script in scripts(box.data) if script != "parts"]
        size = len(box.data.encode()) + sum((STATIC / f"{script}.js").stat().st_size for script in own)
        assert size <= 40_000, f"{name}: {size}"
        assert "<svg" in box.data or "<table" in box.data  # for readers without script


# ---- data ----


@pytest.mark.parametrize("world", ["identical", "real"])
@pytest.mark.parametrize("name", play_facts.SAMPLERS)
def test_the_bench_draws_what_the_module_draws_and_its_leaders_are_those_that_it_follows(bench, name, world):
    ceilings = {"identical": dict.fromkeys(ARCHS, CEILING), "real": REAL}[world]
    assert bench["worlds"][world]["ceilings"] == [round(ceiling, 4) for ceiling in ceilings.values()]
    for seed, runs in enumerate(bench["worlds"][world]["seeds"]):
        sampler = play_facts.SAMPLERS[name](ARCHS, seed)
        diary = take_steps(sampler, ceilings, bench["steps"], play_facts.BATCH, seed)
        assert [ARCHS[int(digit)] for digit in runs[name]["picks"]] == diary.picks
        if not hasattr(sampler, "means"):
            assert "leaders" not in runs[name]
            continue
        changes, following, leader = dict(runs[name]["leaders"]), Counter(), None
        assert next(iter(changes)) == sampler.warm_up
        for step, arch in enumerate(diary.picks, 1):
            if step > sampler.warm_up:
                following[arch == ARCHS[leader]] += 1
            leader = changes.get(step, leader)
        share = following[True] / following.total()
        assert share == pytest.approx(1 - sampler.epsilon * 8 / 9, abs=0.05)  # the lot falls on the leader too
        assert leader == np.argmax(sampler.means())


def test_the_bench_of_chapter_9b_shows_the_runs_that_are_printed_above_it():
    book = json.loads((STATIC.parents[1] / "09b_learning_samplers.ipynb").read_text(encoding="utf-8"))
    outputs = {cell["id"]: cell["outputs"] for cell in book["cells"] if cell["cell_type"] == "code"}
    box = "".join(outputs["c09b-22"][0]["data"]["text/html"])
    runs = json.loads(html.unescape(re.search(r"data-facts='([^']*)'", box)[1]))["worlds"]["identical"]["seeds"]
    winners = [Counter(run["epsilon-greedy"]["picks"]).most_common(1)[0] for run in runs]
    told = [f"run {run}: the winner ({ARCHS[int(place)]}, {steps})\n" for run, (place, steps) in enumerate(winners)]
    assert "".join(outputs["c09b-19"][0]["text"]) == "".join(told)


def test_the_knobs_of_epsilon_greedy_do_what_they_say():
    knobs = {name: play_facts.SAMPLERS[name](ARCHS, 0) for name in KNOBS}
    assert knobs["epsilon-greedy"].epsilon == 0.2 and knobs["epsilon-greedy"].discount == 1
    for name, sampler in list(knobs.items())[1:]:
        setting, value = name.split()
        assert getattr(sampler, setting) == float(value)


def test_the_replay_is_the_record_and_its_draws_are_those_of_the_run():
    records = load_records("nine-networks", "quick")
    facts = play_facts.replay_facts(records, load_batch_means())
    for run, record in zip(facts["seeds"], records, strict=True):
        assert [run["picks"].count(str(place)) for place in range(9)] == record["picks"]
        assert run["running"] == record["validation"]["running"]
        assert run["recalculated"] == record["validation"]["recalculated"]
        assert run["loss"] == record["loss"]["supernet"]
        assert len(run["picks"]) == facts["steps"] * len(run["loss"])
    other = json.loads(json.dumps(records))
    other[0]["picks"][0], other[0]["picks"][1] = other[0]["picks"][1], other[0]["picks"][0]
    with pytest.raises(ValueError, match="not the draws"):
        play_facts.replay_facts(other, load_batch_means())


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
    facts = play_facts.whose_facts(net, split, images)
    for row, column in ((0, 4), (1, 8), (5, 0)):
        served = with_statistics_for(net, ARCHS[row - 1], images) if row else net
        right = (predict(served, split.images, ARCHS[column]).argmax(1) == split.labels).sum().item()
        assert facts["rows"][row][column] == right
    shift, ratio = mismatch(net, (2, 1), images)["down"]
    assert facts["channels"][2][1] == [round(shift[1].item(), 3), round(ratio[1].item(), 3)]
    assert facts["channels"][2][0][0] == pytest.approx(-shift[0].item(), abs=1e-3)  # mirrored, as its gain is negative
    assert facts["borders"][0] == -0.5


def test_a_question_from_a_cell_says_where_its_answer_is():
    box = play.predict("How many?", ["none", "<all>"], answer=1, near=[0]).data
    assert 'data-answer="2" data-near="1"' in box
    assert "<li>none</li><li>&lt;all&gt;</li>" in box
    assert 'data-answer="2.3" data-near="5" data-unit="%"' in play.predict("?", answer=2.3, near=5, unit="%").data
    for choices, answer in ((["one"], 0), (["a", "b"], 2), (list("abcde"), 0)):
        with pytest.raises(ValueError, match="two to four"):
            play.predict("?", choices, answer=answer)
