"""Laws of measuring: top-1 is a count, measuring changes nothing, and recalculated statistics are update_bn's."""

from contextlib import suppress
from copy import deepcopy
from itertools import product

import pytest
import torch
from bits import Always, changed, same_bits, snapshot, storages
from torch import nn
from torch.optim.swa_utils import update_bn

from nas import DepthSupernet, evaluate, evaluate_all, recalibrate, recalibrate_all
from nas.evaluation import BATCH, cost_table, count_right, multiply_adds, predict, predict_all
from nas.methods.diagnosis import by_batch_size, mismatch, with_statistics_for
from nas.methods.held_out import HeldOutReward
from nas.methods.search import synflow
from study.work import measure_supernet

NINE = tuple(product((1, 2, 3), repeat=2))


@pytest.mark.parametrize("arch", [(1, 1), (2, 3), (3, 3)])
def test_top_1_is_right_answers_over_answers(net, digits, arch):
    right = 0
    with torch.no_grad():
        for row, label in zip(net(digits.test.images, arch).tolist(), digits.test.labels.tolist(), strict=True):
            right += row.index(max(row)) == label
    assert evaluate(net, digits.test, arch) == right / 360
    assert evaluate(net.extract(arch), digits.test) == right / 360


def test_a_perfect_and_a_hopeless_network():
    labels = torch.arange(10)
    assert count_right(nn.functional.one_hot(labels).float(), labels) == 10
    assert count_right(nn.functional.one_hot((labels + 1) % 10).float(), labels) == 0
    assert count_right(torch.stack([torch.eye(10), torch.eye(10).roll(1, 0)]), labels) == [10, 0]


def test_all_at_once_equals_one_at_a_time_also_over_several_batches(net, digits):
    split = digits.train
    assert len(split) > 2 * BATCH
    assert evaluate_all(net, split) == {arch: evaluate(net, split, arch) for arch in NINE}
    assert same_bits(predict_all(net, split.images), torch.stack([predict(net, split.images, arch) for arch in NINE]))


@pytest.mark.parametrize("training", [True, False])
def test_measuring_changes_neither_network_nor_mode_nor_generators(net, few, training, undisturbed):
    net.train(training)
    before = snapshot(net)
    with undisturbed():
        logits = predict(net, few.test.images, (1, 2))
        evaluate_all(net, few.test)
        recalibrate(net, (1, 2), few.train.images)
        recalibrate_all(net, few.train.images)
    assert changed(before, snapshot(net)) == set()
    assert {module.training for module in net.modules()} == {training}
    assert not logits.requires_grad
    assert same_bits(logits, predict(net.eval(), few.test.images, (1, 2)))


def test_the_mode_is_restored_after_an_error(net, few):
    with pytest.raises(ValueError):
        evaluate(net.train(), few.test, (4, 4))
    assert net.training


@pytest.mark.parametrize("arch", NINE)
def test_recalibrating_is_update_bn_on_the_extracted_subnet(net, digits, arch):
    images = digits.train.images[:1_200]
    model = recalibrate(net, arch, images)
    oracle = net.extract(arch)
    update_bn(images.tensor_split(3), oracle)
    assert changed(snapshot(oracle), snapshot(model)) == set()
    moved = changed(snapshot(net.extract(arch)), snapshot(model))
    statistics = {name for name in snapshot(model) if name.endswith(("running_mean", "running_var"))}
    assert statistics <= moved <= statistics | {name for name in moved if name.endswith("num_batches_tracked")}
    assert {module.training for module in model.modules()} == {False}
    assert {layer.momentum for layer in model.modules() if isinstance(layer, nn.BatchNorm2d)} == {0.1}
    assert storages(model).isdisjoint(storages(net))


def test_recalculated_statistics_by_hand(net, few):
    images = few.train.images
    with torch.no_grad():
        x = net.stem[0](images)
    layer = recalibrate(net, (1, 1), images).stem[1]
    assert torch.allclose(layer.running_mean, x.mean(dim=(0, 2, 3)), atol=1e-6)
    assert torch.allclose(layer.running_var, x.var(dim=(0, 2, 3)), rtol=1e-4)


def test_recalibrating_forgets_the_running_statistics(net, few):
    expected = snapshot(recalibrate(net, (2, 2), few.train.images))
    for layer in net.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.running_mean.fill_(7)
            layer.running_var.fill_(70)
    assert changed(expected, snapshot(recalibrate(net, (2, 2), few.train.images))) == set()


def test_all_recalibrated_at_once_equal_nine_recalibrated_to_the_bit(net, digits):
    images = digits.train.images[:1_200]
    tree = recalibrate_all(net, images)
    nine = torch.stack([predict(recalibrate(net, arch, images), digits.test.images) for arch in NINE])
    assert same_bits(predict_all(tree, digits.test.images), nine)
    assert not same_bits(predict_all(net, digits.test.images), nine)
    assert evaluate_all(tree, digits.test) == {
        arch: evaluate(recalibrate(net, arch, images), digits.test) for arch in NINE
    }


def test_recalibrating_twice_gives_the_same_bits(net, few, disturb):
    first = snapshot(recalibrate(net, (3, 1), few.train.images))
    disturb()
    assert changed(first, snapshot(recalibrate(net, (3, 1), few.train.images))) == set()


def test_bad_input_is_refused(net, few):
    for function in (lambda images: recalibrate(net, (1, 1), images), lambda images: recalibrate_all(net, images)):
        with pytest.raises(ValueError, match=r"no images to recalculate batch statistics on: pass training images"):
            function(few.train.images[:0])
    with pytest.raises(ValueError, match=r"\(9, 9\) is not in this space"):
        recalibrate(net, (9, 9), few.train.images)
    with pytest.raises(TypeError, match="arch"):
        evaluate(net, few.test)


def test_shared_statistics_mislead_and_recalculated_ones_do_not():
    """By construction: a second layer that shifts its input, so that depth 1 and depth 2 differ in what follows."""
    net = DepthSupernet(width=4, depth=2)
    images = torch.rand(64, 1, 28, 28, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        net.block1.layers[1][1].bias.add_(5)
        net.train()
        for _ in range(60):
            net(images, (2, 1))
        net.eval()
        assert net(images, (1, 1)).std(dim=0).mean() < 0.5 * recalibrate(net, (1, 1), images)(images).std(dim=0).mean()


class Own(nn.Module):
    """A supernet of one path: some normalisation after a convolution that has other statistics than zero and one."""

    architectures = ((1,),)

    def __init__(self, norm, dropout=0.0, flat=False):
        super().__init__()
        self.before = nn.Sequential(nn.Flatten(), nn.Linear(784, 4)) if flat else nn.Conv2d(1, 4, 3)
        self.drop, self.norm = nn.Dropout(dropout), norm
        self.volume = isinstance(norm, nn.BatchNorm3d)

    def forward(self, x, arch=None):
        x = self.drop(self.before(x) + 3)
        return self.norm(x[:, :, None] if self.volume else x)

    def extract(self, arch):
        return deepcopy(self)


@pytest.mark.parametrize("affine", [True, False])
@pytest.mark.parametrize("momentum", [0.1, None])
@pytest.mark.parametrize("kind", [nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.SyncBatchNorm])
def test_every_batch_normalisation_is_recalculated(few, kind, momentum, affine):
    net = Own(kind(4, affine=affine, momentum=momentum), flat=kind is nn.BatchNorm1d)
    net.norm.running_mean.fill_(100)
    images = few.train.images
    model = recalibrate(net, (1,), images)
    with torch.no_grad():
        x = net.before(images).transpose(0, 1).flatten(1) + 3
        assert model(images).transpose(0, 1).flatten(1).mean(dim=1).abs().max() < 1e-4
    assert torch.allclose(model.norm.running_mean, x.mean(dim=1), atol=1e-4)
    assert torch.allclose(model.norm.running_var, x.var(dim=1), rtol=1e-3)
    assert (model.norm.momentum, net.norm.running_mean.unique().tolist()) == (momentum, [100])


class HomeMade(nn.Module):
    """A normalisation with a running mean of its own, as a buffer or, as in some textbooks, an attribute."""

    def __init__(self, name, buffer=True):
        super().__init__()
        mean = torch.zeros(1, 4, 1, 1)
        self.register_buffer(name, mean) if buffer else setattr(self, name, mean)
        self.mean = lambda: getattr(self, name)

    def forward(self, x):
        return x - self.mean()


@pytest.mark.parametrize("alone", [True, False])
@pytest.mark.parametrize(
    "norm",
    [
        nn.BatchNorm2d(4, track_running_stats=False),
        nn.InstanceNorm2d(4, track_running_stats=True),
        HomeMade("running_mean"),
        HomeMade("moving_mean", buffer=False),
    ],
)
def test_a_normalisation_that_cannot_be_recalculated_is_named(few, norm, alone):
    net = Own(nn.Sequential(nn.Identity() if alone else nn.BatchNorm2d(4), norm))
    with pytest.raises(ValueError, match=rf"norm\.1 is a {type(norm).__name__} .* cannot be recalculated"):
        recalibrate(net, (1,), few.train.images)


def test_a_constant_is_no_statistic_unless_there_is_no_other(few):
    net = Own(nn.Sequential(nn.BatchNorm2d(4), HomeMade("centre")))
    assert recalibrate(net, (1,), few.train.images).norm[0].running_mean.abs().min() > 1
    with pytest.raises(ValueError, match=r"norm\.1 is a HomeMade .* cannot be recalculated"):
        recalibrate(Own(nn.Sequential(nn.Identity(), HomeMade("centre"))), (1,), few.train.images)
    with pytest.raises(ValueError, match="no batch normalisation: nothing would change"):
        recalibrate(Own(nn.Identity()), (1,), few.train.images)


def test_there_is_no_dropout_while_statistics_are_recalculated(few):
    net, plain = (Own(nn.BatchNorm2d(4), dropout=dropout) for dropout in (0.5, 0.0))
    plain.load_state_dict(net.state_dict())
    found = [snapshot(recalibrate(each.train(), (1,), few.train.images)) for each in (net, net, plain)]
    assert changed(found[0], found[1]) == changed(found[1], found[2]) == set()


@pytest.mark.parametrize("seed", range(4))
def test_the_mode_of_every_module_is_as_it_was_also_after_an_error(net, few, seed):
    """Each module in a mode of its own, drawn at random, which no `train` or `eval` of the whole could restore."""
    draw = torch.Generator().manual_seed(seed)
    for module in net.modules():
        module.training = bool(torch.rand((), generator=draw) < 0.5)
    modes, state = [module.training for module in net.modules()], snapshot(net)
    images, model = few.train.images, net.extract((1, 1))
    looks = [
        lambda arch: evaluate(net, few.test, arch),
        lambda arch: predict(net, few.test.images, arch),
        lambda arch: evaluate_all(net, few.test) if arch == (1, 1) else evaluate_all(net, few),
        lambda arch: recalibrate(net, arch, images),
        lambda arch: recalibrate_all(net, images if arch == (1, 1) else images.byte()),
        lambda arch: mismatch(net, arch, images),
        lambda arch: with_statistics_for(net, arch, images),
        lambda arch: by_batch_size(net, arch, few.test, (8,)),
        lambda arch: HeldOutReward(Always(arch), net, few.validation, 32).update(arch, 0.0),
        lambda arch: multiply_adds(net if arch == (9, 9) else model),
        lambda arch: cost_table(net),
        lambda arch: synflow(model),
        lambda arch: measure_supernet(net, few.test.images, images, ("batch", "mixed", "recalculated")),
    ]
    for look in looks:
        look((1, 1))
        assert [module.training for module in net.modules()] == modes
        with suppress(TypeError, ValueError):
            look((9, 9))
        assert [module.training for module in net.modules()] == modes
    assert changed(state, snapshot(net)) == set()
