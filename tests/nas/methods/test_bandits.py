"""Laws of the learners, each against a calculation by hand, a plain twin, or what chance must give."""

import math
from collections import Counter

import pytest
import torch
from scipy.stats import chisquare

from nas import DepthSupernet
from nas.methods.bandits import (
    FLOOR,
    EpsilonGreedySampler,
    Exp3Sampler,
    HalvingSampler,
    ProportionalSampler,
    ThompsonSampler,
    UCB1Sampler,
    exp3_gamma,
)
from nas.seeding import generator

NINE = DepthSupernet(width=1).architectures
A, B, C = NINE[:3]


def told(sampler, *rewards):
    """The sampler after these (architecture, reward)."""
    for arch, reward in rewards:
        sampler.update(arch, reward)
    return sampler


def assert_shares(sampler, shares, draws=4_000):
    """Without new rewards, each architecture is drawn with this probability: within 4 standard errors."""
    counts = Counter(sampler.sample() for _ in range(draws))
    for arch, share in zip(sampler.architectures, shares, strict=True):
        assert abs(counts[arch] / draws - share) <= 4 * (share * (1 - share) / draws) ** 0.5, arch


def rewards(count, seed=0):
    """Random architectures and rewards, all different."""
    source = generator("rewards", seed)
    picks = torch.randint(9, (count,), generator=source).tolist()
    values = torch.rand(count, generator=source).tolist()
    return [(NINE[pick], value) for pick, value in zip(picks, values, strict=True)]


def test_a_discounted_mean_by_hand():
    sampler = told(EpsilonGreedySampler([A, B, C], discount=0.5), (A, 1), (B, 1), (A, 0), (B, 0.5), (A, 0))
    # A: rewards 1, 0, 0 at steps 1, 3, 5, the weights at step 5 are 1/16, 1/4, 1; B: 1 and 1/2 at 2 and 4.
    assert sampler.means(unseen=-1) == pytest.approx([(1 / 16) / (1 + 1 / 4 + 1 / 16), (1 / 4 + 1 / 2) / (5 / 4), -1])


@pytest.mark.parametrize("discount", [1.0, 0.99, 0.5])
def test_discounting_late_is_discounting_at_every_step(discount):
    """The plain twin fades all sums in every step, as the source has it."""
    sampler, earned, seen = EpsilonGreedySampler(NINE, discount=discount), Counter(), Counter()
    for arch, reward in rewards(300):
        sampler.update(arch, reward)
        for each in NINE:
            earned[each] *= discount
            seen[each] *= discount
        earned[arch] += reward
        seen[arch] += 1
    assert sampler.means() == pytest.approx([earned[arch] / seen[arch] for arch in NINE])


def test_in_proportion_to_accuracy_by_hand():
    assert ProportionalSampler([A, B, C]).probabilities() == pytest.approx([1 / 3] * 3)
    sampler = told(ProportionalSampler([A, B, C], discount=1), (A, 0.2), (B, 0.5), (A, 0.6))
    assert sampler.probabilities() == pytest.approx([0.4 / 1.9, 0.5 / 1.9, 1 / 1.9])
    assert_shares(sampler, sampler.probabilities())
    told(sampler, (C, 0.0))  # not one right answer: never again, but for the floor
    assert sampler.probabilities() == pytest.approx([0.4 / 0.91, 0.5 / 0.91, 0.01 / 0.91])
    assert FLOOR == 0.01


@pytest.mark.parametrize("seed", range(3))
def test_100_steps_of_warm_up_are_uniform_and_the_next_is_not(seed):
    sampler = told(EpsilonGreedySampler(NINE, seed), *[((2, 2), 1.0), ((1, 1), 0.0), ((3, 3), 0.5)] * 33)  # 99
    assert_shares(sampler, [1 / 9] * 9)
    told(sampler, ((1, 1), 0.0))
    assert_shares(sampler, [1 - 0.2 + 0.2 / 9 if arch == (2, 2) else 0.2 / 9 for arch in NINE])


@pytest.mark.parametrize("epsilon", [0, 0.05, 0.5, 1])
def test_the_leader_gets_1_minus_epsilon_and_its_part_of_epsilon(epsilon):
    sampler = told(EpsilonGreedySampler(NINE, epsilon=epsilon, warm_up=0), ((3, 1), 0.9), ((1, 3), 0.8))
    assert_shares(sampler, [epsilon / 9 + (1 - epsilon) * (arch == (3, 1)) for arch in NINE])
    counts = Counter(arch for arch in (sampler.sample() for _ in range(8_000)) if arch != (3, 1))
    assert not epsilon or chisquare([counts[arch] for arch in NINE if arch != (3, 1)]).pvalue > 0.001


def test_the_leader_is_the_one_by_right_answers_over_answers_seen():
    """R3's rule in whole numbers, on 500 batches of 32 images."""
    sampler, right, seen = EpsilonGreedySampler(NINE, epsilon=0, warm_up=0), Counter(), Counter()
    assert sampler.sample() == (1, 1)  # all at 0: the first
    for arch, reward in rewards(500):
        answers = round(32 * reward)
        sampler.update(arch, torch.tensor([1.0] * answers + [0.0] * (32 - answers)).mean())
        right[arch] += answers
        seen[arch] += 32
        assert sampler.sample() == max(NINE, key=lambda each: right[each] / seen[each] if seen[each] else 0)


def test_ucb1_bounds_by_hand():
    sampler = told(UCB1Sampler([A, B, C]), (A, 0.5), (B, 0.6), (A, 0.7), (C, 0.2))
    # After 4 steps: sqrt(2 ln 4 / 2) = 1.177410, sqrt(2 ln 4 / 1) = 1.665109.
    assert sampler.bounds() == pytest.approx([0.6 + 1.177410, 0.6 + 1.665109, 0.2 + 1.665109], abs=1e-6)
    assert {sampler.sample() for _ in range(20)} == {B}


@pytest.mark.parametrize("seed", range(5))
def test_ucb1_takes_each_once_and_then_the_highest_bound(seed):
    sampler, earned, seen = UCB1Sampler(NINE, seed), Counter(), Counter()
    for step, (_, reward) in enumerate(rewards(300, seed=seed)):
        arch = sampler.sample()
        if step < 9:
            assert not seen[arch]
        else:
            bounds = {each: earned[each] / seen[each] + (2 * math.log(step) / seen[each]) ** 0.5 for each in NINE}
            assert arch == max(bounds, key=bounds.get)
        sampler.update(arch, reward)
        earned[arch] += reward
        seen[arch] += 1


def test_ucb1_begins_anywhere():
    first = Counter(UCB1Sampler(NINE, seed).sample() for seed in range(900))
    assert chisquare([first[arch] for arch in NINE]).pvalue > 0.001


def test_thompson_counts_by_hand():
    sampler = told(ThompsonSampler([A, B]), (A, 0.25), (A, 0.75), (A, 1))
    assert sampler.posterior() == [(3, 2), (1, 1)]
    # B is uniform: A wins with probability E[A] = 3 / 5.
    assert_shares(sampler, [0.6, 0.4])


def test_exp3_by_hand():
    sampler = Exp3Sampler([A, B], gamma=0.5)
    assert sampler.probabilities() == [0.5, 0.5]
    told(sampler, (A, 1))  # its weight becomes exp(0.5 / 2 * 1 / 0.5) = 1.648721
    assert sampler.probabilities() == pytest.approx([0.5 * 1.648721 / 2.648721 + 0.25, 0.438770], abs=1e-6)
    told(sampler, (B, 0.4))  # exp(0.5 / 2 * 0.4 / 0.438770) = 1.255968
    assert sampler.probabilities() == pytest.approx([0.5 * 1.648721 / 2.904689 + 0.25, 0.466197], abs=1e-6)
    assert_shares(sampler, sampler.probabilities())


@pytest.mark.parametrize("gamma", [0.01, 0.1, 1])
def test_exp3_is_its_plain_twin_and_a_distribution(gamma):
    sampler, weights = Exp3Sampler(NINE, gamma=gamma), dict.fromkeys(NINE, 1.0)
    for arch, reward in rewards(400):
        chances = [(1 - gamma) * weight / sum(weights.values()) + gamma / 9 for weight in weights.values()]
        assert sampler.probabilities() == pytest.approx(chances)
        assert sum(sampler.probabilities()) == pytest.approx(1, abs=1e-12)
        assert min(sampler.probabilities()) >= gamma / 9
        weights[arch] *= math.exp(gamma / 9 * reward / chances[NINE.index(arch)])
        sampler.update(arch, reward)


def test_exp3_stays_a_distribution_where_its_weights_would_overflow():
    sampler = told(Exp3Sampler([A, B], gamma=0.9), *[(A, 1.0)] * 2_000)
    with pytest.raises(OverflowError):
        math.exp(sampler.log_weights[0])
    assert sampler.probabilities() == pytest.approx([0.55, 0.45])


def test_the_recommended_gamma():
    assert exp3_gamma(2, 10**6) == pytest.approx((2 * math.log(2) / (math.e - 1) / 10**6) ** 0.5)
    assert exp3_gamma(9, 1) == 1
    assert exp3_gamma(9, 1_200) == pytest.approx(0.1, abs=0.003)


ORDER = ((2, 1), (1, 1), (3, 3), (2, 2), (1, 2), (1, 3), (3, 1), (3, 2), (2, 3))  # from worst to best
QUALITY = {arch: 0.1 * place for place, arch in enumerate(ORDER)}


def halved(sampler, steps, reward):
    """Plays so many steps; what it took, and how many survivors there were before each step."""
    taken, survivors = [], []
    for step in range(steps):
        survivors.append(len(sampler.survivors))
        taken.append(sampler.sample())
        sampler.update(taken[-1], reward(taken[-1], step))
    return taken, survivors


def test_pruning_halves_at_the_right_steps_and_keeps_the_best():
    sampler = HalvingSampler(NINE, steps=400)  # 100 a stage: 11 turns of 9, 20 of 5, 33 of 3, 50 of 2
    best = sorted(NINE, key=QUALITY.get, reverse=True)
    taken, survivors = halved(sampler, 450, lambda arch, step: QUALITY[arch])
    assert survivors == [9] * 99 + [5] * 100 + [3] * 99 + [2] * 100 + [1] * 52
    start = 0
    for left, turns in ((9, 11), (5, 20), (3, 33), (2, 50)):
        for _ in range(turns):  # by turns: each of the best once in every round
            assert set(taken[start : start + left]) == set(best[:left])
            start += left
    assert set(taken[start:]) == {best[0]} == set(sampler.survivors)


@pytest.mark.parametrize("arms", range(1, 10))
def test_pruning_ends_within_its_budget_with_one(arms):
    stages = max(1, math.ceil(math.log2(arms)))
    least = stages * arms
    for steps in (least, least + 1, 5 * least + 3):
        sampler = HalvingSampler(NINE[:arms], steps=steps)
        _, survivors = halved(sampler, steps, lambda arch, step: QUALITY[arch])
        assert sampler.survivors == [max(NINE[:arms], key=QUALITY.get)]
        assert len(set(survivors) - {1}) == (stages if arms > 1 else 0)


def test_pruning_asks_who_is_better_now():
    """(1, 1) shone in the first stage and is the worse one in the second; over both its mean would be higher."""
    sampler = HalvingSampler(NINE[:4], steps=80)
    late = {(1, 1): 0.4, (1, 2): 0.5}
    halved(sampler, 80, lambda arch, step: {(1, 1): 1.0, (1, 2): 0.3}.get(arch, 0.1) if step < 40 else late[arch])
    assert sampler.survivors == [(1, 2)]


def test_pruning_has_no_use_for_the_pruned():
    sampler = HalvingSampler([A, B], steps=2)
    told(sampler, (A, 0.4), (B, 0.5))
    with pytest.raises(ValueError, match=r"architecture \(1, 1\) is not a candidate: choose one of \(\(1, 2\),\)"):
        sampler.update(A, 1.0)
