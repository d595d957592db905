"""Plots of the benchmark's record: bars with their spread, and the roofline with measured points."""

import numpy as np
import pandas as pd
from matplotlib.ticker import FuncFormatter

from kit.drawings import INCHES, figure, name_points
from kit.layout import COLOURS

ARITHMETIC = ("matrix product", "large convolution")  # the faster of them is the roof
LOOKS = {"fp32": (COLOURS[0], "o", "-"), "bf16": (COLOURS[1], "s", "--")}  # colour, marker, line style


def plot_bars(columns, xlabel):
    """A horizontal bar a name, from top to bottom: the median of its values, and a line from smallest to largest.

    columns: {name: values}, or a frame. Raises ValueError for no column or an empty one.
    """
    columns = dict(columns)
    if not columns or not all(len(values) for values in columns.values()):
        raise ValueError("nothing to plot: pass at least one {name: values}, each with a value or more")
    picture = figure(INCHES, 0.9 + 0.32 * len(columns))
    axes = picture.add_subplot()
    middle = np.array([np.median(values) for values in columns.values()])
    spread = np.array([[m - min(v), max(v) - m] for m, v in zip(middle, columns.values(), strict=True)]).T
    axes.barh(list(columns), middle, xerr=spread, height=0.65, color=COLOURS[5], ecolor="black", capsize=3)
    for place, values in enumerate(columns.values()):
        name = f"{middle[place]:.3g}"
        axes.annotate(name, (max(values), place), (5, 0), textcoords="offset points", va="center")
    axes.invert_yaxis()
    axes.set_xlabel(xlabel)
    axes.tick_params("y", length=0)
    axes.spines[["top", "right", "left"]].set_visible(False)
    return picture


def plot_roofline(points):
    """Operations a second against operations a byte, below the roofs of `roofs`.

    points: the list of dicts that the benchmark's record keeps under "roofline".
    Source: Williams, Waterman & Patterson 2009.
    """
    picture = figure(INCHES, 4.6)
    axes = picture.add_subplot()
    axes.set(xscale="log", yscale="log", xlabel="intensity: operations a byte", ylabel="10⁹ operations a second")
    table = rates(points)
    layers = table[table["intensity"] > 0]
    reach = np.array([layers["intensity"].min() / 2, layers["intensity"].max() * 2])
    for precision, rows in table.groupby("precision", sort=False):
        colour, marker, style = LOOKS[precision]
        top, bandwidth = roofs(rows)
        x = np.unique(np.clip([reach[0], top / bandwidth, reach[1]], *reach))
        axes.plot(x, np.minimum(bandwidth * x, top), ls=style, color=colour, lw=1.6)
        done = rows.drop(index="copy")
        axes.plot(done["intensity"], done["operations"], marker, color=colour, ms=7, label=precision)
    axes.legend(loc="lower right", frameon=False)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}"))
    axes.spines[["top", "right"]].set_visible(False)
    name_points(picture, axes, layers["intensity"], layers["operations"])
    return picture


def roofs(rates):
    """(10^9 operations, 10^9 bytes a second) at most, from the rows of one precision: large products, and a copy."""
    return rates["operations"].reindex(ARITHMETIC).max(), rates["bytes"]["copy"]


def rates(points):
    """A frame with a row a point: precision, intensity, and 10^9 operations and bytes a second (median of repeats).

    points: dicts with what, precision ("fp32" or "bf16"), operations, bytes and the seconds of each repeat.
    """
    rows = [
        {
            "precision": point["precision"],
            "intensity": point["operations"] / point["bytes"],
            "operations": point["operations"] / np.median(point["seconds"]) / 1e9,
            "bytes": point["bytes"] / np.median(point["seconds"]) / 1e9,
        }
        for point in points
    ]
    return pd.DataFrame(rows, index=pd.Index([point["what"] for point in points], name="what"))
