"""Laws of the diary and of the simulation: what happened is what they say, and they change nothing."""

import io
import math

import numpy as np
import pytest
import torch
from bits import changed, snapshot, without_times
from scipy.stats import binom

from nas import DepthSupernet, TrainConfig, UniformSampler, train
from nas.methods.bandits import EpsilonGreedySampler
from nas.methods.schedules import FairSampler
from study.analysis.toys import CHANCE, PACE, Diary, accuracy, play

NINE = DepthSupernet(width=1).architectures
CONFIG = TrainConfig(epochs=2, batch_size=32)


def learner(seed=0):
    return EpsilonGreedySampler(NINE, seed, warm_up=6)


def test_training_with_a_diary_is_training_and_it_holds_what_was_trained(few):
    nets, histories, diary = [DepthSupernet(width=2) for _ in range(2)], [], Diary(learner())
    for net, sampler in zip(nets, (learner(), diary), strict=True):
        histories.append(without_times(train(net, few, CONFIG, sampler=sampler, score=lambda net: {})))
    assert changed(*map(snapshot, nets)) == set()
    assert histories[0] == histories[1]
    picks = [entry["picks"] for entry in histories[1]]
    assert diary.counts() == {arch: sum(epoch.get(arch, 0) for epoch in picks) for arch in NINE}
    frame = diary.frame()
    assert frame.index.tolist() == list(range(1, 17))  # 8 steps an epoch
    assert frame["reward"].mul(32).mod(1).eq(0).all()  # right answers of 32
    assert diary.sampler.earned == [frame["reward"][frame["architecture"] == arch].sum() for arch in NINE]


def test_a_saved_diary_goes_on_with_its_history():
    diary = play(learner(), dict.fromkeys(NINE, 0.9), 40)
    file = io.BytesIO()
    torch.save(diary.state_dict(), file)
    file.seek(0)
    again = Diary(learner("another seed"))
    again.load_state_dict(torch.load(file, weights_only=True))
    assert again.frame().equals(diary.frame())
    state = diary.state_dict()
    for kept in (diary, again):
        for _ in range(30):
            kept.update(kept.sample(), torch.tensor(0.5))
    assert again.frame().equals(diary.frame())
    assert len(state["picks"]) == len(state["rewards"]) == 40  # what happened later is not in it


def test_the_rise_by_hand():
    assert accuracy(0, 0.9) == pytest.approx(CHANCE)
    assert accuracy(PACE, 0.9) == pytest.approx(0.9 - 0.8 / math.e)
    assert accuracy(100 * PACE, 0.9) == pytest.approx(0.9)
    rises = [accuracy(step, 0.9) for step in range(500)]
    assert rises == sorted(set(rises))


def test_rewards_are_binomial_around_the_rise():
    """128 answers a step: their standardised distances have the mean 0 and the deviation 1 of binomial counts."""
    rewards = play(FairSampler(NINE), dict.fromkeys(NINE, 0.9), 3_000).frame()["reward"]
    chances = np.array([accuracy(step, 0.9) for step in range(3_000)])
    distances = (128 * rewards - 128 * chances) / binom.std(128, chances)
    assert abs(distances.mean()) < 4 / 3_000**0.5
    assert abs(distances.std() - 1) < 4 / 6_000**0.5
    assert rewards.mul(128).mod(1).eq(0).all()


def test_each_arm_rises_to_its_own_ceiling():
    ceilings = dict(zip(NINE, np.linspace(0.5, 0.98, 9), strict=True))
    frame = play(FairSampler(NINE), ceilings, 3_000).frame().loc[1_500:]
    for arch, rewards in frame.groupby("architecture")["reward"]:
        assert abs(rewards.mean() - ceilings[arch]) < 4 * binom.std(128, ceilings[arch]) / 128 / len(rewards) ** 0.5


def test_one_seed_gives_one_run_and_the_global_generators_rest(undisturbed):
    with undisturbed():
        runs = [play(learner(), dict.fromkeys(NINE, 0.9), 100, seed=seed).frame() for seed in (1, 1, 2)]
    assert runs[0].equals(runs[1])
    assert not runs[0].equals(runs[2])


def test_other_arms_and_impossible_ceilings_are_refused():
    with pytest.raises(ValueError, match=r"ceilings are of \[\(1, 1\)\]: pass one for each of \[\(1, 1\), \(1, 2\)"):
        play(UniformSampler(NINE), {(1, 1): 0.9}, 10)
    with pytest.raises(ValueError, match=r"the ceiling of \(1, 1\) is 97.0: it must lie between 0 and 1"):
        play(UniformSampler(NINE), dict.fromkeys(NINE, 97.0), 10)
