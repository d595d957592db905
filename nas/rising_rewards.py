"""Rising rewards without training: what a sampler does where every architecture improves, whoever is trained.

A caricature of shared training that leaves its essence: the weights are shared, so a step with one architecture makes
all of them better. Here they do so at one pace, towards ceilings of their own, and a run takes milliseconds.
"""

import math

import numpy as np

from nas.bandits import fraction
from nas.diary import Diary
from nas.seeding import derive_seed

CHANCE = 0.1  # accuracy of an untrained network on ten classes
PACE = 200  # steps in which the distance to the ceiling falls to 1 / e


def accuracy(step, ceiling):
    """Of an architecture with this ceiling after so many steps with any: from CHANCE towards the ceiling, at PACE."""
    return ceiling - (ceiling - CHANCE) * math.exp(-step / PACE)


def play(sampler, ceilings, steps, batch_size=128, seed=0):
    """Let a sampler take so many steps; returns its Diary.

    ceilings: {architecture: accuracy in [0, 1] that it rises to}, all equal for identical arms. A reward is the share
    of right answers among batch_size, each right with the probability `accuracy`; seed decides them and nothing else.
    Raises ValueError if ceilings are not those of the sampler's architectures.
    """
    if set(ceilings) != set(sampler.architectures):
        raise ValueError(f"ceilings are of {list(ceilings)}: pass one for each of {list(sampler.architectures)}")
    ceilings = {arch: fraction(f"the ceiling of {arch}", ceiling) for arch, ceiling in ceilings.items()}
    answers, diary = np.random.RandomState(derive_seed("rising rewards", seed) % 2**32), Diary(sampler)
    for step in range(steps):
        arch = diary.sample()
        right = answers.binomial(batch_size, accuracy(step, ceilings[arch]))
        diary.update(arch, right / batch_size)
    return diary
