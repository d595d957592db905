"""Drive the nine networks in the page as a reader would; what they say is held against PyTorch."""

import numpy as np
from driving import choose, drag, opens_again, press, said, touches

from kit import nine
from kit.pen import picture, read

SEVEN = [(0.3, 0.2), (0.7, 0.2), (0.6, 0.5), (0.45, 0.9)]


def drive_nine(tab):
    """Yields (holds, words)."""
    *nets, content = nine.read_script()
    place, path = nine.opens()
    shown = content["digits"][place]
    first = nine.decoded(shown["pixels"], np.uint8).reshape(28, 28) / 255
    asked = {kind: summed_up(logits, shown["label"]) for kind, logits in answers(nets, content, first)}
    for ident in ("nine", "nine-start"):
        words = said(tab, ident)
        yield asked["running"] in words, f"{ident} opens as trained, {asked['running']}: {words}"
    tab.focus("#nine input[value=running]")
    tab.keyboard.press("ArrowRight")
    words = said(tab, "nine")
    yield asked["recalculated"] in words, f"recalculated, by keyboard, {asked['recalculated']}: {words}"
    top = "() => document.querySelector('#nine .play-nine-grid').getBoundingClientRect().top + scrollY"
    high = tab.evaluate(top)
    choose(tab, "nine", "path")
    lent = summed_up(nine.lent_answers(*nets, path, first[None], content), shown["label"])
    words = said(tab, "nine")
    yield lent in words and len({lent, *asked.values()}) == 3, f"of one path opens with a third count, {lent}: {words}"
    yield tab.evaluate(top) == high, "its list moves no card"
    choose(tab, "nine", "recalculated")
    press(tab, "#nine [aria-label='test digit, a 7']")
    yield "say 7" in said(tab, "nine"), f"a test digit is asked for: {said(tab, 'nine')}"
    drag(tab, "#nine .play-pad", SEVEN)
    press(tab, "#nine [aria-label='test digit, a 1']")
    yield "say 1" in said(tab, "nine"), "another test digit"
    press(tab, "#nine >> text=your digit")
    yield tab.locator("#nine .play-pad path").count() == 1, "one's own digit is asked again"
    press(tab, "#nine [aria-label='test digit, a 1']")
    drag(tab, "#nine .play-pad", SEVEN)
    strokes = tab.locator("#nine .play-pad path").count()
    yield strokes == 1, f"the first stroke after a test digit begins an empty pad: {strokes}"
    yield opens_again(tab, "nine")
    if touches(tab):  # pad and cards are seen together
        ends = [tab.locator(f"#nine {what}").bounding_box() for what in (".play-pad", ".play-nine-grid")]
        together = ends[1]["y"] + ends[1]["height"] - ends[0]["y"]
        yield together < 664, f"pad and cards fit a telephone's 664 pixels: {together:.0f}"
    drawing = read(tab.url)
    logits = dict(answers(nets, content, picture(drawing)))["recalculated"]
    expected = summed_up(logits, logits.softmax(dim=-1).mean(dim=0).argmax().item())
    yield expected in said(tab, "nine"), f"a drawing gets Python's answers, {expected}: {said(tab, 'nine')}"
    size = "() => document.querySelector('#nine').offsetHeight"
    high = tab.evaluate(size)
    tab.evaluate("() => { navigator.clipboard.writeText = async text => { window.copied = text; }; }")
    press(tab, "#nine >> text=copy for Jupyter")
    tab.wait_for_function("document.querySelector('#nine .play-said').textContent.includes('is copied')")
    copied = read(tab.evaluate("copied"))
    yield all(map(np.array_equal, copied, drawing)), "what is copied for Jupyter is the drawing"
    yield tab.evaluate(size) == high, f"copying moves nothing: {high} to {tab.evaluate(size)}"
    tab.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(); }")
    press(tab, "#nine >> text=copy for Jupyter")
    tab.wait_for_selector("#nine .play-copied")
    copied = read(tab.input_value("#nine .play-copied"))
    yield all(map(np.array_equal, copied, drawing)), "the text for Jupyter is the drawing"
    press(tab, "#nine >> text=clear")
    yield "The pad is empty" in said(tab, "nine"), "an empty pad says so"
    drag(tab, "#nine .play-pad", [(0.5, 0.5), (0.51, 0.5)])
    yield "dot" in said(tab, "nine"), f"a dot, drawn with {'a finger' if touches(tab) else 'the mouse'}, says so"
    drag(tab, "#nine .play-pad", [(0.5, 0.2), (0.5, 1.2)])
    yield "over the edge" in said(tab, "nine"), "a line out of the pad says so"


def answers(nets, content, pixels):
    """(statistics, logits (9, 1, 10)) of one picture (28, 28), by PyTorch."""
    return nine.answers(*nets, pixels[None], content).items()


def summed_up(logits, label):
    """What the box says of the nine's logits (9, 1, 10)."""
    right = (logits.argmax(dim=-1) == label).sum().item()
    return f"{right} of 9 say {label}"
