"""Drive the questions that stand before a cell: a choice, a number, the tally, and the summary of a part."""

from driving import press

from kit import play


def questions():
    """Two questions and what follows them, as a page holds them: HTML."""
    choice = play.predict(
        "Before you run on: where does it settle?", ["near A", "half way", "near B"], answer=1, near=[2]
    )
    figure = play.predict("Before you run on: which share survives?", answer=2.3, near=5, unit="px")
    return (
        f'<section><h2>Choice</h2><p>before</p><div class="cell">{choice.data}</div><p id="one">folded</p>'
        f'<section><h3>Next</h3><p id="free">in sight</p></section></section>'
        f'<section><h2>Number</h2>{figure.data}<p id="two">folded</p><div class="predict-end"></div>'
        '<p id="end">free</p></section><div class="predict-summary" data-pages="play"></div>'
    )


def folded(tab, ident):
    return tab.evaluate("ident => document.getElementById(ident).closest('[hidden]') != null", ident)


def focused(tab, selector):
    return tab.evaluate("selector => document.activeElement.matches(selector)", selector)


def drive_questions(tab):
    """Yields (holds, words)."""
    yield folded(tab, "one") and folded(tab, "two"), "what follows is folded"
    style = (
        "() => (({ display, height }) => [display, height])(getComputedStyle(document.querySelector('.predict-rest')))"
    )
    yield tab.evaluate(style) == ["block", "0px"], f"a search in the page finds it: {tab.evaluate(style)}"
    yield not folded(tab, "free") and not folded(tab, "end"), "and no more"
    yield tab.locator(".predict-folds").count() == 1, "once a page it is said that something is folded"
    tab.focus(".predict button >> text=near A")
    tab.keyboard.press("Enter")
    yield not folded(tab, "one"), "an answer unfolds"
    yield tab.locator(".predict-folds").count() == 0, "and it is said no more that something is folded"
    yield focused(tab, ".predict-result"), "and has the focus"
    choices = tab.eval_on_selector_all(
        ".predict-list button", "all => all.map(x => [x.textContent, x.ariaPressed, x.disabled])"
    )
    yield (
        choices
        == [["near A – your answer", "true", True], ["half way ✓\xa0right", "false", True], ["near B", "false", True]],
        f"each choice says whose it is, and can be pressed no more: {choices}",
    )
    result = tab.text_content(".predict-result >> nth=0")
    yield "You said “near A”; it is “half way”." in result, f"it tells both: {result}"
    tab.fill(".predict input", "many")
    tab.keyboard.press("Enter")
    yield folded(tab, "two"), "what is no number is no answer"
    tab.fill(".predict input", "60 px")
    tab.keyboard.press("Enter")
    result = tab.text_content(".predict-result >> nth=1")
    yield "You said 60 px; it is 2.3 px." in result and "0 right, 0 near, 2 surprised" in result, result
    tab.reload()
    yield "0 right, 0 near, 2 surprised" in tab.text_content(".predict-result >> nth=0"), "kept after a reload"
    summary = tab.text_content(".predict-summary")
    yield "2 so far" in summary and "Where intuition failed most" in summary, f"the summary counts: {summary}"
    line = "Play: Where does it settle? You said"
    yield line in summary, f"a question stands there alone, with its page in words: {summary}"
    yield not tab.query_selector_all(".predict button >> text=forget"), "nothing is forgotten beside an answer"
    yield not tab.query_selector_all(".predict-summary [role=status], [role=status] .predict-summary"), "nor read out"
    press(tab, ".predict-summary button")
    sure = tab.text_content(".predict-summary button")
    yield (
        sure == "really forget 2 answers?" and "2 so far" in tab.text_content(".predict-summary"),
        f"asked first: {sure}",
    )
    press(tab, ".predict-summary button")
    yield "None yet" in tab.text_content(".predict-summary"), "and forgets"
    yield focused(tab, ".predict-summary .play-hint"), "focus stays in the box"
    tab.reload()
    press(tab, ".predict button >> text=show me")
    yield "half way ✓\xa0right" in tab.text_content(".predict-list"), "the right choice is marked in words"
    yield "it is “half way”" in tab.text_content(".predict-result >> nth=0"), "and told"
    yield not folded(tab, "one"), "shown without an answer"
    yield "None yet" in tab.text_content(".predict-summary"), "which is not counted"
    tab.evaluate("localStorage.setItem('nas-predictions', '{\"play#a\": null, \"play#b\": 5}')")
    tab.evaluate("location.hash = '#%E0%A4%A'")
    tab.reload()
    alive = tab.locator(".predict button >> text=show me").count() == 2 and folded(tab, "one")
    yield alive, "an address and a store that are damaged keep no question from being asked"
    yield "None yet" in tab.text_content(".predict-summary"), "nor count as answers"
