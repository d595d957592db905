"""Laws of kit.charts: what stands in a figure is what was passed in, and it reads the same everywhere."""

import subprocess
import sys
from itertools import combinations

import nbformat
import numpy as np
import pandas as pd
import pytest
import torch
from matplotlib.colors import to_rgba
from nbclient import NotebookClient
from scipy import stats

from kit import charts
from kit.charts import plot_budget, plot_curves, plot_grids, plot_picks, plot_reliability, plot_scatter
from kit.layout import COLOURS
from nas import DepthSupernet
from nas.ensembling import calibration_error

ARCHS = pd.Index([(a, b) for a in (1, 2, 3) for b in (1, 2, 3)], tupleize_cols=False)
COSTS = pd.Series([1e6 * (10 + 5 * (a + b)) for a, b in ARCHS], ARCHS)
RNG = np.random.default_rng(0)


def by_seed(seeds=3, rng=0):
    return pd.DataFrame(np.random.default_rng(rng).uniform(0.9, 0.99, (seeds, 9)), columns=ARCHS)


def curve_frame(seeds=3, epochs=4):
    index = pd.MultiIndex.from_product([range(seeds), range(1, epochs + 1)], names=["seed", "epoch"])
    values = np.random.default_rng(1).uniform(0.5, 0.99, (seeds * epochs, 9))
    return pd.DataFrame(values, index=index, columns=ARCHS)


LABELS = torch.from_numpy(RNG.integers(0, 10, 200))
PROBABILITIES = torch.from_numpy(RNG.dirichlet([0.2] * 10, 200))
FIGURES = {
    "curves": lambda: plot_curves({"a": curve_frame(), "b": curve_frame(1)}),
    "grids": lambda: plot_grids({"a": by_seed(), "b": by_seed(1), "c": by_seed().mean()}),
    "scatter": lambda: plot_scatter(by_seed(), by_seed(rng=2), "x", "y"),
    "budget": lambda: plot_budget(COSTS, by_seed(), {"shared": by_seed(rng=2), "ruler": COSTS}),
    "picks": lambda: plot_picks(dict.fromkeys(ARCHS, 50)),
    "reliability": lambda: plot_reliability({"a": PROBABILITIES, "b": PROBABILITIES}, LABELS),
    "sharing": lambda: charts.draw_sharing(DepthSupernet(2)),
    "images": lambda: charts.draw_images(torch.eye(28).expand(3, 1, 28, 28), LABELS[:3], LABELS[3:6]),
    "supernet": charts.draw_supernet,
    "tree": charts.draw_tree,
    "block": lambda: charts.draw_block(8),
}


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_is_the_same_png_each_time_at_most_eight_inches_wide_and_in_type_of_nine_points(name):
    picture = FIGURES[name]()
    png = picture._repr_png_()
    assert png.startswith(b"\x89PNG")
    assert png == FIGURES[name]()._repr_png_()
    assert picture.get_figwidth() <= 8
    texts = [text for text in picture.findobj(lambda artist: hasattr(artist, "get_fontsize")) if text.get_text()]
    assert min(text.get_fontsize() for text in texts) >= 9


@pytest.mark.parametrize("name", ["curves", "grids", "scatter", "budget", "picks", "reliability"])
def test_every_axis_has_a_label(name):
    for axes in FIGURES[name]().axes:
        assert axes.get_xlabel()
        assert axes.get_ylabel()


def test_curves_go_through_the_means_and_their_bands_are_t_intervals():
    frame = curve_frame()
    (axes,) = plot_curves({"a": frame}).axes
    for line, band, (arch, column) in zip(axes.lines, axes.collections, frame.items(), strict=True):
        rows = column.unstack("epoch")
        assert line.get_xdata().tolist() == [1, 2, 3, 4]
        assert line.get_ydata() == pytest.approx(rows.mean().to_numpy())
        low, high = stats.t.interval(0.95, 2, rows.mean(), rows.sem())
        edge = band.get_paths()[0].vertices
        for epoch in (1, 2, 3, 4):
            heights = edge[edge[:, 0] == epoch, 1]
            assert heights.min() == pytest.approx(max(0, low[epoch - 1]))
            assert heights.max() == pytest.approx(min(1, high[epoch - 1]))
        assert line.get_color() == COLOURS[arch[0] - 1]
        assert line.get_marker() == charts.MARKERS[arch[1] - 1]


def test_one_seed_has_no_band_and_no_error_bars():
    assert not plot_curves({"a": curve_frame(1)}).axes[0].collections
    assert "±" not in "".join(text.get_text() for text in plot_grids({"a": by_seed(1)}).axes[0].texts)
    scatter = plot_scatter(by_seed(1), by_seed().mean(), "x", "y").axes[0]
    assert not [bar for container in scatter.containers for bar in container[2]]


def test_no_two_depths_look_alike():
    assert len(set(COLOURS)) == len(set(charts.MARKERS)) == len(set(map(str, charts.STYLES))) == 6


def test_a_grid_has_block_1_down_and_block_2_across():
    table = by_seed()
    (axes,) = plot_grids({"a": table}).axes
    assert (axes.get_ylabel(), axes.get_xlabel()) == ("depth of block 1", "depth of block 2")
    assert len(axes.texts) == 9
    for text in axes.texts:
        column, row = text.get_position()
        values = 100 * table.to_numpy()[:, 3 * row + column]
        half = stats.t.ppf(0.975, 2) * values.std(ddof=1) / 3**0.5
        assert text.get_text() == f"{values.mean():.2f}\n± {half:.2f}"


def test_a_grid_of_counts_shows_them_whole():
    (axes,) = plot_grids({"parameters": COSTS}, percent=False).axes
    assert [text.get_text() for text in axes.texts] == [f"{cost:,.0f}" for cost in COSTS]


def test_a_scatter_names_every_point_and_no_name_covers_another():
    for seeds in (1, 3):
        picture = plot_scatter(by_seed(seeds), by_seed(seeds, rng=2), "x", "y")
        picture.draw_without_rendering()
        (axes,) = picture.axes
        assert [text.get_text() for text in axes.texts] == [str(arch) for arch in ARCHS]
        boxes = [text.get_window_extent() for text in axes.texts]
        assert not [pair for pair in combinations(boxes, 2) if pair[0].overlaps(pair[1])]


def test_ticks_are_percentages_of_shares_and_plain_for_counts_each_axis_by_its_own_range():
    wide, narrow = pd.Series(np.linspace(0.2, 0.9, 9), ARCHS), pd.Series(np.linspace(0.991, 0.992, 9), ARCHS)
    picture = plot_scatter(wide, narrow, "x", "y")
    picture.draw_without_rendering()
    axes = picture.axes[0]
    x, y = ([label.get_text() for label in labels] for labels in (axes.get_xticklabels(), axes.get_yticklabels()))
    assert "40 %" in x
    assert "99.140 %" in y
    counts = plot_scatter(1_000 * COSTS.rank(), narrow, "x", "y")
    counts.draw_without_rendering()
    assert "6,000" in [label.get_text() for label in counts.axes[0].get_xticklabels()]


def test_the_same_architecture_has_one_look_in_all_figures():
    table = by_seed()
    curves = plot_curves({"a": curve_frame()}).axes[0].lines
    points = [container[0] for container in plot_scatter(table, table, "x", "y").axes[0].containers]
    bars = plot_picks(dict.fromkeys(ARCHS, 1)).axes[0].patches[-9:]
    for curve, point, bar in zip(curves, points, bars, strict=True):
        assert curve.get_color() == point.get_color()
        assert curve.get_marker() == point.get_marker()
        assert to_rgba(curve.get_color()) == bar.get_facecolor()


def test_the_front_is_the_best_of_all_that_cost_no_more():
    top1 = by_seed()
    front = next(line for line in plot_budget(COSTS, top1).axes[0].lines if "Pareto" in str(line.get_label()))
    for budget, height in zip(front.get_xdata(), front.get_ydata(), strict=True):
        assert height == max(
            top1[[a]].to_numpy().mean() for a, cost in zip(ARCHS, COSTS, strict=True) if cost <= budget * 1e6
        )


def test_choosing_by_the_truth_of_each_seed_is_never_below_the_front():
    top1 = by_seed()
    lines = {line.get_label(): line.get_ydata() for line in plot_budget(COSTS, top1, {"truth": top1}).axes[0].lines}
    front = lines["Pareto front (best mean)"]
    assert (np.array(lines["truth"]) >= front).all()
    assert (np.array(lines["random (mean)"]) <= front).all()


def test_bars_are_the_counts_and_the_band_holds_95_percent_of_uniform_draws():
    counts = {arch: 90 + 3 * place for place, arch in enumerate(ARCHS)}
    (axes,) = plot_picks(counts).axes
    band, *bars = axes.patches
    assert [bar.get_height() for bar in bars] == list(counts.values())
    total = sum(counts.values())
    low, high = band.get_y(), band.get_y() + band.get_height()
    inside = stats.binom.cdf(high, total, 1 / 9) - stats.binom.cdf(low - 1, total, 1 / 9)
    assert 0.95 <= inside < 0.97
    assert axes.lines[0].get_ydata()[0] == pytest.approx(total / 9)


def test_reliability_counts_every_image_once_and_states_the_calibration_error():
    (axes,) = plot_reliability(PROBABILITIES, LABELS).axes
    confidence, answers = PROBABILITIES.max(dim=-1)
    right = answers == LABELS
    assert sum(int(text.get_text().replace(",", "")) for text in axes.texts) == 200
    points = {line.get_xdata()[0]: line.get_ydata()[0] for line in axes.lines if line.get_marker() == "o"}
    for place in range(10):
        inside = (confidence >= place / 10) & (confidence < (place + 1) / 10)
        if inside.any():
            mean = confidence[inside].mean().item()
            found = min(points, key=lambda x: abs(x - mean))
            assert (found, points.pop(found)) == pytest.approx((mean, right[inside].double().mean().item()))
    assert not points
    assert f"{100 * calibration_error(PROBABILITIES, LABELS):.1f} points" in axes.get_title()


@pytest.mark.parametrize(
    "call",
    [
        lambda: plot_curves({}),
        lambda: plot_curves({"a": curve_frame().rename(columns=str)}),
        lambda: plot_curves({"a": curve_frame().iloc[:, :0]}),
        lambda: plot_grids({"a": pd.Series([1.0], ["x"])}),
        lambda: plot_grids({"a": by_seed().iloc[:, :0]}),
        lambda: plot_scatter(by_seed(), by_seed().iloc[:, :8], "x", "y"),
        lambda: plot_scatter(by_seed(), by_seed()[ARCHS[::-1]], "x", "y"),
        lambda: plot_budget(COSTS.iloc[:5], by_seed()),
        lambda: plot_budget(COSTS, by_seed(), {"a": by_seed(2)}),
        lambda: plot_picks({}),
        lambda: plot_picks({"ab": 3}),
        lambda: plot_reliability(PROBABILITIES, LABELS[:10]),
        lambda: plot_reliability(PROBABILITIES[:0], LABELS[:0]),
        lambda: plot_reliability({}, LABELS),
    ],
)
def test_data_that_does_not_fit_is_refused(call):
    with pytest.raises(ValueError, match="pass"):
        call()


def test_what_a_call_does_not_need_is_not_imported():
    steps = (
        ("nas", ("matplotlib", "ipywidgets", "sklearn", "IPython")),
        ("kit.widgets, kit.page", ("matplotlib", "ipywidgets")),
        ("kit.charts", ("matplotlib.pyplot", "ipywidgets")),
    )
    code = ["import sys"]
    for modules, absent in steps:
        code += [f"import {modules}", f"print([name for name in {absent!r} if name in sys.modules])"]
    done = subprocess.run([sys.executable, "-c", "\n".join(code)], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["[]"] * len(steps)


def test_in_a_kernel_a_figure_is_shown_once_with_and_without_pyplot():
    sources = [
        "from kit.charts import draw_tree",
        "draw_tree()",
        "import matplotlib.pyplot",
        "draw_tree()",
        "_ = draw_tree()",
    ]
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    NotebookClient(book, timeout=60, kernel_name="python3").execute()
    shown = [[sorted(output.get("data", {})) for output in cell.outputs] for cell in book.cells]
    assert shown == [[], [["image/png", "text/plain"]], [], [["image/png", "text/plain"]], []]
