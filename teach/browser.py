"""A Chromium without network, for what only a browser can draw; None where there is none."""

import os
import shutil
from contextlib import contextmanager, suppress

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
MISSING = "no Chromium found: install it, or set CHROMIUM to its path"


@contextmanager
def chromium():
    """A browser of playwright's, which loads files and nothing else, or None without one or without playwright."""
    try:
        from playwright.sync_api import Error, sync_playwright
    except ModuleNotFoundError:
        yield None
        return
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    # A container's root cannot have Chromium's sandbox; the pages are our own.
    unsafe = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = None
        with suppress(Error):
            browser = playwright.chromium.launch(
                executable_path=path, args=["--disable-background-networking", *unsafe]
            )
        yield browser
        if browser:
            browser.close()
