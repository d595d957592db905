"""Schedules: samplers that deal architectures in rounds, so that each has its share of the steps."""

from copy import deepcopy

import torch

from nas import asking
from nas.seeding import generator


class Sampler:
    """What all other samplers share: they deal architectures in rounds; a learner's round is a single one.

    architectures: a non-empty sequence, each once; seed: an int or any name. The same seed and rewards give the same
    sequence of draws; the global generator is untouched. A subclass says what a round holds (_deal), and adds
    to _memory those of its attributes (plain values and lists) that change with the steps; all others are its settings.
    Raises ValueError for an empty sequence or one with repetitions.
    """

    _memory = ("_round",)

    def __init__(self, architectures, seed=0):
        self.architectures = asking.architectures(architectures)
        self._generator = generator("sampler", asking.seed(seed))
        self._round = []  # what is left of the round; the next is the last

    def sample(self):
        """The architecture for the next step."""
        if not self._round:
            self._round = self._deal()
        return self._round.pop()

    def update(self, arch, reward):
        """A schedule has nothing to learn, and does not even read the reward: on a GPU that would mean waiting."""

    def state_dict(self):
        """All that the next draws depend on; torch.load(weights_only=True) reads it back."""
        memory = {name: deepcopy(getattr(self, name)) for name in self._memory}
        return {"settings": self._settings(), "memory": memory, "generator": self._generator.get_state()}

    def load_state_dict(self, state):
        """Go on from where `state` was taken. ValueError if that was another kind of sampler or had other settings."""
        if state.get("settings") != self._settings():
            raise ValueError(
                f"the state is that of another sampler, {state.get('settings')}, and this one is {self._settings()}: "
                "load it into one of the same kind and settings"
            )
        vars(self).update(deepcopy(state["memory"]))
        self._generator.set_state(state["generator"])

    def _settings(self):
        changing = (*self._memory, "_generator")
        settings = {name: value for name, value in vars(self).items() if name not in changing}
        return {"sampler": type(self).__name__} | settings

    def _shuffled(self, items):
        return [items[index] for index in torch.randperm(len(items), generator=self._generator, device="cpu").tolist()]


class FairSampler(Sampler):
    """Every architecture once a round, in a new random order: after each round all have had equally many steps.

    Source: the strict fairness of Chu et al. 2021, FairNAS, made to fit one update a step. There each *choice* of a
    layer comes once before an update, which adds up the gradients of the round's paths. Here each *architecture* comes
    once, with an update of its own, so that those late in a round find weights that the early ones have moved.
    """

    def _deal(self):
        return self._shuffled(self.architectures)


class SandwichSampler(Sampler):
    """The smallest, the largest and `between` others in each round, drawn without repetition, in random order.

    The smallest is the least of the tuples and the largest the greatest, which in a full space have the smallest and
    the largest choice everywhere. between: from 0 to all others; with 2, as in the source's experiments, each end has
    a quarter of the steps.
    Source: Yu & Huang 2019, universally slimmable networks (the sandwich rule), made to fit one update a step. There a
    round is one update: the paths see the same batch, their gradients are added up, and the answers of the largest
    teach the others (in-place distillation). Here each path has a batch, an update and the true labels of its own.
    Raises ValueError for fewer than two architectures, or for a `between` out of range.
    """

    def __init__(self, architectures, seed=0, *, between=2):
        super().__init__(architectures, seed)
        others = len(self.architectures) - 2
        if others < 0:
            raise ValueError(f"architectures is {self.architectures}: a smallest and a largest are needed")
        self.between = asking.whole("between", between, 0, others)

    def _deal(self):
        smallest, *others, largest = sorted(self.architectures)
        return self._shuffled([smallest, largest, *self._shuffled(others)[: self.between]])
