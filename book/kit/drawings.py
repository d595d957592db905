"""The book's schematic drawings: supernet and path, NAS block, tree of prefixes, two bells, digits."""

from itertools import product

import numpy as np
from matplotlib.colors import to_rgba
from matplotlib.patches import FancyBboxPatch
from scipy.stats import norm

from kit.layout import COLOURS, chain_layout, is_on, kernel_layout, supernet_layout, tree_layout
from kit.picture import blank, drawn
from nas.asking import whole

UNIT = 0.01  # inches of a layout's unit
GREY = "#767676"
LIT, FAINT = ("black", "-", 1.6), (GREY, (0, (4, 3)), 1.0)  # colour, line style and line width on and off a path
FILLS = tuple(to_rgba(colour, 0.25) for colour in COLOURS)  # a tint of any ground, on which its text reads


@drawn
def draw_supernet(depth=3, arch=None):
    """The supernet with NAS blocks of `depth` layers, and the path of an architecture (d1, d2) in strong lines.

    Raises ValueError for an architecture outside the space, or a depth that is not an int above 0.
    """
    whole("depth", depth)
    if arch is not None and arch not in tuple(product(range(1, depth + 1), repeat=2)):
        raise ValueError(f"architecture {arch!r} is not in this space: choose two depths from 1 to {depth}")
    layout = supernet_layout(depth)
    return draw(layout, lambda shape: arch is None or is_on(shape, arch), fill=lambda box: FILLS[0])


@drawn
def draw_kernels(net, arch=None):
    """A KernelSupernet, and the path of an architecture (k1, k2) in strong lines. Errors: see net.check."""
    if arch is not None:
        net.check(arch)
    return draw(kernel_layout(net), lambda shape: arch is None or is_on(shape, arch), fill=lambda box: FILLS[0])


@drawn
def draw_tree(depth=3):
    """All architectures as a tree of prefixes: each box is computed once and serves all leaves behind it.

    Each depth of block 1 has a row and a colour. Raises ValueError unless depth is an int from 1 to 6.
    """
    if whole("depth", depth) > len(FILLS):
        raise ValueError(f"depth is {depth}: the drawing has colours for depths to {len(FILLS)}")
    return draw(tree_layout(depth), fill=lambda box: FILLS[box.on[0] - 1] if box.on else "none")


@drawn
def draw_block(channels, depth=3):
    """A NAS block layer by layer, a row each, with the exit that ends the path of each depth.

    Raises ValueError if channels or depth is not an int above zero.
    """
    layout = chain_layout(whole("channels", channels), whole("depth", depth))
    return draw(layout, fill=lambda box: FILLS[0] if box.on else "none")


@drawn
def draw_bells(panels):
    """Normal distributions that enter a normalisation; what lies above ReLU's border survives, and is filled.

    panels: {title: {name of a path: (mean, deviation, border)}}, drawn below each other on one axis.
    """
    picture = blank(1.6 * len(panels) + 0.3)
    rows = picture.subplots(len(panels), sharex=True, squeeze=False)[:, 0]
    for axes, (title, paths) in zip(rows, panels.items(), strict=True):
        axes.set(title=title, yticks=[], ylim=(0, 0.55))
        axes.spines["left"].set_visible(False)
        for colour, style, (name, (mean, deviation, border)) in zip(COLOURS, ("-", "--"), paths.items(), strict=False):
            x = np.linspace(mean - 4 * deviation, mean + 4 * deviation, 200)
            height = norm.pdf(x, mean, deviation)
            axes.plot(x, height, color=colour, ls=style, lw=1.6)
            axes.fill_between(x, height, where=x >= border, color=colour, alpha=0.3, lw=0)
            axes.axvline(border, ymax=0.8, color="black", ls=":", lw=1.4)
            share = norm.sf(border, mean, deviation)
            axes.text(mean, 0.48, f"{name}: {100 * share:.0f} % survive", ha="center", va="center")
    rows[-1].set_xlabel("what enters the normalisation; dotted: ReLU's border")
    return picture


@drawn
def draw_images(images, labels=None, answers=None):
    """Digits, five in a row; above each its label, and a network's answer, marked where it is wrong.

    images: (N, 1, 28, 28); labels, answers: (N,). Raises ValueError for no image or unequal lengths.
    """
    count = len(images)
    if not count or any(len(given) != count for given in (labels, answers) if given is not None):
        raise ValueError(f"{count} images: pass one or more, and as many labels and answers")
    rows = -(-count // 5)  # five in a row: their texts then stand apart
    picture = blank(rows * (1.4 if answers is not None else 1.2))
    for place in range(count):
        axes = picture.add_subplot(rows, min(count, 5), place + 1)
        axes.imshow(images[place, 0].cpu().numpy(), cmap="gray_r")
        axes.set(xticks=[], yticks=[])
        wrong = labels is not None and answers is not None and int(answers[place]) != int(labels[place])
        lines = [] if labels is None else [f"is {int(labels[place])}"]
        lines += [] if answers is None else [f"{'✗' if wrong else ''} says {int(answers[place])}"]
        axes.set_title("\n".join(lines), color=COLOURS[1] if wrong else "black")
        axes.spines[:].set(color=COLOURS[1] if wrong else GREY, lw=2 if wrong else 0.5)
    return picture


def draw(layout, lit=lambda shape: True, fill=lambda box: "none"):
    """A layout as a figure. lit: is a shape on the path? fill: the colour of a box that is."""
    width, height = layout.width + 4, layout.height + 4
    picture = blank(UNIT * height, UNIT * width)
    picture.set_layout_engine("none")
    axes = picture.add_axes((0, 0, 1, 1))
    axes.set(xlim=(-2, width - 2), ylim=(height - 2, -2))
    axes.set_axis_off()
    for frame in layout.frames:
        _rectangle(axes, frame, "none", (GREY, "-", 0.8))
        axes.text(frame.x + 8, frame.y + 6, frame.text, va="top")
    for arrow in sorted(layout.arrows, key=lit):  # a lit line lies above the faint one it shares a stretch with
        _arrow(axes, arrow, LIT if lit(arrow) else FAINT)
    for box in layout.boxes:
        pen = LIT if lit(box) else FAINT
        if box.edge:
            _rectangle(axes, box, fill(box) if lit(box) else "none", pen)
        x, y = box.x + box.width / 2, box.y + box.height / 2
        axes.text(x, y, box.text, ha="center", va="center", color=pen[0])
    return picture


def _rectangle(axes, box, fill, pen):
    colour, style, width = pen
    shape = "round,pad=0,rounding_size=6"
    options = {"facecolor": fill, "edgecolor": colour, "linestyle": style, "linewidth": width}
    axes.add_patch(FancyBboxPatch((box.x, box.y), box.width, box.height, shape, **options))


def _arrow(axes, arrow, pen):
    colour, style, width = pen
    axes.plot(*zip(*arrow.points, strict=True), color=colour, ls=style, lw=width, solid_capstyle="butt")
    if arrow.head:
        tail, tip = arrow.points[-2:]
        options = {"arrowstyle": "-|>", "color": colour, "lw": width, "shrinkA": 0, "shrinkB": 0}
        axes.annotate("", tip, tail, arrowprops=options)
