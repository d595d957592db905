"""Laws of kit.layout and kit.drawings: a picture says of the network what the network does."""

import ast
from itertools import combinations, pairwise, product

import numpy as np
import pytest
import torch

from kit.drawings import FAINT, draw_bells, draw_block, draw_images, draw_kernels, draw_supernet, draw_tree
from kit.layout import GAP, Box, chain_layout, is_on, kernel_layout, parallel_layout, supernet_layout, tree_layout
from nas import DepthSupernet, KernelSupernet
from nas.methods.parallel import ParallelSupernet

DEPTHS = (1, 2, 3, 5)
LAYOUTS = [(f"{make.__name__}-{depth}", make(depth)) for make in (supernet_layout, tree_layout) for depth in DEPTHS]
LAYOUTS += [(f"chain-{depth}", chain_layout(32, depth)) for depth in DEPTHS]
KERNELS = {padding: KernelSupernet(width=32, padding=padding) for padding in ("same", "none")}
LAYOUTS += [(f"kernels-{padding}", kernel_layout(net)) for padding, net in KERNELS.items()]
LAYOUTS += [("parallel", parallel_layout(ParallelSupernet(width=32)))]


def texts(picture):
    return [text for axes in picture.figure.axes for text in axes.texts if text.get_text()]


def paths(depth):
    return product(range(1, depth + 1), repeat=2)


@pytest.mark.parametrize("depth", DEPTHS)
def test_the_layers_on_a_path_are_those_that_the_supernet_runs(depth):
    net = DepthSupernet(width=1, depth=depth).eval()
    layout = supernet_layout(depth)
    for arch in paths(depth):
        ran = []
        hooks = [
            layer.register_forward_hook(lambda *_, place=(block, k), ran=ran: ran.append(place))
            for block, chain in enumerate((net.block1, net.block2))
            for k, layer in enumerate(chain.layers, 1)
        ]
        net(torch.zeros(1, 1, 28, 28), arch)
        on = [box for box in layout.boxes if box.block is not None and is_on(box, arch)]
        assert [(box.block, int(box.text.split()[1])) for box in on] == ran
        for hook in hooks:
            hook.remove()


@pytest.mark.parametrize("depth", DEPTHS)
def test_the_lines_on_a_path_lead_without_a_gap_from_the_image_to_the_head(depth):
    for arch in paths(depth):
        assert leads_to_the_head(supernet_layout(depth), arch)


def leads_to_the_head(layout, arch):
    """Whether the lines on a path are one way from the image through all boxes on it."""
    lines = [arrow.points for arrow in layout.arrows if is_on(arrow, arch)]
    boxes = [box for box in layout.boxes if is_on(box, arch)]
    ends = {(box.x, box.y + box.height / 2): (box.x + box.width, box.y + box.height / 2) for box in boxes}
    follow = {points[0]: points[-1] for points in lines}
    assert len(follow) == len(lines), "the path forks"
    at, steps = next(right for box, right in zip(boxes, ends.values(), strict=True) if "image" in box.text), 0
    visited = 1
    while at in follow:
        at, steps = follow[at], steps + 1
        if at in ends:
            at, visited = ends[at], visited + 1
    return (steps, visited) == (len(lines), len(boxes))


@pytest.mark.parametrize("padding", KERNELS)
def test_a_path_of_the_second_space_leads_through_its_kernels_and_says_the_sizes_that_the_network_has(padding):
    net, layout = KERNELS[padding], kernel_layout(KERNELS[padding])
    for arch in net.architectures:
        assert leads_to_the_head(layout, arch)
        said = [box.text.split("\n") for box in layout.boxes if box.block is not None and is_on(box, arch)]
        x, sizes = torch.zeros(1, 1, 28, 28), []
        for layer, kernel in zip((net.layer1, net.layer2), arch, strict=True):
            x = layer(x, kernel)
            sizes.append([f"conv {kernel}×{kernel}", f"to {x.shape[2]}×{x.shape[3]}"])
        assert said == sizes
        boxes = draw_kernels(net, arch).figure.axes[0].patches[2:]  # after the two frames
        assert [patch.get_linestyle() for patch in boxes].count(FAINT[1]) == 2
    with pytest.raises(ValueError, match="not in this space"):
        draw_kernels(net, (3, 4))


@pytest.mark.parametrize(("name", "layout"), LAYOUTS, ids=[name for name, _ in LAYOUTS])
def test_no_box_covers_another_or_leaves_the_plane(name, layout):
    for a, b in combinations(layout.boxes, 2):
        apart = a.x + a.width <= b.x or b.x + b.width <= a.x or a.y + a.height <= b.y or b.y + b.height <= a.y
        assert apart, (a, b)
    for box in (*layout.boxes, *layout.frames):
        assert 0 <= box.x <= box.x + box.width <= layout.width
        assert 0 <= box.y <= box.y + box.height <= layout.height
    for arrow in layout.arrows:
        assert all(0 <= x <= layout.width and 0 <= y <= layout.height for x, y in arrow.points)


@pytest.mark.parametrize("picture", [draw_supernet(5), draw_tree(3), draw_block(128, 3), draw_kernels(KERNELS["none"])])
def test_every_text_fits_its_box(picture):
    picture.figure.draw_without_rendering()
    boxes = [patch.get_window_extent() for patch in picture.figure.axes[0].patches]
    for text in texts(picture):
        words = text.get_window_extent()
        x, y = (words.x0 + words.x1) / 2, (words.y0 + words.y1) / 2
        around = [box for box in boxes if box.contains(x, y)]
        smallest = min(around, key=lambda box: box.width, default=picture.figure.bbox)
        if smallest.width < 150:  # a box; names of frames and leaves have room of their own
            assert smallest.width >= words.width, text.get_text()


@pytest.mark.parametrize("arch", [(1, 1), (1, 3), (3, 2)])
def test_the_picture_of_a_path_has_its_boxes_in_full_lines_and_the_others_dashed(arch):
    boxes = draw_supernet(3, arch).figure.axes[0].patches[2:]  # after the two frames
    assert len(boxes) == 4 + 3 + 3
    assert sum(patch.get_linestyle() == "-" for patch in boxes) == 4 + sum(arch)
    assert all(patch.get_linestyle() == "-" for patch in draw_supernet(3).figure.axes[0].patches)


@pytest.mark.parametrize("arch", [(0, 1), (4, 1), (1,), "ab", 3, (1, 2.5)])
def test_a_path_outside_the_space_is_refused(arch):
    with pytest.raises(ValueError, match="not in this space"):
        draw_supernet(3, arch)


@pytest.mark.parametrize(
    "call", [lambda: draw_supernet(0), lambda: draw_tree(7), lambda: draw_block(0), lambda: draw_block(8, 0)]
)
def test_a_size_that_cannot_be_drawn_is_refused(call):
    with pytest.raises(ValueError, match=r"depth|channels"):
        call()


@pytest.mark.parametrize("depth", DEPTHS)
def test_the_tree_has_a_leaf_for_each_architecture_and_a_box_for_each_layer_of_forward_all(depth):
    layout = tree_layout(depth)
    leaves = [ast.literal_eval(box.text) for box in layout.boxes if not box.edge]
    assert leaves == list(paths(depth))
    net = DepthSupernet(width=1, depth=depth).eval()
    ran = []
    for module in (net.stem, *net.block1.layers, net.down, *net.block2.layers):
        module.register_forward_hook(lambda *_: ran.append(1))
    net.forward_all(torch.zeros(1, 1, 28, 28))
    assert sum(box.edge for box in layout.boxes) == len(ran)


def test_the_block_has_a_row_for_each_layer_and_its_depth():
    rows = [box.text for box in chain_layout(8, 4).boxes if not box.edge]
    assert [row.split("\n")[0] for row in rows] == [f"output of depth {k}" for k in (1, 2, 3, 4)]
    assert sum(box.text == "ReLU" for box in chain_layout(8, 4).boxes) == 4


def test_bells_are_filled_above_the_border_and_say_how_much_of_them_that_is():
    values = np.random.RandomState(0).normal(3, 2, 100_000)
    picture = draw_bells({"shared": {"A": (0, 1, 1.5), "B": (3, 2, 1.5)}})
    (axes,) = picture.figure.axes
    said = [int(text.get_text().split()[1]) for text in axes.texts]
    assert [abs(said[0] - 6.7) < 1, abs(said[1] - 100 * (values > 1.5).mean()) < 1] == [True, True]
    for filled in axes.collections:
        corners = filled.get_paths()[0].vertices[:, 0]
        assert 1.5 <= corners.min() < 1.6
    assert [set(line.get_xdata()) for line in axes.lines[1::2]] == [{1.5}, {1.5}]


def test_wrong_answers_are_marked_and_right_ones_are_not(digits):
    labels, answers = torch.tensor([3, 1, 4]), torch.tensor([3, 7, 4])
    titles = [axes.get_title() for axes in draw_images(digits.test.images[:3], labels, answers).figure.axes]
    assert ["✗" in title for title in titles] == [False, True, False]
    assert ["says 3" in titles[0], "says 7" in titles[1], "is 1" in titles[1]] == [True] * 3


def test_images_are_drawn_as_they_are(digits):
    for axes, image in zip(draw_images(digits.test.images[:3]).figure.axes, digits.test.images, strict=False):
        assert np.array_equal(axes.images[0].get_array(), image[0].numpy())


def test_unequal_lengths_of_images_are_refused(digits):
    for arguments in ((digits.test.images[:0],), (digits.test.images[:3], digits.test.labels[:2])):
        with pytest.raises(ValueError, match="as many labels"):
            draw_images(*arguments)


def test_a_shape_of_no_block_is_on_every_path():
    assert is_on(Box(0, 0, "stem"), (1, 1))


@pytest.mark.parametrize("depth", DEPTHS)
def test_no_stretch_is_drawn_twice_nor_on_a_frame(depth):
    """Two dashed lines that lie on each other look like a solid one."""
    layout = supernet_layout(depth)
    stretches = [pair for arrow in layout.arrows for pair in pairwise(arrow.points)]
    assert not [one for one, other in combinations(stretches, 2) if overlap(one, other)]
    right = {frame.x + frame.width for frame in layout.frames}
    assert not [a for a, b in stretches if a[0] == b[0] and a[0] in right]


def overlap(one, other):
    """Do two upright or level stretches share more than the way out of a box?"""
    for along, across in ((0, 1), (1, 0)):
        ends = sorted(point[along] for point in one), sorted(point[along] for point in other)
        if {point[across] for point in (*one, *other)} == {one[0][across]}:
            return min(high for _, high in ends) - max(low for low, _ in ends) > GAP / 2
    return False
