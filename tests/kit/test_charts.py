"""Laws of kit.charts: what stands in a figure is what was passed in, on scales that compare, in looks told apart."""

from itertools import combinations, pairwise

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgba
from scipy import stats

from kit import charts
from kit.charts import MARKERS, STYLES
from kit.layout import COLOURS
from kit.picture import luminance

ARCHS = pd.Index([(a, b) for a in (1, 2, 3) for b in (1, 2, 3)], tupleize_cols=False)
COSTS = pd.Series([10.0 + 5 * a + b for a, b in ARCHS], ARCHS)
GROUND = {"light": "#FFFFFF", "dark": "#14181E"}  # of the book's pages


def by_seed(seeds=3, rng=0, low=90.0):
    values = np.random.default_rng(rng).uniform(low, 99, (seeds, 9))
    return pd.DataFrame(values, index=pd.Index(range(seeds), name="seed"), columns=ARCHS)


def over_epochs(seeds=3, epochs=4):
    index = pd.MultiIndex.from_product([range(seeds), range(1, epochs + 1)], names=["seed", "epoch"])
    return pd.DataFrame(np.random.default_rng(1).uniform(50, 99, (seeds * epochs, 9)), index=index, columns=ARCHS)


def limits(mean, low, high):
    return pd.DataFrame({"mean": mean, "low": low, "high": high}, ["a", "b"], dtype=float)


def t_interval(values):
    return stats.t.interval(0.95, len(values) - 1, values.mean(), stats.sem(values))


def lines_of(axes, marker):
    """The lines drawn with or without markers, by (x, y)."""
    return [line for line in axes.lines if (line.get_marker() not in ("None", "")) == marker]


def test_intervals_draw_mean_and_t_interval_of_each_row_first_on_top_and_every_seed():
    table = by_seed()
    (axes,) = charts.intervals(table, "top-1").figure.axes
    bars, points = lines_of(axes, marker=False), [line for line in lines_of(axes, marker=True) if line.get_xdata().size]
    means, seeds = points[:9], points[9:]
    for row, (_, values) in enumerate(table.items()):
        assert bars[row].get_xdata() == pytest.approx(t_interval(values.to_numpy()))
        assert (means[row].get_xdata()[0], means[row].get_ydata()[0]) == pytest.approx((values.mean(), row))
        assert seeds[row].get_xdata() == pytest.approx(values.to_numpy())
    assert [text.get_text() for text in axes.get_yticklabels()] == [str(arch) for arch in ARCHS]
    assert axes.yaxis_inverted() and axes.get_xlabel() == "top-1"


def test_a_point_is_hollow_just_where_its_interval_holds_the_line_to_compare_with():
    (axes,) = charts.intervals(limits([1, 1], [-1, 0.5], [3, 1.5]), "", line=0).figure.axes
    hollow = [line.get_markerfacecolor() == "none" for line in lines_of(axes, marker=True) if line.get_xdata().size]
    assert hollow == [True, False]


def test_groups_have_each_a_look_and_stand_apart_in_their_row():
    groups = {arch: limits([1, 2], [0.5, 1], [2, 3]) for arch in ARCHS}
    (axes,) = charts.intervals(groups, "error", log=True, band=(1, 2)).figure.axes
    points = [line for line in lines_of(axes, marker=True) if line.get_xdata().size]
    looks = {(line.get_color(), line.get_marker()) for line in points}
    assert len(looks) == 9 and len({line.get_ydata()[0] for line in points}) == 18
    assert all(abs(line.get_ydata()[0] - (line.get_xdata()[0] - 1)) < 0.5 for line in points)
    assert axes.get_xscale() == "log" and (axes.patches[0].get_x(), axes.patches[0].get_width()) == (1, 1)


@pytest.mark.parametrize("panels", [1, 2])
@pytest.mark.parametrize("last", [4, 20, 128, 900, 2_000])
def test_numbers_on_a_logarithmic_axis_stand_apart(panels, last):
    frame = pd.DataFrame({"curve": [1.0, last]}, index=[1, last])
    for axes in charts.lines({f"{i}": frame for i in range(panels)}, "y", log="xy").figure.axes:
        for axis, low, high in ((axes.xaxis, "x0", "x1"), (axes.yaxis, "y0", "y1")):
            inside = [tick.label1 for tick in axis.get_major_ticks() if 1 <= tick.get_loc() <= last]
            boxes = [text.get_window_extent() for text in inside]
            assert len(boxes) >= 2
            assert all(getattr(b, low) - getattr(a, high) > 3 for a, b in pairwise(boxes))


def test_heat_shows_every_table_on_one_scale_which_its_bar_shows():
    tables = {"low": by_seed(low=20), "high": by_seed(rng=3), "single": by_seed().mean()}
    *panels, bar = charts.heat(tables, "top-1, %").figure.axes
    meshes = [axes.collections[0] for axes in panels]
    means = [np.ravel(table.mean() if table.ndim == 2 else table) for table in tables.values()]
    for mesh, mean, axes in zip(meshes, means, panels, strict=True):
        assert np.asarray(mesh.get_array()).ravel().tolist() == pytest.approx(list(mean))
        assert mesh.get_clim() == pytest.approx((np.min(means), np.max(means)))
        assert (axes.get_ylabel(), axes.get_xlabel()) == ("depth of block 1", "depth of block 2")
        assert axes.yaxis_inverted()
    assert bar.get_xlim() == pytest.approx(meshes[0].get_clim()) and bar.get_xlabel() == "top-1, %"
    assert [axes.get_title() for axes in panels] == list(tables)


def test_cells_say_mean_and_half_width_in_an_ink_of_enough_contrast():
    table = by_seed(low=20)
    axes, _ = charts.heat({"": table}, "top-1, %").figure.axes
    colours = axes.collections[0].get_facecolors()
    for place, (text, (_, values)) in enumerate(zip(axes.texts, table.items(), strict=True)):
        mean, half = values.mean(), values.mean() - t_interval(values.to_numpy())[0]
        assert text.get_text() == f"{mean:.2f}\n±{half:.{2 if half < 10 else 1}f}"
        assert (int(text.get_position()[1]), int(text.get_position()[0])) == divmod(place, 3)
        assert contrast(luminance(to_rgba(text.get_color())), luminance(colours[place])) >= 4.5


def test_another_frame_is_drawn_as_it_stands_under_its_own_names():
    frame = pd.DataFrame([[1.0, 2.0, 3.0]], pd.Index(["uniform"], name="sampler"), pd.Index(list("abc"), name="arm"))
    axes, _ = charts.heat({"": frame}, "share", digits=0).figure.axes
    assert [text.get_text() for text in axes.texts] == ["1", "2", "3"]
    assert (axes.get_ylabel(), axes.get_xlabel()) == ("sampler", "arm")
    assert [text.get_text() for text in axes.get_xticklabels()] == ["a", "b", "c"]
    assert not charts.heat({"": frame}, "share", digits=None).figure.axes[0].texts


def test_lines_go_through_the_means_and_their_bands_are_t_intervals():
    frame = over_epochs()
    (axes,) = charts.lines({"a": frame}, "top-1").figure.axes
    for line, band, (arch, column) in zip(axes.lines, axes.collections, frame.items(), strict=True):
        rows = column.unstack("epoch")
        assert line.get_xdata().tolist() == [1, 2, 3, 4]
        assert line.get_ydata() == pytest.approx(rows.mean().to_numpy())
        edge = band.get_paths()[0].vertices
        for epoch in (1, 2, 3, 4):
            heights = edge[edge[:, 0] == epoch, 1]
            assert (heights.min(), heights.max()) == pytest.approx(t_interval(rows[epoch].to_numpy()))
        look = COLOURS[arch[0] - 1], MARKERS[arch[1] - 1], STYLES[arch[1] - 1]
        assert (line.get_color(), line.get_marker()) == look[:2] and line.get_label() == str(arch)
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("epoch", "top-1")


def test_lines_take_ready_intervals_leave_gaps_out_and_share_one_scale():
    ready = pd.concat({"a": limits([1, 2], [0, 1], [2, 3]).set_axis([1, 2])}, axis=1)
    gaps = pd.DataFrame({"b": [40.0, np.nan, 60.0], "c": [1.0, 2.0, 3.0]}, pd.Index([1, 2, 3], name="x"))
    first, second = charts.lines({"ready": ready, "gaps": gaps}, "y").figure.axes
    assert first.lines[0].get_ydata().tolist() == [1, 2] and len(first.collections) == 1
    assert second.lines[0].get_xydata().tolist() == [[1, 40], [3, 60]] and not second.collections
    assert first.get_ylim() == second.get_ylim()


@pytest.mark.parametrize("log", ["", "y"])
def test_the_scale_that_panels_share_has_room_for_all_of_them(log):
    low = pd.DataFrame({"b": [1.0, 2.0]}, [1, 2])
    for first, second in ((low, 30 * low), (30 * low, low)):
        bottom, top = charts.lines({"one": first, "other": second}, "y", log=log).figure.axes[0].get_ylim()
        assert bottom < 1 and top > 60


def test_words_in_the_index_make_a_slope_chart_a_line_a_seed():
    pairs = pd.DataFrame({0: [38.0, 97.0], 1: [28.0, 97.5]}, ["as trained", "recalculated"])
    (axes,) = charts.lines(pairs, "top-1").figure.axes
    assert [line.get_ydata().tolist() for line in axes.lines] == [[38, 97], [28, 97.5]]
    assert [text.get_text() for text in axes.get_xticklabels()] == ["as trained", "recalculated"]


@pytest.mark.parametrize("seeds", [1, 3])
def test_points_stand_at_their_means_with_intervals_both_ways_and_no_name_covers_another(seeds):
    x, y = by_seed(seeds), by_seed(seeds, rng=2)
    (axes,) = charts.points(x, y, "x", "y").figure.axes
    for place, arch in enumerate(ARCHS):
        across, up, point = axes.lines[3 * place : 3 * place + 3]
        assert (point.get_xdata()[0], point.get_ydata()[0]) == pytest.approx((x[arch].mean(), y[arch].mean()))
        wide = t_interval(x[arch].to_numpy()) if seeds > 1 else [x[arch].mean()] * 2
        assert across.get_xdata() == pytest.approx(wide)
        assert up.get_ydata() == pytest.approx(t_interval(y[arch].to_numpy()) if seeds > 1 else [y[arch].mean()] * 2)
        assert (point.get_color(), point.get_marker()) == (COLOURS[arch[0] - 1], MARKERS[arch[1] - 1])
    assert [text.get_text() for text in axes.texts] == [str(arch) for arch in ARCHS]
    boxes = [text.get_window_extent() for text in axes.texts]
    assert not [pair for pair in combinations(boxes, 2) if pair[0].overlaps(pair[1])]


def test_a_name_is_crossed_by_no_interval_where_there_is_room():
    near = pd.DataFrame({"mean": COSTS, "low": COSTS - 1, "high": COSTS + 1})
    top = pd.DataFrame(
        {"mean": 95.0 + np.arange(9) % 3, "low": 94.8 + np.arange(9) % 3, "high": 95.2 + np.arange(9) % 3}
    )
    (axes,) = charts.points(near, top.set_index(ARCHS), "x", "y").figure.axes
    bars = [line.get_path().transformed(axes.transData) for line in lines_of(axes, marker=False)]
    assert len(bars) == 18
    for text in axes.texts:
        assert not any(bar.intersects_bbox(text.get_window_extent(), filled=False) for bar in bars), text


def test_lines_among_points_are_those_passed_and_are_named():
    front = pd.Series([91.0, 95.0], [16.0, 20.0])
    figure = charts.points(COSTS, by_seed(), "cost", "top-1", {"Pareto front": front}, log="x").figure
    line = figure.axes[0].lines[-1]
    assert line.get_xydata().tolist() == [[16, 91], [20, 95]] and figure.axes[0].get_xscale() == "log"
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["Pareto front"]


def contrast(a, b):
    return (max(a, b) + 0.05) / (min(a, b) + 0.05)


@pytest.mark.parametrize("ground", GROUND)
@pytest.mark.parametrize("colour", COLOURS)
def test_every_colour_has_a_contrast_of_three_on_light_and_on_dark_pages(ground, colour):
    assert contrast(luminance(to_rgba(colour)), luminance(to_rgba(GROUND[ground]))) >= 3


# Machado, Oliveira & Fernandes 2009, severity 1: what red- and green-blind eyes see, in linear RGB.
BLIND = {
    "none": np.eye(3),
    "red": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "green": np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.042413], [-0.01182, 0.04294, 0.968881]]),
}


def lab(colour, eyes):
    """CIE L*a*b* of a colour as these eyes see it."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgba(colour)[:3]]
    seen = (BLIND[eyes] @ linear).clip(0, 1)
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ seen
    f = np.cbrt(xyz / (0.9505, 1, 1.089))
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("eyes", BLIND)
def test_any_eyes_tell_the_colours_apart_and_there_is_a_second_cue(eyes):
    for a, b in combinations(COLOURS, 2):
        assert np.linalg.norm(lab(a, eyes) - lab(b, eyes)) > 15, (a, b)
    assert len(set(MARKERS)) == len(set(map(str, STYLES))) == len(COLOURS)


@pytest.mark.parametrize(
    "call",
    [
        lambda: charts.intervals({}, "x"),
        lambda: charts.intervals(by_seed().iloc[:0], "x"),
        lambda: charts.intervals({"a": by_seed(), "b": by_seed().iloc[:, :8]}, "x"),
        lambda: charts.heat({}, "x"),
        lambda: charts.heat({"a": pd.DataFrame([[np.nan]])}, "x"),
        lambda: charts.lines({}, "y"),
        lambda: charts.lines({"a": over_epochs().iloc[:0]}, "y"),
        lambda: charts.points(by_seed(), by_seed().iloc[:, :8], "x", "y"),
        lambda: charts.points(COSTS, COSTS[ARCHS[::-1]], "x", "y"),
    ],
)
def test_data_that_does_not_fit_is_refused(call):
    with pytest.raises(ValueError, match="pass"):
        call()
