"""The plots of chapter 10: points are means, bars are t intervals, and nothing overlaps."""

from itertools import combinations

import numpy as np
import pytest

from kit.deciding_plots import plot_offers, plot_starts
from study.statistics import mean_interval

RNG = np.random.default_rng(0)
OFFERS = {name: RNG.uniform(98, 99, 5) for name in ("a dear one", "one that is cheap", "a third")}
ENDS = {"cold": {1 / 3: RNG.uniform(90, 95, 5), 3: RNG.uniform(98, 99, 5)}, "warm": {0: RNG.uniform(97, 98, 5)}}
MIDDLE = {1: RNG.uniform(80, 85, 5), 2: RNG.uniform(90, 95, 5)}


def bars(container):
    """(points, [(low, high)]) of what errorbar drew, along the axis that has the bars."""
    line, _, (collection,) = container
    along = 0 if container.has_xerr else 1
    return line.get_xydata(), [sorted(segment[:, along]) for segment in collection.get_segments()]


def test_offers_are_means_with_their_intervals_from_top_to_bottom():
    (axes,) = plot_offers(OFFERS, "top-1, %", yardstick="a third").axes
    points, limits = bars(axes.containers[0])
    assert [label.get_text() for label in axes.get_yticklabels()] == list(OFFERS)
    assert axes.get_ylim()[0] > axes.get_ylim()[1]
    for row, (values, (x, y), ends) in enumerate(zip(OFFERS.values(), points, limits, strict=True)):
        wanted = mean_interval(values)
        assert (y, x) == (row, pytest.approx(wanted.mean))
        assert ends == pytest.approx([wanted.low, wanted.high])
    assert axes.lines[0].get_xdata()[0] == pytest.approx(OFFERS["a third"].mean())


def test_starts_are_means_with_their_intervals_and_unfinished_ones_are_hollow():
    (axes,) = plot_starts(ENDS, MIDDLE).axes
    for container, ends in zip(axes.containers, [*ENDS.values(), MIDDLE], strict=True):
        points, limits = bars(container)
        for (epochs, values), (x, y), found in zip(ends.items(), points, limits, strict=True):
            wanted = mean_interval(values)
            assert (x, y) == (pytest.approx(epochs), pytest.approx(wanted.mean))
            assert found == pytest.approx([wanted.low, wanted.high])
    assert [container[0].get_markerfacecolor() == "white" for container in axes.containers] == [False, False, True]


@pytest.mark.parametrize("plot", [lambda: plot_offers(OFFERS, "x", "a third"), lambda: plot_starts(ENDS, MIDDLE)])
def test_pictures_are_the_same_each_time_in_type_of_nine_points_with_labels_apart(plot):
    picture = plot()
    assert picture._repr_png_() == plot()._repr_png_()
    assert picture.get_figwidth() <= 8
    texts = [text for text in picture.findobj(lambda artist: hasattr(artist, "get_fontsize")) if text.get_text()]
    assert min(text.get_fontsize() for text in texts) >= 9
    picture.draw_without_rendering()
    (axes,) = picture.axes
    assert axes.get_xlabel()
    boxes = [label.get_window_extent() for label in axes.get_yticklabels()]
    assert not [pair for pair in combinations(boxes, 2) if pair[0].overlaps(pair[1])]


@pytest.mark.parametrize(
    "call", [lambda: plot_offers({}, "x"), lambda: plot_offers(OFFERS, "x", "a fourth"), lambda: plot_starts({})]
)
def test_data_that_does_not_fit_is_refused(call):
    with pytest.raises(ValueError, match="pass"):
        call()
