"""Samplers: which architecture does the next training step take?"""

import torch

from nas.seeding import generator


class UniformSampler:
    """Every architecture with equal probability, each draw independent of the others. Source: Guo et al. 2019, SPOS.

    architectures: a non-empty sequence; seed: an int or any name. Two samplers with one seed give one sequence; the
    global generator is untouched. Raises ValueError for an empty sequence.
    """

    def __init__(self, architectures, seed=0):
        self.architectures = tuple(architectures)
        if not self.architectures:
            raise ValueError("architectures is empty: pass at least one, e.g. net.architectures")
        self._generator = generator("sampler", seed)

    def sample(self):
        """The architecture for the next step."""
        index = torch.randint(len(self.architectures), (), generator=self._generator)
        return self.architectures[index]

    def update(self, arch, reward):
        """Learn from the reward, the batch's top-1 in [0, 1]: a uniform sampler has nothing to learn."""

    def state_dict(self):
        """All that the next draws depend on; torch.load(weights_only=True) reads it back."""
        return {"generator": self._generator.get_state()}

    def load_state_dict(self, state):
        """Go on with the sequence from where `state` was taken."""
        self._generator.set_state(state["generator"])
