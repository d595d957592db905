"""Epsilon, discount and the arms as choices for the reader: what epsilon-greedy makes of rewards that rise."""

from nas.bandits import EpsilonGreedySampler
from nas.markup import page, select, table, texts
from nas.rising_rewards import play

EPSILONS = (0.2, 0.05, 0.5, 1.0)  # what R3 took comes first: a page opens with its sampler
DISCOUNTS = (1.0, 0.999, 0.99, 0.9)
RUNS = 20
STEPS = 1_287  # three epochs of MNIST in batches of 128
CELLS = 12  # of a bar


def bandit_knob(ceilings, steps=STEPS, runs=RUNS, ident="bandit"):
    """The share of steps that epsilon-greedy gives each arm, as HTML: choose epsilon, discount and the arms.

    ceilings: {architecture: accuracy in [0, 1] that it rises to}, the real arms; the identical ones all rise to their
    mean. Every choice is `runs` runs of nas.rising_rewards without training. ident: names its controls; a second knob
    on a page needs another. Raises ValueError for fewer than two architectures, or no run.
    """
    if len(ceilings) < 2 or runs < 1:
        raise ValueError(f"{len(ceilings)} ceilings, {runs} runs: pass two architectures or more, and one run or more")
    mean = sum(ceilings.values()) / len(ceilings)
    arms = {"identical": dict.fromkeys(ceilings, mean), "real": dict(ceilings)}
    found = [
        shares(rises, steps, runs, epsilon, discount)
        for epsilon in EPSILONS
        for discount in DISCOUNTS
        for rises in arms.values()
    ]
    controls = [("epsilon", EPSILONS), ("discount", DISCOUNTS), ("arms", arms)]
    chosen = "".join(select(f"{ident}-{name}", name, list(options)) for name, options in controls)
    tops = [f"{100 * values[arch]:.1f} %" for _ in found[::2] for values in arms.values() for arch in ceilings]
    rows = []
    for place, arch in enumerate(ceilings):
        lines = [bar(run[0][place]) for run in found]
        firsts = [f"{favourites(run).count(place)} of {runs}" for run in found]
        rows.append([str(arch), *(texts(column, 0) for column in (tops[place :: len(ceilings)], lines, firsts))])
    titles = ["arm", "rises to", "steps, first run", "taken most often in"]
    said = texts([summary(run) for run in found], 0, "output")
    return page(f"<p>{chosen}</p><p>{said}</p>{table(titles, rows, 'arms')}", "bandit")


def shares(ceilings, steps, runs, epsilon, discount):
    """A list of runs, each a list with the share of the steps of each arm."""
    found = []
    for seed in range(runs):
        sampler = EpsilonGreedySampler(ceilings, seed, epsilon, discount=discount)
        found.append([count / steps for count in play(sampler, ceilings, steps, seed=seed).counts().values()])
    return found


def favourites(run_shares):
    """The place of the arm taken most often in each run, the first of equals."""
    return [run.index(max(run)) for run in run_shares]


def summary(run_shares):
    """One sentence over all runs."""
    most = [max(run) for run in run_shares]
    return (
        f"The arm taken most often has {100 * sum(most) / len(most):.0f} % of the steps (mean of {len(most)} runs, "
        f"from {100 * min(most):.0f} % to {100 * max(most):.0f} %). Arms that are it in one run or another: "
        f"{len(set(favourites(run_shares)))} of {len(run_shares[0])}."
    )


def bar(share):
    """A share in percent, and as a bar of text."""
    filled = round(CELLS * share)
    return f"{100 * share:.0f} % {'█' * filled}{'░' * (CELLS - filled)}"
