"""Laws of normalising otherwise: weights stay shared, statistics stay apart, what was borrowed is put back."""

from copy import deepcopy
from itertools import product

import pytest
import torch
from bits import Always, changed, same_bits, snapshot, storages
from torch import nn

from nas import DepthSupernet, TrainConfig, UniformSampler, machine, recalibrate_all, train
from nas.evaluation import batch_norms, predict, predict_all
from nas.methods.remedies import PrivateStatistics, batch_statistics, group_norm, with_momentum

NINE = tuple(product((1, 2, 3), repeat=2))
CONFIG = TrainConfig(epochs=2, batch_size=32)


def trained_pair(few, config=CONFIG, **options):
    """A supernet and its twin with private statistics, trained alike."""
    plain = DepthSupernet(width=4)
    private = PrivateStatistics(deepcopy(plain))
    for net in (plain, private):
        train(net, few, config, sampler=UniformSampler(plain.architectures), **options)
    return plain, private


def weights(net):
    """Parameters of a supernet, or of its twin, under the supernet's names, with each shared one once."""
    found = {name: parameter.detach().clone() for name, parameter in net.named_parameters()}
    return {name.replace("downs.0.", "down.").replace("blocks2.0.", "block2."): value for name, value in found.items()}


def test_group_norm_replaces_every_batch_norm_and_nothing_else():
    plain, net = DepthSupernet(width=8), DepthSupernet(width=8)
    parameters = dict(net.named_parameters())
    assert group_norm(net) is net
    assert not batch_norms(net)
    norms = {name: layer for name, layer in net.named_modules() if isinstance(layer, nn.GroupNorm)}
    assert norms.keys() == batch_norms(plain).keys()
    assert {layer.num_groups for layer in norms.values()} == {4}
    assert {name: id(value) for name, value in net.named_parameters()} == {n: id(v) for n, v in parameters.items()}
    assert changed(dict(plain.named_parameters()), dict(net.named_parameters())) == set()
    assert not list(net.buffers())


def test_group_norm_by_hand(images):
    net = group_norm(DepthSupernet(width=8), groups=2)
    with torch.no_grad():
        x = net.stem[0](images)
        parts = x.view(len(x), 2, 4 * 28 * 28)
        expected = (parts - parts.mean(-1, keepdim=True)) / (parts.var(-1, unbiased=False, keepdim=True) + 1e-5).sqrt()
        assert torch.allclose(net.stem[1](x), expected.view_as(x), atol=1e-4)


def test_with_group_norm_neither_mode_nor_company_changes_an_answer(few):
    net = group_norm(DepthSupernet(width=4), groups=2)
    train(net, few, CONFIG, sampler=UniformSampler(net.architectures))
    images = few.validation.images[:8]
    with torch.no_grad():
        assert torch.equal(net.train()(images, (2, 2)), net.eval()(images, (2, 2)))
        assert torch.allclose(net(images[:1], (2, 2)), net(images, (2, 2))[:1], atol=1e-5)
    with pytest.raises(ValueError, match="batch normalisation"):
        recalibrate_all(net, few.train.images)


def test_groups_that_do_not_divide_leave_the_network_as_it_was():
    net = DepthSupernet(width=6)
    with pytest.raises(ValueError, match=r"stem\.1 has 6 channels, not divisible by groups=4"):
        group_norm(net)
    assert len(batch_norms(net)) == 8
    with pytest.raises(ValueError, match="groups is 0"):
        group_norm(net, groups=0)
    with pytest.raises(ValueError, match="has no batch normalisation"):
        group_norm(group_norm(net, groups=2), groups=2)


@pytest.mark.parametrize("momentum", [0.5, 0.01, 1])
def test_momentum_is_the_weight_of_the_newest_batch(images, momentum):
    net = DepthSupernet(width=4).train()
    assert with_momentum(net, momentum) is net
    with torch.no_grad():
        net(images, (1, 1))
        first = net.stem[0](images).mean(dim=(0, 2, 3))
    assert torch.allclose(net.stem[1].running_mean, momentum * first, atol=1e-6)
    assert {layer.momentum for layer in batch_norms(net).values()} == {momentum}


def test_momentum_changes_the_running_statistics_and_no_weight(few):
    plain, slow = DepthSupernet(width=4), with_momentum(DepthSupernet(width=4), 0.01)
    for net in (plain, slow):
        train(net, few, CONFIG, sampler=UniformSampler(net.architectures))
    moved = changed(snapshot(plain), snapshot(slow))
    assert moved == {name for name in snapshot(plain) if name.endswith(("running_mean", "running_var"))}


@pytest.mark.parametrize("momentum", [0, -0.1, 1.5, "0.1", True])
def test_a_momentum_that_makes_no_sense_is_refused(net, momentum):
    number = isinstance(momentum, float | int) and momentum is not True
    wanted = "pass a number above 0, at most 1" if number else "it must be a number"
    with pytest.raises(ValueError if number else TypeError, match=f"momentum is .*: {wanted}"):
        with_momentum(net, momentum)
    with pytest.raises(ValueError, match="has no batch normalisation"):
        with_momentum(nn.Linear(2, 2), 0.1)


@pytest.mark.parametrize("config", [CONFIG, TrainConfig(2, 32, channels_last=True, precision="bf16")])
def test_training_with_private_statistics_gives_the_supernets_weights_to_the_bit(few, config):
    plain, private = trained_pair(few, config)
    assert changed(weights(plain), weights(private)) == set()
    assert changed(weights(plain), weights(DepthSupernet(width=4))) == set(weights(plain))


def test_each_weight_is_there_once_and_each_prefix_has_its_own_statistics():
    plain = DepthSupernet(width=4)
    private = PrivateStatistics(plain)
    count = sum(parameter.numel() for parameter in plain.parameters())
    assert sum(parameter.numel() for parameter in private.parameters()) == count
    assert len(list(private.parameters())) == len(list(plain.parameters()))
    assert (len(batch_norms(plain)), len(batch_norms(private))) == (8, 1 + 3 + 3 * 4)
    buffers = [buffer.data_ptr() for buffer in private.buffers()]
    assert len(set(buffers)) == len(buffers)
    assert storages(plain).isdisjoint(storages(private))


def test_private_statistics_are_those_of_training_the_prefix_alone(few):
    """Paths that take turns leave on each prefix what a supernet keeps when only that prefix's batches move it."""
    plain, private = DepthSupernet(width=4), PrivateStatistics(DepthSupernet(width=4))
    both = (plain.train(), private.train())
    with torch.no_grad():
        for batch in few.train.images.split(32):
            for net in both:
                net(batch, (1, 2))
            private(batch, (3, 2))  # leaves stem and block 1 changed, but not what belongs to depth 1 alone
    own, other = (private.downs[place].state_dict() for place in (0, 2))
    for name, tensor in plain.down.state_dict().items():
        assert same_bits(own[name], tensor)
        assert name.endswith(("weight", "bias", "tracked")) or not same_bits(other[name], tensor)
    assert private.downs[1][1].num_batches_tracked == 0


def test_forward_extract_and_one_pass_agree_to_the_bit(few):
    _, private = trained_pair(few)
    images = few.validation.images
    at_once = predict_all(private.eval(), images)
    for arch, expected in zip(NINE, at_once, strict=True):
        assert same_bits(predict(private, images, arch), expected)
        model, ordinary = private.extract(arch), DepthSupernet(width=4).extract(arch)
        assert same_bits(predict(model, images), expected)
        assert storages(model).isdisjoint(storages(private))
        assert {name: value.shape for name, value in model.state_dict().items()} == {
            name: value.shape for name, value in ordinary.state_dict().items()
        }


def test_statistics_recalculated_in_private_are_those_of_recalibrating(few):
    """With a momentum of 1 and one batch, the private statistics are what recalibrate_all finds on that batch."""
    plain, private = trained_pair(few)
    images = few.train.images[:200]
    with_momentum(private, 1).train()
    with torch.no_grad():
        private.forward_all(images)
    tree = recalibrate_all(plain, images)
    assert same_bits(predict_all(private, few.validation.images), predict_all(tree, few.validation.images))


def test_private_statistics_survive_a_file_a_copy_and_a_move(few, tmp_path):
    _, private = trained_pair(few)
    private.eval()
    images = few.validation.images
    expected = predict_all(private, images)
    torch.save(private.state_dict(), tmp_path / "net.pt")
    again = PrivateStatistics(DepthSupernet(width=4, seed=7))
    again.load_state_dict(torch.load(tmp_path / "net.pt", weights_only=True))
    for net in (again, deepcopy(private), deepcopy(private).to(memory_format=torch.channels_last).double().float()):
        assert len(list(net.parameters())) == len(list(private.parameters()))
        assert net.downs[0][0].weight is net.downs[2][0].weight
        assert torch.allclose(predict_all(net, images), expected, atol=1e-4)


def test_a_foreign_path_is_refused(images):
    private = PrivateStatistics(DepthSupernet(width=4))
    for function in (lambda arch: private(images, arch), private.extract):
        with pytest.raises(ValueError, match=r"\(4, 1\) is not in this space"):
            function((4, 1))


@pytest.mark.parametrize("make", [lambda net: net, PrivateStatistics, lambda net: net.extract((2, 2))])
def test_batch_statistics_give_the_answers_of_train_mode_and_leave_no_trace(net, images, make):
    net = make(net)
    arguments = () if isinstance(net, nn.Sequential) else ((2, 2),)
    before = snapshot(net)
    with batch_statistics(net):
        inside = predict(net, images, *arguments)
        if arguments:
            assert same_bits(predict_all(net, images)[NINE.index((2, 2))], inside)
            with torch.no_grad():
                assert same_bits(net.train()(images, (2, 2)), inside)  # in train mode too, nothing is counted
            net.eval()
    assert changed(before, snapshot(net)) == set()
    assert not same_bits(predict(net, images, *arguments), inside)
    with torch.no_grad():
        assert same_bits(net.train()(images, *arguments), inside)


def test_batch_statistics_hold_for_every_layer_under_bf16(net, images):
    with machine.autocast(images.device, "bf16"), batch_statistics(net):
        inside = predict(net, images, (3, 3))
    for layer in batch_norms(net).values():
        layer.running_mean.fill_(1e3)
    with machine.autocast(images.device, "bf16"), batch_statistics(net):
        assert same_bits(predict(net, images, (3, 3)), inside)


def test_batch_statistics_record_nothing_in_train_mode_either(net, images):
    before = snapshot(net)
    with batch_statistics(net.train()), torch.no_grad():
        inside = net(images, (3, 3))
    assert changed(before, snapshot(net)) == set()
    assert same_bits(inside, net(images, (3, 3)).detach())  # as a step in train mode has
    assert changed(before, snapshot(net)) == {name for name in before if "running" in name or "num_batches" in name}


def test_batch_statistics_are_given_back_after_an_error(net):
    before = snapshot(net)
    with pytest.raises(ZeroDivisionError), batch_statistics(net):
        raise ZeroDivisionError
    assert changed(before, snapshot(net)) == set()


def test_with_batch_statistics_an_answer_depends_on_its_company(net, images):
    with batch_statistics(net):
        alone = predict(net, images[:1], (1, 1))
        together = predict(net, images, (1, 1))[:1]
    assert not torch.allclose(alone, together, atol=1e-3)


def test_a_sampler_drives_private_statistics_like_any_supernet(few):
    private = PrivateStatistics(DepthSupernet(width=4))
    history = train(private, few, CONFIG, sampler=Always((1, 1), (3, 2)))
    assert history[-1]["picks"] == {(1, 1): 4, (3, 2): 4}
    assert history[-1]["validation"].keys() == set(NINE)


def test_a_normalisation_that_stands_twice_is_replaced_twice_by_one():
    shared, inside = nn.BatchNorm2d(4), nn.Sequential(nn.BatchNorm2d(4))
    net = group_norm(nn.Sequential(nn.Conv2d(1, 4, 3), shared, nn.Conv2d(4, 4, 3), shared, inside, inside))
    assert not batch_norms(net)
    assert net[1] is net[3] and net[4] is net[5] and net[4][0] is not net[1]
