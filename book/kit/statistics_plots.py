"""Plots of batch statistics: channel by channel, for one path against another, and against the number of images."""

import numpy as np
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullLocator, PercentFormatter

from kit.drawings import INCHES, figure
from kit.layout import COLOURS
from study.statistics import mean_interval

LOOKS = (("o", "-"), ("s", "--"), ("^", ":"))  # marker, line style


def plot_channels(places):
    """Mean of every channel, with a line one deviation up and down, by depth of block 1; a panel a place.

    places: {place: (mean, variance)}, each (depths, channels), as of nas.methods.diagnosis.channel_statistics.
    """
    picture = figure(INCHES, 2.3 * len(something(places)))
    for row, (place, (mean, variance)) in enumerate(places.items(), 1):
        axes = picture.add_subplot(len(places), 1, row)
        for depth, (centre, spread) in enumerate(zip(mean.cpu(), variance.cpu().sqrt(), strict=True), 1):
            x = np.arange(1, len(centre) + 1) + 0.2 * (depth - 2)
            axes.errorbar(x, centre, spread, ls="", marker=LOOKS[(depth - 1) % 3][0], ms=4, **_depth(depth))
        axes.set_title(f"entering {place}", fontsize=10)
        axes.xaxis.set_major_locator(MaxNLocator(nbins=16, integer=True))
        axes.set(xlabel="channel", ylabel="mean ± deviation")
        _bare(axes)
    _legend(picture, axes)
    return picture


def plot_mismatch(paths):
    """What each path needs against what is kept, channel by channel: shift of the mean, and ratio of the variances.

    paths: {depth of block 1: (shift, ratio)}, of one layer, as of nas.methods.diagnosis.mismatch.
    """
    picture = figure(INCHES, 3.4)
    left, right = picture.subplots(1, 2)
    for depth, moments in something(paths).items():
        marker, style = LOOKS[(depth - 1) % 3]
        for axes, values in zip((left, right), moments, strict=True):
            x = range(1, len(values) + 1)
            axes.plot(x, values.cpu(), marker=marker, ls=style, lw=0.8, ms=4, **_depth(depth))
    for axes, agreed in ((left, 0), (right, 1)):
        axes.axhline(agreed, color="black", lw=0.8)
        axes.set_xlabel("channel")
        axes.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=True))
        _bare(axes)
    left.set_ylabel("shift / running deviation")
    right.set_ylabel("variance / running variance")
    _legend(picture, left)
    return picture


def plot_matrix(shares):
    """Top-1 in percent of each path (column) with the statistics of each (row); darker is higher.

    shares: a frame over architectures both ways, in [0, 1]. ValueError if it is empty.
    """
    values = 100 * something(shares).to_numpy()
    picture = figure(INCHES, 1.2 + 0.4 * len(values))
    axes = picture.add_subplot()
    axes.imshow(values, cmap="Blues", aspect="auto", vmin=0, vmax=100)
    for place, value in np.ndenumerate(values):
        axes.text(*place[::-1], f"{value:.0f}", ha="center", va="center", color="white" if value > 65 else "black")
    for axis, names in ((axes.xaxis, shares.columns), (axes.yaxis, shares.index)):
        axis.set_ticks(range(len(names)), map(str, names))
    axes.set(xlabel="answers of path", ylabel="statistics recalculated for")
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    return picture


def plot_sizes(curves, xlabel):
    """Top-1 against a number of images, a line a name; with several seeds, their mean and its 95 % t interval.

    curves: {name: frame}, rows seeds, columns numbers of images, in [0, 1]. ValueError for none.
    """
    picture = figure(INCHES, 3.2)
    axes = picture.add_subplot()
    for place, (name, frame) in enumerate(something(curves).items()):
        (marker, style), colour = LOOKS[place % 3], COLOURS[place]
        mean = frame.mean()
        axes.plot(mean.index, mean, marker=marker, ls=style, color=colour, label=name, ms=5)
        if len(frame) > 1:
            _, low, high, _ = zip(*map(mean_interval, frame.to_numpy().T), strict=True)
            axes.fill_between(mean.index, np.maximum(low, 0), np.minimum(high, 1), color=colour, alpha=0.12, lw=0)
    axes.set(xscale="log", xlabel=xlabel, ylabel="top-1", ylim=(0, 1.02))
    axes.xaxis.set_ticks(mean.index)
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda size, _: f"{size:,.0f}"))
    axes.yaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))
    if len(curves) > 1:
        axes.legend(loc="lower right", frameon=False)
    _bare(axes)
    return picture


def something(data):
    """The data. ValueError if there is none."""
    if not len(data):
        raise ValueError("nothing to plot: pass at least one {name: data}")
    return data


def _depth(depth):
    return {"color": COLOURS[depth - 1], "label": f"{depth}"}


def _bare(axes):
    axes.spines[["top", "right"]].set_visible(False)


def _legend(picture, axes):
    handles, names = axes.get_legend_handles_labels()
    title = "depth of block 1:"
    picture.legend(handles, names, title=title, ncols=len(names), loc="outside lower center", frameon=False)
