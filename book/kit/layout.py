"""Networks as boxes and arrows on a plane, which drawings and widgets draw, and what of them is on a path."""

from dataclasses import dataclass

# Okabe & Ito 2008, and two of our own for their pale ones: each has a contrast of 3 with white and with the dark page.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#7A6A3C", "#A64DFF")

WIDTH, HEIGHT = 79, 44  # of a box
STEP = 92  # from one column of boxes to the next: a telephone shows five of them with text that can be read
GAP = STEP - WIDTH
ROOM = 4  # between the last way out of a NAS block and its frame
ROW = 138  # from one NAS block to the one below
TOP = 44  # from the upper edge of a NAS block's frame to its boxes: room for its name and its exits


@dataclass(frozen=True)
class Box:
    """A rectangle with text, its upper left corner at (x, y). on: depths of `block` (0 or 1) on whose path it lies."""

    x: float
    y: float
    text: str
    block: int | None = None
    on: tuple = ()
    width: float = WIDTH
    height: float = HEIGHT
    edge: bool = True


@dataclass(frozen=True)
class Arrow:
    """A line through points (x, y). block, on: as in Box; head: does it end in an arrowhead?"""

    points: tuple
    block: int | None = None
    on: tuple = ()
    head: bool = True


@dataclass(frozen=True)
class Layout:
    """Boxes, arrows, and frames around groups of boxes, on a plane of this size; y grows downwards."""

    boxes: tuple
    arrows: tuple
    frames: tuple
    width: float
    height: float


def is_on(shape, arch):
    """Is a shape on the path of an architecture? What belongs to no block is on every path."""
    return shape.block is None or arch[shape.block] in shape.on


def supernet_layout(depth):
    """The supernet in two rows, each a NAS block of `depth` layers with an exit after every layer."""
    stem, down = 1 + STEP, 1 + GAP
    boxes1, arrows1, frame1, end1 = block_layout(0, depth, stem + STEP, 2, "W channels, 28×28")
    boxes2, arrows2, frame2, end2 = block_layout(1, depth, down + STEP, 2 + ROW, "2W channels, 14×14")
    upper, lower = boxes1[0].y, boxes2[0].y
    fixed = (
        Box(1, upper, "image\n1×28×28"),
        Box(stem, upper, "stem\nconv 3×3"),
        Box(down, lower, "down\nstride 2"),
        Box(end2[0] + GAP, lower, "head\n10 logits"),
    )
    turn, between = end1[0] + GAP / 2 + ROOM / 2, frame1.y + frame1.height + (ROW - frame1.height) / 2
    around = ((turn, end1[1]), (turn, between), (down - GAP, between), (down - GAP, end2[1]), (down, end2[1]))
    joints = (
        Arrow(((1 + WIDTH, end1[1]), (stem, end1[1]))),
        Arrow(((stem + WIDTH, end1[1]), (stem + STEP, end1[1]))),
        Arrow((end1, *around)),
        Arrow(((down + WIDTH, end2[1]), (down + STEP, end2[1]))),
        Arrow((end2, (end2[0] + GAP, end2[1]))),
    )
    arrows = (*arrows1, *arrows2, *joints)
    width, height = end2[0] + GAP + WIDTH + 1, frame2.y + frame2.height + 2
    return Layout((*fixed, *boxes1, *boxes2), arrows, (frame1, frame2), width, height)


def block_layout(block, depth, left, top, size):
    """(boxes, arrows, frame, exit point) of one NAS block whose first layer starts at `left`."""
    y, middle, rail = top + TOP, top + TOP + HEIGHT / 2, top + TOP - 14
    layers = range(1, depth + 1)
    end = left + (depth - 1) * STEP + WIDTH + GAP / 2
    boxes, arrows = [], []
    for layer in layers:
        x, deeper = left + (layer - 1) * STEP, tuple(range(layer, depth + 1))
        boxes.append(Box(x, y, f"layer {layer}\nconv 3×3", block, deeper))
        if layer > 1:
            arrows.append(Arrow(((x - GAP, middle), (x, middle)), block, deeper))
        right, leave = x + WIDTH, x + WIDTH + GAP / 2
        up = ((leave, rail),) if layer < depth else ()
        arrows.append(Arrow(((right, middle), (leave, middle), *up), block, (layer,), head=False))
        if up:  # the ways out share the rail: each stretch of it is drawn once, the last with the way down
            down = ((end, middle),) if layer + 1 == depth else ()
            stretch = ((leave, rail), (leave + STEP, rail), *down)
            arrows.append(Arrow(stretch, block, tuple(range(1, layer + 1)), head=False))
    name = f"NAS block {block + 1}: {size}"
    frame = Box(left - GAP / 2, top, name, width=end - left + GAP / 2 + ROOM, height=TOP + HEIGHT + 8)
    return tuple(boxes), tuple(arrows), frame, (end, middle)


def kernel_layout(net):
    """A KernelSupernet in one row: in each of its two layers one of two convolutions, one above the other."""

    def text(layer, kernel):
        sides = sorted({net.side(arch[: layer + 1]) for arch in net.architectures if arch[layer] == kernel})
        return f"conv {kernel}×{kernel}\nto " + " or ".join(f"{side}×{side}" for side in sides)

    return two_layers(text, {3: (3,), 5: (5,)}, net.embedding.size)


def parallel_layout(net):
    """A ParallelSupernet in one row: in each of its two layers one of two convolutions, or both."""
    return two_layers(
        lambda layer, kernel: f"conv {kernel}×{kernel}\nthen 1×1", {3: (3, 35), 5: (5, 35)}, net.head[0].in_features
    )


def two_layers(text, on, size):
    """Two layers with two convolutions each, in a row; text(layer, kernel): a box's; on: {kernel: choices with it}."""
    middle, left = 2 + 28 + HEIGHT + 11, 1 + WIDTH + 2 * GAP
    boxes, arrows, frames = [Box(1, middle - HEIGHT / 2, "image\n1×28×28")], [], []
    end = 1 + WIDTH
    for layer in (0, 1):
        arrows.append(Arrow(((end, middle), (left - 15, middle)), head=False))
        for kernel in (3, 5):
            top = middle + 11 if kernel == 5 else middle - 11 - HEIGHT
            boxes.append(Box(left, top, text(layer, kernel), layer, on[kernel]))
            arrows += around(boxes[-1], middle)
        frames.append(Box(left - 23, 2, f"layer {layer + 1}", width=WIDTH + 46, height=2 * HEIGHT + 62))
        end, left = left + WIDTH + 15, left + WIDTH + 30 + GAP + 16
    for last in (f"flatten\n{size:,}", "head\n10 logits"):
        arrows.append(Arrow(((end, middle), (end + GAP + 8, middle))))
        boxes.append(Box(end + GAP + 8, middle - HEIGHT / 2, last))
        end += GAP + 8 + WIDTH
    return Layout(tuple(boxes), tuple(arrows), tuple(frames), end + 1, frames[0].height + 4)


def around(box, middle):
    """The ways into and out of one of several boxes that stand above each other, from a line through their middle."""
    height, into, out = box.y + box.height / 2, box.x - 15, box.x + box.width + 15
    return (
        Arrow(((into, middle), (into, height), (box.x, height)), box.block, box.on),
        Arrow(((box.x + box.width, height), (out, height), (out, middle)), box.block, box.on, head=False),
    )


def chain_layout(channels, depth):
    """A NAS block in detail: a row per layer, from convolution to ReLU, each with a way out and a way on."""
    wide, left = WIDTH + 10, 1 + GAP
    step, pitch, name, back = wide + GAP, HEIGHT + 60, 24, left - GAP
    width, end = 3 * step, left + 3 * step - GAP
    boxes, frames, arrows = [Box(left, 1, f"input\n{channels}×H×W", width=wide)], [], []
    for layer in range(1, depth + 1):
        y = 1 + HEIGHT + 14 + name + (layer - 1) * pitch
        middle = y + HEIGHT / 2
        frames.append(Box(left - GAP / 2, y - name, f"layer {layer}", width=width, height=HEIGHT + name + 8))
        for place, text in enumerate((f"conv 3×3\n{channels} → {channels}", "batch\nnorm", "ReLU")):
            x = left + place * step
            boxes.append(Box(x, y, text, 0, (layer,), width=wide))
            if place:
                arrows.append(Arrow(((x - GAP, middle), (x, middle))))
        arrows.append(Arrow(((end, middle), (end + 2 * GAP, middle))))
        boxes.append(Box(end + 2 * GAP + 2, y, f"output of depth {layer}\n{channels}×H×W", width=wide + 47, edge=False))
        out, between = end + GAP, y - name - 14
        come = ((out, middle - pitch), (out, between), (back, between)) if layer > 1 else ((left, 23), (back, 23))
        arrows.append(Arrow((*come, (back, middle), (left, middle))))
    size = (boxes[-1].x + boxes[-1].width, y + HEIGHT + 10)
    return Layout(tuple(boxes), tuple(arrows), tuple(frames), *size)


def tree_layout(depth):
    """All architectures as a tree: a row per depth of block 1, along it the depths of block 2, each with a leaf."""
    pitch, boxes, arrows = HEIGHT + 46, [Box(1, 1, "stem", height=28)], []
    for d1 in range(1, depth + 1):
        y = 47 + (d1 - 1) * pitch
        row = [f"block 1\nlayer {d1}", "down", *(f"block 2\nlayer {d2}" for d2 in range(1, depth + 1))]
        deeper = tuple(range(d1, depth + 1))
        for column, text in enumerate(row):
            x, d2 = 1 + column * STEP, column - 1
            boxes.append(Box(x, y, text, 0, (d1,) if column else deeper))
            if column:
                arrows.append(Arrow(((x - GAP, y + HEIGHT / 2), (x, y + HEIGHT / 2))))
            if d2 > 0:
                arrows.append(Arrow(((x + WIDTH / 2, y + HEIGHT), (x + WIDTH / 2, y + HEIGHT + 12))))
                boxes.append(Box(x, y + HEIGHT + 12, f"({d1}, {d2})", height=20, edge=False))
        x = 1 + WIDTH / 2
        arrows.append(Arrow(((x, y - pitch + HEIGHT if d1 > 1 else 29), (x, y))))
    return Layout(tuple(boxes), tuple(arrows), (), 2 + (depth + 1) * STEP + WIDTH, 48 + depth * pitch - 12)
