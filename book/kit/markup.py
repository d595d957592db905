"""Pieces of HTML that change with a choice on a static page: no kernel, no script tag, no network.

The controls of a page give a number k, at first 0; every piece carries what to show for each k, and one handler looks
it up.
"""

import base64
import json
from html import escape
from io import BytesIO
from math import ceil

from IPython.display import HTML

from kit.layout import COLOURS, Arrow, is_on

HANDLER = (
    "const box = this.closest('.nas-choice');"
    "let k = 0; for (const c of box.querySelectorAll('select, input')) k = k * +c.dataset.base + +c.value;"
    "for (const e of box.querySelectorAll('[data-texts]')) e.textContent = JSON.parse(e.dataset.texts)[k];"
    "for (const e of box.querySelectorAll('[data-on]'))"
    " e.style.cssText = e.dataset.on.split(' ').includes(String(k)) ? e.dataset.lit : e.dataset.faint;"
    "if (this.type === 'range') this.ariaValueText = box.querySelector('output').textContent;"
)
LIT, FAINT = "opacity:1;stroke-width:2", "opacity:0.72;stroke-width:1.2;stroke-dasharray:4 3"  # type: a contrast of 4.5
CHOSEN, PLAIN = "background:rgba(0,114,178,0.3);font-weight:bold", "font-weight:normal"
TARGET = "min-height:26px;min-width:26px"  # a finger must hit it: 24 px at least (WCAG 2.2, 2.5.8)
CELL = "padding:0.2em 0.6em;text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums"
TYPE, LEAST = 14.8, 11.2  # of a drawing: in its own units, and in pixels on the narrowest page
HEAD = "padding:0.2em 0.6em;text-align:right;vertical-align:bottom"


def page(body, label):
    """The whole: a group of controls and pieces, by itself on the page."""
    return HTML(f'<div class="nas-choice" role="group" aria-label="{escape(label)}">{body}</div>')


def select(ident, label, options):
    """A labelled choice of one of the options."""
    items = "".join(f'<option value="{value}">{escape(str(text))}</option>' for value, text in enumerate(options))
    return (
        f'<span style="white-space:nowrap;margin-right:1.5em"><label for="{escape(ident)}">{escape(label)}</label> '
        f'<select id="{escape(ident)}" data-base="{len(options)}" style="{TARGET}" autocomplete="off" '
        f'onchange="{escape(HANDLER)}">'
        f"{items}</select></span> "
    )


def slider(ident, label, steps):
    """A labelled range input with a step for each text; beside it the text of the step, read out as it changes."""
    return (
        f'<label for="{escape(ident)}">{escape(label)}</label> <input id="{escape(ident)}" type="range" min="0" '
        f'max="{len(steps) - 1}" value="0" data-base="{len(steps)}" autocomplete="off" oninput="{escape(HANDLER)}" '
        f'aria-valuetext="{escape(steps[0])}" style="width:100%;max-width:24em;display:block;{TARGET}">'
        + texts(steps, "output")
    )


def texts(choices, tag="span"):
    """An element that shows one text for each choice; <output> is read out when it changes."""
    return f'<{tag} data-texts="{escape(json.dumps(choices))}">{escape(choices[0])}</{tag}>'


def lights(on, lit=LIT, faint=FAINT):
    """Attributes of an element that has the style `lit` for the choices in `on`, and `faint` for all others."""
    choices = " ".join(map(str, on))
    return f'data-on="{choices}" data-lit="{lit}" data-faint="{faint}" style="{lit if 0 in on else faint}"'


def table(titles, rows, label, attributes=None):
    """A table of ready HTML that scrolls in its own box where the page is narrow; the first column heads the rows.

    Its class is that of pandas' tables: the book's theme leaves what surrounds them transparent in dark mode.
    """
    head = "".join(f'<th scope="col" style="{HEAD}">{escape(title)}</th>' for title in titles)
    body = "".join(
        f'<tr {attribute}><th scope="row" style="{CELL};text-align:left;font-weight:inherit">{first}</th>'
        + "".join(f'<td style="{CELL}">{cell}</td>' for cell in rest)
        + "</tr>"
        for (first, *rest), attribute in zip(rows, attributes or [""] * len(rows), strict=True)
    )
    return (
        f'<div class="kit-scroll" role="group" aria-label="{escape(label)}" tabindex="0" style="overflow-x:auto">'
        f'<table class="dataframe" style="border-collapse:collapse"><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def picture_uri(pixels):
    """A picture (H, W), ink dark on white, as a data URI: BMP, whose bytes depend on no compressor's version."""
    from PIL import Image

    low, high = pixels.min(), pixels.max()
    # 0.3, not 0.5: no pixel of either dataset then lies where a CPU's last bit decides between two levels.
    levels = (255 * (pixels - low) / (high - low).clamp(min=1e-6) + 0.3).floor()
    buffer = BytesIO()
    Image.fromarray((255 - levels).byte().numpy()).save(buffer, "BMP")
    return f"data:image/bmp;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def supernet_svg(layout, archs):
    """The layout of a supernet; what is on the path of the architecture shown stands out, the rest is faint.

    Hidden from screen readers, for whom the text beside it says the same. Where the page is narrow it scrolls in a box
    of its own, so that its text stays readable.
    """
    parts = []
    for frame in layout.frames:
        name = words(frame.x + 8, frame.y + 17, frame.text, "start")
        parts.append(f'<g fill-opacity="0" opacity="0.6">{rectangle(frame)}</g>{name}')
    for shape in (*layout.arrows, *layout.boxes):
        on = [k for k, arch in enumerate(archs) if is_on(shape, arch)]
        parts.append(f"<g {lights(on)}>{line(shape) if isinstance(shape, Arrow) else label(shape)}</g>")
    view = f"-2 -2 {layout.width + 4:g} {layout.height + 4:g}"
    least = ceil((layout.width + 4) * LEAST / TYPE)
    size = f"width:100%;min-width:{least}px;max-width:46em"
    return (
        '<div class="kit-scroll" role="group" aria-label="drawing of the path" tabindex="0" style="overflow-x:auto">'
        f'<svg viewBox="{view}" style="{size}" aria-hidden="true">{"".join(parts)}</svg></div>'
    )


def rectangle(box):
    """A box without its text."""
    size = f'x="{box.x:g}" y="{box.y:g}" width="{box.width:g}" height="{box.height:g}"'
    return f'<rect {size} rx="6" fill="{COLOURS[0]}" stroke="currentColor"/>'


def label(box):
    """A box with its text, in one line or more."""
    lines, middle = box.text.split("\n"), box.x + box.width / 2
    first = box.y + box.height / 2 + 5 - 9 * (len(lines) - 1)
    text = "".join(words(middle, first + 18 * place, line) for place, line in enumerate(lines))
    return f'<g fill-opacity="0.2">{rectangle(box)}</g>{text}'


def words(x, y, text, anchor="middle"):
    """One line of text."""
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" font-size="{TYPE}" fill="currentColor">{text}</text>'


def line(arrow):
    """A line with its head; all last stretches run to the right."""
    points = " ".join(f"{x:g},{y:g}" for x, y in arrow.points)
    x, y = arrow.points[-1]
    head = f'<path d="M{x:g} {y:g}l-9 -4v8z" fill="currentColor"/>' if arrow.head else ""
    return f'<polyline points="{points}" fill="none" stroke="currentColor"/>{head}'
