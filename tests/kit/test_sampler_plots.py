"""The samplers' plots show the steps, shares and intervals that were passed in, where they belong."""

from math import inf

import pandas as pd
import pytest
from matplotlib.colors import to_rgba

from kit.layout import COLOURS
from kit.sampler_plots import GREY, plot_differences, plot_history, plot_shares

A, B = (1, 1), (2, 3)
RUN = pd.DataFrame(
    {"architecture": [A, B, B, A, B], "reward": [0.0, 0.5, 1.0, 1.0, 0.6]}, index=pd.RangeIndex(1, 6, name="step")
)
SHARES = pd.DataFrame(
    [[0.25, 0.75], [0.5, 0.5]], index=["fair", "greedy"], columns=pd.Index([A, B], tupleize_cols=False)
)
DIFFERENCES = {
    "up": (1.0, 0.5, 1.5, 5, 0.01),
    "open": (-0.5, -1.5, 0.5),
    "down": (-2, -3, -1),
    "one seed": (0.7, -inf, inf),
}
FIGURES = {
    "history": lambda: plot_history({"a": RUN, "b": RUN.iloc[:1]}),
    "shares": lambda: plot_shares(SHARES),
    "differences": lambda: plot_differences(DIFFERENCES, "points"),
}


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_is_the_same_each_time_narrow_legible_and_labelled(name):
    picture = FIGURES[name]()
    assert picture._repr_png_() == FIGURES[name]()._repr_png_()
    assert picture.get_figwidth() <= 8
    texts = [text for text in picture.findobj(lambda artist: hasattr(artist, "get_fontsize")) if text.get_text()]
    assert min(text.get_fontsize() for text in texts) >= 9
    assert all(axes.get_xlabel() and axes.get_ylabel() for axes in picture.axes)


def test_a_history_shows_each_step_in_its_row_and_the_means_so_far():
    above, below = plot_history({"run": RUN}).axes
    assert above.get_title() == "run\nmost often: (2, 3)"
    for line, arch, steps in zip(above.lines, (A, B), ([1, 4], [2, 3, 5]), strict=True):
        assert line.get_xdata().tolist() == steps
        assert set(line.get_ydata()) == {str(arch)}
    means = [line.get_ydata().tolist() for line in below.lines]
    assert means == [pytest.approx([0, 0.5]), pytest.approx([0.5, 0.75, 0.7])]
    for axes in (above, below):
        assert [to_rgba(line.get_color()) for line in axes.lines] == [to_rgba(GREY), to_rgba(COLOURS[1])]


def test_shares_stand_in_their_cells():
    (axes,) = plot_shares(SHARES).axes
    assert {text.get_position(): text.get_text() for text in axes.texts} == {
        (0, 0): "25 %", (1, 0): "75 %", (0, 1): "50 %", (1, 1): "50 %",
    }  # fmt: skip
    assert [text.get_text() for text in axes.get_yticklabels()] == ["fair", "greedy"]
    assert [text.get_text() for text in axes.get_xticklabels()] == ["(1, 1)", "(2, 3)"]
    assert axes.images[0].get_array().tolist() == SHARES.to_numpy().tolist()


def test_differences_have_their_intervals_and_only_a_decided_one_is_filled():
    (axes,) = plot_differences(DIFFERENCES, "points").axes
    zero, *lines = axes.lines
    assert set(zero.get_xdata()) == {0}
    drawn = [(list(line.get_xdata()), list(line.get_ydata())) for line in lines if line.get_marker() == "None"]
    assert drawn == [([0.5, 1.5], [0, 0]), ([-1.5, 0.5], [1, 1]), ([-3, -1], [2, 2])]
    points = {line.get_xdata()[0]: line.get_markerfacecolor() for line in lines if line.get_marker() == "o"}
    assert points == {1.0: COLOURS[0], -0.5: "white", -2: COLOURS[0], 0.7: "white"}
    assert axes.yaxis_inverted()
    assert [text.get_text() for text in axes.get_yticklabels()] == list(DIFFERENCES)


@pytest.mark.parametrize(
    ("plot", "nothing"),
    [
        (plot_history, {}),
        (plot_history, {"a": RUN.iloc[:0]}),
        (lambda shares: plot_shares(shares), SHARES.iloc[:0]),
        (lambda shares: plot_shares(shares), 100 * SHARES),
        (lambda none: plot_differences(none, "x"), {}),
    ],
)
def test_what_cannot_be_shown_is_refused(plot, nothing):
    with pytest.raises(ValueError, match="nothing to plot: pass|add up to 1"):
        plot(nothing)
