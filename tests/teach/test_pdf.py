"""Laws of the PDF: links between pages become jumps, answers stand open, the contents name the page of each chapter."""

from io import BytesIO
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from nas.methods.files import write_atomically
from teach import pdf
from teach.browser import chromium

NAMES = ["book/index", "book/a", "book/b"]
PAGE = """<html><head><link rel="stylesheet" href="../_static/{style}.css"></head><body><nav>parts</nav>
<article class="bd-article"><h1>{name}<a class="headerlink" href="#x">#</a></h1>
<p id="x"><a href="b.html#x">there</a> <a href="#x">here</a> <a href="../_sources/a.ipynb">file</a>
<a href="https://example.org">out</a> <a href="index.html">start</a></p>
<details class="hide"><summary>Draw it <span>code</span></summary><pre><span class="n">a</span></pre></details>
<details class="hide"><summary>Check your answer</summary>c</details>
<details class="hide"><summary>A solution</summary>s</details><details><summary>Answer</summary>t</details>
<svg><g id="g"/><use href="#g"/><path clip-path="url(#g)"/></svg><img src="../_static/p.png">
<div class="play" data-facts="[1]"><button>go</button>picture</div><script>1</script></article></body></html>"""


@pytest.fixture
def root(tmp_path):
    """A small repository with its pages built: the start page and two chapters."""
    for name in NAMES:
        page = PAGE.format(name=name, style="book" if name == "book/a" else "other")
        write_atomically(Path(tmp_path, pdf.SITE, f"{name}.html"), page)
    write_atomically(Path(tmp_path, pdf.SITE, "index.html"), "to the start page")
    chapters = "root: book/index\nparts:\n- caption: Part I\n  chapters:\n  - file: book/a\n  - file: book/b\n"
    write_atomically(Path(tmp_path, "_toc.yml"), chapters)
    return tmp_path


def read(root, name="book/a"):
    return BeautifulSoup(Path(root, pdf.SITE, f"{name}.html").read_text(encoding="utf-8"), "html.parser")


@pytest.mark.parametrize(
    ("address", "target"),
    [
        ("b.html#x", "#book/b--x"),
        ("../book/b.html", "#book/b"),
        ("#x", "#book/a--x"),
        ("https://example.org/b.html", "https://example.org/b.html"),
        ("mailto:a@example.org", "mailto:a@example.org"),
        ("../genindex.html", ""),
        ("../_sources/book/a.ipynb", ""),
    ],
)
def test_a_link_leads_to_a_jump_to_elsewhere_or_nowhere(address, target):
    assert pdf.led_to(address, "book/a", NAMES) == target


def test_a_page_keeps_what_paper_can_show(root):
    soup = pdf.article(read(root), "book/a", NAMES)
    assert [link.get("href") for link in soup.select("p a")] == [
        "#book/b--x",
        "#book/a--x",
        None,
        "https://example.org",
        "#book/index",
    ]
    opened = {fold.summary.get_text(): "open" in fold.attrs for fold in soup.select("details")}
    assert opened == {"Draw it code": False, "Check your answer": False, "A solution": True, "Answer": True}
    assert (
        soup.use["href"] == "#book/a--g" and soup.path["clip-path"] == "url(#book/a--g)" and soup.g["id"] == "book/a--g"
    )
    assert soup.img["src"] == "_static/p.png" and soup["id"] == "book/a"
    assert not soup.select("script, button, .headerlink, [data-facts], pre span")
    assert "picture" in soup.text


def test_ids_of_the_whole_book_are_different(root):
    soups = {name: pdf.article(read(root, name), name, NAMES) for name in NAMES}
    whole = BeautifulSoup(pdf.document([("", NAMES)], soups, [], {"book/a": 7}), "html.parser")
    ids = [node["id"] for node in whole.select("[id]")]
    assert len(ids) == len(set(ids)) == 9
    jumps = [link["href"][1:] for link in whole.select("a[href^='#']")]
    assert set(jumps) <= set(ids)
    assert [line.get_text() for line in whole.select(".contents-line")] == ["book/index000", "book/a7", "book/b000"]


def test_style_sheets_are_those_of_all_pages_the_book_s_last(root):
    assert pdf.styles_of({name: read(root, name) for name in NAMES}) == ["_static/other.css", "_static/book.css"]


def test_without_pages_or_browser_it_is_said(root, tmp_path, monkeypatch, capsys):
    with pytest.raises(FileNotFoundError, match="make book"):
        pdf.make(tmp_path, tmp_path / "nowhere")
    monkeypatch.setenv("CHROMIUM", str(tmp_path / "none"))
    assert pdf.make(tmp_path, root) == []
    assert "no Chromium found" in capsys.readouterr().out


def test_no_page_is_empty_and_no_title_stands_alone(root, tmp_path):
    pypdf = pytest.importorskip("pypdf")
    with chromium() as browser:
        if not browser:
            pytest.skip("no Chromium, or no playwright")
    for name in ("book.css", "play/play.css"):
        write_atomically(Path(root, pdf.SITE, "_static", name), (pdf.ROOT / "book" / "_static" / name).read_bytes())
    styles = '<link rel="stylesheet" href="../_static/play/play.css"><link rel="stylesheet" href="../_static/book.css">'
    drawn = '<svg class="kit-figure" viewBox="0 0 346 670" width="346pt" height="670pt"><text y="99">drawn</text></svg>'
    asked = "<fieldset><legend>Why?</legend><label>a</label><label>b</label><label>c</label><p>d</p></fieldset>"
    quiz = f"<details class='quiz'><summary>Questions</summary>{asked * 2}</details>"
    parts = [f"<p>{'word ' * 40}</p>" * (k % 7) + quiz for k in range(60)]
    parts[30] = f"<figure>{drawn}<figcaption>{'caption ' * 60}</figcaption></figure>"
    page = f"<head>{styles}</head><article class='bd-article'><h1>a</h1>{''.join(parts)}</article>"
    write_atomically(Path(root, pdf.SITE, "book", "a.html"), page)
    (made,) = pdf.make(tmp_path, root)
    shown = [page.extract_text().strip().splitlines() for page in pypdf.PdfReader(made).pages]
    body = [[line for line in lines if "version" not in line and not line.strip().isdigit()] for lines in shown]
    assert len(body) > 8 and all(body)
    assert [lines[-1] for lines in body if lines[-1].endswith("Questions")] == []
    (where,) = [lines for lines in body if any("drawn" in line for line in lines)]
    assert any("caption" in line for line in where)


def test_the_contents_name_the_page_on_which_a_chapter_starts(root, tmp_path):
    pypdf = pytest.importorskip("pypdf")
    with chromium() as browser:
        if not browser:
            pytest.skip("no Chromium, or no playwright")
    (made,) = pdf.make(tmp_path, root)
    content = made.read_bytes()
    starts = pdf.starts(content)
    assert set(starts) == set(NAMES)
    shown = pypdf.PdfReader(BytesIO(content)).pages
    contents = next(page.extract_text() for page in shown if "Contents" in page.extract_text())
    for name in NAMES:
        assert name in shown[starts[name] - 1].extract_text()
        assert f"{name}{starts[name]}" in contents.replace(" ", "").replace("\n", "")
    assert not list(Path(root, pdf.SITE).glob(".*"))  # nothing is left in the site
