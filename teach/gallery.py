"""Every figure as a file: SVG and PNG, for a page and for a projector, in both themes, with its words.

The page's size is the figure as its chapter shows it, laid out for a telephone. The projector's is drawn anew by the
chapter in the shape of a slide, see teach.projector. The index gives the height of its type.
"""

from dataclasses import replace
from html import escape
from io import BytesIO

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from book._ext.head import version
from nas.methods.files import write_atomically
from teach import ROOT
from teach.archive import write_zip
from teach.browser import MISSING, chromium
from teach.figures import INK, LICENCE, TYPE, figures
from teach.projector import SLIDE, redrawn

PAGE = 640  # pixels that the book gives a figure; the PNG has twice as many
READABLE = 36  # pixels of type on a slide, 18 points of its 540: less is lost in the last row
SIZES = {"page": 2, "projector": 1}  # pixels of the PNG for one of the page that draws it
BOX = "<body style='margin:0;background:{ground}'><div style='width:{width:.0f}px'>{svg}</div></body>"
STYLE = """body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
:root { color-scheme: light dark; } img { width: 100%; max-width: 40rem; } article { border-top: 1px solid #8886; }
td, th { padding: 0.1rem 0.8rem 0.1rem 0; text-align: left; vertical-align: top; }"""
START = """<h1>The figures of One-Shot NAS, Block by Block</h1><p>Version {version}, {count} figures, {licence}: use and
change them, and name the book. SVG files have a transparent ground; <em>light</em> is dark ink for a light ground,
<em>dark</em> the reverse. Files for a projector are drawn anew for a slide of {slide[0]} x {slide[1]} pixels, with
type as large as their words bear.</p>
"""
HTML = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Figures</title>
<style>{style}</style></head><body>
{body}</body></html>
"""
ENTRY = """<article id="{name}"><h2>{name}</h2>
<picture><source media="(prefers-color-scheme: dark)" srcset="svg/{name}-dark-page.svg">
<img src="svg/{name}-light-page.svg" alt="{alt}"></picture><p>{caption}</p><table>{table}</table></article>
"""


def make(out, root=ROOT):
    """Write gallery/ (index.html, svg/, png/) and gallery.zip below `out`; without Chromium there is no PNG."""
    folder, found = out / "gallery", figures(root)
    drawn = {"page": found, "projector": on_slides(found, root)}
    made = {}
    for size, each in drawn.items():
        for figure in each:
            for theme in INK:
                name = f"svg/{figure.name}-{theme}-{size}.svg"
                made[name] = write_atomically(folder / name, figure.in_ink(theme))
    pictures = draw(folder, drawn)
    if not pictures:
        print(f"gallery: SVG only, {MISSING}")
    made |= pictures
    made["index.html"] = write_atomically(folder / "index.html", index(drawn, made))
    return [*made.values(), write_zip(out / "gallery.zip", {f"gallery/{name}": path for name, path in made.items()})]


def on_slides(found, root):
    """The same figures, as their chapters draw them for a projector."""
    drawn = redrawn([root / "book" / f"{chapter}.ipynb" for chapter in dict.fromkeys(each.chapter for each in found)])
    return [replace(figure, svg=drawn[figure.name]) for figure in found]


def draw(folder, drawn):
    """{name: path} of a PNG for each figure, size and theme; empty without a browser."""
    made = {}
    with chromium() as browser:
        for size, scale in SIZES.items() if browser else ():
            tab = browser.new_page(device_scale_factor=scale, viewport={"width": SLIDE[0], "height": SLIDE[1]})
            for figure in drawn[size]:
                for theme, (_, ground) in INK.items():
                    name = f"png/{figure.name}-{theme}-{size}.png"
                    wide = PAGE if size == "page" else slide_width(figure)
                    tab.set_content(BOX.format(ground=ground, width=wide, svg=filling(figure, theme)))
                    made[name] = write_atomically(folder / name, signed(tab.locator("div").screenshot(), figure))
            tab.close()
    return made


def signed(png, figure):
    """The same picture, with the figure's words and its licence inside, under the format's own names."""
    words, out = PngInfo(), BytesIO()
    told = {"Title": figure.name, "Description": figure.alt, "Copyright": LICENCE}
    for name, text in told.items():
        words.add_itxt(name, text)
    Image.open(BytesIO(png)).save(out, "png", pnginfo=words)
    return out.getvalue()


def slide_width(figure):
    """How wide a figure is drawn on a slide that it fills, in pixels."""
    wide, high = figure.size
    return min(SLIDE[0], SLIDE[1] * wide / high)


def type_height(figure):
    """Pixels of a figure's type on a slide that it fills."""
    return TYPE * slide_width(figure) / figure.size[0]


def filling(figure, theme):
    return figure.in_ink(theme).replace("<svg ", '<svg style="display:block;width:100%;height:auto" ', 1)


def index(drawn, made):
    """The page that shows the figures and names their files."""
    small = [figure.name for figure in drawn["projector"] if type_height(figure) < READABLE]
    parts = [START.format(version=version(ROOT), count=len(drawn["page"]), licence=LICENCE, slide=SLIDE)]
    if small:
        parts.append(f"<p>Type below {READABLE} pixels, for the first rows of a room: {', '.join(small)}.</p>")
    parts += [entry(*pair, made) for pair in zip(drawn["page"], drawn["projector"], strict=True)]
    return HTML.format(style=STYLE, body="".join(parts))


def entry(figure, slide, made):
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
        "type on a slide": f"{type_height(slide):.0f} pixels of {SLIDE[1]}",
        "files": files,
    }
    table = "".join(f'<tr><th scope="row">{name}</th><td>{text}</td></tr>' for name, text in rows.items())
    return ENTRY.format(name=figure.name, alt=escape(figure.alt), caption=escape(figure.caption), table=table)
