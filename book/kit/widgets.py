"""Choices for the reader: the subnet explorer, live or on a static page, and knobs that change numbers in a page."""

from copy import deepcopy
from dataclasses import dataclass
from html import escape

from kit.layout import COLOURS, Layout, kernel_layout, supernet_layout
from kit.markup import CELL, lights, page, picture_uri, select, slider, supernet_svg, table, texts
from nas.costs import cost_table
from nas.evaluation import predict_all
from nas.kernels import KernelSupernet
from nas.methods.bandits import EpsilonGreedySampler
from study.choosing import picks_within
from study.statistics import mean_interval
from study.toys import play

CHOSEN, PLAIN = "background:rgba(0,114,178,0.3);font-weight:bold", "font-weight:normal"
TILE = "padding:0.3em 0.6em;border-radius:4px;text-align:center;"
FITS = f"{TILE}border:2px solid {COLOURS[0]};background:rgba(0,114,178,0.22)"
TOO_BIG = f"{TILE}border:2px dashed currentColor;opacity:0.7"
NEAR = 0.02  # a path counts as well served within two points of the best it gets
EPSILONS = (0.05, 0.2, 0.5, 1.0)
DISCOUNTS = (1.0, 0.999, 0.99, 0.9)
OPENS = 0.2, 1.0, "identical"  # the sampler that R3 took, where there is nothing to find
RUNS = 20
STEPS = 1_287  # three epochs of MNIST in batches of 128
CELLS = 12  # of a bar
EXPLAINED = {
    True: "Regret: points of top-1 below the best network that fits, mean of {} seeds [95 % interval]; ×: on so many.",
    False: "Regret: points of top-1 below the best network that fits, on one seed: an anecdote.",
}


@dataclass(frozen=True)
class Facts:
    """What an explorer tells of each architecture: {title: texts}, and answers to the pictures beside their labels.

    choice: what is chosen, twice; layout: the drawing on which a path is shown.
    """

    choice: str
    layout: Layout
    archs: tuple
    columns: dict
    answers: list
    labels: list
    pictures: list

    @property
    def options(self):
        """Of each of the two choices its label, and what there is to choose."""
        columns = enumerate(zip(*self.archs, strict=True), 1)
        return [(f"{self.choice} {place}", sorted(set(column))) for place, column in columns]


def explorer(net, images, labels, accuracies=None):
    """A live ipywidgets.VBox: choose the depth of each block, or kernel of each layer; see path, costs and answers.

    net: a DepthSupernet or KernelSupernet; images: (N, 1, 28, 28), a few; labels: (N,). accuracies: {title: top-1},
    each a dict or series over the net's architectures. ValueError for no images, unequal lengths, or accuracies of
    another net.
    """
    import ipywidgets

    facts = gather(net, images, labels, accuracies)
    style = {"description_width": "initial"}
    choices = [ipywidgets.Dropdown(options=values, description=label, style=style) for label, values in facts.options]
    body = ipywidgets.HTML()

    def redraw(change=None):
        body.value = explorer_body(facts, facts.archs.index(tuple(choice.value for choice in choices)))

    for choice in choices:
        choice.observe(redraw, names="value")
    redraw()
    return ipywidgets.VBox([ipywidgets.HBox(choices), body])


def static_explorer(net, images, labels, accuracies=None, ident="explorer"):
    """The same choice as HTML, with all that it can show written out. Arguments as of `explorer`.

    ident: names its controls; a second explorer on a page needs another.
    """
    facts = gather(net, images, labels, accuracies)
    controls = [select(f"{ident}-{place}", *option) for place, option in enumerate(facts.options, 1)]
    return page("".join(controls) + explorer_body(facts, 0), "subnet explorer")


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


def gather(net, images, labels, accuracies=None):
    """The Facts of all subnets: one pass over the images with running statistics; costs from a copy on the CPU."""
    labels = [int(label) for label in labels]
    if not labels or len(images) != len(labels):
        raise ValueError(f"{len(images)} images, {len(labels)} labels: pass one or more images and a label for each")
    archs = net.architectures
    costs = cost_table(deepcopy(net).cpu())
    columns = {
        "parameters": [f"{costs[arch][0]:,}" for arch in archs],
        "multiply-adds": [f"{costs[arch][1]:,}" for arch in archs],
    }
    for title, values in (accuracies or {}).items():
        if not hasattr(values, "keys") or set(values.keys()) != set(archs):
            raise ValueError(
                f"accuracies: {title!r} is not over this net's architectures; pass {{title: {{arch: top-1}}}}"
            )
        columns[str(title)] = [f"{100 * values[arch]:.2f} %" for arch in archs]
    where = next(net.parameters()).device
    answers = predict_all(net, images.to(where)).argmax(dim=-1).tolist()
    right = [sum(map(int.__eq__, given, labels)) for given in answers]
    columns["digits right"] = [f"{count} of {len(labels)}" for count in right]
    pictures = [picture_uri(image[0].cpu()) for image in images]
    return Facts(*drawn(net), archs, columns, answers, labels, pictures)


def drawn(net):
    """What is chosen in a supernet's space, and its layout."""
    if isinstance(net, KernelSupernet):
        return "kernel of layer", kernel_layout(net)
    return "depth of block", supernet_layout(net.depth)


def explorer_body(facts, now):
    """Drawing, digits with answers, and the table of all subnets, in the state of architecture number `now`."""
    summaries = [
        f"path {arch}: " + "; ".join(f"{title} {column[k]}" for title, column in facts.columns.items())
        for k, arch in enumerate(facts.archs)
    ]
    digits = [
        f'<div style="text-align:center"><img src="{uri}" alt="a {label}" width="44" height="44">'
        f"<br>{texts([says(answers[place], label) for answers in facts.answers], now)}</div>"
        for place, (uri, label) in enumerate(zip(facts.pictures, facts.labels, strict=True))
    ]
    rows = [[str(arch), *(column[k] for column in facts.columns.values())] for k, arch in enumerate(facts.archs)]
    marks = [lights([k], now, CHOSEN, PLAIN) for k in range(len(rows))]
    return (
        f"{supernet_svg(facts.layout, facts.archs, now)}<p>{texts(summaries, now, 'output')}</p>"
        f'<div style="display:flex;flex-wrap:wrap;gap:0.8em">{"".join(digits)}</div>'
        + table(["path", *facts.columns], rows, "all subnets", marks)
    )


def says(answer, label):
    """An answer as it stands under its picture, marked by more than a colour."""
    return f"says {answer} {'✓' if answer == label else '✗'}"


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
