"""The errors in the picture are those of the tables, each in the look of its architecture."""

import numpy as np
import pandas as pd
import pytest

from kit.charts import MARKERS
from kit.layout import COLOURS
from kit.remedy_plots import TICKS, plot_errors, within

ARCHS = pd.Index([(a, b) for a in (1, 2, 3) for b in (1, 2, 3)], tupleize_cols=False)


def top1(seeds=3, low=0.4):
    return pd.DataFrame(np.random.default_rng(0).uniform(low, 0.99, (seeds, 9)), columns=ARCHS)


def points_and_lines(axes):
    """The lines of markers, and those between best and worst seed, both in the order they were drawn."""
    lines = [line for line in axes.lines if len(line.get_xdata()) and line.get_color() != "0.85"]
    return [x for x in lines if x.get_marker() != "None"], [x for x in lines if x.get_marker() == "None"]


def test_points_are_mean_errors_in_percent_and_lines_reach_from_best_to_worst_seed():
    tables = {"before": top1(), "after": top1(low=0.9)}
    (axes,) = plot_errors(tables).axes
    points, lines = points_and_lines(axes)
    error = 100 - 100 * np.concatenate([table.to_numpy().T for table in tables.values()])
    assert np.allclose([point.get_xdata()[0] for point in points], error.mean(axis=1))
    assert np.allclose([line.get_xdata() for line in lines], np.column_stack([error.min(axis=1), error.max(axis=1)]))
    assert axes.get_xscale() == "log"


def test_colour_and_marker_tell_the_architecture_and_height_the_row():
    (axes,) = plot_errors({"before": top1(), "after": top1()}).axes
    points, _ = points_and_lines(axes)
    for place, point in enumerate(points):
        d1, d2 = ARCHS[place % 9]
        assert (point.get_color(), point.get_marker()) == (COLOURS[d1 - 1], MARKERS[d2 - 1])
        assert round(point.get_ydata()[0]) == place // 9
    assert [label.get_text() for label in axes.get_yticklabels()] == ["before", "after"]
    assert axes.yaxis_inverted()


def test_one_seed_is_a_line_of_no_length():
    _, lines = points_and_lines(plot_errors({"one": top1(seeds=1)}).axes[0])
    assert all(line.get_xdata()[0] == line.get_xdata()[1] for line in lines)


def test_the_same_png_each_time_and_not_too_wide():
    picture = plot_errors({"before": top1()})
    assert picture._repr_png_() == plot_errors({"before": top1()})._repr_png_()
    assert picture.get_figwidth() <= 8


def test_ticks_reach_just_beyond_the_values():
    assert within(TICKS, [pd.DataFrame([[0.7, 30.0]])]) == [0.5, 1, 2, 5, 10, 20, 50]
    assert within(TICKS, [pd.DataFrame([[1.1, 4.0]])]) == [1, 2, 5]
    assert within(TICKS, [pd.DataFrame([[0.1, 90.0]])]) == list(TICKS)


@pytest.mark.parametrize(
    "tables, message",
    [
        ({}, "nothing to plot"),
        ({"all right": top1() * 0 + 1}, "all right: pass top-1"),
        ({"points": 100 * top1()}, "points: pass top-1"),
        ({"empty": top1().iloc[:0]}, "empty: pass top-1"),
        ({"no nets": top1().set_axis(range(9), axis=1)}, "not architectures"),
    ],
)
def test_what_cannot_be_drawn_is_refused(tables, message):
    with pytest.raises(ValueError, match=message):
        plot_errors(tables)
