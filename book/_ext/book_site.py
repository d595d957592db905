"""What the pages need beyond jupyter-book's settings: their address, Colab, parts that fold, less to load."""

import os
import re
import shutil
import subprocess
import sys
from itertools import chain
from pathlib import Path

import nbformat
from bs4 import BeautifulSoup

sys.path.append(str(Path(__file__).resolve().parents[2] / "tools"))
import colab
import reading

COLAB = "https://colab.research.google.com"
GITHUB = re.compile(r"github\.com[:/]+([\w.-]+)/([\w.-]+?)(?:\.git)?/?$")
NAVIGATION = re.compile(r'<nav class="bd-links.*?</nav>', re.DOTALL)
# 1.5 MB of drawn icons on every page (the theme's font has the same ones), and what only the page of results reads.
DRAWN_ICONS = r"\s*<(?:script|link)[^>]*/scripts/fontawesome\.js[^>]*>(?:</script>)?"
SEARCH = r'\s*<script src="[^"]*(?:searchtools|language_data|searchindex)\.js[^>]*></script>'
TWICE = r'<meta name="viewport" [^>]*>(?=.*<meta name="viewport")'
# The icons that pages use are in icons.woff2 and github.woff2; the theme's texts in other languages are for building.
UNUSED = ("fontawesome.js*", "*.map", "fa-*.ttf", "fa-*.woff2", "locales", "*webpack-macros.html")
DATAFRAME = re.compile(r'<table[^>]*class="dataframe[^"]*".*?</table>', re.DOTALL)
BRACKETS = re.compile(r" ([(\[].+?[)\]]|p [=<] [\d.]+|(?<=\d )(?:to|±) \S+)(?=[ ,:]|$)")
THOUSANDS = re.compile(r"^(\d{4,})(\.\d+)?$")
MARKUP = re.compile(r"(<(pre|script|style|title)\b.*?</\2>|<[^>]+>)", re.DOTALL)
TOGETHER = re.compile(  # "95 %", "± 0.2", "A 0.33", "p = 0.03", "(1, 3)", "[0.1, 0.3]"
    r"(?<=\d) (?=%)|(?<=±) (?=\d)|(?<=\b[A-Z]) (?=\d\.\d)|(?<=\b[A-Za-z]) (?=(?:=|&lt;) \d)"
    r"|(?<=\b[A-Za-z] =) (?=\d)|(?<=\b[A-Za-z] &lt;) (?=\d)|(?<=\d,) (?=[+-]?[\d.]+[)\]])"
)
OPTION = re.compile(r'<span class="pre">(?=--?[\w-]{1,24}</span>)')
FIXED = "\N{NO-BREAK SPACE}"
TABLE_BOX = '<div class="pst-scrollable-table-container"'


def git(folder, *command):
    """What git says in a folder, or "" where there is no git."""
    try:
        return subprocess.run(["git", "-C", str(folder), *command], capture_output=True, text=True, check=False).stdout
    except OSError:
        return ""


def repository_url(folder):
    """This checkout's GitHub page, by BOOK_REPOSITORY_URL or the git remote, or ""."""
    url = os.environ.get("BOOK_REPOSITORY_URL")
    found = GITHUB.search((git(folder, "remote", "get-url", "origin") if url is None else url).strip())
    return f"https://github.com/{found[1]}/{found[2]}" if found else ""


def set_repository(app, config):
    """Switch on what needs a repository where it is known, and only there: Colab, source, issues, edits, addresses."""
    options = config.html_theme_options
    url = options["repository_url"] = options.get("repository_url") or repository_url(app.srcdir)
    options["launch_buttons"] = {**(options.get("launch_buttons") or {}), "colab_url": COLAB if url else ""}
    for button in ("repository", "issues", "edit_page"):
        options[f"use_{button}_button"] = bool(url)
    owner, _, name = url.removeprefix("https://github.com/").partition("/")
    config.html_baseurl = os.environ.get("BOOK_URL") or (f"https://{owner.lower()}.github.io/{name}/" if url else "")


def fold_parts(navigation, name, minutes):
    """The book's contents with a fold a part, open where the reader is, and behind a page the minutes that it takes.

    name: of the page itself, to which its own entry links as "#". minutes: {a page's name: how many}.
    """
    soup = BeautifulSoup(navigation, "html.parser")
    for entry in soup.select("a.internal"):
        page = name if entry["href"] == "#" else entry["href"].rsplit("/", 1)[-1]
        if page in minutes:
            label = soup.new_tag("span", attrs={"class": "minutes"})
            label.string = f"{minutes[page]} min"
            entry.extend([" ", label])
    for caption in soup.select("p.caption"):
        chapters = caption.find_next_sibling("ul")
        fold = soup.new_tag("details", attrs={"class": "book-part"})
        if "current" in chapters.get("class", []):
            fold["open"] = ""
        summary = soup.new_tag("summary")
        summary.string = caption.get_text()
        caption.replace_with(fold)
        fold.extend([summary, chapters.extract()])
    return str(soup)


def words_left(table):
    """A table of a cell in which the columns of words are marked: figures stand right, words left."""
    soup = one_head(BeautifulSoup(table, "html.parser"))
    rows = [row.find_all("td") for row in soup.select("tbody tr")]
    heads = [row.find_all("th") for row in soup.select("thead tr")]
    for place in range(min(map(len, rows), default=0)):
        column = [row[place] for row in rows]
        texts = [text for cell in column if (text := cell.get_text(strip=True))]
        if 2 * sum(text[0].isalpha() for text in texts) > len(texts):
            for cell in [*column, *(row[place - len(rows[0])] for row in heads if len(row) >= len(rows[0]))]:
                cell["class"] = "words"
    names = soup.select("tbody th")
    if max((len(name.get_text(strip=True)) for name in names), default=0) > 8:  # a number needs no room to break
        for name in names:
            name["class"] = "words"
    return str(fitted(soup))


def one_head(soup):
    """A table whose rows' name stands in the corner: pandas gives it a line of its own, which is empty but for it."""
    *_, heads, line = [[], [], *(row.find_all("th") for row in soup.select("thead tr"))]
    names = [name for name in line if name.get_text(strip=True)]
    corner = heads[: len(names)]
    if corner and names == line[: len(names)] and not any(head.get_text(strip=True) for head in corner):
        for head, name in zip(corner, names, strict=True):
            head.string = name.get_text(strip=True)
        line[0].parent.decompose()
    return soup


def fitted(soup):
    """A table whose long cells may break on a telephone: before brackets, "to" and "±", and nowhere else.

    Of "57.1 (28.0 to 83.4)" the brackets then stand below. In a head or a row's name no number stands alone: neither
    that of "block 1" nor that of "9 networks".
    """
    for cell in soup.select("tbody td"):
        if cell.string and BRACKETS.search(cell.string) and not cell.get("class"):
            cell["class"] = "parted"
            cell.string = BRACKETS.sub(lambda found: f" {found[1].replace(' ', FIXED)}", cell.string)
        elif cell.string:
            cell.string = THOUSANDS.sub(lambda found: f"{int(found[1]):,}{found[2] or ''}", cell.string)
    for head in soup.select("th"):
        if head.string:
            head.string = re.sub(r" (?=\d+$)|(?<=\d) (?=[a-z])", FIXED, head.string)
    return soup


def kept_together(text):
    """A page in whose sentences no line ends between a number and its unit or its sign."""
    parts = MARKUP.split(text)  # what lies between tags, a tag or code, its name, and again
    texts, tags = (TOGETHER.sub(FIXED, text) for text in parts[::3]), [*parts[1::3], ""]
    return "".join(chain(*zip(texts, tags, strict=True)))


def lean(text, name, minutes):
    """A page with its parts folded, its title once, and without what it does not use."""
    for needless in (DRAWN_ICONS, TWICE, *([] if name == "search.html" else [SEARCH])):
        text = re.sub(needless, "", text, flags=re.DOTALL)
    text = text.replace(f"{TABLE_BOX}>", f'{TABLE_BOX} tabindex="0">')  # what scrolls must take the focus
    text = DATAFRAME.sub(lambda found: words_left(found[0]), text)
    text = kept_together(text)
    text = OPTION.sub('<span class="pre option">', text)  # "-m": no line ends after its dash
    text = re.sub(r"<title>(.*?) &#8212; \1</title>", r"<title>\1</title>", text)
    text = re.sub(r"(https://github\.com/[\w.-]+/[\w.-]+/edit)/colab/", r"\1/main/", text)
    return NAVIGATION.sub(lambda found: fold_parts(found[0], name, minutes), text)


def finish(app, error):
    """Rewrite the pages and drop what none of them loads; a notebook to download is the one that runs by itself."""
    if error or app.builder.format != "html":
        return
    out = Path(app.outdir)
    pages = {page: book for _, books in reading.parts(app.srcdir) for page, book in books.items()}
    minutes = {f"{Path(page).stem}.html": reading.minutes(book)[0] for page, book in pages.items()}
    for page in out.rglob("*.html"):
        page.write_text(lean(page.read_text(encoding="utf-8"), page.name, minutes), encoding="utf-8")
    static = out / "_static"
    for pattern in UNUSED:
        for file in static.rglob(pattern):
            shutil.rmtree(file) if file.is_dir() else file.unlink()
    url, commit = app.config.html_theme_options["repository_url"], git(app.srcdir, "rev-parse", "HEAD").strip()
    for book in out.glob("_sources/book/*.ipynb") if url and commit else ():
        copy = colab.rewrite(nbformat.read(book, as_version=4), url, commit)
        book.write_text(nbformat.writes(copy), encoding="utf-8")


def setup(app):
    app.connect("config-inited", set_repository, priority=400)
    app.connect("build-finished", finish)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
