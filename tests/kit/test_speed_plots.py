"""The benchmark's plots show the record's figures, the medians and spreads where they belong."""

import numpy as np
import pytest

from kit.speed_plots import LOOKS, plot_bars, plot_roofline, rates


def point(what, precision, operations, size, *seconds):
    return {"what": what, "precision": precision, "operations": operations, "bytes": size, "seconds": seconds}


# A machine that copies 8e9 bytes a second and does 64e9 operations in float32, twice as many in bfloat16.
POINTS = [
    point("copy", "fp32", 0, 8e9, 1.0),
    point("copy", "bf16", 0, 8e9, 1.0),
    point("matrix product", "fp32", 64e9, 1e8, 2.0, 1.0, 0.5),
    point("matrix product", "bf16", 128e9, 0.5e8, 1.0),
    point("large convolution", "fp32", 32e9, 1e8, 1.0),
    point("block 1", "fp32", 3e9, 1e9, 0.1),
    point("block 1", "bf16", 3e9, 0.5e9, 0.2),
]


def test_bars_are_medians_with_lines_from_smallest_to_largest():
    (axes,) = plot_bars({"plain": [3.0, 1.0, 2.0], "fast": [0.5]}, "ms").axes
    bars, (_, _, (lines,)) = axes.patches, axes.containers[-1].errorbar
    assert [bar.get_width() for bar in bars] == [2.0, 0.5]
    assert [segment[:, 0].tolist() for segment in lines.get_segments()] == [[1.0, 3.0], [0.5, 0.5]]
    assert [text.get_text() for text in axes.get_yticklabels()] == ["plain", "fast"]
    assert axes.yaxis_inverted() and axes.get_xlabel() == "ms"


@pytest.mark.parametrize("columns", [{}, {"plain": []}])
def test_nothing_to_plot_is_refused(columns):
    with pytest.raises(ValueError, match="nothing to plot"):
        plot_bars(columns, "ms")


def test_rates_by_hand():
    table = rates(POINTS)
    row = table[table["precision"] == "fp32"].loc["block 1"]
    assert (row["intensity"], row["operations"], row["bytes"]) == pytest.approx((3.0, 30.0, 10.0))
    assert table["operations"]["matrix product"].tolist() == [64.0, 128.0]  # the median of three repeats


@pytest.mark.parametrize("place, precision, top", [(0, "fp32", 64.0), (1, "bf16", 128.0)])
def test_roofs_rise_with_the_copy_and_bend_at_the_matrix_product(place, precision, top):
    (axes,) = plot_roofline(POINTS).axes
    roof, points = axes.lines[2 * place : 2 * place + 2]
    assert (roof.get_color(), points.get_marker(), roof.get_linestyle()) == LOOKS[precision]
    for x, y in zip(*roof.get_data(), strict=True):
        assert y == pytest.approx(min(8.0 * x, top))
    assert top / 8 in roof.get_xdata()
    assert np.array(points.get_data()).shape == (2, 3 - place)


def test_every_measured_point_is_named_once_for_each_precision():
    (axes,) = plot_roofline(POINTS).axes
    assert (
        sorted(text.get_text() for text in axes.texts)
        == ["block 1"] * 2 + ["large convolution"] + ["matrix product"] * 2
    )
