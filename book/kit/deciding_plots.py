"""Plots for chapter 10: what each offer leaves in hand, and how far a warm start is ahead."""

from kit.charts import STYLES
from kit.drawings import INCHES, figure
from kit.layout import COLOURS
from study.statistics import mean_interval


def plot_offers(offers, xlabel, yardstick=None):
    """A row an offer, the first on top: the mean over seeds with its 95 % t interval.

    offers: {name: values over seeds}, at least two values each. yardstick: the name of the offer whose mean is drawn
    through all rows. Raises ValueError for no offers, or a yardstick that is none of them.
    """
    if not offers or yardstick not in (None, *offers):
        raise ValueError(f"yardstick is {yardstick!r}: pass offers, and one of their names: {', '.join(offers)}")
    intervals = [mean_interval(values) for values in offers.values()]
    picture = figure(INCHES, 0.9 + 0.27 * len(offers))
    axes = picture.add_subplot()
    if yardstick is not None:
        axes.axvline(intervals[list(offers).index(yardstick)].mean, color="0.6", lw=1, ls="--")
    means, halves = [i.mean for i in intervals], [i.high - i.mean for i in intervals]
    axes.errorbar(means, range(len(offers)), xerr=halves, fmt="o", color=COLOURS[0], ms=5, elinewidth=1)
    axes.set_yticks(range(len(offers)), list(offers))
    axes.set(xlabel=xlabel, ylim=(len(offers) - 0.5, -0.5))
    axes.tick_params("y", length=0)
    axes.spines[["top", "right", "left"]].set_visible(False)
    return picture


def plot_starts(finished, unfinished=None):
    """Top-1 against epochs of training of one's own: a line a way to start, with 95 % t intervals over seeds.

    finished: {name: {epochs: values over seeds, in percent}}, each point the end of a training of that length.
    unfinished: {epochs: values}, points in the middle of a longer schedule, drawn hollow. ValueError for no line.
    """
    if not finished:
        raise ValueError("nothing to plot: pass at least one {name: {epochs: values over seeds}}")
    picture = figure(INCHES, 3)
    axes = picture.add_subplot()
    for place, (name, points) in enumerate(finished.items()):
        draw_ends(axes, points, label=name, color=COLOURS[place], fmt="o", ls=STYLES[place])
    if unfinished:
        draw_ends(axes, unfinished, label="in the middle of a longer schedule", color="0.5", fmt="o", mfc="white")
    axes.set(xlabel="epochs of its own", ylabel="top-1 on validation, %")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(loc="lower right", frameon=False)
    return picture


def draw_ends(axes, points, **style):
    """Points with t intervals over seeds: {epochs: figures of the seeds}."""
    intervals = [mean_interval(values) for values in points.values()]
    means, halves = [i.mean for i in intervals], [i.high - i.mean for i in intervals]
    axes.errorbar(list(points), means, halves, ms=5, elinewidth=1, **style)
