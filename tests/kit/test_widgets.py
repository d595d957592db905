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

from kit.layout import is_on, kernel_layout, supernet_layout
from kit.markup import FAINT, LIT, picture_uri, slider
from kit.widgets import CHOSEN, FITS, PLAIN, TOO_BIG, budget_slider, explorer, lost, static_explorer, taken
from nas import KernelSupernet, evaluate
from nas.costs import cost_table
from nas.data import Split
from nas.evaluation import predict
from study.choosing import Pick, picks_within
from study.statistics import Interval

ARCHS = pd.Index([(a, b) for a in (1, 2, 3) for b in (1, 2, 3)], tupleize_cols=False)
COSTS = pd.Series([1_000_000 * (10 + 5 * (a + b)) for a, b in ARCHS], ARCHS)
SCORES = {
    f"scores {rng}": pd.DataFrame(np.random.default_rng(rng).integers(900, 1_000, (4, 9)) / 1_000, columns=ARCHS)
    for rng in (1, 2)
}
TRUTH = pd.DataFrame(np.random.default_rng(0).integers(900, 1_000, (4, 9)) / 1_000, columns=ARCHS)


@pytest.fixture
def few_digits(digits):
    return digits.test.images[:6], digits.test.labels[:6]


@pytest.fixture
def static(net, few_digits):
    return Page(static_explorer(net, *few_digits).data)


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


def test_the_page_says_of_each_subnet_what_the_subnet_does(net, few_digits, static):
    images, labels = few_digits
    costs = cost_table(net)
    rows = [text for _, _, text in static.all("td")]
    for k, arch in enumerate(net.architectures):
        answers = predict(net, images, arch).argmax(dim=-1)
        right = f"{round(6 * evaluate(net, Split(images, labels), arch))} of 6"
        assert rows[3 * k : 3 * k + 3] == [f"{costs[arch][0]:,}", f"{costs[arch][1]:,}", right]
        texts, _ = static.after(k)
        assert texts[0].startswith(f"path {arch}: parameters {costs[arch][0]:,}; multiply-adds {costs[arch][1]:,};")
        says = [f"says {a} {'✓' if a == label else '✗'}" for a, label in zip(answers, labels, strict=True)]
        assert texts[1:] == says
    heads = [text for _, attributes, text in static.all("th") if attributes["scope"] == "row"]
    assert heads == [str(arch) for arch in net.architectures]


def test_the_drawing_lights_the_path_of_each_choice_and_the_table_its_row(net, static):
    layout = supernet_layout(3)
    shapes = [*layout.arrows, *layout.boxes]
    for k, arch in enumerate(net.architectures):
        _, styles = static.after(k)
        assert styles[: len(shapes)] == [LIT if is_on(shape, arch) else FAINT for shape in shapes]
        assert styles[len(shapes) :] == [CHOSEN if row == k else PLAIN for row in range(9)]


def test_the_number_of_a_choice_is_that_of_its_architecture(net, static):
    first, second = ([text for tag, _, text in static.elements if tag == "option"][i : i + 3] for i in (0, 3))
    base = int(static.all("select")[1][1]["data-base"])
    numbered = {(int(a), int(b)): i * base + j for i, a in enumerate(first) for j, b in enumerate(second)}
    assert numbered == {arch: k for k, arch in enumerate(net.architectures)}


def test_the_same_arguments_give_the_same_page_and_leave_the_net_as_it_was(net, few_digits):
    before = {name: value.clone() for name, value in net.state_dict().items()}
    net.train()
    assert static_explorer(net, *few_digits).data == static_explorer(net, *few_digits).data
    assert net.training
    assert all(torch.equal(before[name], value) for name, value in net.state_dict().items())


def test_two_idents_give_two_sets_of_ids(net, few_digits):
    pages = [Page(static_explorer(net, *few_digits, ident=ident).data) for ident in ("a", "b")]
    ids = [attributes["id"] for page in pages for _, attributes, _ in page.elements if "id" in attributes]
    assert sorted(ids) == ["a-1", "a-2", "b-1", "b-2"]


def test_setting_the_live_controls_changes_what_is_drawn_to_what_the_page_shows(net, few_digits, static):
    box = explorer(net, *few_digits)
    (first, second), drawing = box.children[0].children, box.children[1]
    seen = set()
    for k, (d1, d2) in enumerate(net.architectures):
        first.value, second.value = d1, d2
        assert Page(drawing.value).first() == static.after(k)
        seen.add(drawing.value)
    assert len(seen) == 9
    with pytest.raises(Exception, match="value"):
        first.value = 4


def test_accuracies_stand_in_the_table_and_in_the_text(net, few_digits):
    accuracies = {
        "scratch": dict.fromkeys(net.architectures, 0.5),
        "shared": pd.Series(np.linspace(0.1, 0.9, 9), ARCHS),
    }
    page = Page(static_explorer(net, *few_digits, accuracies).data)
    assert [text for _, found, text in page.all("th") if found["scope"] == "col"][3:5] == ["scratch", "shared"]
    assert [text for _, _, text in page.all("td")][5 * 8 + 2 : 5 * 8 + 4] == ["50.00 %", "90.00 %"]
    assert "scratch 50.00 %; shared 10.00 %" in page.first()[0][0]
    assert "shared 90.00 %" in explorer(net, *few_digits, accuracies).children[1].value


@pytest.mark.parametrize("padding", ["same", "none"])
def test_the_explorer_knows_the_second_space(few_digits, padding):
    net = KernelSupernet(4, padding)
    accuracies = {"scratch": dict(zip(net.architectures, (0.1, 0.2, 0.3, 0.4), strict=True))}
    page, box = Page(static_explorer(net, *few_digits, accuracies).data), explorer(net, *few_digits, accuracies)
    assert page.first() == page.after(0)
    assert [text for _, _, text in page.all("label")] == ["kernel of layer 1", "kernel of layer 2"]
    (first, second), drawing = box.children[0].children, box.children[1]
    layout, costs = kernel_layout(net), cost_table(net)
    shapes = [*layout.arrows, *layout.boxes]
    for k, (k1, k2) in enumerate(net.architectures):
        first.value, second.value = k1, k2
        assert Page(drawing.value).first() == page.after(k)
        texts, styles = page.after(k)
        assert styles[: len(shapes)] == [LIT if is_on(shape, (k1, k2)) else FAINT for shape in shapes]
        assert texts[0].startswith(
            f"path {k1, k2}: parameters {costs[k1, k2][0]:,}; multiply-adds {costs[k1, k2][1]:,};"
        )
        assert f"scratch {10 * (k + 1)}.00 %" in texts[0]
        answers = predict(net, few_digits[0], (k1, k2)).argmax(dim=-1)
        says = [f"says {a} {'✓' if a == label else '✗'}" for a, label in zip(answers, few_digits[1], strict=True)]
        assert texts[1:] == says
    with pytest.raises(Exception, match="value"):
        first.value = 4


@pytest.mark.parametrize("make", [explorer, static_explorer])
def test_what_does_not_fit_the_net_is_refused(net, few_digits, make):
    images, labels = few_digits
    for arguments in ((images[:0], labels[:0]), (images, labels[:2])):
        with pytest.raises(ValueError, match="a label for each"):
            make(net, *arguments)
    for accuracies in ({"a": {(1, 1): 0.5}}, dict.fromkeys(net.architectures, 0.5)):
        with pytest.raises(ValueError, match="architectures"):
            make(net, images, labels, accuracies)


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
