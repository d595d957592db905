"""The book on a USB stick: one zip with the pages, and the repository that runs, to be opened without network.

Two calls over the same files make the same bytes.
"""

import os
import re
from html import escape
from pathlib import Path

from book._ext.head import version
from teach import ROOT
from teach.archive import write_zip

LIMIT = 40_000_000  # bytes: what a room's network and a learning platform's upload bear
SITE = "_build/html"
CODE = ("book", "nas", "results", "study", "teach", "tests", "tools")
FILES = ("*.md", "*.py", "*.toml", "*.txt", "*.cff", "*.yml", "LICENSE", "Makefile")  # at the top
ALSO = {  # what other products leave below `out`, if they were made
    "slides": "the slides",
    "student": "the student copies",
    "book.pdf": "the book as one PDF",
}
UNWANTED = re.compile(r"(^|/)(\.|__pycache__|.*\.egg-info)")  # hidden, or made by running things
FETCHED = re.compile(
    r"""<(?:script|img|iframe|source)[^>]*\ssrc=["']?https?:|<link[^>]*rel=["']?stylesheet[^>]*https?:"""
)
INDEX = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>One-Shot NAS, Block by Block</title>
<style>:root {{ color-scheme: light dark }}
body {{ font: 18px/1.6 system-ui, sans-serif; max-width: 44rem; margin: 3rem auto; padding: 0 1rem }}
</style></head><body>
<h1>One-Shot NAS, Block by Block</h1>
<p>Version {version}. Nothing here needs a network.</p>
<ul>{links}</ul>
<h2>Run it</h2>
<p>The chapters are notebooks in <code>repository/book</code>, their records and weights in
<code>repository/results</code>. In <code>repository</code>, with Python 3.11 to 3.13, and once with a network:</p>
<pre>python -m venv .venv
. .venv/bin/activate                # Windows: .venv\\Scripts\\activate
pip install -r requirements.txt
pip install -e .
python -m teach.selftest            # a minute; says ok
jupyter lab book</pre>
<p>Without one: the folder that <code>make wheels</code> makes has the packages and the lines for each system.</p>
</body></html>
"""


def make(out, root=ROOT, limit=LIMIT):
    """Write bundle.zip below `out`. FileNotFoundError without the built pages; ValueError above `limit` bytes."""
    if not Path(root, SITE, "index.html").exists():
        raise FileNotFoundError(f"no pages in {Path(root, SITE)}: run `make book` first")
    files = {f"repository/{name}": path for name, path in repository(root).items()}
    files |= under(Path(root, SITE), "pages")
    links = {"pages/index.html": "The book's pages"}
    for name, told in ALSO.items():
        files |= under(Path(out, name), name)
        if start := entrance(Path(out, name), name):
            links[start] = told[0].upper() + told[1:]
    refuse_the_network(files)
    items = "".join(f'<li><a href="{start}">{escape(told)}</a></li>' for start, told in links.items())
    start = INDEX.format(version=version(root), links=items)
    path = write_zip(Path(out, "bundle.zip"), files | led_to_pages(files, out, root) | {"index.html": start})
    if path.stat().st_size > limit:
        path.unlink()
        largest = sorted(files, key=lambda name: -files[name].stat().st_size)[:5]
        raise ValueError(f"the bundle is larger than {limit:,} bytes; leave out or shrink one of {', '.join(largest)}")
    return [path]


def repository(root):
    """{name: path} of what the repository holds, without what is made by running things."""
    found = {path.name: path for pattern in FILES for path in sorted(Path(root).glob(pattern))}
    for folder in CODE:
        found |= under(Path(root, folder), folder)
    return found


def under(place, name):
    """{name inside the zip: path} of the files of a folder, or of one file; empty where there is neither."""
    if place.is_file():
        return {name: place}
    paths = sorted(path for path in place.rglob("*") if path.is_file())
    found = {f"{name}/{path.relative_to(place).as_posix()}": path for path in paths}
    return {inside: path for inside, path in found.items() if not UNWANTED.search(inside)}


def led_to_pages(files, out, root):
    """{name: text} of the decks, whose links to chapters lead to the pages inside the zip."""
    built = Path(os.path.relpath(Path(root, SITE, "book").resolve(), Path(out, "slides").resolve())).as_posix()
    decks = {name: path for name, path in files.items() if re.fullmatch(r"slides/[^/]+\.html", name)}
    return {
        name: path.read_text(encoding="utf-8").replace(f"{built}/", "../pages/book/") for name, path in decks.items()
    }


def entrance(place, name):
    """What a link in the index leads to: a folder's own index if it has one; nothing if there is no such product."""
    if place.is_dir():
        return f"{name}/index.html" if Path(place, "index.html").exists() else f"{name}/"
    return name if place.exists() else ""


def refuse_the_network(files):
    """ValueError if a page would fetch a script, a style or a picture from elsewhere."""
    for name, path in files.items():
        if name.endswith(".html") and (found := FETCHED.search(path.read_text(encoding="utf-8"))):
            raise ValueError(f"{name} would fetch from the network: {found[0][:120]}")
