"""Learners in training: what rising rewards do to nine identical arms, and a stopped run that goes on."""

from functools import partial

import pytest
from bits import changed, snapshot, without_times

from nas import DepthSupernet, TrainConfig, train
from nas.methods.bandits import EpsilonGreedySampler, Exp3Sampler, HalvingSampler, ThompsonSampler
from nas.methods.schedules import FairSampler
from study.analysis.toys import play
from study.store import Checkpoint

NINE = DepthSupernet(width=1).architectures
STEPS = 1_300  # about three epochs of MNIST


def shares(sampler, seed, handicap=0.0):
    """The share of the steps that each architecture gets where all improve, whoever is trained.

    All rise to 0.95 but for a handicap, which (2, 2) has not.
    """
    ceilings = {arch: 0.95 - (0 if arch == (2, 2) else handicap) for arch in NINE}
    return {arch: count / STEPS for arch, count in play(sampler, ceilings, STEPS, seed=seed).counts().items()}


@pytest.mark.parametrize("seed", range(5))
def test_a_cumulative_mean_crowns_one_of_nine_identical_arms(seed):
    """Who leads at the end of the warm-up is sampled while rewards rise, so its mean rises, so it leads."""
    crowned = shares(EpsilonGreedySampler(NINE, seed), seed)
    discounted = shares(EpsilonGreedySampler(NINE, seed, discount=0.99), seed)
    assert max(crowned.values()) > 0.6
    assert max(discounted.values()) < 0.4


def test_thompson_sampling_crowns_one_as_well():
    """Its posterior has a cumulative mean; a single run may hesitate between two, so the mean of ten decides."""
    crowned = [max(shares(ThompsonSampler(NINE, seed), seed).values()) for seed in range(10)]
    assert sum(crowned) / len(crowned) > 0.5


def test_a_better_arm_is_found_by_the_discounted_mean_and_by_the_cumulative_one_if_lucky():
    """(2, 2) is better by 2 points in the end."""
    discounted = [shares(EpsilonGreedySampler(NINE, seed, discount=0.99), seed, 0.02)[2, 2] for seed in range(10)]
    cumulative = [shares(EpsilonGreedySampler(NINE, seed), seed, 0.02)[2, 2] for seed in range(10)]
    assert min(discounted) > 0.2
    assert sum(share > 0.2 for share in cumulative) < 5


class Stopped(BaseException):
    """Ctrl-C between two epochs."""


@pytest.mark.parametrize(
    "make",
    [FairSampler, partial(EpsilonGreedySampler, warm_up=6), Exp3Sampler, partial(HalvingSampler, steps=36)],
)
def test_training_goes_on_with_its_sampler_as_if_nothing_had_happened(few, tmp_path, make):
    def run(path, progress=None):
        net, sampler = DepthSupernet(width=2), make(NINE, 0)
        kept = Checkpoint(path, {}, {})
        config = TrainConfig(epochs=5, batch_size=32)  # 8 steps an epoch
        history = train(net, few, config, sampler=sampler, score=lambda net: {}, checkpoint=kept, progress=progress)
        return snapshot(net), without_times(history), sampler.state_dict()

    told = []

    def stop(steps):
        told.append(steps)
        if len(told) in (1, 3):  # the second time it only hears where training goes on from
            raise Stopped

    net, history, state = run(tmp_path / "undisturbed")
    for _ in range(2):  # after the first epoch, and again after the second
        with pytest.raises(Stopped):
            run(tmp_path / "stopped", stop)
    again, once_more, its_state = run(tmp_path / "stopped")
    assert changed(net, again) == set()
    assert once_more == history and its_state["memory"] == state["memory"]
    assert sum(sum(entry["picks"].values()) for entry in history) == 40
