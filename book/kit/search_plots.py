"""Plots for chapter 15: what the choices of search strategies lose, against all that the searches have cost."""

import numpy as np

from kit.drawings import figure
from kit.layout import COLOURS

GREY = "#767676"


def plot_regret(races, free):
    """Regret against cost: a row a race, a column a strategy; grey in every panel, the first strategy of its row.

    races: {title: {strategy: [(bill, interval), ...]}}, the same strategies in each: bills in whole trainings,
    intervals as of study.statistics.mean_interval, in points. free: {title: (name, bill, interval)}, a choice without
    a search, drawn as a diamond. Raises ValueError for no race, or unequal strategies.
    """
    kinds = {tuple(curves) for curves in races.values()}
    if len(kinds) != 1 or races.keys() != free.keys():
        raise ValueError(f"races hold {sorted(kinds)}, free {list(free)}: pass the same strategies and titles in each")
    names = kinds.pop()
    picture = figure(8, 0.6 + 2.1 * len(races))
    panels = picture.subplots(len(races), len(names), sharex="row", sharey="row", squeeze=False)
    for row, (title, curves) in zip(panels, races.items(), strict=True):
        for axes, name in zip(row, names, strict=True):
            axes.axhline(0, color="black", lw=0.8)
            axes.plot(*middle(curves[names[0]]), color=GREY, lw=1, ls="--", label=names[0])
            draw_band(axes, curves[name])
            draw_choice(axes, *free[title])
            axes.set_title(name, fontsize=10)
            axes.spines[["top", "right"]].set_visible(False)
            axes.set_xlabel("cost, trainings")
        row[0].set_ylabel(f"{title}\nregret, points")
    handles = {text: line for line, text in zip(*panels[0, -1].get_legend_handles_labels(), strict=True)}
    picture.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=3, frameon=False)
    return picture


def middle(points):
    """The bills and the means of [(bill, interval), ...], dearest last."""
    return np.array([(bill, interval.mean) for bill, interval in sorted(points)]).T


def draw_band(axes, points):
    """The means of a strategy, and the band of their intervals over seeds."""
    bills, means = middle(points)
    low, high = np.array([(interval.low, interval.high) for _, interval in sorted(points)]).T
    axes.fill_between(bills, low, high, color=COLOURS[0], alpha=0.25, lw=0)
    axes.plot(bills, means, color=COLOURS[0], marker="o", ms=4, label="the strategy above")


def draw_choice(axes, name, bill, interval):
    """A single choice with its interval over seeds."""
    axes.plot([bill, bill], [interval.low, interval.high], color=COLOURS[1], lw=2)
    axes.plot(bill, interval.mean, color=COLOURS[1], marker="D", ms=6, ls="", label=name)
