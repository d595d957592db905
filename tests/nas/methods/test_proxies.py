"""Laws of the zero-cost proxies: by hand, by Euler's theorem, by finite differences; the model is left as it was."""

from copy import deepcopy
from itertools import pairwise

import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from nas import DepthSupernet
from nas.methods.search import gradient_norm, synflow


def linear(*weights):
    """Linear layers without biases, with these weights."""
    layers = [nn.Linear(len(w[0]), len(w), bias=False) for w in weights]
    with torch.no_grad():
        for layer, w in zip(layers, weights, strict=True):
            layer.weight.copy_(torch.tensor(w, dtype=torch.float32))
    return nn.Sequential(*layers)


def test_synflow_by_hand():
    assert synflow(linear([[1, -2], [-3, 0]], [[2, -1]]), shape=(2,)) == 18
    assert synflow(linear([[5, -7]]), shape=(2,)) == 12


def test_synflow_grows_with_the_product_of_the_weights():
    model = linear([[1, -2], [-3, 0]], [[2, -1]], [[4], [-1]])
    before = synflow(model, shape=(2,))
    with torch.no_grad():
        model[1].weight.mul_(-3)
    assert synflow(model, shape=(2,)) == pytest.approx(3 * before)


@pytest.mark.parametrize("block", [0, 1])
def test_synflow_counts_layers(block):
    """One more layer multiplies it by nearly the same factor, sqrt(9 channels) / 2 but for borders and its own sum."""
    net = DepthSupernet(width=16, depth=4)
    deeper = [(depth, 1) if block == 0 else (1, depth) for depth in (1, 2, 3, 4)]
    scores = [synflow(net.extract(arch)) for arch in deeper]
    factors = [after / before for before, after in pairwise(scores)]
    inputs = 9 * (16, 32)[block]
    assert all(0.8 < factor / (inputs**0.5 / 2) < 1.3 for factor in factors)


def batch():
    draw = torch.Generator().manual_seed(0)
    return torch.randn(8, 1, 28, 28, generator=draw), torch.randint(10, (8,), generator=draw)


def test_gradient_norm_is_the_slope_along_the_gradient():
    """A step of length h against the gradient lowers the loss by h times its norm (finite differences)."""
    model = DepthSupernet(width=4).extract((1, 1)).train()
    images, labels = batch()
    norm = gradient_norm(model, images, labels)
    twin = deepcopy(model).double()
    loss = cross_entropy(twin(images.double()), labels)
    loss.backward()
    step = 1e-5
    with torch.no_grad():
        for weight in twin.parameters():
            weight -= step * weight.grad / norm
        after = cross_entropy(twin(images.double()), labels)
    assert (loss - after).item() / step == pytest.approx(norm, rel=1e-2)


@pytest.mark.parametrize("score", [synflow, lambda model: gradient_norm(model, *batch())])
def test_a_proxy_leaves_the_model_as_it_was_and_draws_nothing(score, undisturbed):
    model = DepthSupernet(width=4).extract((2, 1)).eval()
    before = deepcopy(model.state_dict())
    with undisturbed():
        assert score(model) == score(model) > 0
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert not model.training and all(weight.grad is None for weight in model.parameters())


class WithSpare(nn.Module):
    """A model beside a layer that nothing passes through."""

    def __init__(self, used):
        super().__init__()
        self.used, self.spare = used, nn.Linear(3, 3)

    def forward(self, x):
        return self.used(x)


def test_parameters_without_a_gradient_add_nothing():
    used = linear([[1, -2], [-3, 0]], [[2, -1]])
    assert synflow(WithSpare(used), shape=(2,)) == synflow(used, shape=(2,)) == 18
    model = DepthSupernet(width=4).extract((1, 1))
    assert gradient_norm(WithSpare(model), *batch()) == gradient_norm(model, *batch())
