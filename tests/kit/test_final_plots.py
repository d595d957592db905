"""The plots of the last step show the figures they are given, and the Pareto front is that of a count by hand."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
import torch

from kit.charts import MARKERS
from kit.final_plots import pareto_front, plot_gains, plot_soft_targets, plot_tradeoff
from kit.layout import COLOURS
from study.statistics import mean_interval

ARCHS = pd.Index(list(product((1, 2, 3), repeat=2)), tupleize_cols=False)


def test_bars_are_the_softened_probabilities():
    logits = torch.tensor([[6.0, 3.0, 0.0], [0.0, 1.0, 0.0]])
    picture = plot_soft_targets(torch.zeros(2, 1, 28, 28), logits, (1, 4))
    assert len(picture.axes) == 6
    for place, (row, temperature) in {1: (0, 1), 2: (0, 4), 4: (1, 1), 5: (1, 4)}.items():
        heights = [bar.get_height() for bar in picture.axes[place].patches]
        assert heights == pytest.approx((logits[row] / temperature).softmax(dim=-1).tolist())
    assert [axes.get_title() for axes in picture.axes] == ["", "T = 1", "T = 4", "", "", ""]


@pytest.mark.parametrize("images, rows, temperatures", [(0, 0, (1,)), (2, 1, (1,)), (1, 1, ())])
def test_soft_targets_need_as_many_logits_as_images(images, rows, temperatures):
    with pytest.raises(ValueError, match=f"{images} images, {rows} rows of logits"):
        plot_soft_targets(torch.zeros(images, 1, 28, 28), torch.zeros(rows, 10), temperatures)


def test_gains_show_every_seed_the_mean_and_its_interval():
    values = {"a": [0.1, 0.3, 0.2], "b": [-1.0]}
    (axes,) = plot_gains(values, "points").axes
    _, seeds, line, mean, single = axes.lines
    assert seeds.get_xdata().tolist() == values["a"] and seeds.get_marker() == "o" and seeds.get_mfc() == "none"
    interval = mean_interval(values["a"])
    assert line.get_xdata() == pytest.approx([interval.low, interval.high])
    assert mean.get_xdata() == pytest.approx([0.2])
    assert single.get_xdata().tolist() == [-1.0]  # one seed has no interval
    assert [label.get_text() for label in axes.get_yticklabels()] == ["a", "b"] and axes.yaxis_inverted()


@pytest.mark.parametrize("gains", [{}, {"a": []}])
def test_nothing_to_plot_is_refused(gains):
    with pytest.raises(ValueError, match="nothing to plot"):
        plot_gains(gains, "points")


def test_pareto_front_by_hand():
    costs = pd.Series({"cheap": 1, "twin": 1, "worse": 2, "good": 3, "equal": 4, "best": 5})
    values = pd.Series({"cheap": 0.5, "twin": 0.5, "worse": 0.4, "good": 0.9, "equal": 0.9, "best": 1.0})
    assert pareto_front(costs, values) == ["cheap", "twin", "good", "best"]


def test_pareto_front_by_brute_force():
    draw = np.random.default_rng(0)
    costs, values = (pd.Series(draw.integers(0, 6, 12)) for _ in range(2))
    front = pareto_front(costs, values)
    for a in costs.index:
        better = [b for b in front if costs[b] <= costs[a] and values[b] >= values[a]]
        assert better and ((a in front) == ((costs[a], values[a]) in {(costs[b], values[b]) for b in better}))


def times(scale=1.0):
    median = pd.Series([scale * (d1 + d2) for d1, d2 in ARCHS], index=ARCHS)
    return pd.DataFrame({"low": 0.9 * median, "median": median, "high": 1.3 * median})


def top1(seeds=3):
    return pd.DataFrame(np.random.default_rng(0).uniform(0.9, 0.99, (seeds, 9)), columns=ARCHS)


def test_a_tradeoff_has_a_point_a_network_in_its_look_and_the_front():
    table = top1()
    picture = plot_tradeoff({"one image": times(), "many": times(40)}, table)
    first, second = picture.axes
    for axes, frame in ((first, times()), (second, times(40))):
        *_, front = axes.lines
        points = [bars.lines[0] for bars in axes.containers]
        for arch, point in zip(ARCHS, points, strict=True):
            assert (point.get_color(), point.get_marker()) == (COLOURS[arch[0] - 1], MARKERS[arch[1] - 1])
            assert (point.get_xdata()[0], point.get_ydata()[0]) == pytest.approx(
                (frame["median"][arch], table[arch].mean())
            )
        across, along = axes.containers[0].lines[2]
        (line,) = (bar for bar in (across, along) if np.ptp(bar.get_segments()[0][:, 1]) == 0)
        assert line.get_segments()[0][:, 0] == pytest.approx(frame.loc[[(1, 1)], ["low", "high"]].to_numpy()[0])
        best = pareto_front(frame["median"], table.mean())
        assert front.get_ydata().tolist() == table.mean()[best].tolist()
    assert {text.get_text() for text in first.texts} == {str(arch) for arch in ARCHS}
    assert [axes.get_xlabel() for axes in picture.axes] == ["one image", "many"]


def test_a_tradeoff_of_one_seed_and_of_other_networks():
    plot_tradeoff({"": times()}, top1(seeds=1)).draw_without_rendering()
    with pytest.raises(ValueError, match="slow: costs are over"):
        plot_tradeoff({"slow": times()[:5]}, top1())
    with pytest.raises(ValueError, match="nothing to plot"):
        plot_tradeoff({}, top1())
