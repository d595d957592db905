"""Instruments for the reader's hand in the built page: their data, from records and the module, and their HTML.

Each is a box that the scripts in book/_static/play bring to life; what is written into it here is for readers without
script. A cell ends with one call, such as `sharing(net)`. In a running notebook the box shows that picture or table:
there nas.widgets is for the hand.
"""

import json
from html import escape

from IPython.display import HTML
from scipy.stats import norm

from kit.layout import COLOURS
from kit.markup import table
from kit.play_facts import (
    ARCHS,
    NAMED,
    STEPS,
    bench_facts,
    ensembling_facts,
    ranking_facts,
    replay_facts,
    sharing_facts,
    whose_facts,
)


def play(name, facts, picture, title, ident=None, needs=()):
    """The box of an instrument: HTML.

    name: of its script in book/_static/play; facts: what the script reads, plain JSON; picture: HTML for readers
    without script; ident: its name in the page's address, another one for a second box on a page; needs: names of the
    scripts it builds on.
    """
    text = json.dumps(facts, separators=(",", ":"))
    for sign, code in ("&", "&amp;"), ("'", "&#39;"), ("<", "&lt;"):
        text = text.replace(sign, code)
    return HTML(
        f'<div class="play" id="{escape(ident or name)}" data-play="{" ".join([*needs, name])}" '
        f"data-title=\"{escape(title)}\" data-facts='{text}'>{picture}</div>"
    )


def predict(question, choices=(), *, answer, near=(), unit=""):
    """A question that folds what follows until the reader has answered: HTML, as book/_static/play/predict.js asks.

    choices: two to four texts, the right one being choices[answer], and near holding the places that count as near;
    without choices, answer is a number, near how far off still counts as near, in `unit`. What stands before the
    question's colon is set in italics. ValueError for one choice or more than four, or an answer that is none of them.
    """
    if choices and not (2 <= len(choices) <= 4 and answer in range(len(choices))):
        raise ValueError(f"{len(choices)} choices, answer {answer}: pass two to four, and the place of the right one")
    if choices:
        answer, near = answer + 1, " ".join(str(place + 1) for place in near)
    before, _, asked = question.partition(":")
    items = "".join(f"<li>{escape(str(choice))}</li>" for choice in choices)
    return HTML(
        f'<div class="predict" data-answer="{answer}" data-near="{near or ""}" data-unit="{escape(unit)}">'
        f"<p><em>{escape(before)}:</em>{escape(asked)}</p>{items and f'<ul>{items}</ul>'}</div>"
    )


def bells(ident="bells"):
    """Two paths and one running mean. For Chapter 1."""
    return play("bells", {}, bells_picture(), "Two bells, one running mean", ident, ["curves"])


def bells_picture(gap=4):
    """Two bells `gap` deviations apart, and the running mean between them, as SVG."""
    steps = [-4 + place / 8 for place in range(8 * (gap + 8) + 1)]
    lines = "".join(
        f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="'
        + " ".join(f"{30 * (x + 4):.0f},{150 - 300 * norm.pdf(x - mean):.0f}" for x in steps)
        + f'"/><text x="{30 * (mean + 4):g}" y="20" text-anchor="middle" fill="currentColor">path {path}</text>'
        for path, mean, colour in (("A", 0, COLOURS[0]), ("B", gap, COLOURS[1]))
    )
    border = 30 * (gap / 2 + 4)
    return (
        f'<svg viewBox="0 0 {30 * (gap + 8)} 185" style="max-width:30em" role="img" aria-label="Two bells {gap} '
        f'deviations apart; the running mean lies between them.">{lines}'
        f'<path d="M{border:g} 30V155" stroke="currentColor" stroke-dasharray="5 4"/><text x="{border:g}" y="175" '
        'text-anchor="middle" fill="currentColor">running mean: ReLU cuts what lies to its left</text></svg>'
    )


def sharing(net, ident="sharing"):
    """Who shares what in a supernet of nine. For Chapter 2."""
    facts = {"width": net.stem[0].out_channels} | sharing_facts(net)
    rows = [[layer_name(layer), *(f"{cost:,}" for cost in costs)] for layer, costs in facts["layers"].items()]
    picture = table(["layer", "parameters", "multiply-adds"], rows, f"what each layer costs at W = {facts['width']}")
    return play("sharing", facts, picture, "Who shares what", ident)


def layer_name(layer):
    """A layer as the book calls it: "1.2" is block 1, layer 2."""
    return f"block {layer[0]}, layer {layer[2]}" if "." in layer else layer


def bench(
    ceiling,
    samplers=("uniform", "epsilon-greedy", "fair", "sandwich"),
    start=429,
    seeds=3,
    real=None,
    title="Sampler bench: who gets the steps?",
    ident="bench",
):
    """Two samplers side by side on identical arms. For Chapters 3, 9 and 9b.

    ceiling: the accuracy in [0, 1] to which identical arms rise; samplers: names in SAMPLERS, the first two shown
    first; start: the step shown first; seeds: how many there are to choose from; real: {architecture: accuracy} to
    which real arms rise, for the choice of either.
    """
    worlds = {"identical": dict.fromkeys(ARCHS, ceiling)} | ({"real": real} if real else {})
    facts = bench_facts(worlds, samplers, seeds) | {"start": start}
    first = facts["worlds"]["identical"]["seeds"][0]
    rows = [[name, *counted(run["picks"])] for name, run in first.items()]
    picture = table(["sampler", *map(str, ARCHS)], rows, f"steps of each subnet, of {STEPS}, identical arms, seed 0")
    return play("bench", facts, picture, title, ident)


def counted(picks):
    """How often each of the nine is drawn, as texts."""
    return [str(picks.count(str(place))) for place in range(len(ARCHS))]


def replay(records, batch_means, ident="replay"):
    """Recorded shared trainings, epoch by epoch. For Chapter 4.

    records: of nine-networks, with validation curves; batch_means: from study.analysis.batch_means, for the same seeds.
    """
    facts, last = replay_facts(records, batch_means), records[0]["validation"]["running"][-1]
    rows = [[str(arch), share(right, facts["of"])] for arch, right in zip(ARCHS, last, strict=True)]
    picture = table(["subnet", "top-1"], rows, "top-1 on validation after the last epoch, as trained")
    return play("replay", facts, picture, "Replay of a recorded training", ident)


def share(right, of):
    """Right answers in percent."""
    return f"{100 * right / of:.1f} %"


def ranking(records, ident="ranking"):
    """Rank the nine against the order from scratch. For Chapter 6. records: of nine-networks, two seeds or more."""
    facts = ranking_facts(records)
    means = [sum(run[place] for run in facts["scratch"]) / len(records) for place in range(len(ARCHS))]
    order = sorted(range(len(ARCHS)), key=lambda place: -means[place])
    rows = [[str(ARCHS[place]), share(means[place], facts["of"]), f"{facts['parameters'][place]:,}"] for place in order]
    picture = table(["subnet", "from scratch, top-1", "parameters"], rows, "the true order, best first")
    return play("ranking", facts, picture, "Rank it yourself", ident)


def whose(net, split, images, ident="whose"):
    """Whose statistics serve whom in a trained supernet. For Chapter 8. images: training images for recalculation."""
    facts = whose_facts(net, split, images)
    names = [NAMED["running"], *map(str, ARCHS)]
    rows = [
        [name, *(share(right, facts["of"]) for right in row)] for name, row in zip(names, facts["rows"], strict=True)
    ]
    picture = table(["statistics of", *map(str, ARCHS)], rows, "top-1 of every path with the statistics of every other")
    return play("whose", facts, picture, "Whose statistics?", ident, ["curves"])


def ensembling(net, split, images, ident="members"):
    """Build an ensemble of the nine. For Chapter 7.

    split: some 130 images, as the scores of more are too much for a page; images: training images for recalculation.
    """
    facts = ensembling_facts(net, split, images)
    rows = [[name, str(len(facts[kind]["images"]))] for kind, name in NAMED.items()]
    picture = table(["statistics", f"of {len(split)} images, some of the nine get wrong"], rows, "hard images")
    return play("ensembling", facts, picture, "Build an ensemble", ident)
