"""Samplers that learn: bandits whose arms are the architectures. A reward is the top-1 of one batch, in [0, 1].

Learning from a reward means reading it, and on a GPU waiting for it; schedules (nas/methods/schedules.py) never do.
All sources assume that a step with one arm leaves the others unchanged; those of UCB1 and Thompson sampling also
assume that an arm's rewards keep their distribution. Subnets of one supernet share weights and all improve: what the
sources prove need not hold here.
"""

import math
from bisect import bisect
from itertools import accumulate

import torch

from nas import asking
from nas.methods.schedules import Sampler

FLOOR = 0.01  # least accuracy in ProportionalSampler: with probability zero a subnet could never recover


def fraction(name, value):
    """The number as a float. TypeError or ValueError, naming it, if not in [0, 1]."""
    value = asking.number(name, value, wanted="one number between 0 and 1")
    if not 0 <= value <= 1:  # NaN as well
        raise ValueError(f"{name} is {value}: it must lie between 0 and 1")
    return float(value)


def positive_fraction(name, value):
    """A fraction above 0."""
    if not fraction(name, value):
        raise ValueError(f"{name} is 0: it must lie above 0, and be at most 1")
    return float(value)


def one(reward):
    """A reward, a number or a tensor that holds one, as a float. Errors: see `fraction`."""
    single = isinstance(reward, torch.Tensor) and reward.numel() == 1 and not reward.is_meta
    return fraction("reward", reward.item() if single else reward)


def position(candidates, arch):
    """The place of `arch` among the candidates. ValueError, naming both, if it is not one of them."""
    try:
        return candidates.index(arch := asking.path(arch))
    except ValueError as error:  # an array too: it cannot be compared
        said = f"architecture {asking.named(arch)} is not a candidate"
        raise ValueError(f"{said}: choose one of {tuple(candidates)}") from error


class Learner(Sampler):
    """What the learners share: the sum of each architecture's rewards, and their number.

    discount: in (0, 1]; a reward has weight discount ** (steps since it came), in the sum and in the number. With 1
    all weigh the same; 0.99 remembers about the last hundred steps. Source: Garivier & Moulines 2011, discounted UCB.
    Raises ValueError for a reward outside [0, 1], and for an architecture that is not a candidate.
    """

    _memory = (*Sampler._memory, "steps", "earned", "seen", "_last")

    def __init__(self, architectures, seed=0):
        super().__init__(architectures, seed)
        self.discount = 1.0  # a subclass may offer another
        self.steps = 0  # rewards so far
        self._forget()

    def _forget(self):
        self.earned = [0.0] * len(self.architectures)  # the sum of each one's rewards, discounted
        self.seen = [0.0] * len(self.architectures)  # their number, discounted likewise
        self._last = [0] * len(self.architectures)  # the step of the last one

    def update(self, arch, reward):
        """Learn that the step with `arch` had this reward, the batch's top-1 in [0, 1]."""
        index, reward = position(self.architectures, arch), one(reward)
        self.steps += 1
        # Between two rewards both sums fade alike and keep their ratio, so fading them here is enough.
        fade = self.discount ** (self.steps - self._last[index])
        self.earned[index] = fade * self.earned[index] + reward
        self.seen[index] = fade * self.seen[index] + 1
        self._last[index] = self.steps

    def means(self, unseen=0.0):
        """The (discounted) mean reward of each architecture; `unseen` for one without any."""
        return [earned / seen if seen else unseen for earned, seen in zip(self.earned, self.seen, strict=True)]

    def _deal(self):
        return [self.architectures[self._choose()]]

    def _random(self, *shape):
        return torch.rand(shape, generator=self._generator, dtype=torch.float64, device="cpu")

    def _draw(self, weights):
        sums = [*accumulate(weights)]
        return bisect(sums, float(self._random()) * sums[-1], hi=len(sums) - 1)


class ProportionalSampler(Learner):
    """Draws in proportion to current accuracy, which counts as FLOOR at least, and as 1 for an unseen architecture.

    Current: the discounted mean. The kernel report names this direction, "in proportion to current metrics"; the
    details are ours.
    """

    def __init__(self, architectures, seed=0, *, discount=0.99):
        super().__init__(architectures, seed)
        self.discount = positive_fraction("discount", discount)

    def probabilities(self):
        """The next step's probabilities, one for each architecture; they sum to 1."""
        shares = [max(mean, FLOOR) for mean in self.means(unseen=1.0)]
        return [share / sum(shares) for share in shares]

    def _choose(self):
        return self._draw(self.probabilities())


class EpsilonGreedySampler(Learner):
    """Uniform for `warm_up` steps and, after them, with probability epsilon; otherwise the leader by mean reward.

    The defaults are the sampling report's, whose share of right answers is this mean if all batches are of one size; an
    unseen architecture counts as 0, and the first of equals leads. epsilon: in [0, 1]. warm_up: an int, 0 or more.
    discount: below 1, the leader is the one by discounted mean. ValueError for a setting out of range.
    """

    def __init__(self, architectures, seed=0, *, epsilon=0.2, warm_up=100, discount=1.0):
        super().__init__(architectures, seed)
        self.discount = positive_fraction("discount", discount)
        self.epsilon = fraction("epsilon", epsilon)
        self.warm_up = asking.whole("warm_up", warm_up, 0)

    def _choose(self):
        if self.steps < self.warm_up or float(self._random()) < self.epsilon:
            return self._draw([1.0] * len(self.architectures))
        means = self.means()
        return means.index(max(means))


class UCB1Sampler(Learner):
    """The architecture with the highest upper confidence bound; each unseen one first, ties in random order.

    Source: Auer, Cesa-Bianchi & Fischer 2002, figure 1 (UCB1), which leaves ties open.
    """

    def bounds(self):
        """mean + sqrt(2 ln(steps) / rewards seen) of each architecture, infinite for one without any."""
        return [
            mean + math.sqrt(2 * math.log(self.steps) / seen) if seen else math.inf
            for mean, seen in zip(self.means(), self.seen, strict=True)
        ]

    def _choose(self):
        bounds = self.bounds()
        return self._draw([bound == max(bounds) for bound in bounds])


class ThompsonSampler(Learner):
    """Draws an accuracy for each architecture from its posterior, and takes the one with the highest.

    The prior is Beta(1, 1), the uniform one. A batch counts as one trial: a reward r adds r to the successes and 1 - r
    to the failures. Agrawal & Goyal 2012 toss a coin of probability r instead; the counts agree in expectation.
    Source: Thompson 1933; Agrawal & Goyal 2012.
    """

    def posterior(self):
        """The parameters (a, b) of each architecture's Beta distribution."""
        return [(1 + earned, 1 + seen - earned) for earned, seen in zip(self.earned, self.seen, strict=True)]

    def _choose(self):
        from scipy.special import betaincinv  # here: its import takes longer than nas

        successes, failures = zip(*self.posterior(), strict=True)
        # By inversion, the quantile of a uniform number: the library's Beta draws from the global generator only.
        return int(betaincinv(successes, failures, self._random(len(self.architectures)).numpy()).argmax())


def exp3_gamma(arms, steps):
    """The gamma that Exp3's source recommends for this many arms and steps, if no step earns more than 1."""
    arms, steps = asking.whole("arms", arms), asking.whole("steps", steps)
    return min(1.0, math.sqrt(arms * math.log(arms) / ((math.e - 1) * steps)))


class Exp3Sampler(Learner):
    """Exponential weights: the less probable an architecture was, the more its reward counts.

    gamma: in (0, 1], the share of uniform sampling, and the speed of learning; 0.1 is about the exp3_gamma of nine
    architectures and 1,200 steps. Exp3 assumes nothing about how rewards change: an adversary may choose them.
    Source: Auer, Cesa-Bianchi, Freund & Schapire 2002 (Exp3). Raises ValueError for a gamma out of range.
    """

    _memory = (*Learner._memory, "log_weights")

    def __init__(self, architectures, seed=0, *, gamma=0.1):
        super().__init__(architectures, seed)
        self.gamma = positive_fraction("gamma", gamma)
        self.log_weights = [0.0] * len(self.architectures)

    def probabilities(self):
        """The next step's probabilities, one for each architecture; they sum to 1, none below gamma / architectures."""
        highest = max(self.log_weights)  # taken off, since the weights themselves would overflow
        weights = [math.exp(weight - highest) for weight in self.log_weights]
        return [(1 - self.gamma) * weight / sum(weights) + self.gamma / len(weights) for weight in weights]

    def update(self, arch, reward):
        """Learn that the step with `arch` had this reward, the batch's top-1 in [0, 1]."""
        super().update(arch, reward := one(reward))
        index, chances = position(self.architectures, arch), self.probabilities()
        self.log_weights[index] += self.gamma / len(chances) * reward / chances[index]

    def _choose(self):
        return self._draw(self.probabilities())


class HalvingSampler(Learner):
    """Prunes the space: fair rounds among the survivors; at the end of each stage the better half goes on.

    steps: the budget, shared equally by ceil(log2(architectures)) stages; nine have 4, with 9, 5, 3 and 2 survivors,
    halves being rounded up. Only the mean rewards of the stage decide: in it all had equally many steps, in turn, so
    rising accuracies favour none. The earlier of equals goes on. After the last stage every step is the winner's.
    Source: Jamieson & Talwalkar 2016, successive halving, which compares the latest losses; the mean over a stage is
    from Karnin, Koren & Somekh 2013. Raises ValueError if the first stage has less than one step for each.
    """

    _memory = (*Learner._memory, "survivors")

    def __init__(self, architectures, seed=0, *, steps):
        super().__init__(architectures, seed)
        arms = len(self.architectures)
        stages = max(1, (arms - 1).bit_length())  # log2, rounded up
        self.stage_steps = asking.whole("steps", steps) // stages
        if self.stage_steps < arms:
            raise ValueError(f"steps is {steps}: to halve {arms} architectures takes {stages * arms} or more")
        self.survivors = list(self.architectures)

    def update(self, arch, reward):
        """Learn that the step with `arch` had this reward, in [0, 1]. ValueError also for one that was pruned."""
        position(self.survivors, arch)
        super().update(arch, reward)
        turns = [seen for arch, seen in zip(self.architectures, self.seen, strict=True) if arch in self.survivors]
        if len(turns) > 1 and min(turns) >= self.stage_steps // len(turns):
            self._halve()

    def _halve(self):
        means = dict(zip(self.architectures, self.means(), strict=True))
        ranked = sorted(self.survivors, key=means.get, reverse=True)
        self.survivors = ranked[: (len(ranked) + 1) // 2]
        self._round = []
        self._forget()

    def _deal(self):
        return self._shuffled(self.survivors)
