"""No paragraph, heading or row of a table stands twice on a page."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [*sorted((ROOT / "book").glob("*.ipynb")), *sorted((ROOT / "book").glob("*.md")), ROOT / "README.md"]
# Neither a fold nor a box, a label in bold, nor the head of a table and the line below it says anything twice.
FRAME = re.compile(r"(\s*</?(div|details)[^>]*>(<summary>[^<]*</summary>)?\s*)+|\*\*[^*\n]+\*\*|\|[-:| ]+\|")
HEAD = re.compile(r"^\|.*\|\n(?=\|[-:| ]+\|$)", re.MULTILINE)


def repeated(text):
    """The blocks of a text in Markdown that stand in it more than once."""
    blocks = Counter(block.strip() for block in re.split(r"\n\s*\n|\n(?=\||#)", HEAD.sub("\n", text)))
    return [block for block, times in blocks.items() if times > 1 and block and not FRAME.fullmatch(block)]


def words(page):
    if page.suffix == ".md":
        return page.read_text(encoding="utf-8")
    cells = json.loads(page.read_text(encoding="utf-8"))["cells"]
    return "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_nothing_stands_twice(page):
    assert repeated(words(page)) == []


@pytest.mark.parametrize(
    "text, found",
    [
        ("One.\n\nTwo.\n\nOne.", ["One."]),
        ("## A\n\nOne.\n\n## A\n\nTwo.", ["## A"]),
        ("| a | b |\n|---|---|\n| 1 | 2 |\n\nThen:\n\n| a | b |\n|---|---|\n| 1 | 2 |", ["| 1 | 2 |"]),
        ("**Label**\n\nOne.\n\n**Label**\n\n<details><summary>Answer</summary>\n\nTwo.\n\n</details>", []),
    ],
)
def test_what_stands_twice_is_found(text, found):
    assert repeated(text) == found
