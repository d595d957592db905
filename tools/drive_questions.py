"""Drive the questions that stand before a cell: a choice, a number, the tally, and the summary of a part."""

from driving import press

from kit import play


def questions():
    """Two questions and what follows them, as a page holds them: HTML."""
    choice = play.predict(
        "Before you run on: where does it settle?", ["near A", "half way", "near B"], answer=1, near=[2]
    )
    figure = play.predict("Before you run on: which share survives?", answer=2.3, near=5, unit="%")
    return (
        f'<section><h2>Choice</h2><p>before</p><div class="cell">{choice.data}</div><p id="one">folded</p>'
        f'<section><h3>Next</h3><p id="free">in sight</p></section></section>'
        f'<section><h2>Number</h2>{figure.data}<p id="two">folded</p><div class="predict-end"></div>'
        '<p id="end">free</p></section><div class="predict-summary" data-pages="play"></div>'
    )


def folded(tab, ident):
    return tab.evaluate("ident => document.getElementById(ident).closest('[hidden]') != null", ident)


def drive_questions(tab):
    """Yields (holds, words)."""
    yield folded(tab, "one") and folded(tab, "two"), "what follows is folded"
    yield not folded(tab, "free") and not folded(tab, "end"), "and no more"
    yield tab.locator(".predict-folds").count() == 1, "once a page it is said that something is folded"
    press(tab, ".predict button >> text=near A")
    yield not folded(tab, "one"), "an answer unfolds"
    yield tab.locator(".predict-folds").count() == 0, "and then it is said no more"
    result = tab.text_content(".predict-result >> nth=0")
    yield "You said “near A”; it is “half way”." in result, f"it tells both: {result}"
    tab.fill(".predict input", "many")
    tab.keyboard.press("Enter")
    yield folded(tab, "two"), "what is no number is no answer"
    tab.fill(".predict input", "60 %")
    tab.keyboard.press("Enter")
    result = tab.text_content(".predict-result >> nth=1")
    yield "You said 60 %; it is 2.3 %." in result and "0 right, 0 near, 2 surprised" in result, result
    tab.reload()
    yield "0 right, 0 near, 2 surprised" in tab.text_content(".predict-result >> nth=0"), "kept after a reload"
    summary = tab.text_content(".predict-summary")
    yield "2 so far" in summary and "Where intuition failed most" in summary, f"the summary counts: {summary}"
    press(tab, ".predict-summary button")
    yield "None yet" in tab.text_content(".predict-summary"), "and forgets"
    tab.reload()
    press(tab, ".predict button >> text=show me")
    yield not folded(tab, "one"), "shown without an answer"
    yield "None yet" in tab.text_content(".predict-summary"), "which is not counted"
