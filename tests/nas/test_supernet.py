"""Laws of the supernet: a path extracted is the path, one pass is nine, and nothing else can be expressed."""

from copy import deepcopy
from itertools import product

import pytest
import torch
from bits import on_path, same_bits, snapshot, storages
from torch import nn

from nas import DepthSupernet
from nas.evaluation import multiply_adds, parameters
from nas.methods.remedies import PrefixTree

NINE = tuple(product((1, 2, 3), repeat=2))


def test_architectures_in_order():
    assert DepthSupernet(2).architectures == NINE
    assert len(DepthSupernet(2, depth=5).architectures) == 25
    assert DepthSupernet(2, depth=1).architectures == ((1, 1),)


@pytest.mark.parametrize("arch", NINE)
def test_an_extracted_subnet_is_its_path_to_the_bit(net, images, arch):
    model = net.extract(arch)
    assert type(model) is nn.Sequential
    assert same_bits(model(images), net(images, arch))
    # The law would be empty if all paths answered alike.
    assert all(not same_bits(model(images), net(images, other)) for other in NINE if other != arch)


@pytest.mark.parametrize("width, depth", [(1, 1), (4, 3), (32, 3), (8, 5)])
def test_an_extracted_subnet_has_exactly_its_path_s_parameters(width, depth):
    net = DepthSupernet(width, depth)
    for d1, d2 in net.architectures:
        stem, down, head = 9 * width + 2 * width, 18 * width**2 + 4 * width, 20 * width + 10
        layer1, layer2 = 9 * width**2 + 2 * width, 36 * width**2 + 4 * width
        model = net.extract((d1, d2))
        assert sum(p.numel() for p in model.parameters()) == stem + d1 * layer1 + down + d2 * layer2 + head
        names = on_path(dict(net.named_parameters()), (d1, d2))
        assert parameters(model) == sum(net.get_parameter(name).numel() for name in names)
    assert parameters(net) == stem + depth * layer1 + down + depth * layer2 + head  # shared: no more than the largest


def test_published_counts_at_width_32():
    net = DepthSupernet(width=32)
    triple = [net.extract(arch).eval() for arch in ((1, 3), (2, 2), (3, 1))]
    assert [parameters(model) for model in triple] == [139_818, 112_106, 84_394]
    assert {round(multiply_adds(model) / 1e6, 2) for model in triple} == {32.74}
    assert len({multiply_adds(model) for model in triple}) == 1


@pytest.mark.parametrize("arch", NINE)
def test_an_extracted_subnet_shares_no_storage(net, images, arch):
    before, model = snapshot(net), net.extract(arch)
    assert storages(model).isdisjoint(storages(net))
    assert storages(model).isdisjoint(storages(net.extract(arch)))
    answers = net(images, arch)
    with torch.no_grad():
        for tensor in model.state_dict().values():
            tensor.zero_()
    assert same_bits(net(images, arch), answers)
    assert all(same_bits(before[name], tensor) for name, tensor in net.state_dict().items())


@pytest.mark.parametrize("training", [True, False])
def test_an_extracted_subnet_inherits_the_mode(net, training):
    modes = {module.training for module in net.train(training).extract((2, 3)).modules()}
    assert modes == {training}


@pytest.mark.parametrize("arch", [(1, 1), (2, 3), (3, 3)])
def test_an_extracted_subnet_survives_saving_copying_and_export(net, images, arch, tmp_path):
    model, answers = net.extract(arch), net(images, arch)
    assert same_bits(deepcopy(model)(images), answers)
    torch.save(model.state_dict(), tmp_path / "weights.pt")
    again = DepthSupernet(width=4, seed=1).extract(arch).eval()
    assert not same_bits(again(images), answers)
    again.load_state_dict(torch.load(tmp_path / "weights.pt", weights_only=True))
    assert same_bits(again(images), answers)
    exported = torch.export.export(model, (images,)).module()
    assert same_bits(exported(images), answers)


@pytest.mark.parametrize("precision", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("memory_format", [torch.contiguous_format, torch.channels_last])
def test_one_pass_equals_nine_forwards_to_the_bit(net, images, memory_format, precision):
    net, images = net.to(memory_format=memory_format), images.contiguous(memory_format=memory_format)
    with torch.autocast("cpu", dtype=precision, enabled=precision != torch.float32), torch.no_grad():
        nine = torch.stack([net(images, arch) for arch in NINE])
        assert same_bits(net.forward_all(images), nine)
        assert all(same_bits(net.extract(arch)(images), row) for arch, row in zip(NINE, nine, strict=True))
    assert nine.dtype == torch.float32
    assert nine.shape == (9, 64, 10)


def test_one_pass_equals_each_forward_in_a_deeper_space(images):
    net = DepthSupernet(width=3, depth=4).eval()
    assert same_bits(net.forward_all(images), torch.stack([net(images, arch) for arch in net.architectures]))


@pytest.mark.parametrize("width", [8, 32])
def test_one_pass_needs_at_least_2_9_times_fewer_multiply_adds(width):
    net = DepthSupernet(width).eval()
    nine = sum(multiply_adds(lambda x, arch=arch: net(x, arch)) for arch in NINE)
    assert nine >= 2.9 * multiply_adds(net.forward_all)


def test_one_pass_is_refused_in_train_mode(net, images):
    before = snapshot(net.train())
    with pytest.raises(ValueError, match=r"^net is in train mode.*batch statistics once.*net\.eval\(\)"):
        net.forward_all(images)
    assert all(same_bits(before[name], tensor) for name, tensor in net.state_dict().items())


@pytest.mark.parametrize("arch", NINE)
def test_a_path_runs_the_first_layers_in_order_and_no_other(net, images, arch):
    ran = []
    for block in (1, 2):
        for index, layer in enumerate(getattr(net, f"block{block}").layers, start=1):
            layer.register_forward_hook(lambda *_, block=block, index=index: ran.append((block, index)))
    net(images, arch)
    assert ran == [(1, index + 1) for index in range(arch[0])] + [(2, index + 1) for index in range(arch[1])]


def test_blocks_keep_the_size_and_down_halves_it(images):
    net = DepthSupernet(width=4)
    x = net.stem(images)
    assert net.block1(x, 3).shape == x.shape == (64, 4, 28, 28)
    x = net.down(x)
    assert net.block2(x, 3).shape == x.shape == (64, 8, 14, 14)


def test_building_draws_from_a_generator_of_its_own(undisturbed, disturb):
    with undisturbed():
        first = DepthSupernet(width=4, seed=3)
    disturb()
    second, other = DepthSupernet(width=4, seed=3), DepthSupernet(width=4, seed=4)
    weights = [model.block1.layers[2][0].weight for model in (first, second, other)]
    assert same_bits(weights[0], weights[1])
    assert not same_bits(weights[0], weights[2])


def test_a_prefix_tree_is_the_supernet_until_it_is_recalibrated(net, images):
    tree = PrefixTree(net)
    assert not tree.training
    assert same_bits(tree.forward_all(images), net.forward_all(images))
    assert storages(tree).isdisjoint(storages(net))


@pytest.mark.parametrize(
    "arch, error",
    [
        ((0, 1), ValueError), ((1, 4), ValueError), ((-1, 1), ValueError), ((1,), ValueError), ((1, 2, 3), ValueError),
        ((), ValueError), ("12", TypeError), (None, TypeError), (3, TypeError),
        ((1.0, 2), TypeError), ((True, 2), TypeError), (("1", "2"), TypeError),
    ],
)  # fmt: skip
@pytest.mark.parametrize("use", ["forward", "extract"])
def test_an_architecture_outside_the_space_is_refused(net, images, use, arch, error):
    with pytest.raises(error) as caught:
        net(images, arch) if use == "forward" else net.extract(arch)
    assert repr(arch) in str(caught.value)
    assert "from 1 to 3" in str(caught.value)


@pytest.mark.parametrize("name", ["width", "depth"])
@pytest.mark.parametrize(
    "value, error",
    [(0, ValueError), (-1, ValueError), (2.0, TypeError), ("2", TypeError), (None, TypeError), (True, TypeError)],
)
def test_a_width_or_depth_that_is_no_positive_int_is_refused(name, value, error):
    with pytest.raises(error, match=rf"{name} is {value!r}: it must be an int from 1 to"):
        DepthSupernet(**{name: value})


@pytest.mark.parametrize("extracted", [True, False])
@pytest.mark.parametrize(
    "bad, error, named",
    [
        (torch.zeros(2, 28, 28), ValueError, "(2, 28, 28)"),
        (torch.zeros(2, 3, 28, 28), ValueError, "(2, 3, 28, 28)"),
        (torch.zeros(2, 1, 8, 8), ValueError, "(2, 1, 8, 8)"),
        (torch.zeros(2, 1, 28, 28, dtype=torch.uint8), TypeError, "torch.uint8"),
        (torch.zeros(2, 1, 28, 28, dtype=torch.float64), TypeError, "torch.float64"),
        ([[0.0]], TypeError, "list"),
    ],
)
def test_images_of_another_shape_or_dtype_are_refused(net, extracted, bad, error, named):
    with pytest.raises(error) as caught:
        net.extract((1, 2))(bad) if extracted else net(bad, (1, 2))
    assert named in str(caught.value)
    assert "(N, 1, 28, 28)" in str(caught.value) or "torch.float32" in str(caught.value)
