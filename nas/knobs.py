"""Choices for the reader on the page of batch statistics: for which path, and on how many images."""

from html import escape

from nas.markup import CELL, lights, page, select, slider, table, texts
from nas.statistics import mean_interval
from nas.widgets import CHOSEN, PLAIN

NEAR = 0.02  # a path counts as well served within two points of the best it gets


def matrix_knob(shares, ident="matrix"):
    """A choice of statistics as HTML, and with them the top-1 of every path; those near their best stand out.

    shares: a frame in [0, 1], a row a choice, a column an architecture (d1, d2). ident: names the control; a second
    one on a page needs another. ValueError for an empty frame.
    """
    if shares.empty:
        raise ValueError("nothing to choose from: pass a frame with a row a choice and a column an architecture")
    served = shares >= shares.max() - NEAR
    said = [f"{sum(row)} of {len(row)} paths within two points of their best" for row in served.to_numpy()]
    cells = {arch: cell(shares[arch], served[arch]) for arch in shares}
    depths = sorted({d1 for d1, _ in shares})
    rows = [[f"block 1 of depth {d1}", *(cells[arch] for arch in shares if arch[0] == d1)] for d1 in depths]
    titles = ["", *(f"block 2 of depth {d2}" for d2 in sorted({d2 for _, d2 in shares}))]
    control = select(ident, "statistics", [str(choice) for choice in shares.index])
    return page(
        f"{control}<p>{texts(said, 0, 'output')}</p>{table(titles, rows, 'top-1 of every path')}",
        "whose statistics serve whom",
    )


def cell(column, served):
    """The top-1 of one path in percent for each choice; bold and tinted where it is near its best."""
    on = [place for place, near in enumerate(served) if near]
    numbers = [f"{100 * share:.1f} %" for share in column]
    return f"<span {lights(on, 0, f'{CHOSEN};{CELL}', f'{PLAIN};{CELL}')}>{texts(numbers, 0)}</span>"


def images_knob(curves, ident="images"):
    """A slider over numbers of images as HTML, and what each way of using them gives: top-1 in percent.

    curves: {name: frame (seed, number of images) in [0, 1]}, over the same numbers; with several seeds, mean and 95 % t
    interval. ident: as of matrix_knob. ValueError for no curve, or for different numbers of images.
    """
    sizes = [list(frame.columns) for frame in curves.values()]
    if not sizes or any(other != sizes[0] for other in sizes):
        raise ValueError("pass one or more {name: frame}, all over the same numbers of images")
    steps = [f"{size:,} image{'s' if size > 1 else ''}" for size in sizes[0]]
    rows = [[escape(name), texts([percent(frame[size]) for size in sizes[0]], 0)] for name, frame in curves.items()]
    shown = table(["", "top-1, %"], rows, "top-1 after so many images")
    return page(slider(ident, "images", steps) + shown, "number of images")


def percent(shares):
    """A mean over seeds with its 95 % t interval, in percent; one seed's figure alone."""
    if len(shares) < 2:
        return f"{100 * shares.iloc[0]:.1f}"
    mean, low, high, _ = mean_interval(100 * shares)
    return f"{mean:.1f} [{low:.1f}, {high:.1f}]"
