"""Drive every instrument in a real browser, from a file and without network, and list what is wrong.

Mouse, finger and keyboard; figures against records and module; links to a state; findings of axe, console errors,
targets below 24 pixels, at two widths, light and dark. Then each page of the built book, for instruments that do not
start. Part of `make check-site`; CHROMIUM=/path/to/it where it is not found.
"""

import re
import sys
import time

import drive_instruments as drives
from check_site import AXE, ROOT, SITE, launch, pages_of
from drive_nine import drive_nine
from drive_questions import drive_questions, questions
from playwright.sync_api import Error, sync_playwright

from kit import nine, play
from nas import DepthSupernet, load_data, trained
from study.analysis.batch_means import load_batch_means
from study.analysis.tables import top1
from study.records import load_records

NAMES = ("bells", "sharing", "bench", "knobs", "replay", "ranking", "members", "whose", "nine", "nine-start")
PAGE = ROOT / ".cache" / "play.html"
STATIC = ROOT / "book" / "_static"
AXE_FINDINGS = """async () => (await axe.run(document, {preload: false})).violations
    .map(found => `${found.id}: ${found.nodes.map(node => node.target.join(' ')).join('; ')}`)"""
NEEDED = re.compile(r'data-play=|class="predict[" -]')
ASLEEP = """() => [
    ...document.querySelectorAll('[data-play]:not(.play-live), .predict:not(.predict-live)')]
    .map(element => element.id || element.textContent.trim().slice(0, 60))"""
SMALL = """() => [
    ...document.querySelectorAll('.play :is(button, select, summary, input[type=range], .play-choice label)'),
    ...document.querySelectorAll('.predict button')]
    .filter(element => element.checkVisibility())
    .filter(element => Math.min(element.offsetWidth, element.offsetHeight) < 24)
    .map(element => `${element.tagName} ${element.textContent}`)"""


# The words of a drawing that a reader would see with less than 11 pixels.
TINY = """() => [
    ...document.querySelectorAll('.play svg text')].filter(text => text.checkVisibility() && text.textContent)
    .map(text => [text, text.ownerSVGElement])
    .map(([text, svg]) => [text, svg.getBoundingClientRect().width / svg.viewBox.baseVal.width])
    .map(([text, scale]) => [text, scale * parseFloat(getComputedStyle(text).fontSize)])
    .filter(([, size]) => size < 11)
    .map(([text, size]) => `${text.closest('.play').id}: ${text.textContent}, ${size.toFixed(1)} px`)"""


def boxes():
    """{name: HTML} of every instrument, from the records."""
    laptop, data = load_records("nine-networks", "laptop"), load_data("digits")
    real = top1(laptop, "recalculated", "training").mean().to_dict()
    knobs = ["epsilon-greedy", "discount 0.99", "epsilon 0.5"]
    return {
        "bells": play.bells().data,
        "sharing": play.sharing(DepthSupernet(width=8)).data,
        "bench": play.bench(0.98).data,
        "knobs": play.bench(0.98, knobs, 1287, seeds=1, real=real, ident="knobs").data,
        "replay": play.replay(load_records("nine-networks", "quick"), load_batch_means()).data,
        "ranking": play.ranking(laptop).data,
        "ensembling": play.ensembling(trained(depth=3), data.test.take(130), data.train.images[:200]).data,
        "whose": play.whose(trained(depth=3), data.validation, data.train.images[:200]).data,
        "nine": nine.nine().data,
        "nine-start": nine.nine("nine-start", start=True).data,
    }


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
        "--pst-color-background:#14181e} [hidden]{display:none!important} "  # as the theme has it
        "body{font-family:sans-serif;max-width:820px;margin:auto;padding:8px;"
        "background:var(--pst-color-background,#fff);color:var(--pst-color-text-base)}</style>"
        "<script>if(location.search=='?dark')document.documentElement.dataset.theme='dark'</script>"
        f"{tags}<main><h1>Instruments</h1>{body}</main></html>",
        encoding="utf-8",
    )


DRIVES = (
    drives.drive_bells,
    drives.drive_sharing,
    drives.drive_bench,
    drives.drive_knobs,
    drives.drive_replay,
    drives.drive_ranking,
    drives.drive_ensembling,
    drives.drive_whose,
    drives.drive_print,
    drive_nine,
    drive_questions,
)


def opened(browser, address, width, faults):
    """A window without network, which writes into `faults` what its console and its scripts complain of."""
    context = browser.new_context(viewport={"width": width, "height": 900}, offline=True, has_touch=width < 500)
    context.set_default_timeout(10_000)
    tab = context.new_page()
    tab.on("console", lambda m: m.type in ("error", "warning") and faults.append(f"console: {m.text}"))
    tab.on("pageerror", lambda error: faults.append(f"script: {error}"))
    tab.goto(address, timeout=60_000)  # a busy machine takes its time
    return tab


def look(browser, width, scheme):
    """All faults of the instruments in one window."""
    faults = []
    tab = opened(browser, PAGE.as_uri() + ("?dark" if scheme == "dark" else ""), width, faults)
    alive = tab.eval_on_selector_all(".play-live", "all => all.map(x => x.id)")
    faults += [f"{name} is not alive" for name in NAMES if name not in alive]
    for narrow in (320, width):
        tab.set_viewport_size({"width": narrow, "height": 900})
        if tab.evaluate("document.documentElement.scrollWidth > innerWidth"):
            faults.append(f"wider than the window of {narrow} pixels")
    faults += [f"small: {what}" for what in tab.evaluate(SMALL)]
    faults += [f"tiny words: {what}" for what in tab.evaluate(TINY)]
    tab.evaluate(AXE.read_text(encoding="utf-8"))
    faults += [f"axe {found}" for found in tab.evaluate(AXE_FINDINGS)]
    for drive in DRIVES:
        faults += [f"{drive.__name__}: {words}" for words in failed(drive, tab)]
    tab.evaluate(AXE.read_text(encoding="utf-8"))
    faults += [f"axe, after use {found}" for found in tab.evaluate(AXE_FINDINGS)]
    tab.context.close()
    return faults


def unnamed(browser):
    """The instruments that have no title in sight where scripts are off."""
    tab = browser.new_context(java_script_enabled=False).new_page()
    tab.goto(PAGE.as_uri())
    titles = tab.eval_on_selector_all(
        "[data-play]", "all => all.map(x => [x.id, x.dataset.title, getComputedStyle(x, '::before').content])"
    )
    tab.context.close()
    return [ident for ident, title, shown in titles if shown != f'"{title}"']


def failed(drive, tab):
    """What does not hold of all that a drive looks at; it ends where the page does not let it go on."""
    try:
        yield from (words for holds, words in drive(tab) if not holds)
    except Error as error:
        yield f"it stopped: {' '.join(str(error).split())[:200]}"


def look_at_book(browser):
    """(pages with instruments or questions, {fault: [page]}): what does not start in the built book, from its files."""
    pages = [page for page in pages_of(SITE) if NEEDED.search(page.read_text(encoding="utf-8"))]
    found = {}
    for page in pages:
        faults = []
        tab = opened(browser, page.as_uri(), 1280, faults)
        faults += [f"does not start: {what}" for what in tab.evaluate(ASLEEP)]
        tab.context.close()
        for fault in faults:
            found.setdefault(fault, []).append(page.name)
    return pages, found


def main():
    write_page([*boxes().values(), questions()], PAGE)
    found = {}
    with sync_playwright() as playwright:
        browser = launch(playwright)
        for width in (1280, 390):
            for scheme in ("light", "dark"):
                start = time.perf_counter()
                for fault in look(browser, width, scheme):
                    found.setdefault(fault, []).append(f"{width} {scheme}")
                print(f"{width} {scheme}: {len(DRIVES)} drives in {time.perf_counter() - start:.0f} s")
        found |= {f"without script {name} has no title": ["1280 light"] for name in unnamed(browser)}
        pages, asleep = look_at_book(browser)
        browser.close()
    for fault, where in (found | asleep).items():
        print(f"{fault} ({', '.join(where)})")
    print(f"{len(NAMES)} instruments driven, {len(pages)} pages started, {len(found | asleep)} faults")
    return bool(found or asleep)


if __name__ == "__main__":
    sys.exit(main())
