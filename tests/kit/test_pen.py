"""Laws of drawings: whatever is drawn, wherever, comes out as MNIST's digits were made."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from kit.pen import BETWEEN, centre, image_for, ink, picture, read, smooth
from nas import trained
from nas.evaluation import predict, recalibrate

LINE = [[0.2, 0.3], [0.4, 0.1], [0.7, 0.35], [0.3, 0.8]]


def ink_box(pixels):
    """The first and last row and column with ink."""
    return [(place.min(), place.max()) for place in np.nonzero(pixels)]


@pytest.mark.parametrize("pen", [1, 2.2, 4.4])
def test_the_longest_side_is_20_pixels_and_the_centre_of_mass_at_index_14(pen):
    pixels = picture([LINE], pen)
    assert pixels.shape == (28, 28) and pixels.min() == 0 and 0.7 < pixels.max() <= 1
    assert max(last - first + 1 for first, last in ink_box(pixels)) == 20
    for axis in (0, 1):
        assert abs((pixels.sum(axis=1 - axis) * np.arange(28)).sum() / pixels.sum() - 14) <= 0.5


def test_size_and_place_on_the_pad_do_not_matter_unless_asked():
    moved = [[0.25 * x + 0.5, 0.25 * y + 0.125] for x, y in LINE]
    assert np.array_equal(picture([LINE]), picture([moved]))
    (top, bottom), (left, right) = ink_box(picture([moved], centred=False))
    assert bottom - top < 8 and right - left < 8 and left >= 14


def test_a_straight_line_has_the_area_of_its_pen():
    length, pen = 20, 2.2
    pixels = ink([np.array([[4.0, 14.0], [4.0 + length, 14.0]])], pen) / 64
    assert pixels.sum() == pytest.approx(length * pen + np.pi * pen**2 / 4, rel=0.03)


def test_a_curve_goes_through_its_points_and_a_straight_line_stays_straight():
    curve = smooth(LINE)
    assert len(curve) == 3 * BETWEEN + 1 and np.array_equal(curve[::BETWEEN], LINE)
    straight = smooth([[0, 0], [1, 2], [2, 4], [3, 6]])
    np.testing.assert_allclose(straight[:, 1], 2 * straight[:, 0], atol=1e-12)
    assert np.array_equal(smooth([[0.5, 0.25]]), [[0.5, 0.25]])


def test_what_is_moved_out_of_the_picture_is_lost_and_the_rest_moved_whole():
    dots = np.zeros((28, 28), dtype=int)
    dots[0, 0], dots[0, 27] = 60, 40
    moved = centre(dots)
    assert moved[14, 3] == 60 and moved.sum() == 60


@pytest.mark.parametrize(
    ("strokes", "pen", "error"),
    [
        ([], 2.2, "nothing is drawn"),
        ([[[0.5, 0.5]]], 2.2, "is a dot"),
        ([LINE], 0, "pen is 0: its width must be above 0"),
        ([LINE], 20, "pen is 20: .* below 20"),
    ],
)
def test_what_cannot_be_a_digit_is_refused(strokes, pen, error):
    with pytest.raises(ValueError, match=error):
        picture(strokes, pen)


def test_a_drawing_is_read_from_the_text_of_the_pad_and_from_an_address():
    strokes = read("000999500250-333998")
    assert [stroke.shape for stroke in strokes] == [(2, 2), (1, 2)]
    np.testing.assert_allclose(np.concatenate(strokes) * 999, [[0, 999], [500, 250], [333, 998]])
    address = "file:///book/index.html#nine-start:digit=own&drawn=000999500250-333998&pen=3"
    assert all(np.array_equal(*pair) for pair in zip(strokes, read(address), strict=True))
    assert all(np.array_equal(*pair) for pair in zip(strokes, read("  000999500250-333998\n"), strict=True))


@pytest.mark.parametrize("text", ["", "12345", "000999-", "-000999", "a 5", "#nine:digit=3"])
def test_what_is_no_drawing_gets_a_sentence_that_says_where_one_comes_from(text):
    with pytest.raises(ValueError, match="is no drawing: draw on the pad"):
        read(text)


def test_a_drawing_for_mnist_is_the_picture_normalised(digits):
    data = replace(digits, name="mnist", mean=0.1307, std=0.3081)
    image = image_for(data, [LINE])
    assert image.shape == (1, 1, 28, 28) and image.dtype == torch.float32
    np.testing.assert_allclose(image[0, 0].double() * 0.3081 + 0.1307, picture([LINE]), atol=1e-6)
    with pytest.raises(ValueError, match="'fashion', which holds no digits: pass 'digits' or 'mnist'"):
        image_for(replace(data, name="fashion"), [LINE])


def test_a_drawing_for_the_small_digits_is_one_that_their_network_reads(digits):
    rows = np.loadtxt(Path(__file__).with_name("pen_digits.csv"), delimiter=",")
    # The file has stretched each digit to a square; three quarters as wide as high they are as people draw them.
    strokes, labels = rows[:, :16].reshape(-1, 8, 2) / 100 * [0.75, -1] + [0, 1], torch.tensor(rows[:, 16])
    images = torch.cat([image_for(digits, [stroke]) for stroke in strokes])
    ink = images.mean(dim=(1, 2, 3)) * digits.std + digits.mean
    assert ink.mean() == pytest.approx(digits.mean, abs=0.06)  # strokes as wide as those it was trained on
    model = recalibrate(trained(depth=3), (3, 3), digits.train.images[:500])
    assert (predict(model, images).argmax(dim=-1) == labels).float().mean() > 0.65
    with pytest.raises(ValueError, match="is a dot"):
        image_for(digits, [[[0.5, 0.5]]])
