"""The subnet explorer: how it asks a subnet of any supernet, and what it shows of the answers.

Its states are numbered: each architecture comes with each of the statistics that it may use. A page has all
states written out (`whole_page`); the live one extracts and asks as the reader chooses (kit.live).
"""

from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import torch

from kit.layout import Layout, kernel_layout, parallel_layout, supernet_layout
from kit.markup import CHOSEN, PLAIN, lights, page, picture_uri, select, supernet_svg, table, texts
from kit.play_facts import NAMED
from nas.evaluation import cost_table, needed, predict, recalibrate
from nas.methods.kernels import KernelSupernet
from nas.methods.parallel import ParallelSupernet
from nas.supernet import DepthSupernet

STATISTICS = tuple(NAMED.values())
NOT_ASKED = "not asked yet"


@dataclass(frozen=True)
class Facts:
    """What an explorer knows before it asks anything.

    split: what the images are, in words; training_images: for recalculated statistics, or None; columns: {what an
    architecture costs: a text for each}; layout: the drawing on which a path is shown, or None.
    """

    net: torch.nn.Module
    images: torch.Tensor
    labels: list
    split: str
    training_images: torch.Tensor | None
    columns: dict
    choice: str
    layout: Layout | None

    @property
    def archs(self):
        return self.net.architectures

    @property
    def statistics(self):
        return (None,) if self.training_images is None else STATISTICS

    @cached_property
    def states(self):
        """(architecture, statistics) of each state, in the order in which the controls count."""
        return list(product(self.archs, self.statistics))

    @cached_property
    def controls(self):
        """Each control's label, and its choices."""
        places = [sorted(set(column)) for column in zip(*self.archs, strict=True)]
        free = list(product(*places)) == list(self.archs)  # each place by itself; else one choice of the whole
        chosen = [(f"{self.choice} {i}", each) for i, each in enumerate(places, 1)] if free else [("path", self.archs)]
        return chosen if self.training_images is None else [*chosen, ("statistics", STATISTICS)]

    @cached_property
    def pictures(self):
        return [picture_uri(image[0].cpu()) for image in self.images]


def gather(net, images, labels, split="", training_images=None):
    """The Facts of a supernet and a few images: costs from a copy on the CPU. Arguments and errors: see `explorer`."""
    labels = [int(label) for label in labels]
    if not labels or len(images) != len(labels):
        raise ValueError(f"{len(images)} images, {len(labels)} labels: pass one or more images and a label for each")
    if training_images is not None:
        needed(net)
    archs, costs = net.architectures, cost_table(deepcopy(net).cpu())
    columns = {
        "parameters": [f"{costs[arch][0]:,}" for arch in archs],
        "multiply-adds": [f"{costs[arch][1]:,}" for arch in archs],
    }
    return Facts(net, images, labels, split, training_images, columns, *drawn(net))


def drawn(net):
    """What is chosen in a supernet's space, and its drawing if there is one."""
    if isinstance(net, KernelSupernet):
        return "kernel of layer", kernel_layout(net)
    if isinstance(net, ParallelSupernet):
        return "kernels of layer", parallel_layout(net)
    if isinstance(net, DepthSupernet):
        return "depth of block", supernet_layout(net.depth)
    return "choice", None


def ask(facts, state, images=None):
    """Extract the subnet of a state and give its answers, ints, to images (N, 1, 28, 28), by default those of `facts`.

    The supernet is unchanged.
    """
    arch, statistics = state
    images = facts.images if images is None else images
    net, where = facts.net, next(facts.net.parameters()).device
    if statistics == STATISTICS[1]:
        model = recalibrate(net, arch, facts.training_images.to(where))
    else:
        model = net.extract(arch)
    return predict(model, images.to(where)).argmax(dim=-1).tolist()


def whole_page(facts, ident):
    """The explorer as HTML with all its states written out, so that it needs no kernel."""
    controls = "".join(select(f"{ident}-{i}", *control) for i, control in enumerate(facts.controls, 1))
    asked = {state: ask(facts, state) for state in facts.states}
    return page(controls + body(facts, asked, facts.states), "subnet explorer")


def body(facts, asked, shown):
    """Drawing, digits with answers, and the table of all subnets, as HTML.

    asked: {state: answers}; shown: the states that the page can show, at first the first.
    """
    archs = [arch for arch, _ in shown]
    drawing = supernet_svg(facts.layout, archs) if facts.layout else ""
    digits = [
        f'<div style="text-align:center"><img src="{uri}" alt="a {label}" width="44" height="44">'
        f"<br>{texts([says(asked[state][i], label) for state in shown])}</div>"
        for i, (uri, label) in enumerate(zip(facts.pictures, facts.labels, strict=True))
    ]
    rows = [
        [str(arch), *(column[i] for column in facts.columns.values()), among(facts, asked, arch, shown)]
        for i, arch in enumerate(facts.archs)
    ]
    marks = [lights([k for k, each in enumerate(archs) if each == arch], CHOSEN, PLAIN) for arch in facts.archs]
    return (
        f"{drawing}<p>{texts([summary(facts, asked, state) for state in shown], 'output')}</p>"
        f'<div style="display:flex;flex-wrap:wrap;gap:0.8em">{"".join(digits)}</div>'
        + table(["path", *facts.columns, "digits right"], rows, "all subnets", marks)
        + f"<p>{units(facts)}</p>"
    )


def summary(facts, asked, state):
    """One sentence on the subnet of a state."""
    arch, statistics = state
    place = facts.archs.index(arch)
    told = {title: column[place] for title, column in facts.columns.items()} | {
        "digits right": right(facts, asked[state])
    }
    name = f"path {arch}" + (f", statistics {statistics}" if statistics else "")
    return f"{name}: " + "; ".join(f"{title} {text}" for title, text in told.items())


def among(facts, asked, arch, shown):
    """What the table says of one architecture's answers, with the statistics of each state that the page can show."""
    found = [asked.get((arch, statistics)) for _, statistics in shown]
    told = [NOT_ASKED if answers is None else right(facts, answers) for answers in found]
    return texts(told) if len(set(told)) > 1 else told[0]


def right(facts, answers):
    """How many of the images are answered rightly."""
    return f"{sum(map(int.__eq__, answers, facts.labels))} of {len(facts.labels)}"


def says(answer, label):
    """An answer as it stands under its picture, marked by more than a colour."""
    return f"says {answer} {'✓' if answer == label else '✗'}"


def units(facts):
    """Which images the answers are for, and what the columns count."""
    which = f"of the {len(facts.labels)} images above{facts.split and f', {facts.split}'}"
    return f"Digits right: {which}. Multiply-adds: of one image."
