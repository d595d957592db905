"""Laws of sampling: fair, independent, repeatable, resumable, and apart from every global generator."""

from collections import Counter
from itertools import pairwise, product

import pytest
import torch
from scipy.stats import chisquare

from nas import DepthSupernet, UniformSampler

NINE = DepthSupernet(width=1).architectures


def draws(sampler, count):
    return [sampler.sample() for _ in range(count)]


@pytest.mark.parametrize("seed", range(4))
def test_nine_thousand_draws_are_uniform(seed):
    counts = Counter(draws(UniformSampler(NINE, seed), 9_000))
    assert set(counts) == set(NINE)
    p = chisquare([counts[arch] for arch in NINE]).pvalue
    assert 0.001 < p < 0.999  # too even is no better than too uneven


def test_a_draw_tells_nothing_about_the_next():
    counts = Counter(pairwise(draws(UniformSampler(NINE, seed=0), 9_001)))
    assert 0.001 < chisquare([counts[pair] for pair in product(NINE, NINE)]).pvalue < 0.999


def test_one_seed_gives_one_sequence(disturb):
    first = draws(UniformSampler(NINE, seed=7), 50)
    disturb()
    assert draws(UniformSampler(NINE, seed=7), 50) == first
    assert draws(UniformSampler(NINE, seed=8), 50) != first
    assert draws(UniformSampler(NINE, seed="a name"), 50) != draws(UniformSampler(NINE, seed="another"), 50)


def test_two_samplers_do_not_disturb_each_other():
    alone = draws(UniformSampler(NINE, seed=1), 20)
    one, two = UniformSampler(NINE, seed=1), UniformSampler(NINE, seed=2)
    assert [(one.sample(), two.sample())[0] for _ in range(20)] == alone


def test_sampling_leaves_the_global_generators_alone(undisturbed):
    with undisturbed():
        draws(UniformSampler(NINE, seed=0), 100)


def test_a_sampler_goes_on_from_its_saved_state(tmp_path):
    sampler = UniformSampler(NINE, seed=5)
    draws(sampler, 30)
    torch.save(sampler.state_dict(), tmp_path / "sampler.pt")
    rest = draws(sampler, 30)
    again = UniformSampler(NINE, seed=0)
    again.load_state_dict(torch.load(tmp_path / "sampler.pt", weights_only=True))
    assert draws(again, 30) == rest


def test_a_saved_state_is_a_copy():
    sampler = UniformSampler(NINE, seed=5)
    state = sampler.state_dict()
    first = draws(sampler, 30)
    sampler.load_state_dict(state)
    assert draws(sampler, 30) == first


def test_a_uniform_sampler_does_not_learn():
    alone, taught = UniformSampler(NINE, seed=0), UniformSampler(NINE, seed=0)
    for arch in draws(alone, 40):
        assert taught.sample() == arch
        taught.update(arch, 1.0)


def test_a_sampler_of_nothing_is_refused():
    with pytest.raises(ValueError, match=r"architectures is empty: pass at least one"):
        UniformSampler([])
