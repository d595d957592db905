"""A sampler's diary, what it did and was told step by step, and rewards for it to play on without a network."""

import math

import numpy as np
import pandas as pd

from nas.methods.bandits import fraction
from nas.seeding import derive_seed


class Diary:
    """A sampler that notes each step of another: use it in the other's place. It draws and learns as the other would.

    A reward is kept as it comes; a tensor on a GPU is read only when somebody looks (frame, state_dict).
    """

    def __init__(self, sampler):
        self.sampler, self.architectures = sampler, sampler.architectures
        self.picks, self.rewards = [], []

    def sample(self):
        """The architecture for the next step."""
        return self.sampler.sample()

    def update(self, arch, reward):
        """Note the step, then let the sampler learn."""
        self.sampler.update(arch, reward)
        self.picks.append(arch)
        self.rewards.append(reward)

    def frame(self):
        """Rows are steps, from 1: the architecture taken, and its reward in [0, 1]."""
        steps = pd.RangeIndex(1, len(self.picks) + 1, name="step")
        return pd.DataFrame({"architecture": self.picks, "reward": list(map(float, self.rewards))}, index=steps)

    def counts(self):
        """{architecture: steps so far}, in the order of the architectures, zeros included."""
        return {arch: self.picks.count(arch) for arch in self.architectures}

    def state_dict(self):
        """The sampler's state and the whole history; torch.load(weights_only=True) reads it back."""
        return {"sampler": self.sampler.state_dict(), "picks": [*self.picks], "rewards": list(map(float, self.rewards))}

    def load_state_dict(self, state):
        """Go on from where `state` was taken, with the history up to there."""
        self.sampler.load_state_dict(state["sampler"])
        self.picks, self.rewards = [*state["picks"]], [*state["rewards"]]


CHANCE = 0.1  # accuracy of an untrained network on ten classes
PACE = 200  # steps in which the distance to the ceiling falls to 1 / e


def accuracy(step, ceiling):
    """An architecture's accuracy after `step` steps of any kind: from CHANCE towards its ceiling, at PACE."""
    return ceiling - (ceiling - CHANCE) * math.exp(-step / PACE)


def chance(seed):
    """The generator whose numbers decide the rewards of run `seed`."""
    return np.random.RandomState(derive_seed("rising rewards", seed) % 2**32)


def play(sampler, ceilings, steps, batch_size=128, seed=0):
    """Let a sampler take `steps` steps; returns its Diary.

    ceilings: {architecture: accuracy in [0, 1] that it rises to}, all equal for identical arms. A reward is the share
    of right answers among batch_size, each right with the probability `accuracy`; seed decides them and nothing else.
    Raises ValueError if ceilings are not those of the sampler's architectures.
    """
    if set(ceilings) != set(sampler.architectures):
        raise ValueError(f"ceilings are of {list(ceilings)}: pass one for each of {list(sampler.architectures)}")
    ceilings = {arch: fraction(f"the ceiling of {arch}", ceiling) for arch, ceiling in ceilings.items()}
    answers, diary = chance(seed), Diary(sampler)
    for step in range(steps):
        arch = diary.sample()
        right = answers.binomial(batch_size, accuracy(step, ceilings[arch]))
        diary.update(arch, right / batch_size)
    return diary
