"""What a page says of itself: its version, and the rest to a search engine and to whoever shares its address."""

import tomllib
from html import escape
from pathlib import Path
from urllib.parse import urljoin

from docutils import nodes

LONGEST = 200  # characters of a description that engines show
CARD = "_static/card.png"  # 1200 x 630 pixels, the start page's picture


def description(doctree):
    """The first paragraph that says something, cut at a word."""
    for paragraph in doctree.findall(nodes.paragraph):
        text = " ".join(paragraph.astext().split())
        if len(text) >= 60:
            return text if len(text) <= LONGEST else text[:LONGEST].rsplit(" ", 1)[0].rstrip(",.;:") + " …"
    return ""


def tags(title, site, text, address, base):
    """The meta elements as HTML; the picture needs an absolute address, so it is left out where none is known."""
    pairs = [("og:type", "article"), ("og:site_name", site), ("og:title", title)]
    if text:
        pairs.append(("og:description", text))
    if base:
        pairs += [
            ("og:url", address),
            ("og:image", urljoin(base, CARD)),
            ("og:image:alt", site),
        ]
        pairs += [("twitter:card", "summary_large_image")]
    lines = [f'<meta property="{name}" content="{escape(value)}" />' for name, value in pairs]
    if text:
        lines.insert(0, f'<meta name="description" content="{escape(text)}" />')
    return "\n".join(["", *lines])


def add(app, pagename, templatename, context, doctree):
    if doctree is None:
        return
    base = app.config.html_baseurl
    address = urljoin(base, pagename + ".html") if base else ""
    title = next((node.astext() for node in doctree.findall(nodes.title)), app.config.project)
    context["metatags"] = context.get("metatags", "") + tags(
        title,
        app.config.html_title or app.config.project,
        description(doctree),
        address,
        base,
    )


def version(root):
    """The book's version, as pyproject.toml says it."""
    return tomllib.loads(Path(root, "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]


def say_version(app, config):
    """The version below every page; the theme has a place for it."""
    config.version = config.release = version(app.srcdir)
    config.html_theme_options["extra_footer"] = f"Version {config.release}"


def setup(app):
    app.connect("config-inited", say_version, priority=400)
    app.connect("html-page-context", add)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
