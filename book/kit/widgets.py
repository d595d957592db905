"""Choices for the reader: the subnet explorer, live or on a static page, and knobs that change numbers in a page."""

from html import escape

from kit.explorer import gather, whole_page
from kit.layout import COLOURS
from kit.markup import lights, page, select, slider, table, texts
from nas.methods.bandits import EpsilonGreedySampler
from study.choosing import picks_within
from study.toys import play

TILE = "padding:0.3em 0.6em;border-radius:4px;text-align:center;"
FITS = f"{TILE}border:2px solid {COLOURS[0]};background:rgba(0,114,178,0.22)"
TOO_BIG = f"{TILE}border:2px dashed currentColor;opacity:0.7"
EPSILONS = (0.05, 0.2, 0.5, 1.0)
DISCOUNTS = (1.0, 0.999, 0.99, 0.9)
OPENS = 0.2, 1.0, "identical"  # the sampler that R3 took, where there is nothing to find
RUNS = 8
STEPS = 1_287  # three epochs of MNIST in batches of 128
CELLS = 12  # of a bar
EXPLAINED = {
    True: "Regret: points of top-1 below the best network that fits, mean of {} seeds [95 % interval]; ×: on so many.",
    False: "Regret: points of top-1 below the best network that fits, on one seed: an anecdote.",
}


def explorer(net, images, labels, accuracies=None, split="", training_images=None, ident="live", data=None):
    """A live ipywidgets.VBox: choose a path; the subnet is extracted and asked. On a page without kernel, its twin.

    net: any supernet that has `architectures` and `extract`; images: (N, 1, 28, 28), a few; labels: (N,). accuracies:
    {title: top-1}, each a dict or series over the net's architectures. split: what the images are, in words.
    training_images: with them, statistics recalculated for the path can be chosen too. ident: names the twin's
    controls. data: the Dataset that net was trained on; with it, a digit of the reader's own can be pasted, as the pad
    in the page copies it. ValueError for no images, unequal lengths, accuracies of another net, or training images for
    a net without batch normalisation.
    """
    from kit.live import Explorer

    return Explorer(gather(net, images, labels, accuracies, split, training_images), ident, data)


def explorer_on(net, data, statistics=False, ident="live"):
    """The explorer of a supernet on the Dataset that it was trained on: eight validation images, and one's own digit.

    statistics: whether those recalculated for the path, on 500 training images, can be chosen too. ident and errors: as
    of `explorer`.
    """
    shown, images = data.validation.take(8), data.train.images[:500] if statistics else None
    split = f"validation images of {data.name}"
    return explorer(net, shown.images, shown.labels, None, split, images, ident, data)


def static_explorer(net, images, labels, accuracies=None, split="", training_images=None, ident="explorer"):
    """The twin alone: HTML with all that it can show written out. Arguments and errors as of `explorer`."""
    return whole_page(gather(net, images, labels, accuracies, split, training_images), ident)


def budget_slider(costs, truth, picks, ident="budget"):
    """A slider over budgets as HTML: the networks that fit light up; what each way of choosing takes, and its regret.

    costs, truth, picks and errors: as of study.choosing.picks_within; ident: as of static_explorer.
    """
    found = picks_within(costs, truth, picks)
    budgets = sorted(set(costs))
    steps = [
        f"up to {budget / 1e6:,.2f} million multiply-adds: {(costs <= budget).sum()} of {len(costs)} networks fit"
        for budget in budgets
    ]
    tiles = []
    for arch, cost in zip(costs.index, costs, strict=True):
        fits = [step for step, budget in enumerate(budgets) if cost <= budget]
        tiles.append(f"<div {lights(fits, 0, FITS, TOO_BIG)}>{arch}</div>")
    depth = max(d2 for _, d2 in costs.index)
    shape = f"display:grid;grid-template-columns:repeat({depth},max-content);gap:0.3em;margin-top:0.8em"
    rows = []
    for name in dict.fromkeys(pick.name for pick in found):
        mine = [pick for pick in found if pick.name == name]
        rows.append([escape(name), texts([lost(pick) for pick in mine], 0), texts([taken(pick) for pick in mine], 0)])
    body = f'{slider(ident, "budget", steps)}<div style="{shape}">{"".join(tiles)}</div>'
    choices = table(["chosen by", "regret", "takes"], rows, "choices within the budget")
    return page(f"{body}{choices}<p>{EXPLAINED[found[0].regret.n > 1].format(found[0].regret.n)}</p>", "budget slider")


def taken(pick):
    """The architectures a pick takes, with the number of seeds where they differ."""
    if not pick.takes:
        return "each as often"
    counts = {arch: pick.takes.count(arch) for arch in sorted(set(pick.takes), key=pick.takes.count, reverse=True)}
    return str(pick.takes[0]) if len(counts) == 1 else ", ".join(f"{arch} ×{n}" for arch, n in counts.items())


def lost(pick):
    """The regret as text, with its interval where there is one."""
    mean, low, high, seeds = pick.regret
    return f"{mean:z.2f}" if seeds == 1 else f"{mean:z.2f} [{low:z.2f}, {high:z.2f}]"


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
    controls = {"epsilon": EPSILONS, "discount": DISCOUNTS, "arms": tuple(arms)}
    chosen, now = "", 0
    for (name, options), opens in zip(controls.items(), OPENS, strict=True):
        place = options.index(opens)
        chosen += select(f"{ident}-{name}", name, options, place)
        now = now * len(options) + place
    tops = [f"{100 * values[arch]:.1f} %" for _ in found[::2] for values in arms.values() for arch in ceilings]
    rows = []
    for place, arch in enumerate(ceilings):
        lines = [bar(run[0][place]) for run in found]
        firsts = [f"{favourites(run).count(place)} of {runs}" for run in found]
        rows.append([str(arch), *(texts(column, now) for column in (tops[place :: len(ceilings)], lines, firsts))])
    titles = ["arm", "rises to", "steps, first run", "taken most often in"]
    said = texts([summary(run) for run in found], now, "output")
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
