"""Laws of sampling: fair, independent, repeatable, resumable, and apart from every global generator."""

import io
import math
from collections import Counter
from functools import partial
from itertools import pairwise, product

import pytest
import torch
from scipy.stats import chisquare

from nas import DepthSupernet, UniformSampler
from nas.methods import bandits
from nas.methods.schedules import FairSampler, SandwichSampler

NINE = DepthSupernet(width=1).architectures
SCHEDULES = {"uniform": UniformSampler, "fair": FairSampler, "sandwich": SandwichSampler}
LEARNERS = {
    "proportional": bandits.ProportionalSampler,
    "epsilon-greedy": partial(bandits.EpsilonGreedySampler, warm_up=20, discount=0.9),
    "ucb1": bandits.UCB1Sampler,
    "thompson": bandits.ThompsonSampler,
    "exp3": bandits.Exp3Sampler,
    "halving": partial(bandits.HalvingSampler, steps=160),
}
EVERY = SCHEDULES | LEARNERS
every_sampler = pytest.mark.parametrize("kind", EVERY)


def draws(sampler, count):
    return [sampler.sample() for _ in range(count)]


def taught(sampler, steps):
    """What a sampler takes when the steps in range(...) are trained; some rewards are tensors, as in training."""
    taken = []
    for step in steps:
        arch = sampler.sample()
        sampler.update(arch, torch.tensor((sum(arch) * 3 + step) % 11 / 10) if step % 2 else sum(arch) / 10)
        taken.append(arch)
    return taken


def saved_and_read(state):
    """A state after its way through a file."""
    file = io.BytesIO()
    torch.save(state, file)
    file.seek(0)
    return torch.load(file, weights_only=True)


@pytest.mark.parametrize("seed", range(4))
def test_nine_thousand_draws_are_uniform(seed):
    counts = Counter(draws(UniformSampler(NINE, seed), 9_000))
    assert set(counts) == set(NINE)
    p = chisquare([counts[arch] for arch in NINE]).pvalue
    assert 0.001 < p < 0.999  # too even is no better than too uneven


def test_a_draw_tells_nothing_about_the_next():
    counts = Counter(pairwise(draws(UniformSampler(NINE, seed=0), 9_001)))
    assert 0.001 < chisquare([counts[pair] for pair in product(NINE, NINE)]).pvalue < 0.999


def test_a_seed_may_be_a_name():
    assert draws(UniformSampler(NINE, seed="a name"), 50) == draws(UniformSampler(NINE, seed="a name"), 50)
    assert draws(UniformSampler(NINE, seed="a name"), 50) != draws(UniformSampler(NINE, seed="another"), 50)


def test_two_samplers_do_not_disturb_each_other():
    alone = draws(UniformSampler(NINE, seed=1), 20)
    one, two = UniformSampler(NINE, seed=1), UniformSampler(NINE, seed=2)
    assert [(one.sample(), two.sample())[0] for _ in range(20)] == alone


@every_sampler
def test_one_seed_and_the_same_rewards_give_one_sequence(kind, disturb, undisturbed):
    with undisturbed():
        first = taught(EVERY[kind](NINE, 7), range(150))
    disturb()
    assert taught(EVERY[kind](NINE, 7), range(150)) == first
    assert taught(EVERY[kind](NINE, 8), range(150)) != first


@every_sampler
@pytest.mark.parametrize("stop", [0, 1, 5, 13, 45, 149])  # in the middle of a warm-up, of a round, of a stage
def test_a_saved_state_goes_on_with_the_same_sequence(kind, stop):
    sampler = EVERY[kind](NINE, 5)
    taught(sampler, range(stop))
    state = sampler.state_dict()
    file = saved_and_read(state)
    rest = taught(sampler, range(stop, 200))
    again = EVERY[kind](NINE, "another seed")
    taught(again, range(150, 170))
    for kept in (file, state, state):  # a copy: what a sampler does after saving or loading does not change it
        again.load_state_dict(kept)
        assert taught(again, range(stop, 200)) == rest


@pytest.mark.parametrize("kind", [kind for kind in EVERY if kind != "uniform"])
def test_the_state_of_another_sampler_is_refused(kind):
    others = [make(NINE, 0) for other, make in EVERY.items() if other != kind] + [EVERY[kind](NINE[:4], 0)]
    sampler, twin = EVERY[kind](NINE, 0), EVERY[kind](NINE, 0)
    for other in others:
        taught(other, range(3))
        with pytest.raises(ValueError, match="the state is that of another sampler"):
            sampler.load_state_dict(other.state_dict())
    assert taught(sampler, range(50)) == taught(twin, range(50))  # and has changed nothing


def test_a_state_under_other_settings_is_refused():
    state = bandits.EpsilonGreedySampler(NINE, epsilon=0.1).state_dict()
    with pytest.raises(ValueError, match=r"'epsilon': 0\.1.*'epsilon': 0\.2"):
        bandits.EpsilonGreedySampler(NINE).load_state_dict(state)


@every_sampler
def test_no_candidates_are_refused(kind):
    with pytest.raises(ValueError, match=r"architectures is empty: a sampler wants a tuple or list"):
        EVERY[kind]([])


@every_sampler
def test_a_candidate_given_twice_is_refused(kind):
    for several in ([(1, 1), (1, 2), (2, 2), (1, 1), (3, 3)], [(1, 1), [1, 1]], (1, 1)):
        with pytest.raises(ValueError, match=r"each only once, e.g. net.architectures, or \[\(1, 1\)\]"):
            EVERY[kind](several)


@every_sampler
def test_candidates_in_no_order_are_refused(kind):
    for several in ({(1, 1): 0}.keys(), {(1, 1)}, (arch for arch in NINE), DepthSupernet(width=1), torch.ones(2, 2)):
        with pytest.raises(TypeError, match=r"architectures is a .*: a sampler wants a tuple or list .*\[\(1, 1\)\]"):
            EVERY[kind](several)


@pytest.mark.parametrize("kind", SCHEDULES)
def test_a_schedule_never_reads_a_reward(kind):
    alone, shown = SCHEDULES[kind](NINE, 0), SCHEDULES[kind](NINE, 0)
    for arch in draws(alone, 40):
        assert shown.sample() == arch
        shown.update(arch, object())  # nothing that could be read as a number


@pytest.mark.parametrize("seed", range(4))
def test_a_fair_sampler_gives_each_subnet_once_a_round(seed):
    sampler = FairSampler(NINE, seed)
    rounds = [draws(sampler, 9) for _ in range(900)]
    assert all(set(one) == set(NINE) for one in rounds)
    for place in (0, 4, 8):  # every order is as likely: each subnet at each place equally often
        counts = Counter(one[place] for one in rounds)
        assert 0.0005 < chisquare([counts[arch] for arch in NINE]).pvalue < 0.9995
    assert len(set(map(tuple, rounds))) > 890  # of 362,880 orders: a pair alike, or a few


@pytest.mark.parametrize("between", [0, 1, 2, 7])
def test_a_sandwich_has_the_smallest_and_the_largest_once_a_round(between):
    sampler = SandwichSampler(NINE[4:] + NINE[:4], seed=1, between=between)  # in whatever order they come
    rounds = [draws(sampler, 2 + between) for _ in range(700)]
    assert all(len(set(one)) == 2 + between and {(1, 1), (3, 3)} <= set(one) for one in rounds)
    inner = Counter(arch for one in rounds for arch in one if arch not in ((1, 1), (3, 3)))
    assert set(inner) == (set(NINE[1:-1]) if between else set())
    if between in (1, 2):
        assert chisquare([inner[arch] for arch in NINE[1:-1]]).pvalue > 0.001
    first = Counter(one[0] for one in rounds)
    share = 1 / (2 + between)
    for end in ((1, 1), (3, 3)):  # no place of the round is anybody's
        assert abs(first[end] / 700 - share) < 4 * (share * (1 - share) / 700) ** 0.5


@pytest.mark.parametrize("between", [-1, 8, 1.0, True, None])
def test_a_sandwich_with_too_much_between_is_refused(between):
    with pytest.raises((TypeError, ValueError), match=rf"between is {between}: it must be an int from 0 to 7"):
        SandwichSampler(NINE, between=between)


def test_a_sandwich_needs_two_ends():
    with pytest.raises(ValueError, match="a smallest and a largest are needed"):
        SandwichSampler([(2, 2)])
    assert set(draws(SandwichSampler([(5, 5), (3, 3)], between=0), 2)) == {(3, 3), (5, 5)}


@pytest.mark.parametrize("kind", [kind for kind in EVERY if kind != "sandwich"])
def test_a_space_of_one_leaves_nothing_to_choose(kind):
    assert set(taught(EVERY[kind]([(2, 2)], 0), range(300))) == {(2, 2)}


@pytest.mark.parametrize("kind", LEARNERS)
@pytest.mark.parametrize("wrong", [-0.01, 1.01, math.nan, math.inf, torch.tensor(math.nan), torch.tensor(128.0)])
def test_a_reward_outside_0_to_1_is_refused_and_teaches_nothing(kind, wrong):
    sampler = LEARNERS[kind](NINE, 0)
    sampler.update((1, 1), 0.5)
    before = sampler.state_dict()["memory"]
    with pytest.raises(ValueError, match=r"reward is .*: it must lie between 0 and 1"):
        sampler.update((1, 1), wrong)
    assert sampler.state_dict()["memory"] == before
    with pytest.raises(TypeError, match=r"reward is .*: it must be one number"):
        sampler.update((1, 1), torch.tensor([0.0, 1.0]))
    for reward in (0, 1, torch.tensor(1.0)):
        sampler.update((1, 2), reward)  # both ends are allowed


@pytest.mark.parametrize("kind", LEARNERS)
@pytest.mark.parametrize("stranger", [(4, 1), (1,), [1], "1-1", None])
def test_an_architecture_that_is_no_candidate_is_refused(kind, stranger):
    with pytest.raises(ValueError, match=r"is not a candidate: choose one of \(\(1, 1\)"):
        LEARNERS[kind](NINE, 0).update(stranger, 0.5)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (partial(bandits.EpsilonGreedySampler, epsilon=-0.1), "epsilon is -0.1"),
        (partial(bandits.EpsilonGreedySampler, epsilon=1.1), "epsilon is 1.1"),
        (partial(bandits.EpsilonGreedySampler, epsilon=math.nan), "epsilon is nan"),
        (partial(bandits.EpsilonGreedySampler, warm_up=-1), "warm_up is -1"),
        (partial(bandits.EpsilonGreedySampler, warm_up=1.5), "warm_up is 1.5"),
        (partial(bandits.EpsilonGreedySampler, discount=0), "discount is 0"),
        (partial(bandits.EpsilonGreedySampler, discount=1.01), "discount is 1.01"),
        (partial(bandits.ProportionalSampler, discount=-1), "discount is -1"),
        (partial(bandits.Exp3Sampler, gamma=0), "gamma is 0"),
        (partial(bandits.Exp3Sampler, gamma=2), "gamma is 2"),
        (partial(bandits.HalvingSampler, steps=0), "steps is 0"),
        (partial(bandits.HalvingSampler, steps=35), "steps is 35: to halve 9 architectures takes 36 or more"),
    ],
)
def test_a_setting_out_of_range_is_refused_by_name(make, message):
    with pytest.raises((TypeError, ValueError), match=message):
        make(NINE)
