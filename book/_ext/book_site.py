"""What the pages need beyond jupyter-book's settings: a Colab button, less to load."""

import os
import re
import subprocess
from pathlib import Path

COLAB = "https://colab.research.google.com"
GITHUB = re.compile(r"github\.com[:/]+([\w.-]+)/([\w.-]+?)(?:\.git)?/?$")
# 1.5 MB of drawn icons on every page; the theme's web font has the same ones.
DRAWN_ICONS = re.compile(
    r"\s*<(?:script|link)[^>]*/scripts/fontawesome\.js[^>]*>(?:</script>)?"
)


def repository_url(folder):
    """This checkout's GitHub page, by BOOK_REPOSITORY_URL or the git remote, or ""."""
    url = os.environ.get("BOOK_REPOSITORY_URL")
    if url is None:
        command = ["git", "-C", str(folder), "remote", "get-url", "origin"]
        try:
            url = subprocess.run(
                command, capture_output=True, text=True, check=False
            ).stdout
        except OSError:  # no git here
            url = ""
    found = GITHUB.search(url.strip())
    return f"https://github.com/{found[1]}/{found[2]}" if found else ""


def set_repository(app, config):
    """Switch the Colab button on where the repository is known, and only there."""
    options = config.html_theme_options
    url = options["repository_url"] = options.get("repository_url") or repository_url(
        app.srcdir
    )
    buttons = options.get("launch_buttons") or {}
    options["launch_buttons"] = {**buttons, "colab_url": COLAB if url else ""}


def drop_drawn_icons(app, error):
    if error or app.builder.format != "html":
        return
    for page in Path(app.outdir).rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        if DRAWN_ICONS.search(text):
            page.write_text(DRAWN_ICONS.sub("", text), encoding="utf-8")
    for file in Path(app.outdir, "_static").rglob("fontawesome.js*"):
        file.unlink()


def setup(app):
    app.connect("config-inited", set_repository, priority=400)
    app.connect("build-finished", drop_drawn_icons)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
