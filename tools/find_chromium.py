"""Where Chromium is and how to start it: for the checks of pages, and for what lecturers get."""

import os
import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")


def options():
    """What playwright's `chromium.launch` takes: CHROMIUM's path, else the first found, else playwright's own."""
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    # A container's root cannot have Chromium's sandbox; the pages are our own. Windows has no such number.
    unsafe = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    return {"executable_path": path, "args": unsafe}
