"""Laws of kit.widgets, without a browser: what each choice shows, what stands there at first, what a page holds."""

import base64
import json
import re
from io import BytesIO

import numpy as np
import pandas as pd
import pytest
import torch
from page_reader import Page
from PIL import Image

from kit.markup import picture_uri, slider
from kit.widgets import FITS, TOO_BIG, budget_slider, lost, taken
from study.analysis.choosing import Pick, picks_within
from study.analysis.statistics import Interval

ARCHS = pd.Index([(a, b) for a in (1, 2, 3) for b in (1, 2, 3)], tupleize_cols=False)
COSTS = pd.Series([1_000_000 * (10 + 5 * (a + b)) for a, b in ARCHS], ARCHS)
SCORES = {
    f"scores {rng}": pd.DataFrame(np.random.default_rng(rng).integers(900, 1_000, (4, 9)) / 1_000, columns=ARCHS)
    for rng in (1, 2)
}
TRUTH = pd.DataFrame(np.random.default_rng(0).integers(900, 1_000, (4, 9)) / 1_000, columns=ARCHS)


@pytest.fixture
def budget():
    return Page(budget_slider(COSTS, TRUTH, SCORES).data)


@pytest.mark.parametrize("name", ["static", "budget"])
def test_what_is_written_out_is_what_the_first_choice_shows(request, name):
    page = request.getfixturevalue(name)
    assert page.first() == page.after(0)
    texts, styles = page.first()
    assert texts
    assert styles
    assert [attributes.get("value") for tag, attributes, _ in page.elements if tag == "input"] in ([], ["0"])
    assert not [option for option in page.all("option") if "selected" in option[1]]


@pytest.mark.parametrize("name", ["static", "budget"])
def test_a_page_needs_no_script_tag_and_no_network(request, name):
    page = request.getfixturevalue(name)
    tags = {tag for tag, *_ in page.elements}
    assert not tags & {"script", "link", "iframe", "style"}
    for _, attributes, _ in page.elements:
        for attribute in ("src", "href"):
            assert attributes.get(attribute, "data:").startswith("data:")
    assert not [value for _, found, _ in page.elements for value in found.values() if value and "http" in value]


@pytest.mark.parametrize("name", ["static", "budget"])
def test_every_control_has_a_label_and_every_choice_a_text_and_a_table_its_heads(request, name):
    page = request.getfixturevalue(name)
    controls = [attributes["id"] for tag, attributes, _ in page.elements if tag in ("select", "input")]
    assert controls == [attributes["for"] for _, attributes, _ in page.all("label")]
    choices = np.prod([int(found["data-base"]) for tag, found, _ in page.elements if tag in ("select", "input")])
    assert {len(json.loads(found["data-texts"])) for _, found, _ in page.elements if "data-texts" in found} == {choices}
    assert all(attributes.get("scope") in ("row", "col") for _, attributes, _ in page.all("th"))
    assert len(page.all("output")) == 1
    assert all(attributes.get("alt") for _, attributes, _ in page.all("img"))


def test_a_picture_is_the_image_upside_down_in_grey_and_bears_a_last_bit(digits):
    image = digits.test.images[0, 0]
    uri = picture_uri(image)
    pixels = np.asarray(Image.open(BytesIO(base64.b64decode(uri.split(",")[1]))), dtype=float)
    scaled = 255 * (1 - (image - image.min()) / (image.max() - image.min())).numpy()
    assert np.abs(pixels - scaled).max() <= 1
    for split in (digits.test.images, digits.validation.images):
        for member in split[:50, 0]:
            assert picture_uri(member) == picture_uri(torch.nextafter(member, torch.full_like(member, 9)))


def test_at_every_budget_those_light_up_that_fit_and_the_texts_are_the_picks(budget):
    found = picks_within(COSTS, TRUTH, SCORES)
    for k, limit in enumerate(sorted(set(COSTS))):
        texts, styles = budget.after(k)
        assert styles == [FITS if cost <= limit else TOO_BIG for cost in COSTS]
        fitting = [cost for cost in COSTS if cost <= limit]
        assert texts[0] == f"up to {limit / 1e6:.2f} million multiply-adds: {len(fitting)} of 9 networks fit"
        assert texts[1:] == [text for pick in found[3 * k : 3 * k + 3] for text in (lost(pick), taken(pick))]


def test_regret_and_choice_on_the_slider_are_those_of_brute_force():
    truth, score = TRUTH.iloc[0], SCORES["scores 1"].iloc[0]
    page = Page(budget_slider(COSTS, truth, {"a": score}).data)
    for k, limit in enumerate(sorted(set(COSTS))):
        fits = [arch for arch, cost in zip(ARCHS, COSTS, strict=True) if cost <= limit]
        takes = max(fits, key=score.to_dict().get)
        values = [truth.to_dict()[arch] for arch in fits]
        lost_by_choice, lost_by_chance = max(values) - truth.to_dict()[takes], max(values) - sum(values) / len(values)
        texts, _ = page.after(k)
        assert texts[1:] == [f"{100 * lost_by_choice:.2f}", str(takes), f"{100 * lost_by_chance:.2f}", "each as often"]


def test_a_pick_that_differs_between_seeds_is_counted(budget):
    texts, _ = budget.after(len(set(COSTS)) - 1)
    counts = [re.findall(r"×(\d+)", text) for text in texts if "×" in text]
    assert counts
    assert all(sum(map(int, numbers)) == len(TRUTH) for numbers in counts)


def test_slider_pages_are_deterministic_and_refuse_other_data():
    assert budget_slider(COSTS, TRUTH, SCORES).data == budget_slider(COSTS, TRUTH, SCORES).data
    with pytest.raises(ValueError, match="same architectures"):
        budget_slider(COSTS.iloc[:4], TRUTH, SCORES)
    with pytest.raises(ValueError, match="not architectures"):
        budget_slider(COSTS.iloc[:0], TRUTH.iloc[:, :0], SCORES)


def test_text_from_outside_cannot_break_the_page():
    page = Page(slider('a"b', "<i>", ["x & 'y' \"z\""]))
    (control,) = page.all("input")
    assert control[1]["id"] == 'a"b'
    assert page.first() == page.after(0) == (["x & 'y' \"z\""], [])
    page = Page(budget_slider(COSTS, TRUTH, {"<b>": SCORES["scores 1"]}).data)
    assert "<b>" in [text for _, _, text in page.all("th")]


def test_a_regret_that_rounds_to_zero_has_no_sign():
    assert lost(Pick(1, "a", (), 0.9, Interval(-0.001, -0.004, 0.0, 3))) == "0.00 [0.00, 0.00]"
