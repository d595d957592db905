"""Laws of the network in the page: it answers as PyTorch does, and sees the picture that Python makes of a drawing."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
import torch
from javascript import PLAY, needs_node, run_script
from matplotlib.image import imread
from torch.nn.functional import batch_norm, conv2d

from kit import nine as nine_networks
from kit.nine import (
    answers,
    lent_answers,
    load_pens,
    nine,
    opens,
    read_script,
    recalculated,
    script,
    script_digest,
    ten_digits,
    tensors,
    write_pens,
)
from kit.pen import picture, read
from nas import load_data, trained
from study.settings import get_profile

PENS = np.loadtxt(Path(__file__).with_name("pen_digits.csv"), delimiter=",")
STROKES = PENS[:, :16].reshape(-1, 8, 2) / 100 * [1, -1] + [0, 1]
needs_mnist = pytest.mark.skipif(not os.environ.get("NAS_DATA_DIR"), reason="NAS_DATA_DIR does not say where MNIST is")
NINE = "const e = need('engine'), w = need('weights'), net = e.load(w);"


def plain(values):
    """A tensor or array as lists, for JSON."""
    return torch.as_tensor(values).tolist()


@pytest.fixture(scope="module")
def page():
    return read_script()


@pytest.fixture(scope="module")
def hundred():
    """The first 100 of MNIST's test images, (100, 28, 28) from 0 to 1: a sheet of ten rows, read row by row."""
    sheet = torch.from_numpy(imread(Path(__file__).with_name("mnist_test_100.png"))).double()
    return sheet.view(10, 28, 10, 28).transpose(1, 2).reshape(100, 28, 28)


def asked(pixels, which):
    """The logits (9, N, 10) that the page computes from pixels (N, 28, 28)."""
    code = f"{NINE} return value[0].map(x => e.nine(net, e.prepare(w, x), value[1]).map(logits => [...logits]))"
    return torch.tensor(run_script(code, [plain(pixels.flatten(1)), which])).transpose(0, 1)


@needs_node
@pytest.mark.parametrize("which", ["running", "recalculated"])
def test_the_page_answers_as_pytorch_does(page, hundred, which):
    net, copies, content = page
    expected = answers(net, copies, hundred, content)[which]
    torch.testing.assert_close(asked(hundred, which), expected, rtol=0, atol=1e-4)


@needs_node
@pytest.mark.parametrize("path", [(1, 1), (2, 3), (3, 1)])
def test_with_the_statistics_of_one_path_what_it_does_not_use_keeps_the_running_ones(page, hundred, path):
    net, copies, content = page
    expected = lent_answers(net, copies, path, hundred, content)
    torch.testing.assert_close(asked(hundred, list(path)), expected, rtol=0, atol=1e-4)
    assert (answers(net, copies, hundred, content)["running"] - expected).abs().max() > 0.1


@needs_node
@pytest.mark.parametrize(
    ("channels", "out", "size", "stride"), [(1, 3, 28, 1), (2, 4, 28, 2), (3, 2, 7, 2), (2, 2, 1, 1)]
)
def test_convolution_is_pytorch_s(channels, out, size, stride):
    x, weight = torch.randn(channels, size, size), torch.randn(out, channels, 3, 3)
    code = (
        "const [x, w, c, n, s] = value, f = list => Float32Array.from(list);"
        "const y = need('engine').convolve({data: f(x), channels: c, size: n}, f(w), s);"
        "return [[...y.data], y.channels, y.size]"
    )
    data, *shape = run_script(code, [plain(x.flatten()), plain(weight.flatten()), channels, size, stride])
    expected = conv2d(x[None], weight, stride=stride, padding=1)[0]
    assert shape == [*expected.shape[:2]]
    torch.testing.assert_close(torch.tensor(data).view(expected.shape), expected, rtol=0, atol=1e-4)


@needs_node
def test_normalisation_and_relu_are_pytorch_s():
    x, (mean, weight, bias), variance = torch.randn(3, 5, 5), torch.randn(3, 3), torch.rand(3)
    code = (
        "const [x, mean, variance, weight, bias] = value;"
        "const picture = {data: Float32Array.from(x), channels: 3, size: 5};"
        "const y = need('engine').normalise(picture, {mean, variance, weight, bias});"
        "return [...y.data]"
    )
    found = run_script(code, [plain(x.flatten()), *map(plain, (mean, variance, weight, bias))])
    expected = batch_norm(x[None], mean, variance, weight, bias)[0].relu()
    torch.testing.assert_close(torch.tensor(found).view(3, 5, 5), expected, rtol=1e-5, atol=1e-5)


@needs_node
def test_probabilities_and_their_average():
    logits = [[1000.0, 0.0], [0.0, 0.0]]
    code = "const e = need('engine'), p = value.map(e.softmax); return [p, e.average(p), p.map(e.answer)]"
    probabilities, mean, said = run_script(code, logits)
    assert probabilities == [[1, 0], [0.5, 0.5]] and mean == [0.75, 0.25] and said == [0, 0]


def test_the_script_holds_the_committed_weights_to_the_bit(page):
    net, mine = trained("page", depth=3), page[0]
    for name, value in net.state_dict().items():
        if not name.endswith("num_batches_tracked"):
            assert torch.equal(mine.state_dict()[name], value), name


@needs_mnist
def test_the_hundred_are_the_first_of_mnist_s_test_images(hundred):
    data = load_data("mnist")
    expected = data.test.images[:100, 0] * data.std + data.mean
    torch.testing.assert_close(hundred.float(), expected, rtol=0, atol=1e-5)


@needs_mnist
def test_the_script_is_what_the_module_writes_from_mnist(page):
    net, data = trained("page", depth=3), load_data("mnist")
    copies = recalculated(net, data.train.images[: get_profile("page").recalibration])
    found, written = tensors(net, copies), tensors(page[0], page[1])
    for name, value in found.items():  # statistics are sums, whose order is the machine's
        torch.testing.assert_close(written[name], value, rtol=1e-4, atol=1e-5, msg=name)
    fresh, text = script(net, copies, data), (PLAY / "weights.js").read_text()
    assert fresh[: fresh.index('"floats"')] == text[: text.index('"floats"')]


def test_what_is_told_of_other_hands_was_counted_with_these_weights_and_fits_the_digits_kept_here(page):
    net, copies, content = page
    pens, pixels = load_pens(), np.stack([picture([stroke]) for stroke in STROKES])
    assert pens["script"] == script_digest() and pens["differ"] == 0
    assert sum(pens["missed"].values()) == pens["digits"] - pens["right"]["recalculated"][-1]
    for kind, logits in answers(net, copies, pixels, content).items():
        here = (logits.argmax(dim=-1) == torch.tensor(PENS[:, 16])).float().mean(dim=1)
        told = torch.tensor(pens["right"][kind]) / pens["digits"]
        torch.testing.assert_close(here, told, rtol=0, atol=0.12, msg=kind)  # of a hundred: two standard errors


def test_other_hands_are_counted_by_architecture_and_by_class(tmp_path, monkeypatch):
    monkeypatch.setattr(nine_networks, "RESULTS", tmp_path)
    said = {"running": torch.full((9, 3), 5), "recalculated": torch.tensor([[5, 8, 3]]).repeat(9, 1)}
    written = json.loads(write_pens(torch.tensor([5, 8, 5]), said, 2).read_text())
    assert written["right"] == {"running": [2] * 9, "recalculated": [2] * 9} and written["missed"] == {"5": 1}
    assert (written["digits"], written["differ"]) == (3, 2)


def test_without_script_the_box_shows_what_the_nine_say(page):
    box, start = nine().data, nine(start=True).data
    label = page[2]["digits"][opens()[0]]["label"]
    assert f"a {label}." in box and box.count("<rect") == 18
    assert "recalculated" in box and "recalculated" not in start and "statistics" not in start


@needs_node
def test_what_is_shown_first_gives_three_counts_and_the_first_row_is_wrong_as_trained_and_right_recalculated(page):
    place, path = opens()
    pixels, labels = ten_digits(page[2])
    right = {
        str(which): asked(torch.from_numpy(pixels[place : place + 1]), which)[:, 0].argmax(dim=-1) == labels[place]
        for which in ("running", "recalculated", list(path))
    }
    assert not right["running"][:3].any() and right["recalculated"].all()
    assert len({answered.sum().item() for answered in right.values()}) == 3


def test_a_box_of_nine_loads_at_most_40_kb_beside_its_weights():
    sizes = {name: (PLAY / f"{name}.js").stat().st_size for name in ("engine", "pad", "nine", "weights")}
    assert sum(sizes.values()) - sizes["weights"] <= 40_000 and sizes["weights"] <= 80_000
    assert len((PLAY / "engine.js").read_text().splitlines()) <= 200


@needs_node
@pytest.mark.parametrize(("pen", "centred"), [(2.2, True), (1, True), (4.4, True), (2.2, False)])
def test_a_drawing_becomes_the_same_picture_in_both_languages(pen, centred):
    code = "const pad = need('pad'); return value[0].map(stroke => pad.picture([stroke], value[1], value[2]))"
    found = run_script(code, [STROKES.tolist(), pen, centred])
    expected = [picture([stroke], pen, centred) for stroke in STROKES]
    assert len(found) == 100
    assert np.abs(np.array(found).reshape(-1, 28, 28) - expected).max() < 1 / 255


@needs_node
def test_several_strokes_and_a_dot_among_them(page):
    drawing = [[[0.2, 0.2], [0.8, 0.25]], [[0.5, 0.6]], [[0.5, 0.2], [0.4, 0.5], [0.45, 0.9]]]
    found = run_script("return need('pad').picture(value)", drawing)
    assert np.abs(np.array(found).reshape(28, 28) - picture(drawing)).max() < 1 / 255
    assert picture(drawing)[picture(drawing[::2]) == 0].any()  # the dot is seen


@needs_node
def test_what_is_no_digit_gets_a_sentence():
    drawings = [[], [[[0.5, 0.5]]], [[[0.5, 0.5], [0.52, 0.51]]], [[[0.2, 0.2], [0.8, 0.9]]]]
    empty, dot, small, line = run_script("return value.map(need('pad').problem)", drawings)
    assert "empty" in empty and "dot" in dot and small == dot and line is None


@needs_node
def test_strokes_survive_the_address():
    drawing = [[[0, 1], [0.5, 0.25]], [[1 / 3, 0.999]]]
    text, back, *fits = run_script(
        "const pad = need('pad'), text = pad.write(value);"
        "return [text, pad.read(text), ...[text, '', '12345', '123456-', '<b>'].map(pad.isWritten)]",
        drawing,
    )
    assert text == "000999500250-333998" and fits == [True, True, False, False, False]
    for stroke, again, in_python in zip(drawing, back, read(text), strict=True):
        np.testing.assert_allclose(again, stroke, atol=0.51 / 999)
        np.testing.assert_array_equal(in_python, again)
