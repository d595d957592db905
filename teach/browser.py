"""A Chromium without network, for what only a browser can draw; None where there is none."""

from contextlib import contextmanager, suppress

from tools.find_chromium import options

MISSING = "no Chromium found: install it, or set CHROMIUM to its path"


@contextmanager
def chromium():
    """A browser of playwright's, which loads files and nothing else, or None without one or without playwright."""
    try:
        from playwright.sync_api import Error, sync_playwright
    except ModuleNotFoundError:
        yield None
        return
    asked = options()
    asked["args"] = ["--disable-background-networking", *asked["args"]]
    with sync_playwright() as playwright:
        browser = None
        with suppress(Error):
            browser = playwright.chromium.launch(**asked)
        yield browser
        if browser:
            browser.close()
