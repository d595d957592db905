"""Choices for the reader: the subnet explorer, live or on a static page, and a slider over budgets."""

from html import escape

from kit.explorer import gather
from kit.layout import COLOURS
from kit.markup import lights, page, slider, table, texts
from study.analysis.choosing import picks_within

TILE = "padding:0.3em 0.6em;border-radius:4px;text-align:center;"
FITS = f"{TILE}border:2px solid {COLOURS[0]};background:rgba(0,114,178,0.22)"
TOO_BIG = f"{TILE}border:2px dashed currentColor;opacity:0.7"
EXPLAINED = {
    True: "Regret: points of top-1 below the best network that fits, mean of {} seeds [95 % interval]; ×: on so many.",
    False: "Regret: points of top-1 below the best network that fits, on one seed: an anecdote.",
}


def explorer(net, images, labels, split="", training_images=None, ident="live", data=None):
    """A live ipywidgets.VBox: choose a path; the subnet is extracted and asked. On a page without kernel, its twin.

    net: any supernet that has `architectures` and `extract`; images: (N, 1, 28, 28), a few; labels: (N,). split: what
    the images are, in words. training_images: with them, statistics recalculated for the path can be chosen too. ident:
    names the twin's controls. data: the Dataset that net was trained on; with it, a digit of the reader's own can be
    pasted, as the pad in the page copies it. ValueError for no images, unequal lengths, or training images for a net
    without batch normalisation.
    """
    from kit.live import Explorer

    return Explorer(gather(net, images, labels, split, training_images), ident, data)


def explorer_on(net, data, statistics=False, ident="live"):
    """The explorer of a supernet on the Dataset that it was trained on: eight validation images, and one's own digit.

    statistics: whether those recalculated for the path, on 500 training images, can be chosen too. ident, errors:
    see `explorer`.
    """
    shown, images = data.validation.take(8), data.train.images[:500] if statistics else None
    split = f"validation images of {data.name}"
    return explorer(net, shown.images, shown.labels, split, images, ident, data)


def budget_slider(costs, truth, picks, ident="budget"):
    """A slider over budgets as HTML: the networks that fit light up; what each way of choosing takes, and its regret.

    costs, truth, picks and errors: see study.analysis.choosing.picks_within; ident: names its slider.
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
        tiles.append(f"<div {lights(fits, FITS, TOO_BIG)}>{arch}</div>")
    depth = max(d2 for _, d2 in costs.index)
    shape = f"display:grid;grid-template-columns:repeat({depth},max-content);gap:0.3em;margin-top:0.8em"
    rows = []
    for name in dict.fromkeys(pick.name for pick in found):
        mine = [pick for pick in found if pick.name == name]
        rows.append([escape(name), texts([lost(pick) for pick in mine]), texts([taken(pick) for pick in mine])])
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
