"""What is wrong with a supernet's running statistics: which paths they suit, which layer errs, how little mends it."""

from copy import deepcopy

import torch
from torch import nn

from nas import asking
from nas.evaluation import (
    batch_norms,
    count_right,
    predict,
    predict_all,
    recalculate_statistics,
    recalibrate,
)
from nas.methods.remedies import batch_statistics
from nas.supernet import DepthSupernet

SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000)  # images for recalculation
BATCHES = (1, 2, 8, 32, 128, 500)  # images normalised together at test time
COMPARED = 2_000  # images to compare batch sizes on: batches of one are slow
MOVING = 100  # images per batch as running statistics move by momentum


def path_layers(net, arch):
    """{name: batch normalisation} of the layers on a path, in the order in which an image meets them.

    TypeError for any net but a DepthSupernet.
    """
    if not isinstance(net, DepthSupernet):
        raise TypeError(f"net is {asking.named(net)}: it must be a DepthSupernet, e.g. trained(depth=3)")
    d1, d2 = net.check(arch)
    block1 = {f"block 1, layer {place}": layer[1] for place, layer in enumerate(net.block1.layers[:d1], 1)}
    block2 = {f"block 2, layer {place}": layer[1] for place, layer in enumerate(net.block2.layers[:d2], 1)}
    return {"stem": net.stem[1]} | block1 | {"down": net.down[1]} | block2


def mismatch(net, arch, images):
    """{layer: (shift, ratio)}: how the statistics a path needs differ from the supernet's, for each channel.

    shift: mean recalculated for the path minus running mean, in running standard deviations; ratio: recalculated
    variance divided by running variance. Both are of what enters the batch normalisation.
    """
    wanted = batch_norms(recalibrate(net, arch, images)).values()
    return {
        name: (
            (ours.running_mean - kept.running_mean) / kept.running_var.sqrt(),
            ours.running_var / kept.running_var,
        )
        for (name, kept), ours in zip(path_layers(net, arch).items(), wanted, strict=True)
    }


def with_statistics_for(net, arch, images, names=None):
    """A copy of the supernet, in eval mode, with the statistics of a path's layers recalculated for that path.

    names: the layers to recalculate; None: all on the path. Every other layer, on the path or off it, keeps its
    running statistics, and images pass it normalised by them. ValueError for no images or a layer off the path.
    """
    images, copy = some(images), deepcopy(net).eval()
    layers = path_layers(copy, arch)
    names = list(layers) if names is None else names
    unknown = [name for name in names if name not in layers]
    if unknown:
        raise ValueError(f"{unknown[0]!r} is not on the path {arch}: choose from {', '.join(layers)}")
    recalculate_statistics(nn.ModuleList(layers[name] for name in names), lambda batch: copy(batch, arch), images)
    return copy.eval()


def calibration_matrix(net, split, images):
    """Right answers on `split` of each path (column) with statistics recalculated on `images` for another (row).

    A list of lists of counts in the order of net.architectures; the diagonal is what `recalibrate` gives. Layers of the
    column's path that are not on the row's keep the supernet's running statistics.
    """
    return [
        count_right(predict_all(with_statistics_for(net, row, images), split.images), split.labels)
        for row in net.architectures
    ]


def one_layer_at_a_time(net, arch, split, images):
    """{layers recalculated: right answers of a path}: "none", each of its layers alone, and "all"."""
    layers = list(path_layers(net, arch))
    choices = {"none": []} | {name: [name] for name in layers} | {"all": layers}
    return {
        choice: right_of(with_statistics_for(net, arch, images, names), split, arch)
        for choice, names in choices.items()
    }


def partly_mended(net, arch, split, images, name="down"):
    """{what of one layer's statistics is recalculated: right answers of a path}.

    "mean" or "variance" of all channels; "pooled", one shift for all means and one factor for all variances, from
    their averages over channels; "both", mean and variance of every channel.
    """
    kept, wanted = path_layers(net, arch)[name], path_layers(with_statistics_for(net, arch, images, [name]), arch)[name]
    shift = wanted.running_mean.mean() - kept.running_mean.mean()
    factor = wanted.running_var.mean() / kept.running_var.mean()
    choices = {
        "mean": (wanted.running_mean, kept.running_var),
        "variance": (kept.running_mean, wanted.running_var),
        "pooled": (kept.running_mean + shift, kept.running_var * factor),
        "both": (wanted.running_mean, wanted.running_var),
    }
    right = {}
    for choice, (mean, variance) in choices.items():
        copy = deepcopy(net)
        layer = path_layers(copy, arch)[name]
        layer.running_mean.copy_(mean)
        layer.running_var.copy_(variance)
        right[choice] = right_of(copy, split, arch)
    return right


def images_needed(net, arch, split, images, sizes=SIZES):
    """Right answers of a path after the first n of `images`, for each n in sizes, which may not exceed their number.

    "reset": the statistics are recalculated from scratch. "moved": they move on from the running ones, by the momentum
    of each layer, in batches of about 100. TypeError or ValueError for a size that is no int from 1 to len(images).
    """
    sizes = [asking.whole("sizes", size, most=len(images)) for size in sizes]
    return {
        "sizes": sizes,
        "reset": [right_of(recalibrate(net, arch, images[:size]), split) for size in sizes],
        "moved": [right_of(moved(net, arch, images[:size]), split) for size in sizes],
    }


def moved(net, arch, images):
    """The subnet `arch`, extracted, in eval mode, after `images` have passed it in train mode; no weight changes."""
    model = net.extract(arch).train()
    images = some(images)
    with torch.no_grad():
        for batch in images.tensor_split(-(-len(images) // MOVING)):
            model(batch)
    return model.eval()


def by_batch_size(net, arch, split, sizes=BATCHES):
    """Right answers of a path on a split, normalised by the statistics of test batches of each size."""
    sizes = [asking.whole("sizes", size) for size in sizes]
    with batch_statistics(net):
        logits = [predict(net, split.images, arch, size) for size in sizes]
    return [count_right(each, split.labels) for each in logits]


def right_of(net, split, arch=None):
    """Right answers on a split."""
    return count_right(predict(net, split.images, arch), split.labels)


def some(images):
    """The images. ValueError if there are none, TypeError or ValueError for anything else."""
    if len(images := asking.images(images)) == 0:
        raise ValueError("no images to measure statistics on: pass training images")
    return images


def diagnose(net, split, images):
    """All of the above for a trained supernet as one plain dict for its record: counts of right answers on `split`.

    images: training images for recalculation. "layers", "partly" (of `down`), "images" and "batch" follow the path
    (1, 1). "mismatch": for two layers, by depth of block 1, [root mean square over channels of the shift, geometric
    mean of the ratio]. "batch" is on the first `of` images of the split.
    """
    arch, part = (1, 1), split.take(COMPARED)
    return {
        "matrix": calibration_matrix(net, split, images),
        "mismatch": mismatch_in_short(net, images),
        "layers": one_layer_at_a_time(net, arch, split, images),
        "partly": partly_mended(net, arch, split, images),
        "images": images_needed(net, arch, split, images, [size for size in SIZES if size <= len(images)]),
        "batch": {"sizes": list(BATCHES), "right": by_batch_size(net, arch, part), "of": len(part)},
    }


def mismatch_in_short(net, images):
    """{layer: [[root mean square shift, geometric mean ratio], one for each depth of block 1]}, of two layers."""
    found = [mismatch(net, (d1, 1), images) for d1 in range(1, net.depth + 1)]
    return {
        name: [
            [round(shift.square().mean().sqrt().item(), 3), round(ratio.log().mean().exp().item(), 3)]
            for shift, ratio in (each[name] for each in found)
        ]
        for name in ("down", "block 2, layer 1")
    }
