"""A figure as SVG in the ink of the page that shows it: transparent ground, text large enough for a telephone."""

import re
from functools import wraps
from io import StringIO
from itertools import pairwise, product

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.transforms import Bbox

INCHES = 4.8  # a telephone shows this width as some 358 pixels: type of 11 points is then 11.4 pixels high
TYPE = 11
PAPER, DARK = "#FFFFFF", "#010101"  # on a coloured ground, in any theme; plain black is the page's own ink
STYLE = {
    "font.size": TYPE,
    **dict.fromkeys(("axes.titlesize", "axes.labelsize", "xtick.labelsize", "ytick.labelsize"), TYPE),
    **dict.fromkeys(("legend.fontsize", "legend.title_fontsize", "figure.titlesize"), TYPE),
    **dict.fromkeys(("figure.facecolor", "axes.facecolor", "savefig.facecolor"), "none"),
    **dict.fromkeys(("axes.spines.top", "axes.spines.right", "legend.frameon"), False),
    "text.usetex": False,
    "svg.fonttype": "path",  # glyphs as outlines: text is as wide as it was when it was laid out
    "svg.hashsalt": "kit",  # else names of parts are random
}
SLIM = (
    (r"(?s)^.*?(?=<svg)|<!--.*?-->|<metadata>.*?</metadata>|<defs>\s*<style.*?</style>\s*</defs>", ""),
    (r' id="[A-Za-z0-9. ]+_\d+"| xmlns:xlink="[^"]*"| version="1.1"| style="line[^"]*"', ""),  # nothing refers to them
    (r"(?<!scale\(0\.\d\d)(?<=\d\.\d\d)\d+", ""),  # a hundredth of a point
    (r"\s+", " "),
    (r" ?([MLQCz]) (?=[-\d\"])", r"\1"),  # commands of a path
    (r'<path d="[^"]*"(?: clip-path="[^"]*")? style="fill: none"/>', ""),  # the transparent ground
    (r"> <|(?<= )/>", lambda found: found[0].replace(" ", "")),
    (r'xlink:href="#DejaVuSans-', 'href="#g'),
    (r'id="DejaVuSans-', 'id="g'),
    (r"xlink:href", "href"),
    (r'transform="translate\(([-.\d]+) 0\)"/>', r'x="\1"/>'),
    (r"(<g></g>)+", ""),
    (r"#000000\b", "currentColor"),
    # A grey that reads on white and on black, where no page says what its ink is.
    ("^<svg", '<svg class="kit-figure" fill="currentColor" color="#767676" stroke-linejoin="round"'),
)


class Picture:
    """A matplotlib figure that Jupyter shows as SVG; pyplot knows nothing of it."""

    def __init__(self, figure):
        self.figure = figure
        with rc_context(STYLE):
            figure.draw_without_rendering()  # ticks are made now, in this style
            keep_within(figure)

    def __repr__(self):
        width, height = self.figure.get_size_inches()
        return f"<Picture of {width:.1f} by {height:.1f} inches>"

    def _repr_svg_(self):
        text = StringIO()
        with rc_context(STYLE):
            self.figure.savefig(text, format="svg", dpi=200, metadata={"Date": None})
        least = f"{72 * self.figure.get_figwidth():.0f}"  # pixels: any narrower, and type is smaller than 11
        return slim(text.getvalue()).replace(" fill=", f' style="min-width:{least}px" fill=', 1)


def slim(svg):
    """matplotlib's SVG without its invisible parts; black becomes the ink of the page around it."""
    for pattern, replacement in SLIM:
        svg = re.sub(pattern, replacement, svg)
    return svg


def drawn(draw):
    """A function that returns a Figure, made to draw in the book's style and to return a Picture."""

    @wraps(draw)
    def styled(*args, **kwargs):
        with rc_context(STYLE):
            return Picture(draw(*args, **kwargs))

    return styled


def blank(height, width=INCHES):
    """An empty figure, sizes in inches, which keeps its labels apart."""
    rows_apart = ConstrainedLayoutEngine(hspace=0.08)  # else a title stands tight under the axes above
    return Figure(figsize=(width, height), layout=rows_apart)


def keep_within(figure):
    """Let axis labels that would leave the figure end at its edge."""
    for axes in figure.axes:
        for label, end in ((axes.xaxis.label, "x"), (axes.yaxis.label, "y")):
            box = label.get_window_extent()
            if box.x1 > figure.bbox.x1 or box.y1 > figure.bbox.y1:
                label.set(**{end: 1}, ha="right")


def ink(rgba):
    """Black or white, whichever stands out more on this colour."""
    return DARK if luminance(rgba) > 0.18 else PAPER


def luminance(rgba):
    """Relative luminance in [0, 1] of a colour (WCAG 2.2); at 0.18 black and white stand out alike."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgba[:3]]
    return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))


def name_points(figure, axes, x, y):
    """Write each name beside its point, where it covers no point, name or scale, and as little as possible of a line.

    x, y: series by name.
    """
    figure.draw_without_rendering()  # from here on it is known where points lie
    points = axes.transData.transform(np.column_stack([x, y]))
    taken, lines = [around(at, 7) for at in points], [around(at, 2) for at in along_lines(axes)]
    for name, point in zip(x.index, zip(x, y, strict=True), strict=True):
        places = []
        for radius, angle in product((9, 16, 26, 38), (30, -30, 150, -150, 80, -80, 100, -100)):
            shift = (radius * np.cos(np.radians(angle)), radius * np.sin(np.radians(angle)))
            side = "left" if shift[0] > 0 else "right"
            text = axes.annotate(str(name), point, shift, textcoords="offset points", ha=side, va="center")
            box = text.get_window_extent()
            outside = (box.min < axes.bbox.min).any() or (box.max > figure.bbox.max).any()
            covered = box.count_overlaps(taken) + outside
            places.append((covered, box.count_overlaps(lines), len(places), text, box))
            text.remove()
        *_, text, box = min(places)  # crowded everywhere: better covered than absent
        axes.add_artist(text)
        taken.append(box)


def along_lines(axes):
    """Places every four pixels along all that is drawn as a line: intervals, a front."""
    for line in axes.lines:
        for start, end in pairwise(axes.transData.transform(line.get_xydata())):
            yield from np.linspace(start, end, 2 + int(np.hypot(*(end - start)) / 4))


def around(at, reach):
    """A square box around a place."""
    return Bbox.from_extents(*(at - reach), *(at + reach))
