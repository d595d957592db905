"""Laws of the gallery: every figure of the book once, with words, in both inks; where a figure's data comes from."""

import re
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import pytest
from PIL import Image

from teach import ROOT, gallery
from teach.__main__ import lacking
from teach.figures import INK, LICENCE, SVG, figures, sources


@pytest.fixture(scope="module")
def drawn():
    return figures()


def test_every_figure_of_the_book_is_there_with_its_words(drawn):
    cells = [cell for path in Path(ROOT, "book").glob("*.ipynb") for cell in nbformat.read(path, as_version=4).cells]
    shown = sum(SVG in out.get("data", {}) for cell in cells for out in cell.get("outputs", []))
    assert len(drawn) == shown > 50
    assert all(figure.caption and figure.alt and figure.name.startswith("fig-") for figure in drawn)


def test_figures_of_one_name_are_refused(tmp_path):
    Path(tmp_path, "book").mkdir()
    Path(tmp_path, "_toc.yml").write_text("root: book/a\nparts:\n- caption: P\n  chapters:\n  - file: book/b\n")
    chapter = nbformat.read(Path(ROOT, "book", "index.ipynb"), as_version=4)
    for name in "ab":
        nbformat.write(chapter, Path(tmp_path, "book", f"{name}.ipynb"))
    with pytest.raises(ValueError, match="fig-overview"):
        figures(tmp_path)


def test_a_figure_without_words_is_refused(tmp_path):
    Path(tmp_path, "book").mkdir()
    Path(tmp_path, "_toc.yml").write_text("root: book/a\nparts: []\n")
    chapter = nbformat.read(Path(ROOT, "book", "index.ipynb"), as_version=4)
    for cell in chapter.cells:
        cell.metadata.get("mystnb", {}).pop("image", None)
    nbformat.write(chapter, Path(tmp_path, "book", "a.ipynb"))
    with pytest.raises(ValueError, match="has no alt"):
        figures(tmp_path)


@pytest.mark.parametrize("theme", INK)
def test_a_figure_stands_alone_in_a_theme_s_ink(drawn, theme):
    for figure in drawn:
        root = ElementTree.fromstring(figure.in_ink(theme))
        assert root.get("color") == INK[theme][0] and root.get("style") is None
        named = {child.tag.split("}")[1]: child.text for child in root}
        assert named["title"] == figure.caption and named["desc"] == figure.alt and "CC BY 4.0" in named["metadata"]


WORD = re.compile(
    r'<g transform="translate\(([-\d.]+) ([-\d.]+)\)( rotate\(-90\))? scale\(([\d.]+) -[\d.]+\)">(.*?)</g>'
)
GLYPH = 60  # hundredths of the type's size: about the width of a word's last letter


def beyond(figure):
    """The places of words that leave a figure, in points."""
    wide, high = figure.size
    for x, y, upright, scale, glyphs in WORD.findall(figure.svg.replace("\n", " ")):
        steps = [float(step) for step in re.findall(r'<use href="[^"]*" x="([\d.]+)"', glyphs)]
        length = (max(steps, default=0) + GLYPH) * float(scale)
        end = high - float(y) + length if upright else float(x) + length
        if end > (high if upright else wide) + 2:
            yield float(x), float(y)


def test_no_word_leaves_its_figure(drawn):
    assert {figure.name: found for figure in drawn if (found := list(beyond(figure)))} == {}
    label = '<g transform="translate(300 9) scale(0.11 -0.11)"><use href="#g1"/><use href="#g2" x="500"/></g>'
    assert list(beyond(replace(drawn[0], svg=f'<svg viewBox="0 0 345 200">{label}</svg>'))) == [(300, 9)]


def test_what_a_figure_is_drawn_from_is_followed_through_the_cells():
    code = [
        "from study.analysis import tables\nfrom study.records import SHIPPED, load_records\nfrom kit import charts",
        "records = load_records('nine-networks', 'laptop')\nother = load_records('samplers', 'laptop')",
        "top = tables.top1(records, 'running')\nrows = {}\nfor name in 'ab':\n    rows[name] = top[name]",
        "records = load_records('distillation', 'laptop')",
        "charts.lines(rows, 'x')",
    ]
    assert sources(code) == ("results/laptop/nine-networks-seed*.json",)
    assert sources(code[:4]) == ("results/laptop/distillation-seed*.json",)
    assert sources(
        [code[0], "timed = json.loads((SHIPPED / 'latency' / 'cpu.json').read_text())", "charts.lines(timed)"]
    ) == ("results/latency/cpu.json",)
    assert sources(["def published():\n    return 1", "charts.lines(published())"]) == ()  # the chapter's own
    both = "from kit import nine\nfrom kit.bench import record"  # the first for another cell
    assert sources([both, "charts.heat(record['ratios'])"]) == ("results/benchmark/cpu.json",)
    assert sources([code[0], "from nas import trained\nnet = trained(depth=3)", "charts.heat(net)"]) == (
        "results/quick/weights",
    )


def test_a_source_that_is_named_exists(drawn):
    named = {file for figure in drawn for file in figure.sources}
    assert len(named) > 10
    assert all(list(ROOT.glob(file)) for file in named), named


def test_the_index_names_every_figure_and_its_files(drawn, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(gallery, "draw", lambda folder, drawn: {})
    monkeypatch.setattr(gallery, "redrawn", lambda paths: {figure.name: figure.svg for figure in drawn})
    made = gallery.make(tmp_path)
    page = Path(tmp_path, "gallery", "index.html").read_text(encoding="utf-8")
    links = re.findall(r'(?:href|src|srcset)="([^"]+)"', page)
    assert len(links) == 6 * len(drawn) and all(Path(tmp_path, "gallery", link).exists() for link in links)
    assert all(f'id="{figure.name}"' in page for figure in drawn)
    assert "SVG only" in capsys.readouterr().out  # no Chromium: said, not hidden
    assert {path.name for path in made} >= {"index.html", "gallery.zip", "fig-overview-dark-projector.svg"}
    assert all(name.endswith(".png") for name in lacking(tmp_path, ["gallery"]))  # what `make kit` promises is there


def test_small_type_on_a_slide_is_told(drawn):
    low = replace(drawn[0], name="fig-low", svg='<svg viewBox="0 0 345 1200"></svg>')
    assert gallery.type_height(low) < gallery.READABLE < gallery.type_height(drawn[0])
    page = gallery.index({"page": drawn[:2], "projector": [drawn[0], low]}, [])
    assert "first rows of a room: fig-low." in page


def test_a_png_carries_its_words_and_its_licence_and_the_same_pixels(drawn):
    bare = BytesIO()
    Image.linear_gradient("L").convert("RGB").save(bare, "png")
    signed = Image.open(BytesIO(gallery.signed(bare.getvalue(), drawn[0])))
    assert signed.text == {"Title": drawn[0].name, "Description": drawn[0].alt, "Copyright": LICENCE}
    assert signed.tobytes() == Image.open(bare).convert(signed.mode).tobytes()
