"""The book's schematic drawings: the supernet and a path in it, the NAS block, the tree of prefixes, digits."""

from io import BytesIO
from itertools import product

import numpy as np
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch
from matplotlib.transforms import Bbox
from PIL import Image

from kit.layout import COLOURS, chain_layout, is_on, kernel_layout, supernet_layout, tree_layout
from nas.asking import whole
from nas.costs import parameters

INCHES = 6.4  # width of most figures: on a telephone, text of 10 points then stays readable
UNIT = 0.01  # inches of a layout's unit
LIT, FAINT = ("black", "-", 1.6), ("#767676", "--", 1.0)  # colour, line style and line width on and off a path
PAPER = {"facecolor": "white", "alpha": 0.7, "linewidth": 0, "pad": 0.5}  # behind a name that crosses lines
FILLS = ("#CFE4F2", "#F8DCC8", "#C9E9DF", "#F4DEEA", "#FAE7C3", "#DDF0FB")  # COLOURS, light enough for black text


class Picture(Figure):
    """A matplotlib figure made without pyplot: shown once, where it is a cell's value, and kept nowhere else."""

    def _repr_png_(self):
        # IPython asks for this unless somebody imported pyplot, which registers a printer of its own.
        full, small = BytesIO(), BytesIO()
        self.savefig(full, format="png", dpi=150)
        # 128 colours look the same and take a third of the bytes, which every clone of the book pays for.
        Image.open(full).convert("RGB").quantize(128).save(small, format="png", optimize=True)
        return small.getvalue()


def figure(width, height):
    """An empty Picture of so many inches, which keeps its labels apart."""
    return Picture(figsize=(width, height), layout="constrained")


def draw_supernet(depth=3, arch=None):
    """The supernet with NAS blocks of `depth` layers, and the path of an architecture (d1, d2) in strong lines.

    Raises ValueError for an architecture outside the space, or a depth that is no int above zero.
    """
    whole("depth", depth)
    if arch is not None and arch not in tuple(product(range(1, depth + 1), repeat=2)):
        raise ValueError(f"architecture {arch!r} is not in this space: choose two depths from 1 to {depth}")
    layout = supernet_layout(depth)
    return draw(layout, lambda shape: arch is None or is_on(shape, arch), fill=lambda box: FILLS[0])


def draw_kernels(net, arch=None):
    """A KernelSupernet, and the path of an architecture (k1, k2) in strong lines. Errors as of net.check."""
    if arch is not None:
        net.check(arch)
    return draw(kernel_layout(net), lambda shape: arch is None or is_on(shape, arch), fill=lambda box: FILLS[0])


def draw_tree(depth=3):
    """All architectures as a tree of prefixes: each box is computed once and serves all leaves behind it.

    A row, and a colour, a depth of block 1. Raises ValueError for a depth that is no int from 1 to 6.
    """
    if whole("depth", depth) > len(FILLS):
        raise ValueError(f"depth is {depth}: the drawing has colours for depths to {len(FILLS)}")
    return draw(tree_layout(depth), fill=lambda box: FILLS[box.on[0] - 1] if box.on else "white")


def draw_block(channels, depth=3):
    """A NAS block layer by layer, a row a layer, with the exit that ends the path of each depth.

    Raises ValueError for channels or a depth that is no int above zero.
    """
    layout = chain_layout(whole("channels", channels), whole("depth", depth))
    return draw(layout, fill=lambda box: FILLS[0] if box.on else "white")


def draw_sharing(net):
    """Which weights which subnets of a supernet share: a row a layer, a column an architecture, filled where used.

    At the right the layer's parameters and the number of subnets that share them.
    """
    rows = layers(net)
    used = [[block is None or arch[block] >= layer for arch in net.architectures] for _, _, block, layer in rows]
    many = len(net.architectures)
    picture = figure(INCHES, 0.9 + 0.32 * len(rows))
    axes = picture.add_subplot()
    axes.pcolormesh(used, cmap=ListedColormap(["white", COLOURS[0]]), vmin=0, vmax=1, edgecolors="#767676", lw=0.5)
    axes.invert_yaxis()
    names = [str(arch) if many <= 9 else f"{arch[0]},{arch[1]}" for arch in net.architectures]
    axes.set_xticks([place + 0.5 for place in range(many)], names, rotation=0 if many <= 9 else 90)
    axes.set_yticks([place + 0.5 for place in range(len(rows))], [name for name, *_ in rows])
    axes.set(xlabel="architecture (depth of block 1, depth of block 2)")
    right = axes.secondary_yaxis("right")
    shares = [f"{parameters(module):,}, {sum(row)} nets" for (_, module, *_), row in zip(rows, used, strict=True)]
    right.set_yticks([place + 0.5 for place in range(len(rows))], shares)
    right.set_ylabel("parameters, and subnets that share them")
    for axis in (axes, right):
        axis.tick_params(length=0)
    return picture


def layers(net):
    """The parts of a supernet from input to output: (name, module, block or None, number of the layer in its block)."""
    first, second = (
        [(f"block {block + 1}, layer {k}", layer, block, k) for k, layer in enumerate(chain.layers, 1)]
        for block, chain in enumerate((net.block1, net.block2))
    )
    return [("stem", net.stem, None, 0), *first, ("down", net.down, None, 0), *second, ("head", net.head, None, 0)]


def draw_images(images, labels=None, answers=None):
    """A row of digits; above each its label, and a network's answer, marked where it is wrong.

    images: (N, 1, 28, 28); labels, answers: (N,). Raises ValueError for no image or unequal lengths.
    """
    count = len(images)
    if not count or any(len(given) != count for given in (labels, answers) if given is not None):
        raise ValueError(f"{count} images: pass one or more, and as many labels and answers")
    picture = figure(INCHES, max(0.9, INCHES / count) + (0.5 if answers is not None else 0.25))
    for place, axes in enumerate(picture.subplots(1, count, squeeze=False)[0]):
        axes.imshow(images[place, 0].cpu().numpy(), cmap="gray_r")
        axes.set(xticks=[], yticks=[])
        wrong = labels is not None and answers is not None and int(answers[place]) != int(labels[place])
        lines = [] if labels is None else [f"is {int(labels[place])}"]
        lines += [] if answers is None else [f"{'✗' if wrong else ''} says {int(answers[place])}"]
        axes.set_title("\n".join(lines), fontsize=10, color=COLOURS[1] if wrong else "black")
        axes.spines[:].set(color=COLOURS[1] if wrong else "#BBBBBB", lw=2 if wrong else 0.5)
    return picture


def draw(layout, lit=lambda shape: True, fill=lambda box: "white"):
    """A layout as a Picture. lit: is a shape on the path? fill: the colour of a box that is."""
    width, height = layout.width + 4, layout.height + 4
    picture = Picture(figsize=(UNIT * width, UNIT * height))
    axes = picture.add_axes((0, 0, 1, 1))
    axes.set(xlim=(-2, width - 2), ylim=(height - 2, -2))
    axes.set_axis_off()
    for frame in layout.frames:
        _rectangle(axes, frame, "none", ("#767676", "-", 0.8))
        axes.text(frame.x + 8, frame.y + 6, frame.text, va="top", fontsize=10)
    for arrow in sorted(layout.arrows, key=lit):  # a lit line lies above the faint one it shares a stretch with
        _arrow(axes, arrow, LIT if lit(arrow) else FAINT)
    for box in layout.boxes:
        pen = LIT if lit(box) else FAINT
        if box.edge:
            _rectangle(axes, box, fill(box) if lit(box) else "white", pen)
        x, y = box.x + box.width / 2, box.y + box.height / 2
        axes.text(x, y, box.text, ha="center", va="center", color=pen[0], fontsize=10)
    return picture


def name_points(picture, axes, x, y):
    """Write each architecture beside its point, at the first place where it covers no point and no other name."""
    picture.draw_without_rendering()  # from here on it is known where points lie
    taken = [Bbox.from_extents(*(at - 7), *(at + 7)) for at in axes.transData.transform(np.column_stack([x, y]))]
    for arch, point in zip(x.index, zip(x, y, strict=True), strict=True):
        for radius, angle in product((9, 16, 26), (30, -30, 150, -150, 80, -80, 100, -100)):
            shift = (radius * np.cos(np.radians(angle)), radius * np.sin(np.radians(angle)))
            sides = {"ha": "left" if shift[0] > 0 else "right", "va": "center"}
            name = axes.annotate(str(arch), point, shift, textcoords="offset points", fontsize=9, bbox=PAPER, **sides)
            box = name.get_window_extent()
            if not any(box.overlaps(other) for other in taken):
                break
            name.remove()
        else:
            axes.add_artist(name)  # crowded everywhere: better covered than absent
        taken.append(box)


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
