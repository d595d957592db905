"""The start page's map: an arrow stands where a chapter's opening says that it needs another, and nowhere else."""

import json
import re
from pathlib import Path

BOOK = Path(__file__).resolve().parents[2] / "book"
NAMED = re.compile(r"\]\((\w+)\.ipynb\)|(?:Chapters? |and |, )\[?(\d+[a-d]?)\b")


def source(page):
    return ["".join(cell["source"]) for cell in json.loads((BOOK / f"{page}.ipynb").read_text("utf-8"))["cells"]]


def page_of(number):
    number = number if len(number.rstrip("abcd")) > 1 else f"0{number}"
    return next(BOOK.glob(f"{number}_*.ipynb")).stem


def needs(page):
    """The pages that this one's opening asks for."""
    opening = next(text for text in source(page) if "**You need**" in text)
    asked = re.search(r"\*\*You need\*\*(.*?)\*\*Time", opening, re.S)
    return {link or page_of(number) for link, number in NAMED.findall(" ".join(asked[1].split()))}


def all_needs(page):
    direct = needs(page)
    return direct.union(*map(all_needs, direct))


def test_the_map_says_what_the_openings_say():
    cell = next(text for text in source("index") if "PLACES = {" in text)
    scope = {}
    exec(cell[cell.index("PLACES") : cell.index("WIDE")], scope)
    page = {name: "how_we_measure" if name == "m" else page_of(name) for name in scope["PLACES"]}
    drawn = {(page[need], page[name]) for name, (*_, wanted) in scope["PLACES"].items() for need in wanted}

    stops = set(page.values())
    above = {stop: all_needs(stop) & stops for stop in stops}
    # An arrow is left out where others lead there already.
    expected = {
        (need, stop)
        for stop in stops
        for need in above[stop]
        if not any(need in above[between] for between in above[stop])
    }
    assert drawn == expected
    assert len(drawn) >= len(stops) - 1
