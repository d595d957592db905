"""The kit's figures as part of the page: they take its ink and grow when tapped."""

from html import escape
from pathlib import Path

from docutils import nodes

MARK = '<svg class="kit-figure"'


def inline(app, doctree, _):
    """Put the SVG itself in the place of each picture that is a figure of the kit."""
    if app.builder.format != "html":
        return
    for image in list(doctree.findall(nodes.image)):
        path = Path(app.srcdir, image["uri"])
        text = path.read_text(encoding="utf-8") if path.suffix == ".svg" else ""
        if text.startswith(MARK):
            image.replace_self(nodes.raw("", page(text, image.get("alt", "")), format="html"))


def page(svg, alt):
    """A figure with its words, in a box that scrolls and takes the focus."""
    words = f'role="img" aria-label="{escape(alt)}"'
    shown = svg.replace(MARK, f"{MARK} {words}", 1)
    box = 'class="kit-scroll" tabindex="0" role="group" aria-label="figure"'
    return f"<div {box}>{shown}</div>"


def setup(app):
    app.connect("doctree-resolved", inline)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
