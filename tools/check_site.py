"""Look at every built page in a real browser, as a reader would, and list what is wrong.

Each page at two widths, light and dark: console errors, failed requests, requests to anyone but
this site, broken pictures, overflow to the side, serious findings of axe. Screenshots go to
.cache/site/. Run by `make check-site`; CHROMIUM=/path/to/it where it is not found.
"""

import functools
import http.server
import os
import shutil
import sys
import threading
from pathlib import Path
from urllib.parse import urlsplit

import axe_playwright_python
from find_chromium import options
from playwright.sync_api import Error, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "_build" / "html"
SHOTS = ROOT / ".cache" / "site"
AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js")
WIDTHS = (1280, 390)
SCHEMES = ("light", "dark")

THEMED = "() => ['light', 'dark'].includes(document.documentElement.dataset.theme)"
BROKEN = """() => [...document.images]
    .filter(image => image.complete ? !image.naturalWidth : image.loading != 'lazy')
    .map(image => image.getAttribute('src'))"""
# What reaches past the window's right edge without a scrolling box around it.
WIDE = """() => document.documentElement.scrollWidth <= innerWidth ? [] :
    [...document.querySelectorAll('body *')]
    .filter(element => element.getBoundingClientRect().right > innerWidth + 1)
    .map(element => `${element.tagName.toLowerCase()}.${element.className}`).slice(0, 5)
    .concat([`${document.documentElement.scrollWidth} px`])"""
VIOLATIONS = """async () => (await axe.run({preload: false})).violations
    .filter(found => ['serious', 'critical'].includes(found.impact))
    .map(found => `${found.id}: ${found.nodes.map(node => node.target.join(' ')).join('; ')}`)"""


def main(names):
    pages = names or sorted(str(page.relative_to(SITE)) for page in pages_of(SITE))
    if not pages:
        sys.exit("check-site: no pages in _build/html; run `make book`")
    shutil.rmtree(SHOTS, ignore_errors=True)
    server = serve(SITE)
    with sync_playwright() as playwright:
        browser = launch(playwright)
        found = {}
        for width in WIDTHS:
            for scheme in SCHEMES:
                for page in pages:
                    for fault in look(browser, server, page, width, scheme):
                        found.setdefault((page, fault), []).append(f"{width} {scheme}")
        browser.close()
    for (page, fault), where in sorted(found.items()):
        print(f"{page} ({', '.join(where)}): {fault}")
    print(f"{len(pages)} pages, {len(found)} faults; screenshots in {SHOTS.relative_to(ROOT)}")
    return bool(found)


def pages_of(site):
    return [page for page in site.rglob("*.html") if "_static" not in page.parts]


def serve(folder):
    """The address of a server for this folder, which ends with this process."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    handler = functools.partial(Quiet, directory=folder)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


def launch(playwright):
    environment = {**os.environ, "HOME": str(ROOT / ".cache" / "chromium")}  # its crash reports
    try:
        return playwright.chromium.launch(**options(), env=environment)
    except Error as error:
        reason = str(error).splitlines()[0]
        sys.exit(f"no Chromium; install it or set CHROMIUM to its path ({reason})")


def look(browser, server, page, width, scheme):
    """All faults of one page in one window."""
    faults = []
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce"
    )
    tab = context.new_page()
    tab.on("console", lambda m: m.type == "error" and faults.append(f"console: {m.text}"))
    tab.on("pageerror", lambda error: faults.append(f"script: {error}"))
    tab.on("requestfailed", lambda request: faults.append(f"failed: {request.url}"))
    tab.on("response", lambda r: r.status >= 400 and faults.append(f"{r.status}: {r.url}"))

    def only_ours(route):
        url = route.request.url
        if urlsplit(url).scheme in ("http", "https") and not url.startswith(server + "/"):
            faults.append(f"third party: {url}")
            route.abort()
        else:
            route.continue_()

    tab.route("**/*", only_ours)
    tab.goto(f"{server}/{page}", wait_until="networkidle")
    tab.wait_for_function(THEMED)  # on a busy machine the theme's script comes late
    shot = SHOTS / f"{page.removesuffix('.html').replace('/', '-')}-{width}-{scheme}.png"
    tab.screenshot(path=shot, full_page=True)
    faults += [f"broken picture: {source}" for source in tab.evaluate(BROKEN)]
    faults += [f"overflow: {what}" for what in [" ".join(tab.evaluate(WIDE))] if what]
    tab.evaluate(AXE.read_text(encoding="utf-8"))
    faults += [f"axe {found}" for found in tab.evaluate(VIOLATIONS)]
    context.close()
    return [fault.replace(server, "") for fault in faults]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
