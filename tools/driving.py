"""What a reader's hand does in a browser, for the tools that drive the instruments: press, draw, read what is said."""

import json
from itertools import pairwise


def said(tab, ident):
    """The sentence of an instrument."""
    return tab.text_content(f"#{ident} .play-said").replace("\xa0", " ")


def facts(tab, ident):
    """What the instrument was given."""
    return json.loads(tab.get_attribute(f"#{ident}", "data-facts"))


def touches(tab):
    """Whether this window stands for a telephone."""
    return tab.evaluate("navigator.maxTouchPoints > 0")


def press(tab, selector):
    """A tap where the window has touch, else a click. What is below another layer by design is not waited for."""
    target = tab.locator(selector).first
    target.scroll_into_view_if_needed()
    if touches(tab):
        target.tap()
    else:
        target.click()


def choose(tab, ident, value):
    """Press one of an instrument's choices, which look like buttons."""
    press(tab, f"#{ident} .play-choice label:has(input[value='{value}'])")


def drag(tab, selector, points):
    """A line through points in units of an element's box: with a finger where the window has touch, else the mouse."""
    target = tab.locator(selector).first
    target.scroll_into_view_if_needed()
    box = target.bounding_box()
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    (finger if touches(tab) else mouse)(tab, list(between(places)))


def between(places, steps=6):
    """The places, with some more on the way from each to the next."""
    yield places[0]
    for (x, y), (u, v) in pairwise(places):
        yield from ((x + (u - x) * step / steps, y + (v - y) * step / steps) for step in range(1, steps + 1))


def mouse(tab, places):
    tab.mouse.move(*places[0])
    tab.mouse.down()
    for place in places[1:]:
        tab.mouse.move(*place)
    tab.mouse.up()


def finger(tab, places):
    session = tab.context.new_cdp_session(tab)
    for kind, place in [("touchStart", places[0]), *(("touchMove", place) for place in places[1:])]:
        touch = {"x": place[0], "y": place[1]}
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [touch]})
    tab.wait_for_timeout(100)  # a finger lifted at full speed is a flick, which swallows the next tap
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    session.detach()


def state(tab, ident):
    """All of an instrument that its state decides: its sentence, its controls, what is pressed and what is drawn."""
    return tab.evaluate(
        """ident => { const box = document.getElementById(ident), all = what => [...box.querySelectorAll(what)];
            return [box.querySelector('.play-said').textContent, all('input[type=radio]').map(x => x.checked),
                all('input[type=range], select').map(x => x.value), all('[aria-pressed]').map(x => x.ariaPressed),
                all('.play-order:not(.target) .play-rank-name').map(x => x.textContent),
                all('.play-pad path').map(x => x.getAttribute('d'))]; }""",
        ident,
    )


def opens_again(tab, ident):
    """(whether, words): the address now opens the same state in a window of its own, as a lecturer's link would."""
    tab.wait_for_timeout(400)  # an address may be changed a few times a second only
    address = tab.url
    if f"#{ident}:" not in address:
        return False, f"the state does not stand in the address: {address}"
    other = tab.context.new_page()
    other.goto(address)
    same = state(other, ident) == state(tab, ident)
    other.close()
    return same, f"the address opens the same state: {address}"
