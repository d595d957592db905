"""Laws of the bundle: the same bytes twice, a size that a room bears, an index that leads to what is there."""

import os
import re
import zipfile
from pathlib import Path

import pytest

from nas.methods.files import write_atomically
from teach import bundle

PAGE = '<html><script src="_static/a.js"></script><a href="https://example.org">elsewhere</a></html>'


@pytest.fixture
def root(tmp_path):
    """A small repository with its pages built."""
    for name, text in {
        "_build/html/index.html": PAGE,
        "_build/html/_static/a.js": "1",
        "_build/html/.buildinfo": "made",
        "book/01.ipynb": "{}",
        "nas/__init__.py": "",
        "nas/__pycache__/a.pyc": "made",
        "results/quick/weights/a.pt": "weights",
        "results/.parts/a": "made",
        "pyproject.toml": '[project]\nversion = "1.2.3"\n',
        "README.md": "read",
    }.items():
        write_atomically(Path(tmp_path, "here", name), text)
    return Path(tmp_path, "here")


def names(path):
    with zipfile.ZipFile(path) as opened:
        return opened.namelist()


def test_it_holds_pages_notebooks_records_and_weights_and_nothing_made(root, tmp_path):
    (made,) = bundle.make(tmp_path / "out", root)
    assert names(made) == sorted(names(made))
    assert set(names(made)) == {
        "index.html",
        "pages/index.html",
        "pages/_static/a.js",
        "repository/README.md",
        "repository/book/01.ipynb",
        "repository/nas/__init__.py",
        "repository/pyproject.toml",
        "repository/results/quick/weights/a.pt",
    }


def test_a_deck_leads_to_the_pages_inside(root, tmp_path):
    write_atomically(root / "_build/html/book/06.html", PAGE)
    slides = root / "build" / "kit" / "slides"
    led = '<a href="{}/06.html#ranking:">Chapter 6</a><a href="2_supernet.html">next</a>'
    write_atomically(slides / "1_why.html", led.format("../../../_build/html/book"))
    (made,) = bundle.make(slides.parent, root)
    with zipfile.ZipFile(made) as opened:
        assert opened.read("slides/1_why.html").decode() == led.format("../pages/book")


def test_two_makes_are_equal_to_the_byte(root, tmp_path):
    (first,) = bundle.make(tmp_path / "one", root)
    for path in root.rglob("*"):
        os.utime(path, (1, 1))  # other times, the same files
    (second,) = bundle.make(tmp_path / "two", root)
    assert first.read_bytes() == second.read_bytes()
    write_atomically(root / "README.md", "read on")
    assert first.read_bytes() != bundle.make(tmp_path / "two", root)[0].read_bytes()


def test_the_index_leads_to_what_is_there(root, tmp_path):
    out = tmp_path / "out"
    write_atomically(out / "slides" / "index.html", "slides")
    write_atomically(out / "student" / "01.ipynb", "{}")
    (made,) = bundle.make(out, root)
    with zipfile.ZipFile(made) as opened:
        page = opened.read("index.html").decode()
    links = re.findall(r'href="([^"]+)"', page)
    assert links == ["pages/index.html", "slides/index.html", "student/"]
    assert all(any(name.startswith(link) for name in names(made)) for link in links)
    assert "Version 1.2.3" in page and "http" not in page


def test_what_is_too_large_is_refused_with_the_largest_files(root, tmp_path):
    (root / "results" / "large.bin").write_bytes(os.urandom(50_000))
    assert bundle.make(tmp_path, root, limit=100_000)
    with pytest.raises(
        ValueError, match=r"larger than 40,000 bytes; leave out or shrink one of repository/results/large"
    ):
        bundle.make(tmp_path, root, limit=40_000)
    assert not Path(tmp_path, "bundle.zip").exists()
    assert bundle.LIMIT == 40_000_000


@pytest.mark.parametrize(
    "fetched", ['<script defer src="https://a.org/x.js">', '<link rel="stylesheet" href="http://a/b">']
)
def test_a_page_that_needs_a_network_is_refused(root, tmp_path, fetched):
    write_atomically(root / "_build" / "html" / "x.html", f"<html>{fetched}</html>")
    with pytest.raises(ValueError, match=r"pages/x\.html would fetch"):
        bundle.make(tmp_path, root)


def test_without_pages_it_says_what_to_do(tmp_path):
    with pytest.raises(FileNotFoundError, match="make book"):
        bundle.make(tmp_path, tmp_path)
