"""Laws of the projector's drawings: a slide's shape, type of a size that a room reads, and no two words that touch."""

from itertools import combinations
from warnings import catch_warnings

import pandas as pd
import pytest
from jupyter_client.kernelspec import find_kernel_specs
from matplotlib import rc_context

from kit import charts, drawings, picture
from teach import ROOT, gallery, projector
from teach.figures import figures_of

PANELS = ("alone, one loss", "joint, one loss", "alone, the other", "joint, the other")
EPOCHS = pd.Index(range(2, 42, 2), name="epoch")
FIGURES = {
    "lines": lambda: charts.lines(pd.DataFrame({"a": range(20), "b": range(20)}, EPOCHS, dtype=float), "top-1, %"),
    "panels": lambda: charts.lines(
        {name: pd.DataFrame({"a": range(20)}, EPOCHS, dtype=float) for name in PANELS}, "top-1, %"
    ),
    "tall": lambda: charts.intervals(
        pd.DataFrame(
            {"mean": range(14), "low": range(-1, 13), "high": range(1, 15)}, [f"a row of words, {n}" for n in range(14)]
        ),
        "points of top-1",
    ),
    "heat": lambda: charts.heat(
        {name: pd.DataFrame(1.0 * EPOCHS.size, range(6), EPOCHS) + n for n, name in enumerate(PANELS[:3])},
        "recall, %",
        digits=None,
    ),
}


def share(figure):
    """Type's part of a figure's height, in percent."""
    return 100 * picture.TYPE / 72 / figure.get_size_inches()[1]


@pytest.fixture(scope="module", params=FIGURES)
def fitted(request):
    """A figure's share of type before, and the figure on a slide."""
    figure = FIGURES[request.param]().figure
    before = share(figure)
    with rc_context(picture.STYLE):
        projector.fit(figure)
    return before, figure


def test_a_figure_on_a_slide_has_its_shape_and_larger_type(fitted):
    before, figure = fitted
    wide, high = figure.get_size_inches()
    assert wide / high == pytest.approx(16 / 9)
    assert share(figure) > before
    assert share(figure) >= 100 * gallery.READABLE / projector.SLIDE[1]


def test_no_two_words_touch_and_none_leaves_the_slide(fitted):
    _, figure = fitted
    boxes = projector.texts(figure)
    assert len(boxes) > 8
    assert not any(a.overlaps(b) for a, b in combinations(boxes, 2))
    assert all(figure.bbox.padded(3).contains(*corner) for box in boxes for corner in (box.min, box.max))


def test_a_smaller_canvas_would_not_do(fitted):
    _, figure = fitted
    size = figure.get_size_inches()
    figure.set_size_inches(size / 2)
    with catch_warnings(action="ignore"):  # of panels that have no room at all
        figure.draw_without_rendering()
    assert not projector.legible(figure)
    figure.set_size_inches(size)
    figure.draw_without_rendering()


def test_a_drawing_made_around_its_words_keeps_its_shape():
    figure = drawings.draw_supernet().figure
    size = tuple(figure.get_size_inches())
    assert projector.fit(figure) is None
    assert tuple(figure.get_size_inches()) == size


def test_a_figure_whose_type_is_larger_as_it_is_keeps_its_shape(monkeypatch):
    figure = FIGURES["panels"]().figure
    size = tuple(figure.get_size_inches())
    monkeypatch.setattr(projector, "TYPES", (9,))
    assert projector.fit(figure) is None and tuple(figure.get_size_inches()) == size


def test_a_chapter_draws_its_figures_anew_and_the_page_s_stay(monkeypatch):
    if "forked" in find_kernel_specs():  # the tests' own server will do: another one would import all again
        monkeypatch.setattr(projector.fork_kernel, "start", lambda: lambda: None)
    path = ROOT / "book" / "13_speed.ipynb"
    before = path.read_bytes()
    found, shown = projector.redrawn([path]), {figure.name: figure for figure in figures_of(path)}
    assert found.keys() == shown.keys() and path.read_bytes() == before
    for name, svg in found.items():
        assert svg != shown[name].svg and 'viewBox="0 0 ' in svg
