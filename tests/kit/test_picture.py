"""Laws of kit.picture: a figure is the same SVG each time, small, without a ground, in the page's ink."""

import re
from xml.etree import ElementTree

import nbformat
import numpy as np
import pandas as pd
import pytest
import torch
from nbclient import NotebookClient

from kit import charts, drawings
from kit.picture import TYPE, slim

ARCHS = pd.Index([(a, b) for a in (1, 2, 3) for b in (1, 2, 3)], tupleize_cols=False)
TABLE = pd.DataFrame(
    np.random.default_rng(0).uniform(20, 99, (5, 9)), index=pd.Index(range(5), name="seed"), columns=ARCHS
)
CURVES = pd.concat({epoch: TABLE.reset_index(drop=True) for epoch in (1, 2, 3)}, names=["epoch", "seed"])
FIGURES = {
    "intervals": lambda: charts.intervals(TABLE, "top-1, %", line=50),
    "heat": lambda: charts.heat({"as trained": TABLE, "recalculated": TABLE, "from scratch": TABLE}, "top-1, %"),
    "lines": lambda: charts.lines({"a": CURVES.swaplevel(), "b": CURVES.swaplevel()}, "top-1, %"),
    "points": lambda: charts.points(TABLE, TABLE.iloc[:2], "x", "y"),
    "supernet": lambda: drawings.draw_supernet(3, (2, 1)),
    "tree": drawings.draw_tree,
    "block": lambda: drawings.draw_block(8),
}


@pytest.fixture(scope="module")
def drawn():
    return {name: make()._repr_svg_() for name, make in FIGURES.items()}


@pytest.mark.parametrize("name", FIGURES)
def test_the_same_bytes_each_time_and_fewer_than_40_000(drawn, name):
    assert drawn[name] == FIGURES[name]()._repr_svg_()
    assert len(drawn[name].encode()) < 40_000


@pytest.mark.parametrize("name", FIGURES)
def test_it_is_sound_xml_without_ground_black_script_style_sheet_or_loose_reference(drawn, name):
    root = ElementTree.fromstring(drawn[name])
    names = {element.get("id") for element in root.iter()}
    assert set(re.findall(r'(?:href="|url\()#([^")]+)', drawn[name])) <= names
    assert root.get("class") == "kit-figure" and root.get("fill") == "currentColor"
    assert not re.search(r"#000000|#fff(?:fff)?\b.{0,40}M0 |<style|<script|<!--", drawn[name])
    width, height = (float(root.get(side).removesuffix("pt")) for side in ("width", "height"))
    for path in root.iter("{http://www.w3.org/2000/svg}path"):
        corners = {tuple(map(float, pair)) for pair in re.findall(r"([\d.]+) ([\d.]+)", path.get("d", ""))}
        assert not {(0.0, 0.0), (width, height)} <= corners, "a ground that fills the figure"


@pytest.mark.parametrize("name", FIGURES)
def test_no_text_is_smaller_than_eleven_pixels_at_the_least_width(name):
    picture = FIGURES[name]()
    texts = [text for text in picture.figure.findobj(lambda x: hasattr(x, "get_fontsize")) if text.get_text()]
    inches = picture.figure.get_figwidth()
    least = int(re.search(r"min-width:(\d+)px", picture._repr_svg_())[1])
    assert texts and min(text.get_fontsize() for text in texts) / 72 * least / inches >= TYPE - 0.05
    assert least <= 346  # a chart's width, nearly what a telephone shows: nothing is cut at the right


def test_every_axis_has_a_label():
    for name in ("intervals", "heat", "lines", "points"):
        axes = FIGURES[name]().figure.axes
        assert all(one.get_xlabel() for one in axes)
        assert name == "intervals" or axes[0].get_ylabel()


def test_slimming_keeps_what_is_drawn():
    before = '<?xml?>\n<svg>\n <!-- word -->\n <path d="M 1.23456 2 \nL 3 4 \nz\n" style="fill: #000000"/></svg>'
    assert slim(before).endswith('<path d="M1.23 2L3 4z" style="fill: currentColor"/></svg>')


def test_digits_are_shown_whole():
    images = torch.zeros(7, 1, 28, 28)
    picture = drawings.draw_images(images, torch.arange(7), torch.zeros(7))
    assert "data:image/png" in picture._repr_svg_() and len(picture.figure.axes) == 7


def test_in_a_kernel_a_figure_is_shown_once_with_and_without_pyplot():
    sources = [
        "from kit.drawings import draw_tree",
        "draw_tree()",
        "import matplotlib.pyplot",
        "draw_tree()",
        "_ = draw_tree()",
    ]
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    NotebookClient(book, timeout=120, kernel_name="python3").execute()
    shown = [[sorted(output.get("data", {})) for output in cell.outputs] for cell in book.cells]
    assert shown == [[], [["image/svg+xml", "text/plain"]], [], [["image/svg+xml", "text/plain"]], []]
