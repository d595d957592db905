"""Drive the nine networks in the page as a reader would; what they say is held against PyTorch."""

import re

import numpy as np

from kit import nine
from kit.pen import picture


def said(tab, ident):
    return tab.text_content(f"#{ident} .play-said").replace("\xa0", " ")


def drive_nine(tab):
    *nets, content = nine.read_script()
    first = nine.decoded(content["digits"][0]["pixels"], np.uint8).reshape(28, 28) / 255
    expected = summed_up(nine.answers(*nets, first[None], content)["running"], content["digits"][0]["label"])
    yield expected in said(tab, "nine"), f"it opens as trained, {expected}: {said(tab, 'nine')}"
    yield expected in said(tab, "nine-start"), f"the start page's too, {expected}: {said(tab, 'nine-start')}"
    tab.focus("#nine input[value=running]")
    tab.keyboard.press("ArrowRight")
    expected = summed_up(nine.answers(*nets, first[None], content)["recalculated"], content["digits"][0]["label"])
    yield expected in said(tab, "nine"), f"recalculated, by keyboard, {expected}: {said(tab, 'nine')}"
    tab.click("#nine [aria-label='test digit, a 4']")
    yield "say 4" in said(tab, "nine"), f"a test digit is asked for: {said(tab, 'nine')}"
    draw(tab, "#nine .play-pad", [(0.3, 0.2), (0.7, 0.2), (0.6, 0.5), (0.45, 0.9)])
    tab.wait_for_timeout(400)
    drawing = [
        [(int(x) / 999, int(y) / 999) for x, y in re.findall(r"(\d{3})(\d{3})", stroke)]
        for stroke in re.search(r"drawn=([\d-]+)", tab.url)[1].split("-")
    ]
    logits = nine.answers(*nets, picture(drawing)[None], content)["recalculated"]
    expected = summed_up(logits, logits.softmax(dim=-1).mean(dim=0).argmax().item())
    yield expected in said(tab, "nine"), f"a drawing gets Python's answers, {expected}: {said(tab, 'nine')}"
    before = said(tab, "nine")
    tab.reload()
    yield said(tab, "nine") == before, "the address brings the drawing back"
    tab.click("#nine >> text=clear")
    yield "The pad is empty" in said(tab, "nine"), "an empty pad says so"


def draw(tab, pad, points):
    """A line on a pad with the mouse, through points in units of its side."""
    tab.locator(pad).scroll_into_view_if_needed()
    box = tab.query_selector(pad).bounding_box()
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    tab.mouse.move(*places[0])
    tab.mouse.down()
    for place in places[1:]:
        tab.mouse.move(*place, steps=6)
    tab.mouse.up()


def summed_up(logits, label):
    """What the box says of the nine's logits (9, 1, 10)."""
    right = (logits.argmax(dim=-1) == label).sum().item()
    return f"{right} of 9 say {label}"
