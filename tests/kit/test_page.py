"""Laws of kit.page: what a chapter shows is the source itself, as one output that nbval compares."""

import ast
import inspect
import re
import textwrap

import pandas as pd
import pytest

import nas
from kit import page
from nas import blocks, supernet


@pytest.fixture
def shown(monkeypatch):
    """What was displayed, in order: (object, options)."""
    calls = []
    monkeypatch.setattr(page, "display", lambda value, **options: calls.append((value, options)))
    return calls


def code_blocks(text):
    return re.findall(r"^```python\n(.*?)\n```$", text, re.DOTALL | re.MULTILINE)


def docstrings(code):
    nodes = [node for node in ast.walk(ast.parse(code)) if isinstance(node, page.DOCUMENTED)]
    return [node.body[0] for node in nodes if ast.get_docstring(node) is not None]


def without_docstrings(code):
    """The other lines, to the letter."""
    told = {number for text in docstrings(code) for number in range(text.lineno, text.end_lineno + 1)}
    return [line for number, line in enumerate(code.split("\n"), 1) if number not in told]


@pytest.mark.parametrize(
    "member", [nas.evaluate, nas.DepthSupernet, nas.DepthSupernet.forward, blocks, nas.seeding.seeded]
)
def test_show_gives_the_source_and_its_file(shown, member):
    page.show(member)
    ((value, _),) = shown
    (code,) = code_blocks(value.data)
    source = textwrap.dedent(inspect.getsource(member)).strip("\n")
    assert code.split() == source.split()
    assert without_docstrings(code) == without_docstrings(source)
    name = getattr(member, "__module__", None) or member.__name__
    assert value.data.startswith(f"From `{name.replace('.', '/')}.py`:")


def test_docstrings_of_a_listing_fit_the_page_and_say_the_same(shown):
    modules = blocks, supernet, nas.evaluation
    page.show(*modules)
    ((value, _),) = shown
    filled = 0
    for module, code in zip(modules, code_blocks(value.data), strict=True):
        source = inspect.getsource(module)
        for before, after in zip(docstrings(source), docstrings(code), strict=True):
            (old, new), lines = ((text.value.value.split() for text in (before, after)), code.split("\n"))
            assert old == new
            assert max(map(len, lines[after.lineno - 1 : after.end_lineno])) <= page.COLUMNS
            filled += before.end_lineno - before.lineno != after.end_lineno - after.lineno
        assert [node.name for node in ast.parse(code).body if hasattr(node, "name")] == [
            node.name for node in ast.parse(source).body if hasattr(node, "name")
        ]
    assert filled > 5


def test_show_is_one_output_with_a_block_for_each_file_and_all_of_it_is_python(shown):
    page.show(blocks.Stem, blocks.Head, supernet.DepthSupernet)
    ((value, _),) = shown
    first, second = code_blocks(value.data)
    assert [node.name for node in ast.parse(first).body] == ["Stem", "Head"]
    assert [node.name for node in ast.parse(second).body] == ["DepthSupernet"]
    assert re.findall(r"^From `(.*)`:$", value.data, re.MULTILINE) == ["nas/blocks.py", "nas/supernet.py"]


@pytest.mark.parametrize("members", [(), (nas.evaluate, len), (3,), ("nas.evaluate",), (inspect.getsource,), (nas,)])
def test_show_refuses_what_is_not_of_the_package(shown, members):
    with pytest.raises(TypeError, match="pass functions, classes or modules"):
        page.show(*members)
    assert not shown


def test_say_is_markdown(shown):
    page.say("**8** of 9")
    ((value, options),) = shown
    assert (value._repr_markdown_(), options) == ("**8** of 9", {})


@pytest.mark.parametrize("value", ["15,625", 0.25, 7, "it's", [1, 2]])
def test_a_glued_value_is_read_back_as_it_was(shown, value):
    page.glue("number", value)
    ((data, options),) = shown
    ((key, text),) = data.items()
    assert ast.literal_eval(text) == value
    assert options["metadata"]["scrapbook"]["name"] == "number"
    assert key == options["metadata"]["scrapbook"]["mime_prefix"] + "text/plain"
    assert options["raw"] is True


def test_a_sentence_says_a_mean_with_its_interval_and_a_number_in_the_same_form(shown):
    page.say("Adds {gain:.1f} points over {n} seeds, {share:.0f} %.", gain=(1.26, 0.31, 2.2, 5), n=5, share=41.6)
    page.say("$x_{1}$ stands as it is")
    assert [value.data for value, _ in shown] == [
        "Adds 1.3 [0.3, 2.2] points over 5 seeds, 42 %.",
        "$x_{1}$ stands as it is",
    ]
    with pytest.raises(KeyError, match="lost"):
        page.say("{lost}", gain=1)


def test_a_table_shows_every_figure_aligned_and_padded_in_a_box_that_scrolls():
    frame = pd.DataFrame({"top-1, %": [98.123, 7.0], "parameters": [12_345, 6], "which": ["<a>", "b"]}, ["R0", "R1"])
    html = page.table(frame, "what was measured").data
    cells = re.findall(r"<td style=\"([^\"]*)\">(.*?)</td>", html)
    assert [text for _, text in cells] == ["98.12", "12,345", "&lt;a&gt;", "7.00", "6", "b"]
    assert all("text-align:right" in style and "padding:0.2em 0.6em" in style for style, _ in cells)
    assert re.findall(r'<th scope="row"[^>]*>(.*?)</th>', html) == ["R0", "R1"]
    assert 'class="kit-scroll"' in html and 'aria-label="what was measured"' in html and 'tabindex="0"' in html
