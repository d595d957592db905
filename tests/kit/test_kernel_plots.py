"""What the pictures of the second space show is what they were given."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import QuadMesh

from kit.kernel_plots import plot_ceilings, plot_groups, plot_recalls
from kit.layout import COLOURS
from study.lost_classes import account

EPOCHS = pd.Index([2, 4, 6], name="epoch")
RECALLS = pd.DataFrame(np.linspace(0, 1, 30).reshape(3, 10), EPOCHS)


def accounts(seeds=(0, 3)):
    return pd.concat({seed: account(RECALLS ** (seed + 1), [10] * 10) for seed in seeds}, names=["seed"])


def test_recalls_are_a_row_a_class_and_a_column_an_epoch():
    first, second, bar = plot_recalls({"one": RECALLS, "other": 1 - RECALLS}).axes
    (mesh,) = [x for x in first.collections if isinstance(x, QuadMesh)]
    assert np.allclose(mesh.get_array().reshape(10, 3), RECALLS.T)
    assert (first.get_title(), second.get_title(), bar.get_ylabel()) == ("one", "other", "recall")
    assert list(mesh.get_coordinates()[0, :, 0]) == [0, 2, 4, 6]


def test_three_panels_leave_no_empty_fourth():
    assert len(plot_recalls(dict.fromkeys("abc", RECALLS)).axes) == 3 + 1
    assert len(plot_ceilings(dict.fromkeys("abc", accounts())).axes) == 3


def test_each_seed_has_a_line_and_a_dashed_ceiling_of_its_colour():
    frame = accounts()
    (axes,) = plot_ceilings({"one": frame}).axes
    for place, seed in enumerate((0, 3)):
        solid, dashed = axes.lines[2 * place : 2 * place + 2]
        assert (solid.get_linestyle(), dashed.get_linestyle()) == ("-", "--")
        assert solid.get_color() == dashed.get_color() == COLOURS[place]
        assert np.allclose(solid.get_ydata(), frame.loc[seed, "accuracy"])
        assert np.allclose(dashed.get_ydata(), frame.loc[seed, "ceiling"])


def test_groups_stand_at_their_means_with_their_intervals():
    groups = {"a": {256: (1, 0.5, 2), 1024: (3, 2, 4)}, "b": {256: (5, 4, 6), 1024: (7, 6, 9)}}
    picture = plot_groups(groups, "batch", "points")
    (axes,) = picture.axes
    for points, container in zip(groups.values(), axes.containers, strict=True):
        line, _, (bars,) = container
        assert list(line.get_ydata()) == [point[0] for point in points.values()]
        ends = [segment[:, 1].tolist() for segment in bars.get_segments()]
        assert np.allclose(ends, [point[1:] for point in points.values()])
    assert [label.get_text() for label in axes.get_xticklabels()] == ["256", "1024"]
    assert picture._repr_png_() == plot_groups(groups, "batch", "points")._repr_png_()


def test_groups_of_other_places_are_refused():
    with pytest.raises(ValueError, match="differ in their places"):
        plot_groups({"a": {1: (1, 1, 1)}, "b": {2: (1, 1, 1)}}, "x", "y")


@pytest.mark.parametrize("plot", [plot_recalls, plot_ceilings, lambda nothing: plot_groups(nothing, "x", "y")])
def test_nothing_is_refused(plot):
    for nothing in ({}, {"empty": {}}):
        with pytest.raises(ValueError, match="nothing to plot"):
            plot(nothing)


def test_recalls_outside_their_range_are_refused():
    with pytest.raises(ValueError, match=r"one: recalls lie outside \[0, 1\]"):
        plot_recalls({"one": RECALLS + 0.5})
