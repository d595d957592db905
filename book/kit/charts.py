"""The book's data plots: colour says the depth of block 1, marker and line style that of block 2, everywhere."""

import numpy as np
import pandas as pd
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator, PercentFormatter, StrMethodFormatter
from scipy.stats import binom, binomtest

from kit.drawings import INCHES, draw_block, draw_images, draw_sharing, draw_supernet, draw_tree, figure, name_points
from kit.layout import COLOURS
from nas.ensembling import calibration_error
from study.choosing import architectures, picks_within
from study.statistics import mean_interval
from study.tables import grid

__all__ = [
    "draw_block",
    "draw_images",
    "draw_sharing",
    "draw_supernet",
    "draw_tree",
    "plot_budget",
    "plot_curves",
    "plot_grids",
    "plot_picks",
    "plot_reliability",
    "plot_scatter",
]

MARKERS = ("o", "s", "^", "D", "v", "P")
STYLES = ("-", "--", ":", "-.", (0, (5, 1, 1, 1, 1, 1)), (0, (8, 2)))
GREY = "#555555"


def plot_curves(frames, ylabel="top-1 on validation", ylim=None, choice="depth of block"):
    """Learning curves of all architectures, a panel a frame; with several seeds, their mean and its 95 % t interval.

    frames: {title: frame}, frames as of study.tables.curves: rows (seed, epoch), a column an architecture, in [0, 1].
    ylim: (low, high) of every panel. choice: what an architecture's two numbers are. Raises ValueError for no frame, or
    one that is empty or not over architectures.
    """
    picture, panels = _panels(frames, height=2.8)
    for axes, frame in zip(panels, frames.values(), strict=True):
        for arch, column in zip(architectures(frame.columns), frame.to_numpy().T, strict=True):
            by_epoch = pd.Series(column, index=frame.index).unstack("seed")
            mean, half = _mean_and_half(by_epoch.T)
            every = max(1, len(mean) // 8)
            axes.plot(mean, markevery=every, **arch_style(arch), ls=STYLES[arch[1] - 1], lw=1.4, ms=4)
            if half is not None:
                low, high = (mean - half).clip(lower=0), (mean + half).clip(upper=1)
                axes.fill_between(mean.index, low, high, color=COLOURS[arch[0] - 1], alpha=0.08, lw=0)
        axes.set(xlabel="epoch", ylabel=ylabel, ylim=ylim)
        axes.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
        _format(axes.yaxis)
    arch_legend(picture, frame.columns, choice)
    return picture


def plot_grids(tables, percent=True):
    """Square tables side by side, rows depth of block 1, columns depth of block 2; in each, darker is higher.

    tables: {title: series over architectures, or frame (seed, architecture)}: several seeds give the mean and the half
    width of its 95 % t interval. percent: show shares in [0, 1] as percentages. ValueError as for plot_curves.
    """
    picture, panels = _panels(tables, height=2.5, columns=3)
    for axes, values in zip(panels, tables.values(), strict=True):
        mean, half = _over_seeds(values)
        _cells(axes, grid(mean), None if half is None else grid(half), 100 if percent else 1)
        axes.set(xlabel="depth of block 2", ylabel="depth of block 1")
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
    return picture


def plot_scatter(x, y, xlabel, ylabel):
    """One labelled point an architecture; several seeds give their means with 95 % t intervals.

    x, y: a series, or a frame (seed, architecture), over the same architectures (ValueError if not). Values that all
    lie in [0, 1] are shown as percentages.
    """
    picture, (axes,) = _panels({"": None}, height=4.2)
    (x, x_half), (y, y_half) = _over_seeds(x), _over_seeds(y)
    _points(axes, x, y, x_half, y_half)
    for axis, values, label in ((axes.xaxis, x, xlabel), (axes.yaxis, y, ylabel)):
        axis.set_label_text(label)
        _format(axis, shares=values.between(0, 1).all())
    name_points(picture, axes, x, y)
    return picture


def plot_budget(costs, top1, picks=None):
    """Top-1 against multiply-adds, with the Pareto front: the highest mean within each budget.

    costs: a series over architectures; top1: a series or frame (seed, architecture) in [0, 1]. picks: {name: scores}
    as of study.choosing.picks_within: a line each, through the mean top-1 of what it takes.
    """
    picture, (axes,) = _panels({"": None}, height=4.4)
    mean, half = _over_seeds(top1)
    _points(axes, costs / 1e6, mean, None, half)
    budgets = sorted(set(costs))
    front = [mean.to_numpy()[costs.to_numpy() <= budget].max() for budget in budgets]
    lines = {"Pareto front (best mean)": front}
    for pick in picks_within(costs, top1, picks) if picks else ():
        lines.setdefault(pick.name, []).append(pick.top1)
    for place, (name, heights) in enumerate(lines.items()):
        style = {
            "color": "black" if place == 0 else GREY,
            "ls": STYLES[place % len(STYLES)],
            "lw": 2 if place == 0 else 1.2,
        }
        axes.step(np.array(budgets) / 1e6, heights, where="post", label=name, zorder=1, **style)
    axes.set(xlabel="multiply-adds of one image, millions", ylabel="top-1")
    _format(axes.yaxis)
    axes.legend(loc="lower right", frameon=False)
    name_points(picture, axes, costs / 1e6, mean)
    return picture


def plot_picks(counts):
    """How often a sampler drew each architecture, beside uniform draws: their mean, and the range that holds 95 %.

    counts: {architecture: number of draws}, or a series. Raises ValueError for none, or what is no architecture.
    """
    archs = architectures(counts.keys())
    heights = [int(counts[arch]) for arch in archs]
    total, share = sum(heights), 1 / len(archs)
    picture, (axes,) = _panels({"": None}, height=2.8)
    low, high = binom.interval(0.95, total, share)
    axes.axhspan(low, high, color=GREY, alpha=0.25, lw=0, label="95 % of uniform draws")
    axes.axhline(total * share, color="black", lw=1.2, ls="--", label="mean of uniform draws")
    names = [str(arch) for arch in archs]
    axes.bar(names, heights, width=0.6, color=[COLOURS[arch[0] - 1] for arch in archs])
    axes.tick_params("x", length=0, rotation=0 if len(archs) <= 9 else 90)
    axes.set(xlabel="architecture (depth of block 1, depth of block 2)", ylabel="times drawn")
    picture.legend(loc="outside upper center", ncols=2, frameon=False)
    return picture


def plot_reliability(probabilities, labels, bins=10):
    """Share of right answers against confidence, in bins of equal width, with 95 % Clopper-Pearson intervals.

    probabilities: (N, classes), or {title: such}, a panel each; labels: (N,). Beside a point the images in its bin;
    above, nas.ensemble's calibration error, over its own finer bins. Raises ValueError where lengths differ.
    """
    members = probabilities if isinstance(probabilities, dict) else {"": probabilities}
    picture, panels = _panels(members, height=3.2)
    for axes, (title, member) in zip(panels, members.items(), strict=True):
        if len(member) != len(labels) or not len(labels):
            raise ValueError(f"{len(member)} rows of probabilities, {len(labels)} labels: pass one label a row")
        confidence, answers = member.cpu().max(dim=-1)
        _bins(axes, confidence.numpy(), (answers == labels.cpu()).numpy(), bins)
        error = 100 * calibration_error(member.cpu(), labels.cpu())
        axes.set_title(f"{title}\ncalibration error {error:.1f} points".strip(), fontsize=10)
        axes.set(xlabel="confidence", ylabel="share of right answers", xlim=(0, 1.03), ylim=(0, 1.03))
        _format(axes.xaxis)
        _format(axes.yaxis)
    return picture


def _bins(axes, confidence, right, bins):
    axes.plot([0, 1], [0, 1], color=GREY, lw=1, ls="--")
    index = np.minimum((confidence * bins).astype(int), bins - 1)
    for place in np.unique(index):
        inside = index == place
        x, y = confidence[inside].mean(), right[inside].mean()
        limits = binomtest(int(right[inside].sum()), int(inside.sum())).proportion_ci(method="exact")
        axes.plot([x, x], limits, color=COLOURS[0])
        axes.plot(x, y, color=COLOURS[0], marker="o", ms=6)
        low = y > 0.5  # the number stands where the diagonal does not
        axes.annotate(
            f"{inside.sum():,}", (x, limits[0] if low else limits[1]), (0, -12 if low else 4),
            textcoords="offset points", ha="center", fontsize=9,
        )  # fmt: skip


def _panels(titles, height, columns=2):
    """A Picture with a panel of this height for each title, up to `columns` side by side."""
    if not titles:
        raise ValueError("nothing to plot: pass at least one {title: data}")
    columns = min(len(titles), columns)
    rows = -(-len(titles) // columns)
    picture = figure(max(INCHES, 2.4 * columns), (height + 0.35) * rows)
    panels = [picture.add_subplot(rows, columns, place + 1) for place in range(len(titles))]
    for axes, title in zip(panels, titles, strict=True):
        axes.set_title(title, fontsize=10)
        axes.spines[["top", "right"]].set_visible(False)
    return picture, panels


def _format(axis, shares=True):
    """Ticks as percentages, or with thousands set apart."""
    axis.set_major_formatter(PercentFormatter(1, symbol=" %") if shares else StrMethodFormatter("{x:,.10g}"))


def arch_style(arch):
    """Colour by the depth of block 1, marker by that of block 2."""
    return {"color": COLOURS[arch[0] - 1], "marker": MARKERS[arch[1] - 1]}


def _over_seeds(values):
    """(mean, half width of its interval, or None for one seed) over architectures, of a series or a frame of seeds."""
    if isinstance(values, pd.DataFrame):
        architectures(values.columns)
        return _mean_and_half(values)
    architectures(values.index)
    return values, None


def _mean_and_half(frame):
    """Mean of each column and the half width of its 95 % t interval; None in its place for a single row."""
    mean = pd.Series(frame.to_numpy().mean(axis=0), index=frame.columns)
    if len(frame) < 2:
        return mean, None
    intervals = [mean_interval(column) for column in frame.to_numpy().T]
    return mean, pd.Series([interval.high - interval.mean for interval in intervals], index=frame.columns)


def _cells(axes, mean, half, scale):
    values = scale * mean.to_numpy()
    axes.imshow(values, cmap="Blues", aspect="auto")
    whole = np.array_equal(values, values.round()) and scale == 1
    for place, value in np.ndenumerate(values):
        text = f"{value:,.0f}" if whole else f"{value:.2f}"
        text += "" if half is None else f"\n± {scale * half.to_numpy()[place]:.2f}"
        dark = value - values.min() > 0.7 * np.ptp(values)
        axes.text(*place[::-1], text, ha="center", va="center", color="white" if dark else "black")
    axes.set_xticks(range(mean.shape[1]), mean.columns)
    axes.set_yticks(range(mean.shape[0]), mean.index)


def _points(axes, x, y, x_half, y_half):
    if list(x.index) != list(y.index):
        raise ValueError(f"{list(x.index)} and {list(y.index)} differ: pass the same architectures in the same order")
    for arch in x.index:
        halves = [None if half is None else half[arch] for half in (x_half, y_half)]
        axes.errorbar(x[arch], y[arch], halves[1], halves[0], ms=7, elinewidth=1, ls="", **arch_style(arch))


def arch_legend(picture, archs, choice="depth of block"):
    """Two rows below the panels: what a colour says, and what a marker and line style say."""
    handles = [Line2D([], [], ls="", label=f"{choice} {place}:") for place in (1, 2)]
    for k in sorted({number for arch in archs for number in arch}):
        style = {"color": GREY, "ls": STYLES[k - 1], "marker": MARKERS[k - 1], "ms": 4}
        handles += [Line2D([], [], label=k, color=COLOURS[k - 1], lw=3), Line2D([], [], label=k, **style)]
    options = {"ncols": len(handles) // 2, "columnspacing": 1.2, "frameon": False}
    picture.legend(handles=handles, loc="outside lower center", **options)
