"""A Chromium without network, for what only a browser can draw; None where there is none."""

from contextlib import contextmanager, suppress

from book._ext.head import version
from teach import ROOT
from tools.find_chromium import options

MARGINS = {"top": "16mm", "bottom": "18mm", "left": "18mm", "right": "18mm"}
FOOTER = """<div style="width:100%;margin:0 18mm;font:8px sans-serif;color:#555;display:flex">
<span style="flex:1">One-Shot NAS, Block by Block, version {version}</span><span class="pageNumber"></span></div>"""
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


def on_paper():
    """What a page's `pdf` takes for sheets that say book, version and number below."""
    footer = {"header_template": "<span></span>", "footer_template": FOOTER.format(version=version(ROOT))}
    return {"format": "A4", "margin": MARGINS, "display_header_footer": True, **footer}
