"""Laws of the supernet of parallel paths and of path dropout."""

from collections import Counter

import numpy as np
import pytest
import torch
from bits import same_bits
from torch.nn import functional

from nas import TrainConfig, load_data, train
from nas.evaluation import multiply_adds, parameters, predict_all
from nas.methods.kernels import KernelLayer
from nas.methods.parallel import PARALLEL, ParallelLayer, ParallelSupernet, PathDropoutSampler
from nas.seeding import seeded
from nas.training import gradients

WIDTH = 4


@pytest.fixture
def net():
    return ParallelSupernet(WIDTH)


@pytest.fixture
def images():
    with seeded("images"):
        return torch.randn(6, 1, 28, 28)


def test_there_are_nine_and_the_last_has_all_paths(net):
    assert len(net.architectures) == 9 and net.architectures[0] == (3, 3) and net.architectures[-1] == (35, 35)


@pytest.mark.parametrize("choice, zeroed", [(3, slice(4, 8)), (5, slice(0, 4)), (35, slice(0, 0))])
def test_a_layer_is_one_1x1_convolution_of_all_outputs_with_zeros_for_removed_ones(images, choice, zeroed):
    with seeded("layer"):
        layer = ParallelLayer(1, WIDTH)
    outputs = torch.cat([layer.paths[k][:2](images) for k in ("3", "5")], dim=1)
    outputs[:, zeroed] = 0
    weight = torch.cat([layer.paths[k][2].weight for k in ("3", "5")], dim=1)
    expected = functional.max_pool2d(functional.conv2d(outputs, weight).relu(), 2)
    assert torch.allclose(layer(images, choice), expected, atol=1e-6)


def test_one_pass_equals_nine_and_extracted_equals_path(net, images):
    with torch.no_grad():
        every = net.forward_all(images)
        for logits, arch in zip(every, net.architectures, strict=True):
            assert same_bits(logits, net(images, arch))
            assert same_bits(logits, net.extract(arch)(images))


def test_an_extracted_subnet_has_its_own_parameters_and_no_others(net, images):
    for arch in net.architectures:
        model = net.extract(arch)
        model(images).sum().backward()
        assert all(parameter.grad is not None for parameter in model.parameters())
        own = {parameter.data_ptr() for parameter in net.parameters()}
        assert own.isdisjoint(parameter.data_ptr() for parameter in model.parameters())


def test_costs_by_hand(net):
    """(3, 35): 1->4 by 3x3 and its mix; 4->4 by both and theirs; the head."""
    first, second = 9 * 4 + 4 + 16, (9 + 25) * 16 + 2 * 4 + 2 * 16
    head = 196 * 256 + 256 + 2560 + 10
    assert parameters(net.extract((3, 35))) == first + second + head
    work = 784 * (36 + 16) + 196 * (34 * 16 + 32) + 196 * 256 + 2560
    assert multiply_adds(net.extract((3, 35)).eval()) == work


def test_a_removed_path_gets_no_gradient(net, images):
    gradients(net, images, torch.arange(6), (3, 35))
    assert all(parameter.grad is None for parameter in net.layer1.paths["5"].parameters())
    assert all(parameter.grad is not None for parameter in net.layer2.parameters())


def test_the_seed_decides_the_weights():
    one, same, other = (ParallelSupernet(WIDTH, seed).layer1.paths["3"][0].weight for seed in (1, 1, 2))
    assert torch.equal(one, same) and not torch.equal(one, other)


@pytest.mark.parametrize(
    "arch, error", [((3, 4), ValueError), ([3, 4], ValueError), ((3,), ValueError), (("3", 5), TypeError)]
)
def test_an_architecture_outside_the_space_is_named(net, images, arch, error):
    with pytest.raises(error, match="3, 5 or 35 for both"):
        net(images, arch)


def test_other_images_are_refused(net):
    with pytest.raises(ValueError, match="images have shape"):
        net(torch.zeros(2, 3, 28, 28), (3, 3))
    with pytest.raises(TypeError, match="float64"):
        net.forward_all(torch.zeros(2, 1, 28, 28, dtype=torch.float64))


def test_the_dropped_share_rises_from_nothing_to_the_rate():
    sampler = PathDropoutSampler(PARALLEL, steps=101, rate=0.4)
    assert [sampler.probability(step) for step in (0, 50, 100, 500)] == pytest.approx([0, 0.2, 0.4, 0.4])
    assert sampler.sample() == (35, 35)


def test_at_one_half_the_nine_are_equally_likely():
    sampler = PathDropoutSampler(PARALLEL, steps=1)
    sampler.probability = lambda step: 0.5
    counts = Counter(sampler.sample() for _ in range(9000))
    assert set(counts) == set(PARALLEL)
    assert sum((count - 1000) ** 2 / 1000 for count in counts.values()) < 26.1  # chi-squared, 8 degrees, p = 0.001


def test_layers_are_dropped_apart_and_as_often_as_the_rate_says():
    sampler = PathDropoutSampler(PARALLEL, steps=1)
    sampler.probability = lambda step: 0.2
    counts = Counter(sampler.sample() for _ in range(9000))
    # Of a layer: both 0.64, either alone 0.16, and what would leave none, 0.04, is drawn again.
    both, alone = 0.64 / 0.96, 0.16 / 0.96
    assert counts[35, 35] / 9000 == pytest.approx(both * both, abs=0.025)
    assert counts[3, 5] / 9000 == pytest.approx(alone * alone, abs=0.01)


def test_without_a_rate_all_paths_train_always():
    sampler = PathDropoutSampler(PARALLEL, steps=10, rate=0)
    assert {sampler.sample() for _ in range(50)} == {(35, 35)}


def test_it_goes_on_from_its_state():
    one, other = (PathDropoutSampler(PARALLEL, "a", steps=40) for _ in range(2))
    for _ in range(25):
        one.sample()
    other.load_state_dict(one.state_dict())
    assert [one.sample() for _ in range(30)] == [other.sample() for _ in range(30)]
    with pytest.raises(ValueError, match="another sampler"):
        PathDropoutSampler(PARALLEL, "a", steps=41).load_state_dict(one.state_dict())


@pytest.mark.parametrize("options", [{"steps": 0}, {"steps": 5, "rate": 1}, {"steps": 5, "rate": -0.1}])
def test_senseless_settings_are_refused(options):
    with pytest.raises(ValueError, match="steps|rate"):
        PathDropoutSampler(PARALLEL, **options)


def test_another_space_is_refused():
    with pytest.raises(ValueError, match="nine of ParallelSupernet"):
        PathDropoutSampler(((3, 3), (3, 5)), steps=5)


def test_it_trains():
    data = load_data("digits").take(256)
    net = ParallelSupernet(WIDTH)
    config = TrainConfig(epochs=5, batch_size=16, lr=3e-3)
    train(net, data, config, sampler=PathDropoutSampler(net.architectures, steps=80))
    right = (predict_all(net, data.train.images).argmax(dim=-1) == data.train.labels).float().mean(dim=1)
    assert right.min() > 0.5


SLIPS = [(4, ValueError), (None, TypeError), ("3", TypeError), (True, TypeError), (3.0, TypeError), ((3,), TypeError)]


@pytest.mark.parametrize("choice, error", SLIPS)
@pytest.mark.parametrize("layer, name", [(KernelLayer(1, 1, "same"), "kernel"), (ParallelLayer(1, 1), "choice")])
def test_a_layer_names_a_choice_that_it_has_not(images, layer, name, choice, error):
    with pytest.raises(error, match=f"^{name} is .*: (it must be an int|choose one of 3, 5)"):
        layer.extract(choice)
    if (name, choice) != ("choice", None):  # all that it has
        with pytest.raises(error, match=f"^{name} is "):
            layer(images[:1], choice)


def test_what_was_left_out_of_a_layer_is_not_a_choice_of_it(images):
    layer = ParallelLayer(1, 1).extract(3)
    assert same_bits(layer(images[:1], np.int64(3)), layer(images[:1]))
    with pytest.raises(ValueError, match="^choice is 35: choose one of 3$"):
        layer(images[:1], 35)
