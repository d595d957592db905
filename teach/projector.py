"""The chapters' figures drawn anew for a projector: the shape of a slide, and type as large as its words bear.

A chapter runs up to its last figure, unchanged; only the canvas is another. The kit's figures lay their labels out by
themselves, so a smaller canvas is larger type: the smallest is taken on which no two words touch and no name leaves
the slide. A schematic drawing has its own shape, made around its words, and keeps it.
"""

from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import combinations
from warnings import catch_warnings

import nbformat
from matplotlib import rc_context
from matplotlib.gridspec import GridSpec
from matplotlib.text import Text
from nbclient import NotebookClient

from kit import picture
from study.executors import cores
from teach import ROOT
from teach.figures import SVG
from tools import fork_kernel

SLIDE = (1920, 1080)  # pixels
TYPES = tuple(range(72, 23, -3))  # pixels of type on a slide, from a headline's down to the least that a room reads
DATA = 0.45  # share of the canvas that is left to the data: larger type is of no use if it shows nothing
AIR = 3  # points between two words
HOOK = f"""import sys

sys.path.insert(0, {str(ROOT)!r})
import teach.projector

teach.projector.take_over()"""


def redrawn(paths):
    """{name: SVG} of all figures of these chapters, for a projector. CellExecutionError where a cell fails."""
    end = fork_kernel.start() if fork_kernel.POSSIBLE else lambda: None
    kernel = "forked" if fork_kernel.POSSIBLE else "python3"
    try:
        with ThreadPoolExecutor(cores()) as pool:
            found = list(pool.map(lambda path: of_chapter(path, kernel), paths))
    finally:
        end()
    return {name: svg for each in found for name, svg in each.items()}


@cache  # gallery and slides ask for the same
def of_chapter(path, kernel):
    """{name: SVG} of one chapter's figures."""
    book = nbformat.read(path, as_version=4)
    last = max(place for place, cell in enumerate(book.cells) if name_of(cell))
    book.cells = [nbformat.v4.new_code_cell(HOOK), *book.cells[: last + 1]]
    folder = {"metadata": {"path": str(path.resolve().parent)}}
    NotebookClient(book, timeout=900, startup_timeout=300, kernel_name=kernel, resources=folder).execute()
    named = [(name_of(cell), out.get("data", {})) for cell in book.cells for out in cell.get("outputs", [])]
    return {name: "".join(data[SVG]) for name, data in named if name and SVG in data}


def name_of(cell):
    return cell.metadata.get("mystnb", {}).get("figure", {}).get("name")


def take_over():
    """From here on a Picture of this process shows itself as a slide."""
    shown = picture.Picture._repr_svg_

    def as_slide(self):
        with rc_context(picture.STYLE):
            fit(self.figure)
        return shown(self)

    picture.Picture._repr_svg_ = as_slide


def fit(figure):
    """Give a figure the smallest canvas of a slide's shape that its words bear; returns pixels of its type.

    Panels in several rows are tried in fewer rows as well. None where it keeps its own shape: a drawing, and a figure
    whose type is larger as it is.
    """
    if not all(axes.axison for axes in figure.axes):
        return None
    size = figure.get_size_inches()
    panels = [axes for axes in figure.axes if axes.get_subplotspec()]
    layouts = [[axes.get_subplotspec() for axes in panels]]
    if len({spec.rowspan.start for spec in layouts[0]}) > 1:
        layouts += [GridSpec(-(-len(panels) // n), n, figure) for n in range(3, len(panels) + 1)]
    height, best = TYPES[-1], layouts[0]
    for layout in layouts:  # the chapter's own among equals
        larger = largest(figure, panels, layout, height)
        height, best = (larger, layout) if larger > height else (height, best)
    if height >= picture.TYPE / 72 * min(SLIDE / size):
        draw(figure, panels, best, height)
        return height
    place(panels, layouts[0])
    figure.set_size_inches(size)
    return None


def largest(figure, panels, layout, least):
    """Pixels of the largest type that the words bear in a layout, or the least where none above it does."""
    for height in TYPES:
        if height <= least:
            break
        draw(figure, panels, layout, height)
        if legible(figure):
            return height
    return least


def draw(figure, panels, layout, height):
    """Draw a figure in a layout, on a slide's canvas that makes its type so many pixels."""
    place(panels, layout)
    points = picture.TYPE * SLIDE[1] / height
    figure.set_size_inches(points / 72 * SLIDE[0] / SLIDE[1], points / 72)
    with catch_warnings(action="ignore"):  # of a canvas on which nothing is left for the data
        figure.draw_without_rendering()


def place(panels, layout):
    """Put the panels into the places of a layout, which may have some to spare."""
    for axes, spec in zip(panels, layout, strict=False):
        axes.set_subplotspec(spec)


def legible(figure):
    """Do all words of a drawn figure stand apart and within it, with room left for its data?"""
    dots = figure.dpi / 72
    words = [box.padded(AIR / 2 * dots) for box in texts(figure)]
    data = sum(axes.bbox.width * axes.bbox.height for axes in figure.axes)
    edge = figure.bbox.padded(AIR * dots)
    inside = all(edge.contains(*corner) for box in words for corner in (box.min, box.max))
    roomy = data > DATA * figure.bbox.width * figure.bbox.height
    return inside and roomy and not any(a.overlaps(b) for a, b in combinations(words, 2))


def texts(figure):
    """Where each visible text of a figure lies, in its dots."""
    unseen = {label for axes in figure.axes for axis in (axes.xaxis, axes.yaxis) for label in beyond(axis)}
    found = [each for each in figure.findobj(Text) if each.get_visible() and each.get_text().strip()]
    return [each.get_window_extent() for each in found if each not in unseen]


def beyond(axis):
    """The labels of ticks that lie outside what an axis shows: matplotlib keeps them and draws none."""
    low, high = sorted(axis.get_view_interval())
    ticks = [tick for tick in axis.get_major_ticks() if not low <= tick.get_loc() <= high]
    return [label for tick in ticks for label in (tick.label1, tick.label2)]
