"""Plots of what samplers do: step by step, by their shares of the steps, and against one of them."""

from math import inf

import numpy as np

from kit.drawings import INCHES, figure
from kit.layout import COLOURS

GREY = "#767676"


def plot_history(frames):
    """A run in two panels, a column a run: above, the architecture of every step; below, each one's mean reward so far.

    frames: {title: frame}, as of Diary.frame: a row a step, columns architecture and reward; at most two. The one taken
    most often stands out; each title names it. Raises ValueError for no frame, or an empty one.
    """
    if not frames or any(len(frame) == 0 for frame in frames.values()):
        raise ValueError("nothing to plot: pass at least one {title: frame of a step or more}")
    picture = figure(min(8, INCHES * (0.5 + 0.5 * len(frames))), 5)
    columns = picture.subplots(2, len(frames), sharex="col", sharey="row", squeeze=False).T
    for (title, frame), (above, below) in zip(frames.items(), columns, strict=True):
        archs = sorted(set(frame["architecture"]))
        favourite = frame["architecture"].value_counts().idxmax()
        for arch, rows in frame.groupby("architecture"):
            colour, width = (COLOURS[1], 2.2) if arch == favourite else (GREY, 0.8)
            above.plot(rows.index, [str(arch)] * len(rows), ls="", marker="|", ms=8, color=colour)
            below.plot(rows.index, rows["reward"].expanding().mean(), color=colour, lw=width, zorder=width)
        above.set_title(f"{title}\nmost often: {favourite}", fontsize=10)
        above.set_yticks(range(len(archs)), list(map(str, archs)))
        above.set(xlabel="step", ylabel="architecture taken")
        below.set(xlabel="step", ylabel="mean reward so far")
    return picture


def plot_shares(shares):
    """A table of shares in [0, 1] as percentages, a row a sampler, a column an architecture; darker is more.

    Raises ValueError for an empty table, or for rows that do not add up to 1.
    """
    values = shares.to_numpy(dtype=float)
    if not values.size or not np.allclose(values.sum(axis=1), 1):
        raise ValueError("each row must hold the shares of all architectures: they add up to 1")
    picture = figure(8, 0.9 + 0.34 * len(shares))
    axes = picture.add_subplot()
    axes.imshow(values, cmap="Blues", aspect="auto", vmin=0, vmax=1)
    for (row, column), value in np.ndenumerate(values):
        colour = "white" if value > 0.6 else "black"
        axes.text(column, row, f"{100 * value:.0f} %", ha="center", va="center", color=colour)
    axes.set_xticks(range(values.shape[1]), [str(arch) for arch in shares.columns])
    axes.set_yticks(range(len(shares)), shares.index)
    axes.set(xlabel="architecture (depth of block 1, depth of block 2)", ylabel="sampler")
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    return picture


def plot_differences(differences, xlabel):
    """A point and its interval a row, from top to bottom, beside the line of no difference.

    differences: {name: (mean, low, high, ...)}; infinite limits, those of a single seed, are not drawn. A filled
    point: the interval leaves zero out. Raises ValueError for none.
    """
    if not differences:
        raise ValueError("nothing to plot: pass at least one {name: (mean, low, high)}")
    picture = figure(INCHES, 0.9 + 0.32 * len(differences))
    axes = picture.add_subplot()
    axes.axvline(0, color="black", lw=1, ls="--")
    for place, (mean, low, high, *_) in enumerate(differences.values()):
        decided = low > 0 or high < 0
        if high - low < inf:
            axes.plot([low, high], [place, place], color=COLOURS[0], lw=2, solid_capstyle="butt")
        axes.plot(mean, place, marker="o", ms=8, color=COLOURS[0], mfc=COLOURS[0] if decided else "white")
    axes.set_yticks(range(len(differences)), list(differences))
    axes.set(xlabel=xlabel, ylabel="sampler", ylim=(len(differences) - 0.5, -0.5))
    axes.spines[["top", "right"]].set_visible(False)
    return picture
