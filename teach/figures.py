"""The chapters' figures: the SVG of each, what it is called, what it shows, and the records that it was drawn from."""

import ast
import re
from dataclasses import dataclass
from html import escape
from pathlib import Path

import nbformat

from book._ext.head import version
from tools.reading import pages

ROOT = Path(__file__).resolve().parent.parent
INK = {"light": ("#222832", "#ffffff"), "dark": ("#ced6dd", "#14181e")}  # of the book's pages, and their ground
TYPE = 11  # points: the kit draws all text in this size
LICENCE = "CC BY 4.0, https://creativecommons.org/licenses/by/4.0/"
SVG = "image/svg+xml"
FRAME = re.compile(r'viewBox="0 0 (?P<width>[\d.]+) (?P<height>[\d.]+)"')
CALLS = {  # what these read, whatever they are handed
    "trained": "results/quick/weights",
    "load_table": "results/tabular.csv",
    "recorded": "results/tabular.csv",
    "published": "results/published.toml",
    "rerun_of_r3": "results/r3_published_code.toml",
    "gaps": "results/census.toml",
}
FILLING = ("append", "extend", "update", "add")
NAMES = {"SHIPPED": "results", "searching": "results/tabular.csv", "CENSUS": "results/census.toml"}


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
    statements = [node for cell in code for node in ast.parse(cell).body]
    last = len(ast.parse(code[-1]).body)
    made = set().union(*map(bound, statements))  # the chapter's own: none of them is a reader of the study
    wanted, kept = set(), []
    for place, node in reversed(list(enumerate(statements))):
        if place >= len(statements) - last or bound(node) & wanted:
            kept.append(node)
            if isinstance(node, ast.Assign):  # made here and nowhere before
                wanted -= {each.id for each in node.targets if isinstance(each, ast.Name)}
            wanted |= used(node)
    files = {file for node in kept for each in ast.walk(node) if (file := read_by(each, made))}
    return tuple(sorted(file for file in files if not any(other.startswith(f"{file}/") for other in files)))


def bound(node):
    """The names that a statement gives a value, or whose value it fills."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return {node.name}
    filled = [
        each.value for each in ast.walk(node) if isinstance(each, ast.Subscript) and isinstance(each.ctx, ast.Store)
    ]
    filled += [each.value for each in ast.walk(node) if isinstance(each, ast.Attribute) and each.attr in FILLING]
    stored = [each for each in ast.walk(node) if isinstance(getattr(each, "ctx", None), ast.Store)]
    return {each.id for each in [*filled, *stored] if isinstance(each, ast.Name)}


def used(node):
    """The names that a statement takes from those before it."""
    names = [each for each in ast.walk(node) if isinstance(each, ast.Name)]
    own = {each.id for each in names if isinstance(each.ctx, ast.Store)}
    own |= {each.arg for each in ast.walk(node) if isinstance(each, ast.arg)}
    return {each.id for each in names} - own


def read_by(node, made=frozenset()):
    """The file that a piece of code reads, as far as it says so; None for any other piece.

    made: names that are the chapter's own, and no readers of the study's.
    """
    if isinstance(node, ast.Call):
        words = [each.value for each in node.args if isinstance(each, ast.Constant)]
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name == "load_records" and len(words) >= 2:
            return f"results/{words[1]}/{words[0]}-seed*.json"
        return CALLS.get(name) if name not in made else None
    if isinstance(node, ast.BinOp) and isinstance(node.right, ast.Constant):  # SHIPPED / "latency" / "cpu.json"
        folder = read_by(node.left)
        return folder and f"{folder}/{node.right.value}"
    return NAMES.get(node.id) if isinstance(node, ast.Name) else None
