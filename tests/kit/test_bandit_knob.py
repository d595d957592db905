"""Laws of the bandit's knob: every choice shows the runs that were made with it."""

import json
from itertools import product

import pytest
from page_reader import Page

from kit.widgets import DISCOUNTS, EPSILONS, OPENS, bandit_knob, bar
from nas.methods.bandits import EpsilonGreedySampler
from study.toys import play

REAL = {(1, 1): 0.5, (1, 2): 0.7, (2, 1): 0.9}
MEAN = dict.fromkeys(REAL, sum(REAL.values()) / 3)
STEPS, RUNS = 200, 3


@pytest.fixture(scope="module")
def knob():
    return Page(bandit_knob(REAL, STEPS, RUNS).data)


def counts(epsilon, discount, rises, seed):
    return play(
        EpsilonGreedySampler(REAL, seed, epsilon=epsilon, warm_up=100, discount=discount), rises, STEPS, seed=seed
    ).counts()


def test_every_choice_shows_its_runs(knob):
    """The number of a choice is epsilon's, then the discount's, then the arms', in the order of the controls."""
    assert [found["id"] for _, found, _ in knob.all("select")] == ["bandit-epsilon", "bandit-discount", "bandit-arms"]
    choices = list(product(EPSILONS, DISCOUNTS, (MEAN, REAL)))
    for k, (epsilon, discount, rises) in enumerate(choices):
        said, *cells = knob.after(k)[0]
        runs = [counts(epsilon, discount, rises, seed) for seed in range(RUNS)]
        assert cells[0::3] == [f"{100 * top:.1f} %" for top in rises.values()]
        assert cells[1::3] == [bar(count / STEPS) for count in runs[0].values()]
        firsts = [max(run, key=run.get) for run in runs]
        assert cells[2::3] == [f"{firsts.count(arch)} of {RUNS}" for arch in REAL]
        most = [max(run.values()) / STEPS for run in runs]
        assert f"has {100 * sum(most) / RUNS:.0f} % of the steps (mean of {RUNS} runs" in said
        assert f"from {100 * min(most):.0f} % to {100 * max(most):.0f} %). " in said
        assert said.endswith(f": {len(set(firsts))} of 3.")
    assert len({tuple(knob.after(k)[0]) for k in range(len(choices))}) > 8  # the controls do something


def test_it_opens_with_the_sampler_of_r3(knob):
    assert OPENS == (0.2, 1.0, "identical")
    assert knob.first() == knob.after(list(product(EPSILONS, DISCOUNTS, ("identical", "real"))).index(OPENS))
    options = [(text, "selected" in found) for tag, found, text in knob.elements if tag == "option"]
    assert [text for text, _ in options] == [*map(str, (*EPSILONS, *DISCOUNTS)), "identical", "real"]
    assert [text for text, chosen in options if chosen] == ["0.2"]  # the others are the first of theirs
    assert all(list(values) == sorted(values) for values in (EPSILONS, DISCOUNTS[::-1]))


def test_a_page_needs_no_script_and_its_controls_have_labels(knob):
    assert not {tag for tag, *_ in knob.elements} & {"script", "link", "iframe", "style", "img"}
    controls = [found["id"] for _, found, _ in knob.all("select")]
    assert controls == [found["for"] for _, found, _ in knob.all("label")]
    assert {len(json.loads(found["data-texts"])) for _, found, _ in knob.elements if "data-texts" in found} == {32}
    assert len(knob.all("output")) == 1


def test_the_same_each_time_and_other_names_for_a_second_one():
    pages = [bandit_knob(REAL, 150, 1, ident=ident).data for ident in ("a", "a", "b")]
    assert pages[0] == pages[1] == pages[2].replace('"b-', '"a-')


def test_a_bar_is_as_long_as_its_share():
    assert bar(0.0) == "0 % " + "░" * 12
    assert bar(0.25) == "25 % " + "█" * 3 + "░" * 9
    assert bar(1.0) == "100 % " + "█" * 12


@pytest.mark.parametrize(("ceilings", "runs"), [({(1, 1): 0.9}, 5), ({}, 5), (REAL, 0)])
def test_nothing_to_choose_from_is_refused(ceilings, runs):
    with pytest.raises(ValueError, match="pass two architectures or more, and one run or more"):
        bandit_knob(ceilings, runs=runs)
