"""The four charts of the book: `intervals`, `heat`, `lines`, `points`. Data are frames, whose names are the labels.

A mean with its interval is a frame with the columns mean, low and high. Seeds are passed as they are, as a frame whose
index is named "seed": what is drawn is their mean and its 95 % t interval. An architecture has one look everywhere: its
first number is the colour, its second the marker and the line style.
"""

import numpy as np
import pandas as pd
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator, StrMethodFormatter
from pandas.api.types import is_integer_dtype, is_numeric_dtype

from kit.layout import COLOURS
from kit.picture import INCHES, blank, drawn, ink, name_points
from study.analysis.statistics import mean_interval

MARKERS = ("o", "s", "^", "D", "v", "P")
STYLES = ("-", "--", ":", "-.", (0, (5, 1, 1, 1, 1, 1)), (0, (8, 2)))
SHADES = "cividis"  # even steps of lightness, the same to all kinds of colour vision
PLAIN = StrMethodFormatter("{x:,.10g}")


@drawn
def intervals(groups, xlabel, line=None, band=None, log=False):
    """A row for each point and its interval, the first on top; a colour and a marker per group.

    groups: a frame, or {group: frame}: of seeds (columns are the chart's rows; circles below are seeds), or of mean,
    low and high (the index is the rows). line: a dashed value to compare with; hollow points' intervals hold it.
    band: (low, high), shaded. log: the axis is logarithmic. ValueError for no data, or groups over other rows.
    """
    raw = named(groups)
    shown = {group: summary(frame) for group, frame in raw.items()}
    rows = same_index(shown)
    figure = blank(0.8 + len(rows) * max(0.36, 0.11 * len(shown)))
    axes = figure.add_subplot(xlabel=xlabel)
    for y, (group, table) in enumerate(shown.items()):
        heights = np.arange(len(rows)) + 0.8 * ((y + 0.5) / len(shown) - 0.5)
        colour, marker, _ = look(group, y)
        for height, (mean, low, high) in zip(heights, table.to_numpy(), strict=True):
            hollow = line is not None and low <= line <= high
            axes.plot([low, high], [height] * 2, color=colour, lw=1.6, solid_capstyle="butt")
            axes.plot(mean, height, marker, ms=6, color=colour, mfc="none" if hollow else colour)
        axes.plot([], [], marker, color=colour, label=str(group))
    if "seed" in raw[group].index.names and len(raw) == 1:
        for row, values in enumerate(raw[group].to_numpy().T):
            axes.plot(values, [row + 0.28] * len(values), "o", ms=4, mfc="none", color="black", alpha=0.6)
    if line is not None:
        axes.axvline(line, color="black", lw=1, ls="--", zorder=0)
    if band is not None:
        axes.axvspan(*band, color="black", alpha=0.15, lw=0)
    numbers(axes, "x" if log else "")
    axes.set_yticks(range(len(rows)), [str(row) for row in rows])
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.tick_params("y", length=0)
    axes.spines["left"].set_visible(False)
    legend(figure, least=2)
    return figure


@drawn
def heat(tables, label, digits=2):
    """Tables as shaded cells with their values, all on one colour scale, shown below and called `label`.

    tables: {title: table}. A series over architectures, or a frame (seed, architecture), makes a square: rows depth of
    block 1, columns depth of block 2, with half the interval's width below a mean of seeds. Any other frame is drawn as
    it stands. digits: decimals in a cell; None: no text. ValueError for no table, or one without a number.
    """
    squares = {title: square(table) for title, table in named(tables).items()}
    values = np.concatenate([mean.to_numpy(float).ravel() for mean, _ in squares.values()])
    if not np.isfinite(values).any():
        raise ValueError("nothing to plot: pass tables that hold a number or more")
    scale = ScalarMappable(Normalize(np.nanmin(values), np.nanmax(values)), SHADES)
    tall = max(0.34 if digits in (None, 0) else 0.46, 0.1) * max(len(mean) for mean, _ in squares.values())
    figure, panels = subplots(squares, min(tall, 4.2) + 0.9, extra=0.7)
    for axes, (mean, half) in zip(panels, squares.values(), strict=True):
        axes.pcolormesh(mean.to_numpy(float), cmap=scale.cmap, norm=scale.norm, rasterized=digits is None)
        axes.set(xlabel=mean.columns.name, ylabel=mean.index.name)
        axes.invert_yaxis()
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
        ticks(axes.xaxis, mean.columns, INCHES / min(2, len(panels)) - 1)
        ticks(axes.yaxis, mean.index, tall)
        if digits is not None:
            write_cells(axes, mean, half, scale, digits)
    figure.colorbar(scale, ax=panels, location="bottom", label=label, aspect=40, format=PLAIN)
    return figure


@drawn
def lines(panels, ylabel, log=""):
    """Curves over the index, a panel per frame; a band is an interval. Text in the index makes a slope chart.

    panels: a frame, or {title: frame}, a column per curve; rows by (seed, x) give means and intervals, and so do
    columns (curve, mean | low | high). log: the axes that are logarithmic, of "xy". ValueError for no data.
    """
    figure, axes = subplots(named(panels), 2.5)
    for panel, frame in zip(axes, named(panels).values(), strict=True):
        panel.sharey(axes[0])  # before the ticks are chosen, which settles how far the axis reaches
        for place, (name, curve) in enumerate(curves(frame)):
            colour, marker, style = look(name, place)
            words = not is_numeric_dtype(curve.index)
            x, every = range(len(curve)) if words else curve.index, max(1, len(curve) // 8)
            panel.plot(x, curve["mean"], color=colour, ls=style, lw=1.6, marker=marker, ms=4.5, markevery=every)
            panel.lines[-1].set_label(str(name))
            if (curve["high"] > curve["low"]).any():
                panel.fill_between(x, curve["low"], curve["high"], color=colour, alpha=0.15, lw=0)
        numbers(panel, log, whole=is_integer_dtype(curve.index))
        panel.set(xlabel=frame.index.names[-1], ylabel=ylabel if panel.get_subplotspec().is_first_col() else "")
        if words:
            panel.set_xticks(x, curve.index)
            panel.margins(x=0.15)
    legend(figure, least=2)
    return figure


@drawn
def points(x, y, xlabel, ylabel, lines=None, log=""):
    """A point per name, with the name beside it and intervals in both directions.

    x, y: series, frames of seeds, or frames of mean, low and high, over the same names. lines: {name: series}, drawn
    from point to point over their index, such as a Pareto front. log: as in `lines`. ValueError for unequal names.
    """
    x, y = summary(x), summary(y)
    names = same_index({xlabel: x, ylabel: y})
    figure = blank(4)
    axes = figure.add_subplot(xlabel=xlabel, ylabel=ylabel)
    for place, (name, (at, *across), (height, *up)) in enumerate(zip(names, x.to_numpy(), y.to_numpy(), strict=True)):
        colour, marker, _ = look(name, place if isinstance(name, tuple) else 0)
        axes.plot(across, [height] * 2, color=colour, lw=1)
        axes.plot([at] * 2, up, color=colour, lw=1)
        axes.plot(at, height, marker, color=colour, ms=7)
    for style, (name, line) in zip(STYLES, (lines or {}).items(), strict=False):
        axes.plot(line.index, line, color="black", ls=style, lw=1.4, zorder=1, label=name)
    numbers(axes, log)
    legend(figure, least=1)
    name_points(figure, axes, x["mean"], y["mean"])
    return figure


def summary(data):
    """Mean, low and high of each column: of a frame of seeds by a 95 % t interval; of a single value, itself."""
    if isinstance(data, pd.Series):
        return pd.DataFrame({"mean": data, "low": data, "high": data}, dtype=float)
    if "seed" not in data.index.names:
        return data[["mean", "low", "high"]].astype(float)
    rows = [mean_interval(values)[:3] if len(data) > 1 else [values[0]] * 3 for values in data.to_numpy(float).T]
    return pd.DataFrame(rows, data.columns, ["mean", "low", "high"])


def curves(frame):
    """(name, its mean, low and high over x) of every curve in a frame for `lines`; gaps are left out."""
    if isinstance(frame.columns, pd.MultiIndex):
        found = [(name, frame[name]) for name in frame.columns.unique(0)]
    else:
        seeds = "seed" in frame.index.names
        found = [(name, summary(column.unstack("seed").T if seeds else column)) for name, column in frame.items()]
    return [(name, curve.dropna()) for name, curve in found]


def square(table):
    """(values, half widths or None) of a table for `heat`, both as drawn."""
    seeds = isinstance(table, pd.DataFrame) and "seed" in table.index.names
    if isinstance(table, pd.DataFrame) and not seeds:
        return table, None
    values = summary(table)
    values.index = pd.MultiIndex.from_tuples(values.index, names=["depth of block 1", "depth of block 2"])
    several = seeds and len(table) > 1
    return values["mean"].unstack(), (values["high"] - values["mean"]).unstack() if several else None


def look(name, place):
    """(colour, marker, line style) of an architecture, or of what stands at this place in a list of names."""
    pair = isinstance(name, tuple) and len(name) == 2 and all(isinstance(number, int) for number in name)
    first, second = (name[0] - 1, name[1] - 1) if pair else (place, place)
    return COLOURS[first % 6], MARKERS[second % 6], STYLES[second % 6]


def named(data):
    """{title: data}, whether a title was given or not. ValueError if there is nothing in it."""
    data = data if isinstance(data, dict) else {"": data}
    if not data or not all(len(each) for each in data.values()):
        raise ValueError("nothing to plot: pass a frame with a row or more, or at least one {title: frame}")
    return data


def same_index(tables):
    """The index of all tables. ValueError, naming the first with another one."""
    first, *_ = tables.values()
    for name, table in tables.items():
        if list(table.index) != list(first.index):
            raise ValueError(f"{name} is over {list(table.index)}, the first over {list(first.index)}: pass the same")
    return first.index


def subplots(titles, height, extra=0):
    """(figure, panels): of this height, one per title, two in a row, with `extra` inches below."""
    columns, rows = min(2, len(titles)), (len(titles) + 1) // 2
    figure = blank(height * rows + extra)
    return figure, [figure.add_subplot(rows, columns, place, title=title) for place, title in enumerate(titles, 1)]


def numbers(axes, log, whole=False):
    """A few ticks in plain numbers on both axes; whole: those of x are integers. log: the logarithmic ones of "xy"."""
    axes.set(**{f"{name}scale": "log" for name in log})
    for name, axis in (("x", axes.xaxis), ("y", axes.yaxis)):
        axis.set_major_locator(decades(axes, axis) if name in log else MaxNLocator(5, integer=whole and name == "x"))
        axis.set_minor_locator(NullLocator())
        axis.set_major_formatter(PLAIN)


def decades(axes, axis):
    """Ticks at 1, 2 and 5 of each decade of a logarithmic axis, at 1 and 3, or at 1: as many as have room."""
    low, high = np.log10(axis.get_view_interval())
    wide, tall = axes.bbox.size / axes.figure.dpi / (high - low)  # inches of a decade
    digits = max(len(PLAIN(10 ** np.floor(end))) for end in (low, high))
    decade, room = (wide, 0.08 * digits + 0.07) if axis.axis_name == "x" else (tall, 0.3)
    return LogLocator(subs=(1, 2, 5) if 0.3 * decade > room else (1, 3) if 0.47 * decade > room else (1,), numticks=8)


def ticks(axis, names, inches):
    """A name in the middle of each cell, upright if it would not fit; only some if room is short."""
    texts = [str(name) for name in names]
    upright = axis.axis_name == "x" and max(map(len, texts)) * 0.1 * len(texts) > inches
    every = max(1, -(-len(texts) * 16 // int(72 * inches))) if upright or axis.axis_name == "y" else 1
    places = range(0, len(texts), every)
    axis.set_ticks([place + 0.5 for place in places], texts[::every], rotation=90 if upright else 0)


def write_cells(axes, mean, half, scale, digits):
    """The values into their cells, in the ink that stands out."""
    for (row, column), value in np.ndenumerate(mean.to_numpy(float)):
        text = f"{value:,.{digits}f}"
        if half is not None:
            width = half.to_numpy()[row, column]
            text += f"\n±{width:.{digits if width < 10 else digits - 1}f}"
        colour = ink(scale.to_rgba(value))
        axes.text(column + 0.5, row + 0.5, text, ha="center", va="center", color=colour, linespacing=1)


def legend(figure, least):
    """All names in the panels, once each, in rows of their own below them, if there are at least `least`."""
    handles = {}
    for axes in figure.axes:
        handles |= {label: handle for handle, label in zip(*axes.get_legend_handles_labels(), strict=True)}
    if len(handles) >= least:
        columns = min(3, len(handles), max(1, 46 // (max(map(len, handles)) + 6)))
        figure.legend(handles.values(), handles, loc="outside lower center", ncols=columns)
        figure.set_figheight(figure.get_figheight() + 0.23 * -(-len(handles) // columns))
