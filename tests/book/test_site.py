"""The book's own Sphinx extensions: where the Colab button leads, what a page's head says, tables, what is left out."""

import subprocess
from pathlib import Path
from types import SimpleNamespace

import book_site
import glossary
import head
import pytest
import search
from book_site import repository_url, set_repository
from bs4 import BeautifulSoup
from concepts import read_glossary
from docutils import nodes
from docutils.utils import new_document
from figures import MARK, inline


@pytest.mark.parametrize(
    ("remote", "url"),
    [
        ("https://github.com/some/fork.git", "https://github.com/some/fork"),
        ("git@github.com:some/fork", "https://github.com/some/fork"),
        ("https://example.org/some/fork.git", ""),
        (None, ""),
    ],
)
def test_the_repository_is_that_of_the_remote(tmp_path, monkeypatch, remote, url):
    monkeypatch.delenv("BOOK_REPOSITORY_URL", raising=False)
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    if remote:
        subprocess.run(["git", "-C", tmp_path, "remote", "add", "origin", remote], check=True)
    assert repository_url(tmp_path) == url


@pytest.mark.parametrize(("url", "button"), [("https://github.com/a/b", True), ("", False)])
def test_the_colab_button_opens_the_fork_and_nothing_else(tmp_path, monkeypatch, url, button):
    monkeypatch.setenv("BOOK_REPOSITORY_URL", url)
    config = SimpleNamespace(html_theme_options={"repository_url": "", "launch_buttons": {"colab_url": ""}})
    set_repository(SimpleNamespace(srcdir=tmp_path), config)
    options = config.html_theme_options
    assert options["repository_url"] == url
    assert bool(options["launch_buttons"]["colab_url"]) == button


def test_a_figure_of_the_kit_stands_in_the_page_with_its_words_and_other_pictures_stay(tmp_path):
    Path(tmp_path, "ours.svg").write_text(f"{MARK} fill='currentColor'></svg>")
    Path(tmp_path, "other.svg").write_text("<svg></svg>")
    document = new_document("")
    document += [nodes.image(uri="ours.svg", alt='a "curve"'), nodes.image(uri="other.svg"), nodes.image(uri="a.png")]
    inline(SimpleNamespace(srcdir=tmp_path, builder=SimpleNamespace(format="html")), document, "")
    ours, *others = document.children
    assert [image["uri"] for image in others] == ["other.svg", "a.png"]
    assert 'role="img" aria-label="a &quot;curve&quot;" fill=' in ours.astext() and 'tabindex="0"' in ours.astext()


# ---------------------------------------------------------------------------------------------- head, search, glossary


def page_of(*texts):
    document = new_document("page")
    document += nodes.title(text="A chapter")
    document.extend(nodes.paragraph(text=text) for text in texts)
    return document


def test_a_description_is_the_first_paragraph_that_says_something_cut_at_a_word():
    told = head.description(page_of("Short.", "word " * 60))
    assert told.startswith("word word") and len(told) <= head.LONGEST + 2 and told.endswith("word …")
    assert head.description(page_of("Short.")) == ""


def test_the_head_escapes_and_has_a_picture_only_where_the_address_is_known():
    here = head.tags('"A" & B', "Book", 'says "so"', "https://a.b/c/book/x.html", "https://a.b/c/")
    assert "&quot;A&quot; &amp; B" in here and 'content="https://a.b/c/_static/card.png"' in here
    assert "og:image" not in head.tags("A", "Book", "says", "", "")


def test_search_leads_to_the_page_that_defines_a_word_and_indexes_no_code():
    terms = read_glossary("## Glossary\n\n- **supernet** (weight sharing): one net. [Chapter 2](02_supernet.ipynb)\n")
    assert search.defining(terms) == {"supernet": "book/02_supernet", "weight sharing": "book/02_supernet"}
    page = page_of("some prose")
    page += nodes.literal_block(text="secret = 1")
    assert search.prose(page).astext().split() == ["A", "chapter", "some", "prose"]
    assert "secret" in page.astext()  # the page itself is as it was


@pytest.mark.parametrize(("text", "found"), [("supernets", True), ("Weight  sharing", True), ("supernet's", False)])
def test_a_link_to_the_glossary_finds_its_entry(text, found):
    terms = read_glossary("## Glossary\n\n- **supernet** (weight sharing): one `net`. [Chapter 2](02_supernet.ipynb)\n")
    assert bool(glossary.meant(text, terms)) is found
    assert glossary.plain("one `net` of [nine](x.md)") == "one net of nine"


def test_the_part_in_which_the_reader_is_stands_open():
    a, b = (f'<li><a class="reference internal" href="{page}">x</a></li>' for page in ("../book/a.html", "#"))
    parts = f"""<nav class="bd-links"><p class="caption"><span>One</span></p><ul class="nav">{a}</ul>
    <p class="caption"><span>Two</span></p><ul class="current nav">{b}<li>c</li></ul></nav>"""
    folded = book_site.fold_parts(parts, "b.html", {"a.html": 12, "b.html": 7})
    assert folded.index(">12 min</span>") < folded.index("Two") < folded.index(">7 min</span>")
    assert [bit.split(">")[0] for bit in folded.split("<details ")[1:]] == [
        'class="book-part"',
        'class="book-part" open=""',
    ]
    assert folded.count("<summary>") == 2 and "caption" not in folded


def test_a_page_loses_what_it_does_not_use_and_says_its_title_once():
    text = """<meta name="viewport" content="a" />\n<title>Book &#8212; Book</title>
    <script src="_static/searchtools.js"></script><script src="../searchindex.js"></script>
    <meta name="viewport" content="b"/>
    <a href="https://github.com/o/n/edit/colab/book/x.ipynb">edit</a>"""
    page = book_site.lean(text, "x.html", {})
    assert "search" not in page and page.count("viewport") == 1 and "<title>Book</title>" in page
    assert "/edit/main/book/x.ipynb" in page
    assert "searchindex" in book_site.lean(text, "search.html", {})


def test_in_a_table_words_stand_left_and_figures_right():
    rows = "".join(
        f"<tr><th>{n}</th><td>+0.{n}</td><td>{word}</td></tr>" for n, word in enumerate(["lower", "", "higher"])
    )
    table = '<table border="1" class="dataframe"><thead><tr><th></th><th>difference</th><th>verdict</th></tr></thead>'
    page = book_site.lean(f"{table}<tbody>{rows}</tbody></table>", "x.html", {})
    assert page.count('class="words"') == 4 and '<th class="words">verdict</th>' in page
    assert "<td>+0.1</td>" in page and "<th>difference</th>" in page
    long = book_site.lean(f"{table}<tbody>{rows.replace('<th>1', '<th>one of many')}</tbody></table>", "x.html", {})
    assert long.count('<th class="words">') == 4 and page.count('<th class="words">') == 1


def test_a_long_cell_breaks_before_its_brackets_and_a_head_keeps_its_number():
    head = '<table class="dataframe"><thead><tr><th>block 1</th><th>p (Holm)</th></tr></thead><tbody><tr>'
    page = book_site.lean(f"{head}<td>57.1 (28.0 to 83.4)</td><td>10468.7</td></tr></tbody></table>", "x.html", {})
    assert '<td class="parted">57.1 (28.0\xa0to\xa083.4)</td>' in page and "<td>10,468.7</td>" in page
    assert "<th>block\xa01</th>" in page and "<th>p (Holm)</th>" in page
    row = book_site.lean(f"{head}<th>9 networks, 5 seeds</th><td>1287</td></tr></tbody></table>", "x.html", {})
    assert ">9\xa0networks, 5\xa0seeds</th>" in row and "<td>1,287</td>" in row
    others = book_site.lean(f"{head}<td>+8.1 to +71.4</td><td>0.4 ± 0.1</td></tr></tbody></table>", "x.html", {})
    assert '<td class="parted">+8.1 to\xa0+71.4</td><td class="parted">0.4 ±\xa00.1</td>' in others
    judged = book_site.lean(f"{head}<td>+0.4 [+0.1, +0.7], p = 0.007: higher</td></tr></tbody></table>", "x.html", {})
    assert "+0.4 [+0.1,\xa0+0.7], p\xa0=\xa00.007: higher" in judged


def test_no_line_ends_between_a_number_and_its_sign_and_code_stays_as_it_is():
    text = "<p>95 % of (1, 3), 1.0 ± 0.2, W = 16, p &lt; 0.05 [0.1, -0.3]</p>"
    kept = "<p>95\xa0% of (1,\xa03), 1.0 ±\xa00.2, W\xa0=\xa016, p\xa0&lt;\xa00.05 [0.1,\xa0-0.3]</p>"
    code = '<pre>x = 95 % 4</pre><i title="W = 16">the two</i>'
    assert book_site.kept_together(text + code) == kept + code


TABLE = """<table class="dataframe"><thead><tr><th>{corner}</th><th>top-1</th></tr>{line}</thead>
<tbody><tr><th>(1, 1)</th><td>98.1</td></tr></tbody></table>"""


@pytest.mark.parametrize(
    ("corner", "line", "heads"),
    [
        ("", "<tr><th>network</th><th></th></tr>", [["network", "top-1"]]),
        ("", "", [["", "top-1"]]),
        ("kind", "<tr><th>network</th><th></th></tr>", [["kind", "top-1"], ["network", ""]]),
        ("", "<tr><th>seed</th><th>a</th></tr>", [["", "top-1"], ["seed", "a"]]),
    ],
)
def test_the_name_of_the_rows_stands_in_an_empty_corner(corner, line, heads):
    soup = BeautifulSoup(book_site.words_left(TABLE.format(corner=corner, line=line)), "html.parser")
    assert [[head.get_text() for head in row.find_all("th")] for row in soup.select("thead tr")] == heads
    assert soup.select_one("tbody th").get_text().split() == ["(1,", "1)"] and "98.1" in soup.get_text()
