"""Plots of the second space: recall of each class over epochs, accuracies and their ceilings, groups of intervals."""

import numpy as np
from matplotlib.ticker import MaxNLocator, PercentFormatter

from kit.drawings import INCHES, figure
from kit.layout import COLOURS

MARKERS = ("o", "s", "^", "D", "v", "P")


def plot_recalls(frames):
    """Recall of each class over epochs, a panel a frame: a row a class, darker is more.

    frames: {title: frame}, a row an epoch, a column a class, in [0, 1]: one seed of study.lost_classes.recalls.
    Raises ValueError for no frame, or for values outside [0, 1].
    """
    _check(frames)
    picture = figure(INCHES, 2.5 * -(-len(frames) // 2) + 0.3)
    panels = picture.subplots(-(-len(frames) // 2), min(2, len(frames)), squeeze=False).ravel()
    for axes, (title, frame) in zip(panels, frames.items(), strict=False):
        values = frame.to_numpy(dtype=float)
        if not ((values >= 0) & (values <= 1)).all():
            raise ValueError(f"{title}: recalls lie outside [0, 1]: divide right answers by the images of their class")
        # A cell stands for the epochs since the one told before.
        edges = np.array([0, *frame.index])
        mesh = axes.pcolormesh(edges, np.arange(values.shape[1] + 1) - 0.5, values.T, cmap="Blues", vmin=0, vmax=1)
        axes.set_yticks(range(values.shape[1]), frame.columns)
        axes.set(xlabel="epoch", ylabel="class", title=title)
        axes.invert_yaxis()
    for axes in panels[len(frames) :]:
        axes.remove()
    picture.colorbar(mesh, ax=list(panels[: len(frames)]), label="recall", format=PercentFormatter(1), shrink=0.8)
    return picture


def plot_ceilings(frames):
    """Accuracy over epochs (lines) and its ceiling without the lost classes (dashed), a panel a frame, a colour a seed.

    frames: {title: frame of study.lost_classes.account}, rows (seed, epoch). Raises ValueError for no frame.
    """
    _check(frames)
    picture = figure(INCHES, 2.5 * -(-len(frames) // 2) + 0.3)
    panels = picture.subplots(-(-len(frames) // 2), min(2, len(frames)), sharex=True, sharey=True, squeeze=False)
    for axes, (title, frame) in zip(panels.ravel(), frames.items(), strict=False):
        for place, (seed, rows) in enumerate(frame.groupby(level="seed")):
            rows, colour = rows.droplevel("seed"), COLOURS[place % len(COLOURS)]
            axes.plot(rows["accuracy"], color=colour, lw=1.4, marker=MARKERS[place % len(MARKERS)], ms=3, label=seed)
            axes.step(rows.index, rows["ceiling"], where="mid", color=colour, lw=1, ls="--")
        axes.set(title=title, xlabel="epoch", ylabel="top-1 on validation", ylim=(0, 1.02))
        axes.yaxis.set_major_formatter(PercentFormatter(1))
        axes.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
        axes.label_outer()
    for axes in panels.ravel()[len(frames) :]:
        axes.remove()
    picture.legend(*panels[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=6, title="seed")
    return picture


def plot_groups(groups, xlabel, ylabel):
    """Points with their intervals over a few places, side by side: a colour and a marker a group.

    groups: {name: {place: (mean, low, high)}}; all have the same places, in one order (ValueError if not).
    """
    _check(groups)
    places = list(next(iter(groups.values())))
    if any(list(points) != places for points in groups.values()):
        raise ValueError(f"the groups differ in their places: give each {', '.join(map(str, places))}")
    picture = figure(INCHES, 3.4)
    axes = picture.add_subplot()
    for index, (name, points) in enumerate(groups.items()):
        mean, low, high = np.array([point[:3] for point in points.values()]).T
        x = np.arange(len(places)) + 0.6 * ((index + 0.5) / len(groups) - 0.5)
        look = {"color": COLOURS[index % len(COLOURS)], "marker": MARKERS[index % len(MARKERS)]}
        axes.errorbar(x, mean, [mean - low, high - mean], ls="", ms=5, lw=1.2, capsize=2, label=name, **look)
    axes.set_xticks(range(len(places)), [str(place) for place in places])
    axes.set(xlabel=xlabel, ylabel=ylabel)
    axes.grid(axis="y", color="0.9")
    axes.set_axisbelow(True)
    picture.legend(loc="outside upper center", ncols=3, frameon=False)
    return picture


def _check(named):
    if not named or any(len(each) == 0 for each in named.values()):
        raise ValueError("nothing to plot: pass at least one {name: values}, each with a row or more")
