"""The sampler: which architecture does the next training step take? Here it draws; schedules are in
nas/methods/schedules.py, samplers that learn in nas/methods/bandits.py.

Each step trains one architecture on one batch with one update, whatever the sampler. Samplers are compared at equal
steps; that is not equal work, since a sampler that prefers large subnets computes more in a step.
"""

import torch

from nas import asking
from nas.seeding import generator


class UniformSampler:
    """Every architecture with equal probability, each draw independent of the others. Source: Guo et al. 2020, SPOS.

    architectures: a non-empty sequence, each once; seed: an int or any name, which decides the whole sequence of
    draws; the global generator is untouched. Raises ValueError for an empty sequence or one with repetitions,
    TypeError for anything else, such as text.
    """

    def __init__(self, architectures, seed=0):
        self.architectures = asking.architectures(architectures)
        self._generator = generator("sampler", asking.seed(seed))

    def sample(self):
        """The architecture for the next step."""
        index = torch.randint(len(self.architectures), (), generator=self._generator, device="cpu")
        return self.architectures[index]

    def update(self, arch, reward):
        """Learn from the reward, the batch's top-1 in [0, 1]: a uniform sampler has nothing to learn."""

    def state_dict(self):
        """All that the next draws depend on; torch.load(weights_only=True) reads it back."""
        return {"generator": self._generator.get_state()}

    def load_state_dict(self, state):
        """Go on with the sequence from where `state` was taken."""
        self._generator.set_state(state["generator"])
