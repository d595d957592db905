"""What a sampler did and was told, step by step, to look at afterwards."""

import pandas as pd


class Diary:
    """A sampler that notes each step of another: use it in its place. It draws and learns as that one would.

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
        """A row a step, numbered from 1: the architecture taken, and its reward in [0, 1]."""
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
