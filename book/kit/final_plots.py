"""Plots for chapter 10b: what a teacher says at several temperatures, gains seed by seed, accuracy against cost."""

import numpy as np
from matplotlib.ticker import PercentFormatter

from kit.charts import arch_legend, arch_style
from kit.drawings import INCHES, figure, name_points
from kit.layout import COLOURS
from study.statistics import mean_interval


def plot_soft_targets(images, logits, temperatures):
    """A row an image: the digit, then a panel a temperature with a bar a class, the teacher's softened probability.

    images: (N, 1, 28, 28); logits: (N, classes). The most probable class is dark. Raises ValueError for no image or
    temperature, or unequal lengths.
    """
    if not len(images) or len(images) != len(logits) or not temperatures:
        raise ValueError(f"{len(images)} images, {len(logits)} rows of logits: pass one or more of each, as many")
    picture = figure(INCHES, 0.5 + 1.05 * len(images))
    grid = picture.subplots(
        len(images), 1 + len(temperatures), squeeze=False, width_ratios=[0.6] + [1] * len(temperatures)
    )
    for row, (image, values) in enumerate(zip(images, logits, strict=True)):
        digit, *panels = grid[row]
        digit.imshow(image[0].cpu().numpy(), cmap="gray_r")
        digit.set_axis_off()
        for axes, temperature in zip(panels, temperatures, strict=True):
            _bars(axes, (values.cpu().double() / temperature).softmax(dim=-1).numpy())
            axes.set_title(f"T = {temperature:g}" if row == 0 else "", fontsize=10)
            axes.tick_params(labelbottom=row == len(images) - 1, labelleft=axes is panels[0])
    picture.supxlabel("class", fontsize=10)
    return picture


def _bars(axes, probabilities):
    classes = np.arange(len(probabilities))
    axes.bar(classes, probabilities, color=np.where(classes == probabilities.argmax(), COLOURS[0], COLOURS[1]))
    axes.set(ylim=(0, 1), xticks=classes, yticks=(0, 0.5, 1))
    axes.yaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))
    axes.tick_params("x", length=0, labelsize=7)
    axes.spines[["top", "right"]].set_visible(False)


def plot_gains(gains, xlabel):
    """A row a name: an open circle a seed, a filled point and a line for their mean and its 95 % t interval.

    gains: {name: values, one a seed}; of a single seed only the circle is drawn. The dashed line is no difference.
    Raises ValueError for no name or one without values.
    """
    if not gains or not all(len(values) for values in gains.values()):
        raise ValueError("nothing to plot: pass at least one {name: values}, each with a value or more")
    picture = figure(INCHES, 0.9 + 0.42 * len(gains))
    axes = picture.add_subplot()
    axes.axvline(0, color="black", lw=1, ls="--")
    for place, values in enumerate(gains.values()):
        axes.plot(values, [place + 0.18] * len(values), ls="", marker="o", ms=5, mfc="none", color="#555555")
        if len(values) > 1:
            mean, low, high, _ = mean_interval(values)
            axes.plot([low, high], [place - 0.12] * 2, color=COLOURS[0], lw=2, solid_capstyle="butt")
            axes.plot(mean, place - 0.12, marker="o", ms=8, color=COLOURS[0])
    axes.set_yticks(range(len(gains)), list(gains))
    axes.set(xlabel=xlabel, ylim=(len(gains) - 0.5, -0.5))
    axes.tick_params("y", length=0)
    axes.spines[["top", "right", "left"]].set_visible(False)
    return picture


def plot_tradeoff(costs, top1):
    """Mean top-1 against costs, a panel each, with the Pareto front as a line.

    costs: {label of the axis: frame of "low", "median" and "high", a row an architecture}, drawn as a point at the
    median and a line from low to high; top1: frame (seed, architecture) in [0, 1], drawn with its 95 % t interval where
    there are several seeds. Raises ValueError for no panel, or for other architectures.
    """
    if not costs:
        raise ValueError("nothing to plot: pass at least one {label: costs}")
    picture = figure(1.2 * INCHES, 4.2)
    panels = picture.subplots(1, len(costs), sharey=True, squeeze=False)[0]
    mean = top1.mean()
    for axes, (label, cost) in zip(panels, costs.items(), strict=True):
        if list(cost.index) != list(top1.columns):
            raise ValueError(f"{label}: costs are over {list(cost.index)}, top-1 over {list(top1.columns)}")
        for arch, (low, median, high) in zip(cost.index, cost[["low", "median", "high"]].to_numpy(), strict=True):
            half = None if len(top1) < 2 else mean_interval(top1[arch]).high - mean[arch]
            reach = [[median - low], [high - median]]
            axes.errorbar(median, mean[arch], half, reach, ms=7, elinewidth=1, ls="", **arch_style(arch))
        best = pareto_front(cost["median"], mean)
        axes.step(cost["median"][best], mean[best], where="post", color="black", lw=1.4, zorder=1)
        axes.set(xlabel=label, xlim=(0, None))
        axes.spines[["top", "right"]].set_visible(False)
        name_points(picture, axes, cost["median"], mean)
    panels[0].set_ylabel("top-1 on test")
    panels[0].yaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))
    arch_legend(picture, top1.columns)
    return picture


def pareto_front(costs, values):
    """The architectures that no other one beats: none costs at most as much and is worth more, or less and as much.

    costs, values: series over the same index; the cheapest comes first. Of equals in both, all are in.
    """
    beaten = {
        a: any(
            costs[b] <= costs[a] and values[b] >= values[a] and (costs[b], values[b]) != (costs[a], values[a])
            for b in costs.index
        )
        for a in costs.index
    }
    return sorted((arch for arch, lost in beaten.items() if not lost), key=lambda arch: costs[arch])
