"""What a network costs before it is trained: parameters and multiply-adds, the book's two rulers."""

import torch
from torch.utils.flop_counter import FlopCounterMode

from nas import machine  # noqa: F401 (sets the number of threads)


def parameters(model):
    """Number of trainable numbers in a module."""
    return sum(p.numel() for p in model.parameters() if p.requires_grad)


def multiply_adds(forward, images=1):
    """Multiply-adds of the convolutions and linear layers in forward(x), x (images, 1, 28, 28).

    One multiply-add is one multiplication and one addition; normalisation, ReLU and pooling are not counted.
    """
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        forward(torch.zeros(images, 1, 28, 28))
    return counter.get_total_flops() // 2


def cost_table(net):
    """{architecture: (parameters, multiply-adds of one image)} of every subnet of a supernet on the CPU."""
    models = {arch: net.extract(arch).eval() for arch in net.architectures}
    return {arch: (parameters(model), multiply_adds(model)) for arch, model in models.items()}
