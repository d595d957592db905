"""The chapters' figures: the SVG of each, what it is called, what it shows, and the records that it was drawn from."""

import re
from dataclasses import dataclass
from html import escape
from itertools import chain
from pathlib import Path

import nbformat

from book._ext.head import version
from kit.sources import reads
from teach import ROOT
from teach.slices import needed, statements, used
from tools.reading import pages

INK = {"light": ("#222832", "#ffffff"), "dark": ("#ced6dd", "#14181e")}  # of the book's pages, and their ground
TYPE = 11  # points: the kit draws all text in this size
LICENCE = "CC BY 4.0, https://creativecommons.org/licenses/by/4.0/"
SVG = "image/svg+xml"
FRAME = re.compile(r'viewBox="0 0 (?P<width>[\d.]+) (?P<height>[\d.]+)"')


@dataclass(frozen=True)
class Drawn:
    """A figure as a chapter's outputs hold it; `sources` are files and patterns below the repository's root."""

    name: str
    chapter: str
    title: str
    caption: str
    alt: str
    svg: str
    sources: tuple[str, ...]

    @property
    def size(self):
        """Width and height in points."""
        found = FRAME.search(self.svg)
        return float(found["width"]), float(found["height"])

    def in_ink(self, theme):
        """The SVG by itself, in a theme's ink, with its words and its licence inside; the ground is transparent."""
        width, height = self.size
        words = f"<title>{escape(self.caption)}</title><desc>{escape(self.alt)}</desc>"
        words += f"<metadata>One-Shot NAS, Block by Block, version {version(ROOT)}: {self.name}. {LICENCE}</metadata>"
        start, rest = self.svg.split(">", 1)
        start = re.sub(r' (class|style|color|width|height)="[^"]*"', "", start)
        return f'{start} color="{INK[theme][0]}" width="{width}pt" height="{height}pt" role="img">{words}{rest}\n'


def figures(root=ROOT):
    """All figures of the book, in its order. ValueError where one lacks name, caption or alternative text."""
    paths = [Path(root, f"{page}.ipynb") for _, part in pages(root) for page in part]
    found = [figure for path in paths if path.exists() for figure in figures_of(path)]
    names = [figure.name for figure in found]
    if twice := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"{', '.join(sorted(twice))}: a figure's name must be the only one; rename one of them")
    return found


def figures_of(path):
    """The figures of one notebook."""
    cells = nbformat.read(path, as_version=4).cells
    title = next(line for cell in cells for line in cell.source.splitlines() if line.startswith("# ")).strip("# ")
    code = [cell for cell in cells if cell.cell_type == "code"]
    for place, cell in enumerate(code):
        pictures = [out.data[SVG] for out in cell.outputs if SVG in out.get("data", {})]
        if "figure" in cell.metadata.get("mystnb", {}) and not pictures:
            raise ValueError(
                f"{path.name}, cell {cell.id}: it has a figure's caption and drew none: run the chapter again"
            )
        for picture in pictures:
            about = {
                **cell.metadata.get("mystnb", {}).get("figure", {}),
                **cell.metadata.get("mystnb", {}).get("image", {}),
            }
            if missing := {"name", "caption", "alt"} - about.keys():
                raise ValueError(f"{path.name}, cell {cell.id}: its figure has no {', '.join(sorted(missing))}")
            told = (about["name"], path.stem, title, about["caption"], about["alt"])
            yield Drawn(*told, "".join(picture), sources([each.source for each in code[: place + 1]]))


def sources(code):
    """What the last of these cells was drawn from: what it and the statements that made its values read."""
    *earlier, last = map(statements, code)
    kept, _ = needed(used(last), list(chain(*earlier)))
    return tuple(sorted(map(file_of, reads("\n".join(each.text for each in (*kept, *last))))))


def file_of(name):
    """The file, folder or pattern below the repository's root that `reads` calls so: "nine-networks, laptop"."""
    what, _, profile = name.partition(", ")
    if what == "weights":
        return f"results/{profile}/weights"
    return f"results/{profile}/{what}-seed*.json" if profile else f"results/{what}"
