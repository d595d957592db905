"""Laws of the data: sizes, strata, no image twice, always alike, normalised by figures that are computed."""

import numpy as np
import pytest
import torch
from bits import same_bits
from sklearn.datasets import load_digits
from torch.nn.functional import interpolate

from nas import load_data
from nas.data import Split

SPLITS = ("train", "validation", "test")
PIXELS, LABELS = torch.zeros(2, 1, 28, 28), torch.tensor([0, 9])


def splits(data):
    return [getattr(data, name) for name in SPLITS]


def test_sizes_shapes_and_types(digits):
    assert [len(split) for split in splits(digits)] == [1_257, 180, 360]
    for split in splits(digits):
        assert split.images.shape == (len(split), 1, 28, 28)
        assert split.labels.shape == (len(split),)
        assert (split.images.dtype, split.labels.dtype) == (torch.float32, torch.int64)
        assert split.images.is_contiguous()


def test_the_splits_are_those_of_the_committed_records(digits):
    assert digits.fingerprint == "fb8d3afa569683cf"


def test_each_split_holds_the_classes_in_equal_shares(digits):
    total = sum(torch.bincount(split.labels, minlength=10) for split in splits(digits))
    for split in splits(digits):
        share = len(split) / total.sum()
        assert (torch.bincount(split.labels, minlength=10) - share * total).abs().max() <= 1


def test_every_digit_is_in_exactly_one_split(digits):
    source = load_digits()
    pixels = torch.from_numpy(source.images).float().unsqueeze(1) / 16
    pixels = (interpolate(pixels, size=(28, 28), mode="bilinear") - digits.mean) / digits.std

    def rows(images, labels):
        return sorted((image.tobytes(), int(label)) for image, label in zip(images.numpy(), labels, strict=True))

    together = [torch.cat([getattr(split, field) for split in splits(digits)]) for field in ("images", "labels")]
    expected = rows(pixels, source.target)
    assert len({image for image, _ in expected}) == 1_797  # all differ, so a match is an identity
    assert rows(*together) == expected


def test_normalisation_is_that_of_the_training_split(digits):
    train = digits.train.images.double().numpy()
    assert train.mean() == pytest.approx(0, abs=1e-6)
    assert train.std() == pytest.approx(1, abs=1e-4)
    raw = train * digits.std + digits.mean
    assert (raw.min(), raw.max()) == pytest.approx((0, 1), abs=1e-6)
    assert (digits.mean, digits.std) == pytest.approx((raw.mean(), raw.std(ddof=1)), abs=1e-6)
    everything = np.concatenate([split.images.numpy().ravel() for split in splits(digits)])
    assert abs(everything.mean()) > 1e-4  # the other splits had no say


def test_loading_twice_gives_the_same_bits_and_no_shared_memory(digits, undisturbed, disturb):
    disturb()
    with undisturbed():
        again = load_data()
    assert again.fingerprint == digits.fingerprint
    for one, two in zip(splits(digits), splits(again), strict=True):
        assert same_bits(one.images, two.images)
        assert same_bits(one.labels, two.labels)
        assert one.images.data_ptr() != two.images.data_ptr()


def test_take_keeps_the_first_images_and_the_normalisation(digits):
    few = digits.take(10)
    assert same_bits(few.train.images, digits.train.images[:10])
    assert (few.mean, few.std, few.fingerprint) == (digits.mean, digits.std, digits.fingerprint)
    assert (few.test, few.validation) == (digits.test, digits.validation)


def test_what_was_loaded_is_said_in_one_line(digits):
    line = str(digits)
    assert line.startswith("digits: 1,257 training, 180 validation, 360 test images")
    assert f"{digits.mean:.4f}" in line
    assert "\n" not in line


@pytest.mark.parametrize("name", ["cifar10", "MNIST", "", None, 3])
def test_an_unknown_dataset_is_refused(name):
    with pytest.raises(ValueError) as caught:
        load_data(name)
    assert f"dataset is {name!r}: choose one of digits, mnist" in str(caught.value)


@pytest.mark.parametrize(
    "images, labels, error, named",
    [
        (PIXELS[:0], LABELS[:0], ValueError, "images are empty"),
        (PIXELS, torch.tensor([0, 10]), ValueError, "labels hold 10, which is out of range: labels run from 0 to 9"),
        (PIXELS, torch.tensor([-1, 3]), ValueError, "labels hold -1"),
        (PIXELS, LABELS[:1], ValueError, "(2, 1, 28, 28) and (1,)"),
        (PIXELS[:, 0], LABELS, ValueError, "(2, 28, 28) and (2,)"),
        (PIXELS[..., :8], LABELS, ValueError, "(2, 1, 28, 8) and (2,)"),
        (PIXELS.double(), LABELS, TypeError, "torch.float64"),
        (PIXELS, LABELS.int(), TypeError, "torch.int32"),
        (PIXELS.numpy(), LABELS, TypeError, "pass tensors"),
        (PIXELS, [0, 9], TypeError, "labels a list: pass tensors"),
    ],
)
def test_a_split_refuses_what_is_no_images_and_labels(images, labels, error, named):
    with pytest.raises(error) as caught:
        Split(images, labels)
    assert named in str(caught.value)


def test_a_split_cannot_be_cut_to_nothing(digits):
    with pytest.raises(ValueError, match="empty"):
        digits.take(0)


@pytest.mark.parametrize("device", ["vulkan", "xla", torch.device("vulkan")])
def test_a_device_that_is_not_here_is_named(few, device):
    with pytest.raises(ValueError, match=f"^device is '{device}', but torch finds none here: pass machine.device"):
        few.to(device)


def test_labels_without_values_are_no_labels(few):
    with pytest.raises(ValueError, match="^labels is on the device meta, which holds no values"):
        Split(few.test.images, few.test.labels.to("meta"))
