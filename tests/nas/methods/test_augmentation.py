"""Laws of training images that vary: by as much as asked, anew each time, alike after a stop, nowhere else."""

import math

import pytest
import torch

from nas import DepthSupernet, TrainConfig, evaluate, machine, train
from nas.methods.augmentation import bends, changed, drawn_by_hand, with_strokes
from study.settings import PROFILES, get_profile

NONE = dict.fromkeys(("turn", "slant", "scale", "stretch", "shift", "bend", "width"), 0.0)


def drawn(images, **amounts):
    return drawn_by_hand(images, torch.Generator().manual_seed(0), **NONE | amounts)


def test_changes_of_nothing_leave_images_as_they_are(images):
    torch.testing.assert_close(drawn(images), images, rtol=0, atol=1e-5)


@pytest.mark.parametrize("amount", NONE)
def test_each_amount_changes_every_image_by_its_own_draw(images, amount):
    found = drawn(images[:1].expand(64, -1, -1, -1), **{amount: 0.5})
    assert found.shape == (64, 1, 28, 28)
    assert len({image.numpy().tobytes() for image in found}) == 64


def moments(image):
    """Centre of mass (x, y) and area of the ink, of an image whose ground is 0."""
    places, mass = torch.arange(28.0), image.sum()
    return (image.sum(dim=-2) * places).sum() / mass, (image.sum(dim=-1) * places).sum() / mass, mass


@pytest.fixture
def square():
    """A square of ink, a little off the middle."""
    image = torch.zeros(1, 1, 28, 28)
    image[..., 8:16, 10:20] = 1
    return image.expand(200, -1, -1, -1)


def test_shifts_move_the_ink_by_at_most_so_many_pixels(square):
    found = [moments(image[0]) for image in drawn(square, shift=1.5)]
    for axis, start in ((0, 14.5), (1, 11.5)):
        shifts = torch.stack([each[axis] for each in found]) - start
        assert -1.51 < shifts.min() < -1.2 and 1.2 < shifts.max() < 1.51


def test_scales_change_the_area_and_turns_do_not(square):
    areas = torch.stack([moments(image[0])[2] for image in drawn(square, scale=0.15)]) / 80
    assert 0.85**2 - 0.02 < areas.min() < 0.8 and 1.2 < areas.max() < 1.15**2 + 0.02
    turned = torch.stack([moments(image[0])[2] for image in drawn(square, turn=0.2)]) / 80
    assert (turned - 1).abs().max() < 0.03


def test_stretching_changes_width_over_height_and_not_the_area(square):
    found = drawn(square, stretch=0.5)
    width, height = (found.amax(dim=(1, axis)).sum(dim=-1) for axis in (2, 3))
    ratios = (width / height).log() - math.log(10 / 8)
    assert -0.55 < ratios.min() < -0.4 and 0.4 < ratios.max() < 0.55
    areas = torch.stack([moments(image[0])[2] for image in found]) / 80
    assert (areas - 1).abs().max() < 0.05


def test_bends_move_parts_on_their_own_by_so_many_pixels(square):
    moves = bends(square, torch.Generator().manual_seed(0))
    assert moves.shape == (200, 28, 28, 2) and 0.9 < moves.abs().max() < 1.5  # the curve through the points overshoots
    corners = moves[:, [0, 0, -1, -1], [0, -1, 0, -1]].flatten(1)  # points of the drawn field, each apart
    assert corners.abs().max() <= 1 + 1e-5 and (torch.corrcoef(corners.T) - torch.eye(8)).abs().max() < 0.3
    assert (moves.diff(dim=1).abs().max() + moves.diff(dim=2).abs().max()) / 2 < 0.5  # of a pixel, to the next one


def test_strokes_gain_or_lose_what_is_asked_on_each_side(square):
    change = torch.tensor([1.0, 0.5, 0.0, -0.5, -1.0]).view(5, 1, 1, 1)
    areas = with_strokes(square[:5], change).sum(dim=(1, 2, 3)).tolist()
    assert areas == [120, 100, 80, 64, 48]  # 10 x 12, half way, 8 x 10, half way, 6 x 8


def test_the_same_batch_is_changed_alike_and_another_otherwise(few):
    once, again = (changed(few, get_profile("page").augmentation) for _ in range(2))
    batch = torch.tensor([5, 3, 9])
    assert torch.equal(once.train.images[batch], again.train.images[batch])
    other = once.train.images[torch.tensor([5, 3, 8])]
    assert not torch.equal(once.train.images[batch][:2], other[:2])
    assert once.validation is few.validation and once.test is few.test


def test_images_that_change_cannot_be_looked_at_whole(few):
    images = changed(few, get_profile("page").augmentation).train.images
    assert (images.shape, images.dtype, images.device) == ((256, 1, 28, 28), torch.float32, few.train.images.device)
    with pytest.raises(AttributeError, match="have no mean: they can be taken by the batch"):
        images.mean()


def test_images_that_change_can_be_trained_on_and_nothing_else(few):
    data, net = changed(few, get_profile("page").augmentation), DepthSupernet(width=2).extract((1, 1))
    assert train(net, data, TrainConfig(steps=2, batch_size=32))[-1]["steps"] == 2
    with pytest.raises(TypeError, match=r"split.images is a ChangedImages: it must be a dense tensor"):
        evaluate(net, data.train)


def test_only_the_page_trains_on_such_images_and_its_settings_say_so():
    where = machine.device()
    told = [name for name, profile in PROFILES.items() if "augmentation" in profile.settings(where)]
    assert told == ["page"]
    assert get_profile("page").settings(where)["augmentation"].keys() == NONE.keys()


@pytest.mark.parametrize("source", [None, 0, torch.Generator])
def test_what_draws_the_changes_is_a_generator(images, undisturbed, source):
    """None drew from the global one."""
    with undisturbed(), pytest.raises(TypeError, match="^source is .*: it must be a torch.Generator, e.g. generator"):
        drawn_by_hand(images, source, **dict.fromkeys(NONE, 0.1))
