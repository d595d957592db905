"""Every figure as a file: SVG and PNG, for a page and for a projector, in both themes, with its words.

Text in a figure is outlines, laid out for a telephone in 11 points on a width of about 350. It cannot be made larger by
itself. So the projector's size is the whole figure, as large as a slide of 1920 x 1080 pixels holds it: the index
gives the height of its type, and names those where that is too small for a room.
"""

from html import escape

from book._ext.head import version
from teach.archive import write, write_zip
from teach.browser import MISSING, chromium
from teach.figures import INK, LICENCE, ROOT, TYPE, figures

SLIDE = (1920, 1080)  # pixels
PAGE = 640  # pixels that the book gives a figure; the PNG has twice as many
READABLE = 24  # pixels of type on a slide: less is lost in the last row
SIZES = {"page": 2, "projector": 1}  # pixels of the PNG for one of the page that draws it
BOX = "<body style='margin:0;background:{ground}'><div style='width:{width:.0f}px'>{svg}</div></body>"
STYLE = """body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
:root { color-scheme: light dark; } img { width: 100%; max-width: 40rem; } article { border-top: 1px solid #8886; }
td, th { padding: 0.1rem 0.8rem 0.1rem 0; text-align: left; vertical-align: top; }"""
START = """<h1>The figures of One-Shot NAS, Block by Block</h1><p>Version {version}, {count} figures, {licence}: use and
change them, and name the book. SVG files have a transparent ground; <em>light</em> is dark ink for a light ground,
<em>dark</em> the reverse. A projector's PNG fills a slide of {slide[0]} x {slide[1]} pixels.</p>
"""
HTML = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Figures</title>
<style>{style}</style></head><body>
{body}</body></html>
"""
ENTRY = """<article id="{name}"><h2>{name}</h2>
<picture><source media="(prefers-color-scheme: dark)" srcset="svg/{name}-dark.svg">
<img src="svg/{name}-light.svg" alt="{alt}"></picture><p>{caption}</p><table>{table}</table></article>
"""


def make(out, root=ROOT):
    """Write gallery/ (index.html, svg/, png/) and gallery.zip below `out`; without Chromium there is no PNG."""
    folder, found = out / "gallery", figures(root)
    made = {}
    for figure in found:
        for theme in INK:
            name = f"svg/{figure.name}-{theme}.svg"
            made[name] = write(folder / name, figure.in_ink(theme))
    pictures = draw(folder, found)
    if not pictures:
        print(f"gallery: SVG only, {MISSING}")
    made |= pictures
    made["index.html"] = write(folder / "index.html", index(found, made))
    return [*made.values(), write_zip(out / "gallery.zip", {f"gallery/{name}": path for name, path in made.items()})]


def draw(folder, found):
    """{name: path} of a PNG for each figure, size and theme; empty without a browser."""
    made = {}
    with chromium() as browser:
        for size, scale in SIZES.items() if browser else ():
            tab = browser.new_page(device_scale_factor=scale, viewport={"width": SLIDE[0], "height": SLIDE[1]})
            for figure in found:
                for theme, (_, ground) in INK.items():
                    name = f"png/{figure.name}-{theme}-{size}.png"
                    tab.set_content(BOX.format(ground=ground, width=width(figure, size), svg=filling(figure, theme)))
                    made[name] = write(folder / name, tab.locator("div").screenshot())
            tab.close()
    return made


def width(figure, size):
    """How wide a figure is drawn, in pixels: a page's column, or all that a slide holds."""
    wide, high = figure.size
    return PAGE if size == "page" else min(SLIDE[0], SLIDE[1] * wide / high)


def type_height(figure):
    """Pixels of a figure's type on a slide that it fills."""
    return TYPE * width(figure, "projector") / figure.size[0]


def filling(figure, theme):
    return figure.in_ink(theme).replace("<svg ", '<svg style="display:block;width:100%;height:auto" ', 1)


def index(found, made):
    """The page that shows the figures and names their files."""
    small = [figure.name for figure in found if type_height(figure) < READABLE]
    parts = [START.format(version=version(ROOT), count=len(found), licence=LICENCE, slide=SLIDE)]
    if small:
        parts.append(
            f"<p>Too tall for one slide, with type below {READABLE} pixels; show them in two halves, or by the page: "
            f"{', '.join(small)}.</p>"
        )
    parts += [entry(figure, made) for figure in found]
    return HTML.format(style=STYLE, body="".join(parts))


def entry(figure, made):
    """One figure: both themes as the reader has it, its words, its files."""
    files = "".join(
        f'<a href="{name}">{name.split("/")[1].removeprefix(figure.name + "-")}</a> '
        for name in sorted(made)
        if name.split("/")[-1].startswith(tuple(f"{figure.name}-{theme}" for theme in INK))
    )
    rows = {
        "chapter": escape(figure.title),
        "alt text": escape(figure.alt),
        "drawn from": escape(", ".join(figure.sources) or "the chapter's own code: no record"),
        "type on a slide": f"{type_height(figure):.0f} pixels of {SLIDE[1]}",
        "files": files,
    }
    table = "".join(f'<tr><th scope="row">{name}</th><td>{text}</td></tr>' for name, text in rows.items())
    return ENTRY.format(name=figure.name, alt=escape(figure.alt), caption=escape(figure.caption), table=table)
