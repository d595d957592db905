"""Laws of kit.page: what a chapter shows is the source itself, as one output that nbval compares."""

import ast
import inspect
import re
import textwrap

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


@pytest.mark.parametrize(
    "member", [nas.evaluate, nas.DepthSupernet, nas.DepthSupernet.forward, blocks, nas.seeding.seeded]
)
def test_show_gives_the_source_and_its_file(shown, member):
    page.show(member)
    ((value, _),) = shown
    assert code_blocks(value.data) == [textwrap.dedent(inspect.getsource(member)).strip("\n")]
    name = getattr(member, "__module__", None) or member.__name__
    assert value.data.startswith(f"From `{name.replace('.', '/')}.py`:")


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
