"""Zero-cost proxies: scores of a network before its first training step, each from one forward and backward pass."""

from copy import deepcopy

import torch
from torch.nn.functional import cross_entropy


def synflow(model, shape=(1, 28, 28)):
    """Sum over all parameters of |w| dR/d|w|, a positive number; R: the sum of outputs for an image of ones.

    All parameters are replaced by their absolute values and nothing is normalised, so that R adds up the paths through
    the network, each with the product of its weights. No data is read, the model is unchanged. float64, since R grows
    as a power of the depth. Source: Tanaka et al. 2020; summed over a network to rank it: Abdelfattah et al. 2021.
    """
    twin = deepcopy(model).double().eval()  # batch normalisation of a fresh network in eval mode: almost the identity
    with torch.no_grad():
        for weight in twin.parameters():
            weight.abs_()
    twin(torch.ones(1, *shape, dtype=torch.float64)).sum().backward()
    return sum((weight * weight.grad).sum().item() for weight in used(twin))


def gradient_norm(model, images, labels):
    """Euclidean norm of the loss's gradient on one batch, images (N, 1, 28, 28), labels (N,); the model is unchanged.

    Source: Abdelfattah et al. 2021.
    """
    twin = deepcopy(model).train()
    cross_entropy(twin(images), labels).backward()
    return sum(weight.grad.square().sum().item() for weight in used(twin)) ** 0.5


def used(model):
    """The parameters that have a gradient: those that are frozen, or off the path, add nothing to a score."""
    return [weight for weight in model.parameters() if weight.grad is not None]
