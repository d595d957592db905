"""Laws of the second supernet: a path extracted is the path, sizes are those of arithmetic, an image has its path."""

from copy import deepcopy
from itertools import product

import pytest
import torch
from bits import same_bits, snapshot, storages
from torch import nn
from torch.nn.functional import cross_entropy

from nas import KernelSupernet, TrainConfig, UniformSampler, evaluate, evaluate_all, train
from nas.evaluation import multiply_adds, parameters, predict_all
from nas.methods.teaching import per_example_gradients
from nas.training import gradients

FOUR = tuple(product((3, 5), repeat=2))
PADDINGS = ("same", "none")
SIDES = {"same": dict.fromkeys(FOUR, 7), "none": {(3, 3): 5, (3, 5): 4, (5, 3): 5, (5, 5): 4}}
CONFIG = TrainConfig(epochs=1, batch_size=32)
MIXED = torch.tensor([3, 0, 0, 2, 1, 3, 2, 1] * 8)


def trained(few, padding):
    net = KernelSupernet(4, padding)
    train(net, few, CONFIG, sampler=UniformSampler(net.architectures))
    return net.eval()


@pytest.fixture(scope="module")
def both(few):
    return {padding: trained(few, padding) for padding in PADDINGS}


@pytest.fixture(params=PADDINGS)
def four(request, both):
    """A supernet of four networks, trained a little, in eval mode, with either padding; each test gets its own copy."""
    return deepcopy(both[request.param])


def close(a, b):
    return a.shape == b.shape and torch.allclose(a, b, rtol=1e-4, atol=1e-5)


def grads(net):
    return {name: None if p.grad is None else p.grad.clone() for name, p in net.named_parameters()}


@pytest.mark.parametrize("arch", FOUR)
def test_an_extracted_subnet_is_its_path(four, images, arch):
    model, answers = four.extract(arch), four(images, arch)
    assert type(model) is nn.Sequential
    assert same_bits(model(images), answers) if four.padding == "same" else close(model(images), answers)
    assert not any(close(answers, four(images, other)) for other in FOUR if other != arch)


@pytest.mark.parametrize("padding", PADDINGS)
@pytest.mark.parametrize("width", [1, 4, 32])
def test_sizes_and_parameters_are_those_of_arithmetic(width, padding):
    net = KernelSupernet(width, padding)
    assert net.architectures == FOUR
    assert net.sizes == {arch: width * side**2 for arch, side in SIDES[padding].items()}
    convolutions = {kernel: ((kernel**2 + 1) * width, (width * kernel**2 + 1) * width) for kernel in (3, 5)}
    for k1, k2 in FOUR:
        head = (width * SIDES[padding][k1, k2] ** 2 + 1) * 256 + 2_570
        assert parameters(net.extract((k1, k2))) == convolutions[k1][0] + convolutions[k2][1] + head
    largest = (width * max(SIDES[padding].values()) ** 2 + 1) * 256 + 2_570
    assert parameters(net) == sum(map(sum, convolutions.values())) + largest


def test_a_path_ends_in_its_size_and_the_rest_is_zeros(four, images):
    for k1, k2 in FOUR:
        x = four.layer2(four.layer1(images, k1), k2)
        side = SIDES[four.padding][k1, k2]
        assert x.shape == (64, 4, side, side)
        embedded = four.embedding(x)
        assert embedded.shape == (64, max(four.sizes.values()))
        assert same_bits(embedded[:, : four.sizes[k1, k2]], x.flatten(1))
        assert not embedded[:, four.sizes[k1, k2] :].any()


@pytest.mark.parametrize("arch", FOUR)
def test_an_extracted_subnet_shares_no_storage(four, images, arch):
    model, answers = four.extract(arch), four(images, arch)
    assert storages(model).isdisjoint(storages(four))
    assert storages(model).isdisjoint(storages(four.extract(arch)))
    with torch.no_grad():
        for tensor in model.state_dict().values():
            tensor.zero_()
    assert same_bits(four(images, arch), answers)


@pytest.mark.parametrize("training", [True, False])
def test_an_extracted_subnet_inherits_the_mode(four, training):
    assert {module.training for module in four.train(training).extract((5, 3)).modules()} == {training}


@pytest.mark.parametrize("precision", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("memory_format", [torch.contiguous_format, torch.channels_last])
def test_one_pass_equals_four_forwards_to_the_bit(four, images, memory_format, precision):
    four, images = four.to(memory_format=memory_format), images.contiguous(memory_format=memory_format)
    with torch.autocast("cpu", dtype=precision, enabled=precision != torch.float32), torch.no_grad():
        one_by_one = torch.stack([four(images, arch) for arch in FOUR])
        assert same_bits(four.forward_all(images), one_by_one)
        # Groups are other batches, in which a convolution may sum in another order.
        each = four(images, MIXED)
    own = one_by_one[MIXED, range(64)]
    assert torch.allclose(each, own, atol=1e-5 if precision == torch.float32 else 0.05)
    assert each.dtype == one_by_one.dtype == torch.float32


def test_one_pass_computes_the_first_layers_once(four):
    ran = []
    for conv in four.layer1.convs.values():
        conv.register_forward_hook(lambda *_: ran.append(1))
    four.forward_all(torch.zeros(1, 1, 28, 28))
    assert len(ran) == 2
    alone = sum(multiply_adds(four.extract(arch)) for arch in FOUR)
    assert multiply_adds(four.forward_all) < alone or four.padding == "none"


@pytest.mark.parametrize("seed", range(3))
def test_each_image_takes_its_own_path_with_its_gradients(four, images, seed):
    paths = torch.randint(4, (64,), generator=torch.Generator().manual_seed(seed))
    labels = torch.arange(64) % 10
    together = four(images, paths)
    own = torch.cat([four(image[None], FOUR[path]) for image, path in zip(images, paths, strict=True)])
    assert close(together, own)
    found = []
    for logits in (together, own):
        four.zero_grad()
        cross_entropy(logits, labels).backward()
        found.append(grads(four))
    assert all(close(found[0][name], found[1][name]) for name in found[0])


@pytest.mark.parametrize("place", range(4))
def test_one_path_for_all_images_is_that_path_and_leaves_the_others_without_gradient(four, images, place):
    paths, labels = torch.full((64,), place), torch.arange(64) % 10
    assert same_bits(four(images, paths), four(images, FOUR[place]))
    gradients(four, images, labels, paths)
    each = grads(four)
    gradients(four, images, labels, FOUR[place])
    plain = grads(four)
    assert {name for name in each if each[name] is None} == {name for name in plain if plain[name] is None}
    assert all(same_bits(each[name], plain[name]) for name in each if each[name] is not None)


@pytest.mark.parametrize("size", [64, 4, 7])
def test_per_example_gradients_are_the_mean_of_the_paths_on_their_own_images(four, images, size):
    images, labels = images[:size], torch.arange(size) % 10
    loss, logits = per_example_gradients(four, images, labels, arch=(5, 5))
    found = grads(four)
    four.zero_grad()
    losses = [
        cross_entropy(four(images[k::4], arch), labels[k::4], reduction="sum") / size for k, arch in enumerate(FOUR)
    ]
    sum(losses).backward()
    expected = grads(four)
    assert torch.isclose(loss, sum(losses).detach(), atol=1e-5)
    assert all(close(found[name], expected[name]) for name in expected)
    assert all(close(logits[k::4], four(images[k::4], arch).detach()) for k, arch in enumerate(FOUR))
    assert not loss.requires_grad
    assert not logits.requires_grad


def test_it_trains_in_the_one_loop_one_path_a_batch_and_a_path_an_image(few, images):
    for compute in (gradients, per_example_gradients):
        net = KernelSupernet(4, "none")
        before = snapshot(net)
        history = train(net, few, CONFIG, sampler=UniformSampler(FOUR), compute=compute)
        assert sum(history[0]["picks"].values()) == 8
        assert all(not same_bits(before[name], tensor) for name, tensor in net.state_dict().items())
        assert history[0]["validation"] == evaluate_all(net, few.validation)


def test_a_step_moves_its_path_alone(four, few):
    before = snapshot(four)
    train(four, few, TrainConfig(steps=1, batch_size=32), sampler=UniformSampler([(3, 5)]))
    moved = {name for name, tensor in four.state_dict().items() if not same_bits(before[name], tensor)}
    on = ("layer1.convs.3", "layer2.convs.5", "head")
    assert moved == {name for name in before if name.startswith(on)}


def test_each_subnet_is_measured_as_itself(four, few):
    scores = evaluate_all(four, few.validation)
    assert scores == {arch: evaluate(four, few.validation, arch) for arch in FOUR}
    assert scores == {arch: evaluate(four.extract(arch), few.validation) for arch in FOUR}
    assert predict_all(four, few.validation.images).shape == (4, 180, 10)


def test_building_extracting_and_running_use_no_global_generator(undisturbed, disturb, images):
    with undisturbed():
        first = KernelSupernet(4, seed=3)
        first.extract((3, 5))
        per_example_gradients(first, images, torch.zeros(64, dtype=torch.int64))
    disturb()
    second, other = KernelSupernet(4, seed=3), KernelSupernet(4, seed=4)
    assert all(same_bits(a, b) for a, b in zip(first.parameters(), second.parameters(), strict=True))
    assert not same_bits(first.head[0].weight, other.head[0].weight)
