"""A plot for chapter 8b: the errors of all subnets under several remedies, from collapsed to mended on one axis."""

import numpy as np
from matplotlib.ticker import FuncFormatter, NullFormatter

from kit.charts import arch_legend, arch_style
from kit.drawings import INCHES, figure
from study.choosing import architectures

TICKS = (0.5, 1, 2, 5, 10, 20, 50)  # percent: between a mended subnet on MNIST and one that guesses


def plot_errors(tables):
    """A row a name, in it a point a subnet: the mean error, with a line from the best seed to the worst.

    The axis is logarithmic, so that a collapse of tens of points and a difference of tenths fit in one picture.
    tables: {name: frame (seed, architecture) of top-1 in [0, 1)}. Raises ValueError for no table, for one that is not
    over architectures, or for a top-1 outside [0, 1), which has no place on the axis.
    """
    if not tables:
        raise ValueError("nothing to plot: pass at least one {name: frame of top-1}")
    errors = {name: 100 * (1 - checked(name, table)) for name, table in tables.items()}
    picture = figure(INCHES, 0.9 + 0.62 * len(errors))
    axes = picture.add_subplot(xscale="log")
    for row, frame in enumerate(errors.values()):
        archs = architectures(frame.columns)
        for place, (arch, error) in enumerate(zip(archs, frame.to_numpy().T, strict=True)):
            height = row + 0.7 * ((place + 0.5) / len(archs) - 0.5)
            axes.plot([error.min(), error.max()], [height, height], color=arch_style(arch)["color"], lw=1)
            axes.plot(error.mean(), height, ls="", ms=5, **arch_style(arch))
        axes.axhline(row + 0.5, color="0.85", lw=0.8)
    axes.set_yticks(range(len(errors)), list(errors))
    axes.set(xlabel="error on the test images (logarithmic)", ylim=(len(errors) - 0.5, -0.5))
    axes.set_xticks(within(TICKS, errors.values()))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g} %"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.tick_params("y", length=0)
    axes.spines[["top", "right", "left"]].set_visible(False)
    arch_legend(picture, archs)
    return picture


def checked(name, table):
    """The table, if all of it is top-1 in [0, 1). ValueError, naming it, if not."""
    values = table.to_numpy()
    if not values.size or not ((values >= 0) & (values < 1)).all():
        raise ValueError(f"{name}: pass top-1 as shares from 0 up to, not including, 1, a row a seed")
    return table


def within(ticks, frames):
    """The ticks inside the range of all frames, and the next one on either side."""
    values = np.concatenate([frame.to_numpy().ravel() for frame in frames])
    low = max((tick for tick in ticks if tick <= values.min()), default=ticks[0])
    high = min((tick for tick in ticks if tick >= values.max()), default=ticks[-1])
    return [tick for tick in ticks if low <= tick <= high]
