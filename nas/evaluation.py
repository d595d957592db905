"""What is measured: a network's cost and top-1, with running or recalculated batch statistics; and of several
that answer together, their ensemble and its calibration.
"""

import threading
from contextlib import contextmanager

import torch
from torch import nn
from torch.nn.modules.module import register_module_forward_hook

from nas import asking
from nas.config import CLASSES

BATCH = 500  # images per pass: the prefixes of all nine subnets fit a small CPU's cache; divides every MNIST split
NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.SyncBatchNorm)
RUNNING = ("running_", "moving_")  # what running statistics are usually called
AVERAGES = ("probabilities", "logits")
MOST_BINS = 1_000_000  # a mistyped number must not fill the memory


def batch_norms(net):
    """{name: layer} of every batch normalisation in a network."""
    return {name: layer for name, layer in net.named_modules() if isinstance(layer, NORMS)}


def needed(net):
    """The batch normalisations of a network. ValueError if it has none, TypeError if not a network."""
    layers = batch_norms(asking.network(net, right="e.g. DepthSupernet()"))
    if not layers:
        raise ValueError("this network has no batch normalisation: nothing would change")
    return layers


def recalculable(net):
    """The network, if its batch normalisations, and no other layers, keep running statistics; ValueError if not.

    The statistics are known by their usual names; without a batch normalisation of torch.nn, any buffer counts.
    """
    layers = batch_norms(net)
    usual = RUNNING if layers else ""
    for name, layer in net.named_modules():
        values = vars(layer) | dict(layer._buffers)
        held = [key for key, value in values.items() if isinstance(value, torch.Tensor)]
        held += [key for key, _ in layer.named_parameters(recurse=False) if key.startswith(RUNNING)]
        off = name in layers and not layer.track_running_stats
        if off or any(key.startswith(usual) for key in held) != (name in layers):
            kind = f"{name or 'the network'} is a {type(layer).__name__} whose running statistics"
            advice = "take a batch normalisation of torch.nn with track_running_stats=True"
            raise ValueError(f"{kind} cannot be recalculated: {advice}")
    return net


@contextmanager
def eval_mode(net):
    """Inside the block the network is in eval mode and records no gradients; after it, all modes are restored."""
    modes = [(module, module.training) for module in net.modules()]
    net.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        for module, training in modes:
            module.training = training


def parameters(model):
    """Number of trainable values in a module."""
    return sum(p.numel() for p in asking.network(model).parameters() if p.requires_grad)


def multiply_adds(forward, images=1):
    """Multiply-adds of the convolutions and linear layers that forward(x) calls, x (images, 1, 28, 28) on the CPU.

    forward: a module, which is counted in eval mode and left as it was, or a function. One multiply-add is one
    multiplication and one addition; normalisation, ReLU, pooling and what is not a layer are not counted.
    TypeError for anything that does not take images alone, such as a supernet.
    """
    if isinstance(forward, type) or not asking.fits(getattr(forward, "forward", forward), "x"):
        right = "it must be a model or a function of images; for a supernet cost_table(net)"
        raise TypeError(f"forward is {asking.named(forward)}: {right}")
    counts, here = [], threading.get_ident()

    def count(layer, inputs, output):
        if isinstance(layer, nn.Conv1d | nn.Conv2d | nn.Conv3d | nn.Linear) and threading.get_ident() == here:
            counts.append(output.numel() * layer.weight[0].numel())  # each output is a sum of that many products

    mode = eval_mode(forward) if isinstance(forward, nn.Module) else torch.no_grad()
    with mode, register_module_forward_hook(count):
        forward(torch.zeros(asking.whole("images", images), 1, 28, 28, device="cpu"))
    return sum(counts)


def cost_table(net):
    """{architecture: (parameters, multiply-adds of one image)} of every subnet of a supernet on the CPU."""
    asking.network(net, "extract", "cost_table(DepthSupernet())")
    models = {arch: net.extract(arch) for arch in net.architectures}
    return {arch: (parameters(model), multiply_adds(model)) for arch, model in models.items()}


def predict(net, images, arch=None, size=BATCH):
    """Logits (N, 10) of one network, or of the subnet `arch` of a supernet, in eval mode; `size` images at a time."""
    forward = net if arch is None else lambda batch: net(batch, arch)
    with eval_mode(net):
        return torch.cat([answers(forward, batch) for batch in images.split(size)])


def predict_all(net, images, size=BATCH):
    """Logits (len(net.architectures), N, 10) of all subnets in one pass, in eval mode; `size` images at a time."""
    several = len(net.architectures)
    with eval_mode(net):
        return torch.cat([answers(net.forward_all, batch, several) for batch in images.split(size)], dim=1)


def answers(forward, batch, *several):
    """The logits (*several, N, 10) of a batch. TypeError or ValueError if a network gives or takes anything else."""
    try:
        logits = forward(batch)
    except RuntimeError as error:
        if isinstance(error, torch.cuda.OutOfMemoryError):
            raise
        raise ValueError(f"net cannot answer images that are {asking.named(batch)}: {error}") from error
    shape = (*several, len(batch), CLASSES)
    if not isinstance(logits, torch.Tensor) or not logits.is_floating_point() or logits.shape != shape:
        raise TypeError(f"net gives {asking.named(logits)}: it must give logits, floats of shape {shape}")
    return logits


def count_right(logits, labels):
    """Number of right answers: logits (..., N, 10), labels (N,) -> an int, or a list if there are several networks."""
    return (logits.argmax(dim=-1) == labels).sum(dim=-1).tolist()


def evaluate(net, split, arch=None):
    """Top-1 in [0, 1] on a split, of an ordinary network or of the subnet `arch` of a supernet, in eval mode.

    TypeError or ValueError, with a correct call, for anything else.
    """
    asking.network(net)
    path = ", (1, 1)" if hasattr(net, "architectures") else ""
    asking.split(split, f"evaluate(net, data.validation{path})")
    arch = asking.arch_for(net, arch)
    return count_right(predict(net, split.images, arch), split.labels) / len(split.labels)


def evaluate_all(net, split):
    """{architecture: top-1} on a split, all subnets of a supernet in one pass. Errors: see `evaluate`."""
    asking.network(net, "forward_all", "evaluate_all(net, data.validation); for one network evaluate(net, split)")
    asking.split(split, "evaluate_all(net, data.validation)")
    right = count_right(predict_all(net, split.images), split.labels)
    return {arch: count / len(split.labels) for arch, count in zip(net.architectures, right, strict=True)}


def recalibrate(net, arch, images):
    """The subnet `arch`, extracted, in eval mode, with batch statistics recalculated on training images; net unchanged.

    Every batch normalisation forgets its running mean and variance and takes their plain average over batches of
    `images` (N, 1, 28, 28), or of a split's images, sent down this one path. Sources: Guo et al. 2020 (SPOS), on
    evolutionary search; Yu & Huang 2019, on post-statistics of batch normalisation. Raises ValueError without images,
    batch normalisation or running statistics.
    """
    asking.network(net, "extract", "recalibrate(net, arch, data.train.images)")
    images = asking.images(images)
    model = net.extract(asking.path(arch))
    needed(recalculable(model))
    recalculate_statistics(model, model, images)
    return model.eval()


def recalculate_statistics(module, forward, images):
    """Replace the running statistics of every batch normalisation in `module` by averages over forward(images).

    Batches are of nearly equal size, since each counts the same; all other layers are in eval mode, as at test time:
    no dropout. Raises ValueError for no images, no running statistics, or any that are not a batch normalisation's.
    """
    if len(images) == 0:
        raise ValueError("no images to recalculate batch statistics on: pass training images")
    layers = batch_norms(recalculable(module))
    momenta = [layer.momentum for layer in layers.values()]
    try:
        with eval_mode(module):
            for layer in layers.values():
                layer.reset_running_stats()
                layer.momentum = None  # PyTorch's name for a plain average over batches
                layer.train()
            for batch in images.tensor_split(-(-len(images) // BATCH)):
                forward(batch)
    finally:
        for layer, momentum in zip(layers.values(), momenta, strict=True):
            layer.momentum = momentum


def ensemble(logits, average="probabilities"):
    """Class probabilities (N, 10) of an ensemble from its members' logits (members, N, 10).

    average: "probabilities" (Lakshminarayanan et al. 2017, section 2.4) or "logits", the mean before the softmax.
    Raises ValueError for another average or shape, nan or infinity; TypeError if not a tensor.
    """
    need_members(logits)
    if asking.choice("average", average, AVERAGES) == "probabilities":
        return logits.softmax(dim=-1).mean(dim=0)
    return logits.mean(dim=0).softmax(dim=-1)


def need_members(logits):
    """TypeError or ValueError unless logits are (members, N, classes)."""
    asking.tensor("logits", logits, "(members, N, classes), e.g. torch.stack(several) or predict_all(net, images)")
    if logits.dim() != 3 or logits.numel() == 0:
        raise ValueError(f"logits have shape {tuple(logits.shape)}: pass (members, N, classes), one member or more")
    asking.finite("logits", logits)


def need_probabilities(probabilities, labels):
    """TypeError or ValueError unless probabilities are (N, classes), each row adding up to one, and labels (N,)."""
    asking.tensor("probabilities", probabilities, "(N, classes), e.g. ensemble(logits)")
    asking.classes("labels", asking.tensor("labels", labels, "(N,), e.g. data.test.labels", floating=False))
    if probabilities.dim() != 2 or probabilities.shape[:1] != labels.shape or not len(labels):
        shapes = f"{tuple(probabilities.shape)} and {tuple(labels.shape)}"
        raise ValueError(f"probabilities and labels have shapes {shapes}: pass (N, classes) and (N,)")
    if not (probabilities.min() >= 0 and ((probabilities.double().sum(dim=-1) - 1).abs() < 1e-2).all()):
        raise ValueError(
            "probabilities must be 0 or more, and add up to 1 for each image: for logits, .softmax(dim=-1)"
        )


def calibration_error(probabilities, labels, bins=15):
    """Expected calibration error in [0, 1]: the mean gap between confidence and accuracy over bins of confidence.

    probabilities (N, classes), labels (N,); TypeError or ValueError for others. Source: Guo et al. 2017, section 2.
    """
    bins = asking.whole("bins", bins, most=MOST_BINS)
    need_probabilities(probabilities, labels)
    confidence, answers = probabilities.max(dim=-1)
    right = (answers == labels).double()
    index = (confidence.to(torch.promote_types(confidence.dtype, torch.float32)) * bins).long().clamp(max=bins - 1)
    gaps = right.new_zeros(bins, device="cpu").index_add(0, index.cpu(), (confidence.double() - right).cpu())
    return gaps.abs().sum().item() / len(labels)
