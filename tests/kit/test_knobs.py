"""Laws of kit.widgets, without a browser: what each choice shows, and what a page holds."""

import json

import numpy as np
import pandas as pd
import pytest
from page_reader import Page

from kit.markup import CELL, CHOSEN, PLAIN
from kit.widgets import images_knob, matrix_knob, percent
from study.statistics import mean_interval

ARCHS = pd.Index([(a, b) for a in (1, 2, 3) for b in (1, 2, 3)], tupleize_cols=False)
CHOICES = pd.Index(["as trained", *ARCHS], tupleize_cols=False)
SHARES = pd.DataFrame(np.random.default_rng(0).integers(900, 1_000, (10, 9)) / 1_000, CHOICES, ARCHS)
CURVES = {
    name: pd.DataFrame(np.random.default_rng(seed).random((4, 3)), columns=[1, 10, 2_000])
    for seed, name in enumerate(("with reset", "without"))
}


@pytest.fixture
def matrix():
    return Page(matrix_knob(SHARES).data)


@pytest.fixture
def images():
    return Page(images_knob(CURVES).data)


@pytest.mark.parametrize("name, choices", [("matrix", 10), ("images", 3)])
def test_a_page_works_by_itself_and_starts_at_its_first_choice(request, name, choices):
    page = request.getfixturevalue(name)
    assert page.first() == page.after(0)
    assert not {tag for tag, *_ in page.elements} & {"script", "link", "iframe", "style"}
    assert not [value for _, found, _ in page.elements for value in found.values() if value and "http" in value]
    controls = [found for tag, found, _ in page.elements if tag in ("select", "input")]
    assert [found["data-base"] for found in controls] == [str(choices)]
    assert [found["id"] for found in controls] == [found["for"] for _, found, _ in page.all("label")]
    assert {len(json.loads(found["data-texts"])) for _, found, _ in page.elements if "data-texts" in found} == {choices}
    assert all(found.get("scope") in ("row", "col") for _, found, _ in page.all("th"))
    assert len(page.all("output")) == 1


def test_every_path_has_its_figure_and_stands_out_near_its_best(matrix):
    assert [text for tag, _, text in matrix.elements if tag == "option"] == list(map(str, CHOICES))
    for k, (_, row) in enumerate(SHARES.iterrows()):
        texts, styles = matrix.after(k)
        assert texts[1:] == [f"{100 * share:.1f} %" for share in row]
        near = [share >= best - 0.02 for share, best in zip(row, SHARES.max(), strict=True)]
        assert styles == [f"{CHOSEN if lit else PLAIN};{CELL}" for lit in near]
        assert texts[0] == f"{sum(near)} of 9 paths within two points of their best"
    assert len({matrix.after(k)[0][0] for k in range(10)}) > 1


def test_rows_of_the_table_are_depths_of_block_1(matrix):
    heads = [text for _, found, text in matrix.all("th") if found["scope"] == "row"]
    assert heads == [f"block 1 of depth {d1}" for d1 in (1, 2, 3)]
    texts, _ = matrix.first()
    assert texts[1 + 5] == f"{100 * SHARES.iloc[0].to_numpy()[list(ARCHS).index((2, 3))]:.1f} %"


def test_the_slider_shows_mean_and_interval_at_every_number_of_images(images):
    for k, size in enumerate((1, 10, 2_000)):
        texts, _ = images.after(k)
        assert texts[0] == ("1 image", "10 images", "2,000 images")[k]
        for text, frame in zip(texts[1:], CURVES.values(), strict=True):
            mean, low, high, _ = mean_interval(100 * frame[size])
            assert text == f"{mean:.1f} [{low:.1f}, {high:.1f}]"


def test_one_seed_has_no_interval_and_pages_are_deterministic():
    assert percent(pd.Series([0.123])) == "12.3"
    assert images_knob(CURVES).data == images_knob(CURVES).data != images_knob(CURVES, ident="second").data
    assert matrix_knob(SHARES).data == matrix_knob(SHARES).data != matrix_knob(SHARES, ident="second").data


def test_what_cannot_be_chosen_from_is_refused():
    with pytest.raises(ValueError, match="nothing to choose from"):
        matrix_knob(SHARES.iloc[:0])
    for curves in ({}, CURVES | {"other": pd.DataFrame([[0.5]], columns=[7])}):
        with pytest.raises(ValueError, match="same numbers of images"):
            images_knob(curves)
