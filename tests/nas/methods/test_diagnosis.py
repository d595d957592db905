"""Laws of the diagnosis: it finds what was broken on purpose, agrees with doing it by hand, and changes nothing."""

import json
from copy import deepcopy
from itertools import product

import pytest
import torch
from bits import changed, same_bits, snapshot

from nas import evaluate, evaluate_all, recalibrate
from nas.data import Split
from nas.evaluation import BATCH, batch_norms, predict
from nas.methods.diagnosis import (
    by_batch_size,
    calibration_matrix,
    diagnose,
    images_needed,
    mismatch,
    moved,
    one_layer_at_a_time,
    partly_mended,
    path_layers,
    with_statistics_for,
)
from nas.methods.remedies import with_momentum

NINE = tuple(product((1, 2, 3), repeat=2))


def right(net, split, arch=None):
    return round(evaluate(net, split, arch) * len(split))


@pytest.fixture
def broken(net, few):
    """A supernet whose statistics suit (1, 1), but for those of `down`."""
    net = with_statistics_for(net, (1, 1), few.train.images)
    net.down[1].running_var.mul_(400)
    net.down[1].running_mean.sub_(3)
    return net


@pytest.mark.parametrize("arch", NINE)
def test_the_layers_of_a_path_are_those_of_the_extracted_subnet(net, arch):
    layers = path_layers(net, arch)
    extracted = list(batch_norms(net.extract(arch)).values())
    assert len(layers) == 2 + sum(arch) == len(extracted)
    for name, (ours, theirs) in zip(layers, zip(layers.values(), extracted, strict=True), strict=True):
        assert same_bits(ours.running_mean, theirs.running_mean), name
        assert any(ours is layer for layer in net.modules())


def test_no_mismatch_where_the_statistics_are_those_of_the_path(net, few):
    images = few.train.images
    for shift, ratio in mismatch(with_statistics_for(net, (2, 1), images), (2, 1), images).values():
        assert torch.equal(shift, torch.zeros_like(shift)) and torch.equal(ratio, torch.ones_like(ratio))
    assert any((ratio - 1).abs().max() > 0.05 for _, ratio in mismatch(net, (2, 1), images).values())


def test_a_mismatch_is_measured_in_running_deviations(net, few):
    images = few.train.images
    net = with_statistics_for(net, (1, 1), images)
    layer = net.down[1]
    layer.running_var.mul_(4)
    layer.running_mean.add_(3 * layer.running_var.sqrt())
    shift, ratio = mismatch(net, (1, 1), images)["down"]
    assert torch.allclose(shift, torch.full_like(shift, -3), atol=1e-4)
    assert torch.allclose(ratio, torch.full_like(ratio, 0.25), atol=1e-5)


@pytest.mark.parametrize("arch", [(1, 1), (3, 2)])
def test_statistics_for_a_path_are_recalibrated_ones_and_all_others_stay(net, digits, arch):
    images = digits.train.images[:1_200]
    before = snapshot(net)
    ours = with_statistics_for(net, arch, images)
    assert same_bits(
        predict(ours, digits.validation.images, arch), predict(recalibrate(net, arch, images), digits.validation.images)
    )
    moved = {name.rpartition(".")[0] for name in changed(before, snapshot(ours))}
    on_path = {id(layer) for layer in path_layers(ours, arch).values()}
    assert moved == {name for name, layer in batch_norms(ours).items() if id(layer) in on_path}
    assert changed(before, snapshot(net)) == set()
    assert {module.training for module in ours.modules()} == {False}
    assert {layer.momentum for layer in batch_norms(ours).values()} == {0.1}


def test_one_layer_recalculated_sees_the_running_statistics_of_those_before_it(net, few):
    images = few.train.images
    ours = with_statistics_for(net, (1, 1), images, ["down"])
    assert {name.rpartition(".")[0] for name in changed(snapshot(net), snapshot(ours))} == {"down.1"}
    with torch.no_grad():
        x = net.down[0](net.block1(net.stem(images), 1))
    assert torch.allclose(ours.down[1].running_mean, x.mean(dim=(0, 2, 3)), atol=1e-5)
    assert torch.allclose(ours.down[1].running_var, x.var(dim=(0, 2, 3)), rtol=1e-4)


def test_the_matrix_has_recalibrated_accuracies_on_its_diagonal_and_others_elsewhere(net, few):
    images, split = few.train.images, few.validation
    matrix = calibration_matrix(net, split, images)
    for row, arch in enumerate(NINE):
        assert matrix[row][row] == right(recalibrate(net, arch, images), split)
    first = evaluate_all(with_statistics_for(net, (1, 1), images), split)
    assert matrix[0] == [round(first[arch] * len(split)) for arch in NINE]
    assert len({tuple(row) for row in matrix}) > 1


def test_a_row_leaves_the_layers_off_its_path_with_running_statistics(net, few):
    """A layer that is off the row's path and spoiled spoils the columns that use it, and no others."""
    images, split = few.train.images, few.validation
    sound = calibration_matrix(net, split, images)
    spoiled = deepcopy(net)
    spoiled.block2.layers[2][1].running_var.zero_()
    spoiled.block2.layers[2][1].running_mean.fill_(1e4)
    found = calibration_matrix(spoiled, split, images)
    for (row, own), (column, other) in product(enumerate(NINE), repeat=2):
        if own[1] == 3 or other[1] < 3:
            assert found[row][column] == sound[row][column], (own, other)
    third = [(row, column) for row, column in product(range(9), repeat=2) if NINE[row][1] < 3 == NINE[column][1]]
    assert any(found[row][column] != sound[row][column] for row, column in third)


def test_the_layer_that_was_broken_is_the_one_that_mends(broken, few):
    found = one_layer_at_a_time(broken, (1, 1), few.validation, few.train.images)
    assert list(found) == ["none", "stem", "block 1, layer 1", "down", "block 2, layer 1", "all"]
    assert found["none"] == right(broken, few.validation, (1, 1))
    assert found["all"] == right(recalibrate(broken, (1, 1), few.train.images), few.validation)
    assert found["down"] == found["all"] > found["none"]
    assert found["stem"] == found["block 1, layer 1"] == found["none"]


def test_partly_mended_is_whole_where_the_part_was_all_that_was_broken(net, few):
    images, split = few.train.images, few.validation
    sound = with_statistics_for(net, (1, 1), images)
    whole = right(sound, split, (1, 1))
    broken = {"mean": deepcopy(sound), "variance": deepcopy(sound), "pooled": deepcopy(sound)}
    broken["mean"].down[1].running_mean.add_(torch.linspace(-3, 3, 8))
    broken["variance"].down[1].running_var.mul_(torch.logspace(-4, 4, 8))
    broken["pooled"].down[1].running_mean.add_(3)
    broken["pooled"].down[1].running_var.mul_(400)
    for part, net in broken.items():
        assert right(net, split, (1, 1)) < whole
        found = partly_mended(net, (1, 1), split, images)
        assert [name for name, count in found.items() if count == whole] == [part, "both"]


def test_images_needed_by_hand(net, few):
    images, split = few.train.images, few.validation
    found = images_needed(net, (1, 2), split, images, (1, 40, 256))
    assert found["sizes"] == [1, 40, 256]
    assert found["reset"] == [right(recalibrate(net, (1, 2), images[:n]), split) for n in (1, 40, 256)]
    model = net.extract((1, 2)).train()
    with torch.no_grad():
        for part in (images[:86], images[86:171], images[171:]):  # 256 in three nearly equal batches
            model(part)
    assert found["moved"][-1] == right(model, split)


def test_moving_with_momentum_1_is_a_reset_and_with_a_tenth_a_tenth_of_the_way(net, few):
    images = few.train.images[:100]
    start, end = net.extract((1, 1))[0][1].running_mean, recalibrate(net, (1, 1), images)[0][1].running_mean
    tenth = moved(net, (1, 1), images)[0][1].running_mean
    assert torch.allclose(tenth, 0.9 * start + 0.1 * end, atol=1e-6)
    whole = moved(with_momentum(net, 1), (1, 1), images)
    assert same_bits(
        predict(whole, few.validation.images), predict(recalibrate(net, (1, 1), images), few.validation.images)
    )


def test_by_batch_size_is_train_mode_and_one_by_one_needs_no_company(net, few):
    split = few.validation.take(60)
    found = by_batch_size(net, (1, 1), split, (60, 1))
    with torch.no_grad():
        whole = deepcopy(net).train()(split.images, (1, 1))
        alone = torch.cat([deepcopy(net).train()(image[None], (1, 1)) for image in split.images])
    assert found == [int((logits.argmax(-1) == split.labels).sum()) for logits in (whole, alone)]
    assert found[0] != found[1]


def test_a_batch_may_be_larger_than_those_that_are_usually_evaluated(net, digits):
    order = digits.train.labels.argsort(stable=True)  # so that batches of another size hold other digits
    split = Split(digits.train.images[order], digits.train.labels[order])
    (found,) = by_batch_size(net, (1, 1), split, (len(split),))
    with torch.no_grad():
        whole = deepcopy(net).train()(split.images, (1, 1))
    assert found == int((whole.argmax(-1) == split.labels).sum())
    assert [found] != by_batch_size(net, (1, 1), split, (BATCH,))


def test_the_diagnosis_is_plain_small_and_without_side_effects(net, few, undisturbed):
    before = snapshot(net)
    with undisturbed():
        found = diagnose(net, few.validation, few.train.images)
    assert changed(before, snapshot(net)) == set() and not net.training
    text = json.dumps(found)
    assert json.loads(text) == found and len(text) < 2_500
    assert found["matrix"] == calibration_matrix(net, few.validation, few.train.images)
    assert found["matrix"][0][0] == found["layers"]["all"] == found["images"]["reset"][-2]  # of 1, 2, ..., 200 images
    assert found["partly"]["both"] == found["layers"]["down"]
    assert found["batch"]["of"] == 180 and found["images"]["sizes"][-1] == 200


def test_bad_input_is_refused(net, few):
    none = few.train.images[:0]
    for function in (
        lambda: mismatch(net, (1, 1), none),
        lambda: calibration_matrix(net, few.validation, none),
        lambda: one_layer_at_a_time(net, (1, 1), few.validation, none),
        lambda: moved(net, (1, 1), none),
    ):
        with pytest.raises(ValueError, match="no images .*: pass training images"):
            function()
    for size in (0, 257, 1.5):
        with pytest.raises((TypeError, ValueError), match=rf"sizes is {size}: it must be an int from 1 to 256"):
            images_needed(net, (1, 1), few.validation, few.train.images, (1, size))
    with pytest.raises(ValueError, match=r"'block 1, layer 2' is not on the path \(1, 3\)"):
        with_statistics_for(net, (1, 3), few.train.images, ["block 1, layer 2"])
    with pytest.raises(ValueError, match="not in this space"):
        with_statistics_for(net, (4, 1), few.train.images)
