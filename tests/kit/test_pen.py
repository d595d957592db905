"""Laws of drawings: whatever is drawn, wherever, comes out as MNIST's digits were made."""

import numpy as np
import pytest

from kit.pen import BETWEEN, centre, ink, picture, smooth

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
