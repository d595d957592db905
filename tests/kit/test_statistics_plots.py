"""The plots of chapter 8 show the figures they are given, where they belong, and refuse nothing silently."""

import numpy as np
import pandas as pd
import pytest
import torch

from kit.layout import COLOURS
from kit.statistics_plots import plot_channels, plot_matrix, plot_mismatch, plot_sizes
from study.statistics import mean_interval

ARCHS = pd.Index([(a, b) for a in (1, 2) for b in (1, 2)], tupleize_cols=False)
MEAN, VARIANCE = torch.arange(6.0).view(3, 2), torch.arange(6.0).view(3, 2).square() + 1


def test_channels_have_their_means_deviations_and_the_colour_of_their_depth():
    picture = plot_channels({"down": (MEAN, VARIANCE), "head": (MEAN + 1, VARIANCE)})
    assert [axes.get_title() for axes in picture.axes] == ["entering down", "entering head"]
    for axes, shift in zip(picture.axes, (0, 1), strict=True):
        for depth, (points, _, (bars,)) in enumerate(axes.containers):
            assert points.get_color() == COLOURS[depth]
            assert points.get_ydata() == pytest.approx(MEAN[depth] + shift)
            low, high = np.array([segment[:, 1] for segment in bars.get_segments()]).T
            assert (high - low) / 2 == pytest.approx(VARIANCE[depth].sqrt())
            assert np.round(points.get_xdata()).tolist() == [1, 2]
        assert axes.get_xlabel() == "channel" and axes.get_ylabel()
    assert [text.get_text() for text in picture.legends[0].get_texts()] == ["1", "2", "3"]


def test_a_mismatch_is_drawn_beside_the_line_of_agreement():
    picture = plot_mismatch({1: (MEAN[0], VARIANCE[0]), 3: (MEAN[2], VARIANCE[2])})
    for axes, values, agreed in zip(picture.axes, (MEAN, VARIANCE), (0, 1), strict=True):
        first, second, line = axes.lines
        assert (first.get_color(), second.get_color()) == (COLOURS[0], COLOURS[2])
        assert first.get_ydata() == pytest.approx(values[0]) and second.get_ydata() == pytest.approx(values[2])
        assert list(line.get_ydata()) == [agreed, agreed]
        assert axes.get_ylabel()


def test_the_matrix_has_the_row_s_statistics_down_and_the_column_s_answers_across():
    shares = pd.DataFrame(np.arange(16).reshape(4, 4) / 16, index=ARCHS, columns=ARCHS)
    (axes,) = plot_matrix(shares).axes
    assert [text.get_text() for text in axes.get_yticklabels()] == list(map(str, ARCHS))
    written = {text.get_position(): text.get_text() for text in axes.texts}
    for (row, column), value in np.ndenumerate(shares.to_numpy()):
        assert written[(column, row)] == f"{100 * value:.0f}"
    assert axes.get_ylabel().startswith("statistics") and axes.get_xlabel().startswith("answers")
    assert axes.images[0].get_clim() == (0, 100)


def test_sizes_have_their_mean_over_seeds_and_its_interval():
    frame = pd.DataFrame([[0.1, 0.5], [0.3, 0.6], [0.2, 0.7]], columns=[1, 100])
    (axes,) = plot_sizes({"reset": frame, "one seed": frame.iloc[:1]}, "images").axes
    several, single = axes.lines
    assert several.get_ydata() == pytest.approx([0.2, 0.6]) and several.get_xdata().tolist() == [1, 100]
    assert single.get_ydata() == pytest.approx([0.1, 0.5])
    (band,) = axes.collections
    heights = band.get_paths()[0].vertices[:, 1]
    interval = mean_interval(frame[100])
    assert heights.max() == pytest.approx(interval.high) and axes.get_xscale() == "log"
    assert heights.min() == pytest.approx(max(0, mean_interval(frame[1]).low))
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["reset", "one seed"]


@pytest.mark.parametrize(
    "plot", [plot_channels, plot_mismatch, lambda data: plot_matrix(pd.DataFrame()), lambda data: plot_sizes(data, "")]
)
def test_nothing_to_plot_is_refused(plot):
    with pytest.raises(ValueError, match="nothing to plot"):
        plot({})
