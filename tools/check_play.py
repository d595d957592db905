"""Drive every instrument in a real browser, from a file and without network, and list what is wrong.

Mouse, keyboard and a narrow window; its figures against the records'; findings of axe, console errors, targets below
24 pixels. Part of `make check-site`; CHROMIUM=/path/to/it where it is not found.
"""

import json
import sys

from check_nine import drive_nine, said
from check_site import AXE, ROOT, launch
from playwright.sync_api import sync_playwright

from kit import nine, play
from nas import DepthSupernet, load_data, trained
from study.records import load_records
from study.statistics import kendall

NAMES = ("bells", "sharing", "bench", "replay", "ranking", "ensembling", "whose", "nine", "nine-start")
PAGE = ROOT / ".cache" / "play.html"
STATIC = ROOT / "book" / "_static"
AXE_FINDINGS = """async () => (await axe.run(document, {preload: false})).violations
    .map(found => `${found.id}: ${found.nodes.map(node => node.target.join(' ')).join('; ')}`)"""
SMALL = """() => [
    ...document.querySelectorAll('.play :is(button, select, summary, input[type=range], .play-choice label)'),
    ...document.querySelectorAll('.predict button')]
    .filter(element => element.checkVisibility())
    .filter(element => Math.min(element.offsetWidth, element.offsetHeight) < 24)
    .map(element => `${element.tagName} ${element.textContent}`)"""


def boxes():
    """{name: HTML} of every instrument, from the records."""
    laptop, data = load_records("nine-networks", "laptop"), load_data("digits")
    ceiling = sum(map(sum, (record["test"]["recalculated"] for record in laptop)))
    ceiling = round(ceiling / (9 * len(laptop) * laptop[0]["data"]["test"]), 4)
    return {
        "bells": play.bells().data,
        "sharing": play.sharing(DepthSupernet(width=8)).data,
        "bench": play.bench(ceiling).data,
        "replay": play.replay(load_records("nine-networks", "quick")).data,
        "ranking": play.ranking(laptop).data,
        "ensembling": play.ensembling(trained(depth=3), data.test.take(130), data.train.images[:200]).data,
        "whose": play.whose(trained(depth=3), data.validation, data.train.images[:200]).data,
        "nine": nine.nine().data,
        "nine-start": nine.nine("nine-start", start=True).data,
    }


def questions():
    """Two questions and what follows them, as a page holds them."""
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


def write_page(parts, path):
    """A page of its own with these parts and the scripts they need, to be opened as a file."""
    sys.path.append(str(ROOT / "book" / "_ext"))
    from play_scripts import scripts

    body = "".join(parts)
    tags = "".join(f'<script defer src="{(STATIC / "play" / name).as_uri()}.js"></script>' for name in scripts(body))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        '<!doctype html><html lang="en" data-theme="light"><meta charset="utf-8"><title>Instruments</title>'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<link rel="stylesheet" href="{(STATIC / "play" / "play.css").as_uri()}">'
        "<style>html[data-theme=dark]{--pst-color-text-base:#ced6dd;--pst-color-text-muted:#9ca4af;"
        "--pst-color-background:#14181e} body{font-family:sans-serif;max-width:820px;margin:auto;padding:8px;"
        "background:var(--pst-color-background,#fff);color:var(--pst-color-text-base)}</style>"
        "<script>if(location.search=='?dark')document.documentElement.dataset.theme='dark'</script>"
        f"{tags}<main><h1>Instruments</h1>{body}</main></html>",
        encoding="utf-8",
    )


def facts(tab, ident):
    return json.loads(tab.get_attribute(f"#{ident}", "data-facts"))


def drive_bells(tab):
    yield "1.8 %" in said(tab, "bells"), "A loses nearly everything at first"
    tab.check("#bells input[value=A]", force=True)
    yield "A keeps about half" in said(tab, "bells"), "trained on A only, half of A survives"
    tab.focus("#bells-gap")
    for _ in range(40):
        tab.keyboard.press("ArrowLeft")
    yield "B keeps about half" in said(tab, "bells"), "without a gap the paths are one, by keyboard"
    tab.wait_for_timeout(400)
    yield tab.url.endswith("#bells:train=A&gap=0"), f"the state stands in the address: {tab.url}"


def drive_sharing(tab):
    tab.click("#sharing [role=button][aria-label='block 2, layer 3']")
    yield "3 of 9 subnets" in said(tab, "sharing"), "the last layer of a block serves three"
    tab.focus("#sharing [role=button][aria-label='down']")
    tab.keyboard.press("Enter")
    yield "All 9 subnets" in said(tab, "sharing"), "down serves all, by keyboard"
    tab.check("#sharing input[value=pair]", force=True)
    layers = facts(tab, "sharing")["layers"]
    once = f"{layers['stem'][1] + layers['1.1'][1]:,}"
    yield once in said(tab, "sharing"), f"(1, 3) and (3, 1) save stem and one layer: {once}"


def drive_bench(tab):
    tab.click("#bench >> text=from the start")
    tab.click("#bench >> text=one step")
    yield "After 1 of" in said(tab, "bench"), "one step is one step"
    tab.click("#bench >> text=fast")
    tab.wait_for_timeout(600)
    tab.click("#bench >> text=pause")
    yield "After 1 of" not in said(tab, "bench"), "it plays"
    tab.focus("#bench-step")
    tab.keyboard.press("End")
    bars = tab.eval_on_selector_all(
        "#bench .play-side:nth-child(2) .play-bar-text", "all => all.map(x => x.textContent)"
    )
    found = facts(tab, "bench")
    picks = found["seeds"][0][found["samplers"][1]]
    yield (
        [int(text.split()[0]) for text in bars[:9]] == [picks.count(str(place)) for place in range(9)],
        "steps counted",
    )


def drive_replay(tab):
    run, of = facts(tab, "replay")["seeds"][0], facts(tab, "replay")["of"]
    low = f"{100 * min(run['running'][-1]) / of:.1f} %"
    yield low in said(tab, "replay"), f"the last epoch's lowest is the record's, {low}"
    tab.check("#replay input[value=recalculated]", force=True)
    high = f"{100 * max(run['recalculated'][-1]) / of:.1f} %"
    yield high in said(tab, "replay"), f"recalculated as recorded, {high}"
    tab.focus("#replay-epoch")
    tab.keyboard.press("Home")
    yield "Epoch 1," in said(tab, "replay"), "back to epoch 1, by keyboard"


def drive_ranking(tab):
    record = facts(tab, "ranking")
    truth = [sum(column) for column in zip(*record["scratch"], strict=True)]
    yield "tau" not in said(tab, "ranking"), "nothing is given away at first"
    for kind in ("parameters", "running"):
        tab.check(f"#ranking input[value={kind}]", force=True)
        scores = record[kind] if kind == "parameters" else record[kind][0]
        value = f"{kendall(scores, truth).tau:.3f}"
        yield value in said(tab, "ranking"), f"tau of {kind} is scipy's, {value}: {said(tab, 'ranking')}"
    tab.click("#ranking >> text=first order again")
    tab.focus("#ranking [aria-label='(1, 1) down']")
    tab.keyboard.press("Enter")
    tab.keyboard.press("Enter")
    names = "#ranking .play-order:not(.target) .play-rank-name"
    yield tab.text_content(f"{names} >> nth=2") == "(1, 1)", "two presses move a card two places, focus kept"
    tab.locator("#ranking .play-order >> nth=0").scroll_into_view_if_needed()
    grip = tab.query_selector(f"{names} >> nth=2").bounding_box()
    tab.mouse.move(grip["x"] + 5, grip["y"] + 5)
    tab.mouse.down()
    tab.mouse.move(grip["x"] + 5, grip["y"] + 5 + 4 * 44, steps=8)
    tab.mouse.up()
    yield tab.text_content(f"{names} >> nth=6") == "(1, 1)", "a card can be dragged"


def drive_ensembling(tab):
    yield "9 members together" in said(tab, "ensembling"), "all nine at first"
    tab.click("#ensembling .play-net >> nth=0")
    tab.focus("#ensembling .play-net >> nth=1")
    tab.keyboard.press("Space")
    yield "7 members together" in said(tab, "ensembling"), "two are taken out, one by keyboard"
    tab.wait_for_timeout(400)
    yield tab.url.endswith("members=001111111"), f"the members stand in the address: {tab.url}"


def drive_whose(tab):
    rows = facts(tab, "whose")["rows"]
    yield f"{100 * rows[0][0] / facts(tab, 'whose')['of']:.1f} %" in said(tab, "whose"), "it opens as trained"
    tab.focus("#whose tbody tr:nth-child(5) td:nth-child(2) button")  # the statistics of (2, 1)
    tab.keyboard.press("Enter")
    yield "2 get foreign" in said(tab, "whose"), "for (1, 1), down and block 2 are foreign: " + said(tab, "whose")


def drive_questions(tab):
    hidden = "document.querySelector('{}').closest('[hidden]') != null"
    yield tab.evaluate(hidden.format("#one")) and tab.evaluate(hidden.format("#two")), "what follows is folded"
    yield not tab.evaluate(hidden.format("#free")) and not tab.evaluate(hidden.format("#end")), "and no more"
    tab.click(".predict button >> text=half way")
    yield not tab.evaluate(hidden.format("#one")), "an answer unfolds"
    tab.fill(".predict input", "60 %")
    tab.keyboard.press("Enter")
    result = tab.text_content(".predict-result >> nth=1")
    yield "You said 60 %; it is 2.3 %." in result and "1 right, 0 near, 1 surprised" in result, result
    tab.reload()
    yield "1 right, 0 near, 1 surprised" in tab.text_content(".predict-result >> nth=0"), "kept after a reload"
    yield "2 so far" in tab.text_content(".predict-summary"), "the summary counts"
    tab.click(".predict-summary button")
    yield "None yet" in tab.text_content(".predict-summary"), "and forgets"


DRIVES = (
    drive_bells,
    drive_sharing,
    drive_bench,
    drive_replay,
    drive_ranking,
    drive_ensembling,
    drive_whose,
    drive_nine,
    drive_questions,
)


def look(browser, width, scheme):
    """All faults of the page in one window."""
    faults = []
    context = browser.new_context(viewport={"width": width, "height": 900}, offline=True, has_touch=width < 500)
    tab = context.new_page()
    tab.on("console", lambda m: m.type in ("error", "warning") and faults.append(f"console: {m.text}"))
    tab.on("pageerror", lambda error: faults.append(f"script: {error}"))
    tab.goto(PAGE.as_uri() + ("?dark" if scheme == "dark" else ""))
    alive = tab.eval_on_selector_all(".play-live", "all => all.map(x => x.id)")
    faults += [f"{name} is not alive" for name in NAMES if name not in alive]
    if tab.evaluate("document.documentElement.scrollWidth > innerWidth"):
        faults.append("wider than the window")
    faults += [f"small: {what}" for what in tab.evaluate(SMALL)]
    tab.evaluate(AXE.read_text(encoding="utf-8"))
    faults += [f"axe {found}" for found in tab.evaluate(AXE_FINDINGS)]
    for drive in DRIVES:
        faults += [f"{drive.__name__}: {words}" for holds, words in drive(tab) if not holds]
    tab.evaluate(AXE.read_text(encoding="utf-8"))
    faults += [f"axe, after use {found}" for found in tab.evaluate(AXE_FINDINGS)]
    context.close()
    return faults


def check(browser):
    """{fault: windows in which it shows}, of every instrument."""
    write_page([*boxes().values(), questions()], PAGE)
    found = {}
    for width in (1280, 390):
        for scheme in ("light", "dark"):
            for fault in look(browser, width, scheme):
                found.setdefault(fault, []).append(f"{width} {scheme}")
    return found


def main():
    with sync_playwright() as playwright:
        browser = launch(playwright)
        found = check(browser)
        browser.close()
    for fault, where in found.items():
        print(f"{fault} ({', '.join(where)})")
    print(f"{len(DRIVES)} instruments driven, {len(found)} faults")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
