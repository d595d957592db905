"""Search strategies on the tabular benchmark: each chooses a network by validation, within a budget of epochs.

A strategy is a function (runs, rng) -> architecture. It trains through `runs`, at a price, and draws from `rng` only.
"""

from collections import deque
from copy import deepcopy
from numbers import Integral

import torch
from torch.nn.functional import cross_entropy

from nas import asking
from nas.seeding import generator


class Runs:
    """Training runs of one seed that are looked up instead of trained, and paid for in epochs.

    curves: {arch: validation top-1 after each epoch}; shared: the same with a supernet's weights; budget: epochs.
    A run goes on from where it was: three epochs after one cost two more.
    """

    def __init__(self, curves, shared, budget):
        self.curves, self.shared, self.left = curves, shared, asking.whole("budget", budget, 0)
        self.epochs = len(next(iter(curves.values())))  # of a whole run
        self.done = dict.fromkeys(curves, 0)  # epochs so far
        self.log = []  # (arch, epochs in all), in the order of training; "supernet" for the supernet

    def train(self, arch, epochs):
        """Validation top-1 of a network after `epochs` epochs in all.

        ValueError if the budget does not allow it, or the network or epoch is not on record.
        """
        arch = asking.path(arch)
        epochs = int(epochs) if asking.is_number(epochs, Integral) else epochs  # NumPy's smallest ints would wrap
        if arch not in self.curves or type(epochs) is not int or epochs not in range(1, self.epochs + 1):
            nets = ", ".join(map(str, self.curves))
            raise ValueError(f"{arch!r} after {epochs} epochs is not on record: 1 to {self.epochs} epochs of {nets}")
        self.pay(max(0, epochs - self.done[arch]))
        self.done[arch] = max(epochs, self.done[arch])
        self.log.append((arch, epochs))
        return self.curves[arch][epochs - 1]

    def train_supernet(self):
        """Validation top-1 of all networks with shared weights; costs as many epochs as one whole run."""
        self.pay(self.epochs)
        self.log.append(("supernet", self.epochs))
        return {arch: curve[-1] for arch, curve in self.shared.items()}

    def pay(self, epochs):
        if asking.whole("epochs", epochs, 0) > self.left:
            raise ValueError(f"{epochs} epochs are asked for, {self.left} are left: a strategy must look at runs.left")
        self.left -= epochs


def largest(runs, rng):
    """Take the deepest network. Trains nothing."""
    return max(runs.curves, key=sum)


def random_search(runs, rng):
    """Train networks drawn at random, and take the best."""
    return best_of(runs, shuffled(runs.curves, rng))


def shared_ranking(runs, rng):
    """Train a supernet, then its favourites alone; take the best (after Bender et al. 2018).

    If the budget pays for the supernet only, take its favourite; if not even that, a random one.
    """
    if runs.left < runs.epochs:
        return shuffled(runs.curves, rng)[0]
    scores = runs.train_supernet()
    return best_of(runs, sorted(scores, key=scores.get, reverse=True))


def evolution(runs, rng, population=5, sample=3):
    """Mutate the best of a sample; the oldest dies, however good (Real et al. 2019).

    Unlike theirs, it trains a network only once: the table would repeat itself.
    """
    untrained, alive, scores = shuffled(runs.curves, rng), deque(maxlen=population), {}
    while untrained and runs.left >= runs.epochs:
        if len(alive) < population:
            child = untrained[0]
        else:
            parent = max(shuffled(alive, rng)[:sample], key=scores.get)
            child = mutate(parent, untrained, rng)
        untrained.remove(child)
        scores[child] = runs.train(child, runs.epochs)
        alive.append(child)  # when full, it drops its oldest
    return max(scores, key=scores.get) if scores else untrained[0]


def mutate(parent, candidates, rng):
    """A random candidate that differs from the parent in one choice; if there is none, any."""
    near = [arch for arch in candidates if sum(a != b for a, b in zip(arch, parent, strict=True)) == 1]
    return shuffled(near or candidates, rng)[0]


def successive_halving(runs, rng):
    """Train many for an epoch, the better half for two more, and so on (Jamieson & Talwalkar 2016).

    Each round trains twice as long as the one before, the last one to the end. It starts with
    as many random networks as the budget can take through all rounds.
    """
    rungs, counts = rounds(runs.epochs), range(1, len(runs.curves) + 1)
    fits = [count for count in counts if cost_of_halving(count, rungs) <= runs.left]
    alive = shuffled(runs.curves, rng)[: max(fits, default=0)]
    if not alive:
        return shuffled(runs.curves, rng)[0]
    for epochs in rungs:
        scores = {arch: runs.train(arch, epochs) for arch in alive}
        alive = sorted(alive, key=scores.get, reverse=True)[: half(len(alive))]
    return alive[0]


def rounds(epochs):
    """After how many epochs each round ends: 1, 1 + 2, 1 + 2 + 4, ..., and at last all `epochs`."""
    return sorted({min(2**k - 1, epochs) for k in range(1, epochs.bit_length() + 1)})


def cost_of_halving(networks, rungs):
    """Epochs that successive halving costs for this many networks."""
    total, before = 0, 0
    for epochs in rungs:
        total, before, networks = total + networks * (epochs - before), epochs, half(networks)
    return total


def half(networks):
    """How many of these networks go on: the larger half."""
    return (networks + 1) // 2


def best_of(runs, order):
    """Train networks to the end, in this order, while the budget lasts; the best, or else the first."""
    count = runs.left // runs.epochs
    scores = {arch: runs.train(arch, runs.epochs) for arch in order[:count]}
    return max(scores, key=scores.get) if scores else order[0]


def shuffled(items, rng):
    """The items in random order, as a list."""
    items = list(items)
    return [items[place] for place in torch.randperm(len(items), generator=rng, device="cpu")]


STRATEGIES = {
    "largest": largest,
    "random search": random_search,
    "regularised evolution": evolution,
    "successive halving": successive_halving,
    "shared ranking": shared_ranking,
}


def search(strategy, recorded, budget, seed, draw=0):
    """The network that a strategy takes within `budget` epochs.

    recorded: the pair of curves that Runs takes; seed and draw name the random numbers, and no two searches share any.
    """
    return follow(strategy, recorded, budget, seed, draw)[0]


def follow(strategy, recorded, budget, seed, draw=0):
    """What `search` gives, and the Runs as they are then. ValueError if it takes a network not among them."""
    if not callable(strategy):
        raise TypeError(f"strategy is {asking.named(strategy)}: it must be a function (runs, rng), e.g. random_search")
    runs = Runs(*recorded, budget)
    taken = strategy(runs, generator("search", strategy.__name__, asking.seed(seed), draw))
    if taken not in runs.curves:
        raise ValueError(f"{strategy.__name__} takes {taken!r}: choose one of {', '.join(map(str, runs.curves))}")
    return taken, runs


def bill(taken, runs, prices):
    """What a search computes until its network is trained, in whole trainings of the space's mean network.

    All that the log holds, and the rest of the training of `taken` if the search did not do it. prices: {arch: cost of
    an epoch} of the whole space; a supernet, one path per batch, evenly drawn, costs the mean. Evaluations are free.
    """
    mean = sum(prices.values()) / len(prices)
    costs, done = prices | {"supernet": mean}, {}
    for arch, epochs in (*runs.log, (taken, runs.epochs)):
        done[arch] = max(epochs, done.get(arch, 0))
    return sum(epochs * costs[arch] for arch, epochs in done.items()) / (mean * runs.epochs)


def synflow(model, shape=(1, 28, 28)):
    """Sum over all parameters of |w| dR/d|w|, a positive number; R: the sum of outputs for an image of ones.

    All parameters are replaced by their absolute values and nothing is normalised, so that R adds up the paths through
    the network, each with the product of its weights. No data is read, the model is unchanged. float64, since R grows
    as a power of the depth. Source: Tanaka et al. 2020; summed over a network to rank it: Abdelfattah et al. 2021.
    """
    twin = deepcopy(model).double().eval()  # batch normalisation of a fresh network in eval mode: almost the identity
    with torch.no_grad():
        for weight in twin.parameters():
            weight.abs_()
    twin(next(twin.parameters()).new_ones(1, *shape)).sum().backward()
    return sum((weight * weight.grad).sum().item() for weight in used(twin))


def gradient_norm(model, images, labels):
    """Euclidean norm of the loss's gradient on one batch, images (N, 1, 28, 28), labels (N,); the model is unchanged.

    Source: Abdelfattah et al. 2021.
    """
    twin = deepcopy(model).train()
    cross_entropy(twin(images), labels).backward()
    return sum(weight.grad.square().sum().item() for weight in used(twin)) ** 0.5


def used(model):
    """The parameters that have a gradient: those that are frozen, or off the path, add nothing to a score."""
    return [weight for weight in model.parameters() if weight.grad is not None]
