"""What a network costs before it is trained: parameters and multiply-adds, the book's two rulers."""

import threading

import torch
from torch import nn
from torch.nn.modules.module import register_module_forward_hook

from nas import asking
from nas.evaluation import eval_mode


def parameters(model):
    """Number of trainable numbers in a module."""
    return sum(p.numel() for p in asking.network(model).parameters() if p.requires_grad)


def multiply_adds(forward, images=1):
    """Multiply-adds of the convolutions and linear layers that forward(x) calls, x (images, 1, 28, 28) on the CPU.

    forward: a module, which is counted in eval mode and left as it was, or a function. One multiply-add is one
    multiplication and one addition; normalisation, ReLU and pooling are not counted, nor what is no layer.
    TypeError for what cannot be called so, such as a supernet.
    """
    if isinstance(forward, type) or not asking.fits(getattr(forward, "forward", forward), "x"):
        right = "it must be a model or a function of images; for a supernet cost_table(net)"
        raise TypeError(f"forward is {asking.named(forward)}: {right}")
    counts, here = [], threading.get_ident()

    def count(layer, inputs, output):
        if isinstance(layer, nn.Conv1d | nn.Conv2d | nn.Conv3d | nn.Linear) and threading.get_ident() == here:
            counts.append(output.numel() * layer.weight[0].numel())  # each output sums up so many products

    mode = eval_mode(forward) if isinstance(forward, nn.Module) else torch.no_grad()
    with mode, register_module_forward_hook(count):
        forward(torch.zeros(asking.whole("images", images), 1, 28, 28))
    return sum(counts)


def cost_table(net):
    """{architecture: (parameters, multiply-adds of one image)} of every subnet of a supernet on the CPU."""
    asking.network(net, "extract", "cost_table(DepthSupernet())")
    models = {arch: net.extract(arch) for arch in net.architectures}
    return {arch: (parameters(model), multiply_adds(model)) for arch, model in models.items()}
