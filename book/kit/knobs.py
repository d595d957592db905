"""Figures with a knob, without a kernel: a choice changes numbers in the page."""

from html import escape

from kit.markup import CELL, lights, page, select, slider, table, texts
from kit.widgets import CHOSEN, PLAIN
from nas.methods.bandits import EpsilonGreedySampler
from study.statistics import mean_interval
from study.toys import play

NEAR = 0.02  # a path counts as well served within two points of the best it gets


def matrix_knob(shares, ident="matrix"):
    """A choice of statistics as HTML, and with them the top-1 of every path; those near their best stand out.

    shares: a frame in [0, 1], a row a choice, a column an architecture (d1, d2). ident: names the control; a second
    one on a page needs another. ValueError for an empty frame.
    """
    if shares.empty:
        raise ValueError("nothing to choose from: pass a frame with a row a choice and a column an architecture")
    served = shares >= shares.max() - NEAR
    said = [f"{sum(row)} of {len(row)} paths within two points of their best" for row in served.to_numpy()]
    cells = {arch: cell(shares[arch], served[arch]) for arch in shares}
    depths = sorted({d1 for d1, _ in shares})
    rows = [[f"block 1 of depth {d1}", *(cells[arch] for arch in shares if arch[0] == d1)] for d1 in depths]
    titles = ["", *(f"block 2 of depth {d2}" for d2 in sorted({d2 for _, d2 in shares}))]
    control = select(ident, "statistics", [str(choice) for choice in shares.index])
    return page(
        f"{control}<p>{texts(said, 0, 'output')}</p>{table(titles, rows, 'top-1 of every path')}",
        "whose statistics serve whom",
    )


def cell(column, served):
    """The top-1 of one path in percent for each choice; bold and tinted where it is near its best."""
    on = [place for place, near in enumerate(served) if near]
    numbers = [f"{100 * share:.1f} %" for share in column]
    return f"<span {lights(on, 0, f'{CHOSEN};{CELL}', f'{PLAIN};{CELL}')}>{texts(numbers, 0)}</span>"


def images_knob(curves, ident="images"):
    """A slider over numbers of images as HTML, and what each way of using them gives: top-1 in percent.

    curves: {name: frame (seed, number of images) in [0, 1]}, over the same numbers; with several seeds, mean and 95 % t
    interval. ident: as of matrix_knob. ValueError for no curve, or for different numbers of images.
    """
    sizes = [list(frame.columns) for frame in curves.values()]
    if not sizes or any(other != sizes[0] for other in sizes):
        raise ValueError("pass one or more {name: frame}, all over the same numbers of images")
    steps = [f"{size:,} image{'s' if size > 1 else ''}" for size in sizes[0]]
    rows = [[escape(name), texts([percent(frame[size]) for size in sizes[0]], 0)] for name, frame in curves.items()]
    shown = table(["", "top-1, %"], rows, "top-1 after so many images")
    return page(slider(ident, "images", steps) + shown, "number of images")


def percent(shares):
    """A mean over seeds with its 95 % t interval, in percent; one seed's figure alone."""
    if len(shares) < 2:
        return f"{100 * shares.iloc[0]:.1f}"
    mean, low, high, _ = mean_interval(100 * shares)
    return f"{mean:.1f} [{low:.1f}, {high:.1f}]"


EPSILONS = (0.2, 0.05, 0.5, 1.0)  # what R3 took comes first: a page opens with its sampler
DISCOUNTS = (1.0, 0.999, 0.99, 0.9)
RUNS = 20
STEPS = 1_287  # three epochs of MNIST in batches of 128
CELLS = 12  # of a bar


def bandit_knob(ceilings, steps=STEPS, runs=RUNS, ident="bandit"):
    """The share of steps that epsilon-greedy gives each arm, as HTML: choose epsilon, discount and the arms.

    ceilings: {architecture: accuracy in [0, 1] that it rises to}, the real arms; the identical ones all rise to their
    mean. Every choice is `runs` runs of study.toys without training. ident: names its controls; a second knob
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
        sampler = EpsilonGreedySampler(ceilings, seed, epsilon=epsilon, discount=discount)
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
