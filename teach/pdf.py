"""The book as one PDF: its built pages in one document, printed by Chromium; links between pages become jumps.

Answers stand open, folded code keeps its title, instruments are their picture, since no script runs. Printed twice:
the first time tells on which page each chapter starts, which the contents of the second say.
"""

import posixpath
import re
from html import escape
from io import BytesIO
from pathlib import Path

from bs4 import BeautifulSoup

from book._ext.head import version
from nas.methods.files import write_atomically
from teach import ROOT
from teach.browser import MISSING, chromium, on_paper
from teach.figures import LICENCE
from tools.reading import pages

SITE = "_build/html"
DROPPED = "script, style.jupyter, button, a.headerlink, .toctree-wrapper, .prev-next-footer, .predict-summary, nav"
# Names, brackets and blanks of code have no colour; each would be an element of the PDF, two thirds of all.
UNCOLOURED = "pre span.n, pre span.p, pre span.w, pre span:not([class])"
ANSWER = re.compile(r"^(?!check).*\b(?:answer|solution)", re.IGNORECASE)  # "Check your answer" holds none
POINTING = ("for", "aria-labelledby", "aria-describedby", "headers")  # attributes that name an id of their page
PATIENCE = 600_000  # milliseconds for the whole book to load: half a minute is too short on a busy computer
HTML = """<!DOCTYPE html>
<html lang="en" data-theme="light" data-mode="light"><head><meta charset="utf-8">
<title>One-Shot NAS, Block by Block</title>
{styles}</head><body class="book-pdf"><div class="cover"><h1>One-Shot NAS, Block by Block</h1>
<p>Version {version}. Text and figures {licence}; code under the MIT licence.</p></div>
<div class="contents" role="navigation"><h2>Contents</h2>{contents}</div>
<main class="bd-main"><div class="bd-content"><div class="bd-article-container">{body}</div></div></main></body></html>
"""


def make(out, root=ROOT):
    """Write book.pdf below `out`. FileNotFoundError without the built pages; nothing, said, without Chromium."""
    site = Path(root, SITE)
    if not Path(site, "index.html").exists():
        raise FileNotFoundError(f"no pages in {site}: run `make book` first")
    parts = [(part, [page for page in names if Path(site, f"{page}.html").exists()]) for part, names in pages(root)]
    names = [page for _, part in parts for page in part]
    whole = {page: BeautifulSoup(Path(site, f"{page}.html").read_bytes(), "html.parser") for page in names}
    styles = styles_of(whole)
    soups = {page: article(soup, page, names) for page, soup in whole.items()}
    with chromium() as browser:
        if not browser:
            print(f"pdf: none, {MISSING}")
            return []
        numbers = starts(printed(browser, site, document(parts, soups, styles, {}), tagged=False))
        content = printed(browser, site, document(parts, soups, styles, numbers))
    if starts(content) != numbers:
        raise ValueError("the contents' page numbers moved the pages; give them room in book.css (.contents)")
    return [write_atomically(Path(out, "book.pdf"), content)]


def styles_of(soups):
    """The style sheets of all pages, from the site's folder, the book's own last."""
    links = [(page, link["href"]) for page, soup in soups.items() for link in soup.select("link[rel=stylesheet]")]
    found = dict.fromkeys(posixpath.normpath(posixpath.join(posixpath.dirname(page), href)) for page, href in links)
    return sorted(found, key=lambda path: "/book.css" in path)


def article(soup, page, names):
    """A built page's text: its ids made the book's, its links to other pages made jumps."""
    soup = soup.select_one("article.bd-article")
    for node in soup.select(DROPPED):
        node.decompose()
    for fold in soup.select("details"):
        folded_code = "hide" in fold.get("class", [])
        if not folded_code or ANSWER.search(fold.summary.get_text().strip()):
            fold["open"] = ""
    for node in soup.select(UNCOLOURED):
        node.unwrap()
    for node in soup.find_all(True):
        rename(node, page, names)
    soup["id"] = page
    return soup


def rename(node, page, names):
    """One element's ids, and what points to an id or to another page."""
    node.attrs.pop("data-facts", None)
    if "id" in node.attrs:
        node["id"] = f"{page}--{node['id']}"
    for name in POINTING:
        if name in node.attrs:
            node[name] = " ".join(f"{page}--{ident}" for ident in str(node[name]).split())
    for name, value in node.attrs.items():
        if isinstance(value, str) and "url(#" in value:
            node[name] = value.replace("url(#", f"url(#{page}--")
    for name in ("href", "xlink:href"):
        if name in node.attrs and (target := led_to(node[name], page, names)):
            node[name] = target
        elif name in node.attrs:
            del node[name]
    if "src" in node.attrs and not re.match(r"[a-z]+:", node["src"]):
        node["src"] = posixpath.normpath(posixpath.join(posixpath.dirname(page), node["src"]))


def led_to(address, page, names):
    """Where a link leads in the one document: an address elsewhere, an id, or nothing for a file that is not in it."""
    if re.match(r"[a-z]+:", address):
        return address
    path, _, ident = address.partition("#")
    name = posixpath.normpath(posixpath.join(posixpath.dirname(page), path)).removesuffix(".html") if path else page
    if name not in names:
        return ""
    return f"#{name}--{ident}" if ident else f"#{name}"


def document(parts, soups, styles, numbers):
    """The whole book as HTML. styles: addresses. numbers: {page: where it starts}, as far as known."""
    styles = "".join(f'<link rel="stylesheet" href="{path}">' for path in styles)
    lines = []
    for part, names in parts:
        lines += [f'<p class="contents-part">{escape(part)}</p>'] if part and names else []
        lines += [line(page, soups[page].select_one("h1").get_text(" ", strip=True), numbers) for page in names]
    body = "".join(str(soup) for soup in soups.values())
    return HTML.format(styles=styles, version=version(ROOT), licence=LICENCE, contents="".join(lines), body=body)


def line(page, title, numbers):
    return (
        f'<p class="contents-line"><a href="#{page}">{escape(title)}</a><span class="contents-dots"></span>'
        f"<span>{numbers.get(page, '000')}</span></p>"
    )


def printed(browser, site, text, tagged=True):
    """The PDF of a document whose addresses start at the site's folder.

    tagged: with its structure for screen readers, and an outline, which take most of the time.
    """
    place = write_atomically(Path(site, ".book.html"), text)
    tab = browser.new_page()
    try:
        tab.goto(place.resolve().as_uri(), timeout=PATIENCE)
        tab.evaluate("document.fonts.ready")
        return tab.pdf(
            **on_paper(),
            print_background=True,
            scale=0.85,  # text of 10 points
            outline=tagged,
            tagged=tagged,
        )
    finally:
        tab.close()
        place.unlink()


def starts(content):
    """{page: number of the first page of paper} of each page of the book, as the jumps of a PDF say."""
    from pypdf import PdfReader

    reader = PdfReader(BytesIO(content))
    jumps = reader.named_destinations.items()
    return {
        name.removeprefix("/"): reader.get_destination_page_number(jump) + 1 for name, jump in jumps if "--" not in name
    }
