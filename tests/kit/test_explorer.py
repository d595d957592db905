"""Laws of the subnet explorer, without a browser: on the page and with a kernel, of any supernet."""

from itertools import product

import pytest
import torch
from page_reader import Page, twin

from kit.explorer import NOT_ASKED, STATISTICS
from kit.layout import is_on, kernel_layout, parallel_layout, supernet_layout
from kit.markup import CHOSEN, FAINT, LIT, PLAIN
from kit.pen import image_for, read
from kit.widgets import explorer, explorer_on
from nas import KernelSupernet, evaluate
from nas.data import Split
from nas.evaluation import cost_table, predict, recalibrate
from nas.methods.parallel import ParallelSupernet


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
    boxes = [explorer(net, *few_digits) for _ in range(2)]
    assert len({box._repr_mimebundle_()["text/html"] for box in boxes}) == 1
    assert net.training
    assert all(torch.equal(before[name], value) for name, value in net.state_dict().items())


def test_two_idents_give_two_sets_of_ids(net, few_digits):
    pages = [twin(explorer(net, *few_digits, ident=ident)) for ident in ("a", "b")]
    ids = [attributes["id"] for page in pages for _, attributes, _ in page.elements if "id" in attributes]
    assert sorted(ids) == ["a-1", "a-2", "b-1", "b-2"]


def test_setting_the_live_controls_shows_what_the_page_shows_of_that_path_and_what_was_asked_before(
    net, few_digits, static
):
    box, shapes = explorer(net, *few_digits), supernet_layout(3)
    (first, second), drawing = box.children[0].children, box.children[1]
    many, right = len(shapes.arrows) + len(shapes.boxes), [text for _, _, text in static.all("td")][2::3]
    asked = {0}
    for k, (d1, d2) in enumerate(net.architectures):
        first.value, second.value = d1, d2
        asked |= {k, 3 * (d1 - 1) + max(k - 1, 0) % 3}  # between the two choices another path was chosen
        page = Page(drawing.value)
        texts, styles = page.first()
        assert (texts, styles[:many]) == (static.after(k)[0], static.after(k)[1][:many])
        wanted = [text if place in asked else NOT_ASKED for place, text in enumerate(right)]
        assert [text for _, _, text in page.all("td")][2::3] == wanted
    with pytest.raises(Exception, match="value"):
        first.value = 4


def test_the_live_explorer_extracts_what_is_chosen_and_asks_it_then(net, few_digits):
    box, images = explorer(net, *few_digits), few_digits[0]
    (_, second), drawing = box.children[0].children, box.children[1]
    with torch.no_grad():
        for weight in net.parameters():
            weight.mul_(-1)  # it is another network now
    second.value = 3
    said = [f"says {answer} " for answer in predict(net, images, (1, 3)).argmax(dim=-1)]
    assert said != [f"says {answer} " for answer in predict(net, images, (1, 1)).argmax(dim=-1)]
    assert [text[: len(one)] for text, one in zip(Page(drawing.value).first()[0][1:], said, strict=True)] == said


def test_a_digit_of_ones_own_is_asked_for_with_every_choice(net, digits, few_digits):
    box = explorer(net, *few_digits, training_images=digits.train.images[:200], data=digits)
    (first, _, statistics), (drawing, own) = box.children[0].children, box.children[2].children
    assert "copy for Jupyter" in own.value and "says" not in own.value
    drawing.value = "200300400100700350300800"
    image = image_for(digits, read(drawing.value))
    for arch, way in (((1, 1), 0), ((3, 1), 0), ((3, 1), 1)):
        first.value, statistics.index = arch[0], way
        model = recalibrate(net, arch, digits.train.images[:200]) if way else net.extract(arch)
        assert f"path {arch} says {predict(model, image).argmax().item()}<" in own.value
        assert 'alt="your digit, as the subnet sees it"' in own.value
    drawing.value = "<b>"
    assert "&#x27;&lt;b&gt;&#x27; is no drawing" in own.value and "<img" not in own.value
    assert len(explorer(net, *few_digits).children) == 2


def test_the_explorer_of_a_dataset_asks_eight_validation_images_a_digit_of_ones_own_and_both_statistics(net, digits):
    plain, both = explorer_on(net, digits), explorer_on(net, digits, statistics=True)
    for box in (plain, both):
        assert torch.equal(box.facts.images, digits.validation.images[:8]) and box.data is digits
        assert box.facts.labels == digits.validation.labels[:8].tolist() and len(box.children) == 3
    assert plain.facts.statistics == (None,) and both.facts.statistics == STATISTICS
    assert torch.equal(both.facts.training_images, digits.train.images[:500])


def test_without_a_kernel_the_static_twin_stands_in_the_place_of_the_live_one(net, few_digits):
    box = explorer(net, *few_digits)
    shown = box._repr_mimebundle_()
    assert Page(shown["text/html"]).first() == Page(box.children[1].value).first()
    assert "application/vnd.jupyter.widget-view+json" in shown
    assert "0x" not in shown["text/plain"]


def test_the_statistics_are_a_choice_where_training_images_are_given(net, digits, few_digits):
    images, labels = few_digits
    training_images = digits.train.images[:200]
    box = explorer(net, images, labels, training_images=training_images)
    page = twin(box)
    first, second, statistics = box.children[0].children
    assert page.first() == page.after(0)
    assert [text for _, _, text in page.all("label")][2] == "statistics"
    models = {
        STATISTICS[0]: lambda arch: net.extract(arch),
        STATISTICS[1]: lambda arch: recalibrate(net, arch, training_images),
    }
    said = set()
    for k, (arch, name) in enumerate(product(net.architectures, STATISTICS)):
        (first.value, second.value), statistics.value = arch, name
        answers = predict(models[name](arch), images).argmax(dim=-1)
        says = [f"says {a} {'✓' if a == label else '✗'}" for a, label in zip(answers, labels, strict=True)]
        texts, _ = page.after(k)
        assert texts[0].startswith(f"path {arch}, statistics {name}: ")
        assert texts[1 : len(labels) + 1] == says == Page(box.children[1].value).first()[0][1 : len(labels) + 1]
        said.add(tuple(says))
    assert len(said) > 1


def test_the_page_says_which_images_and_units_it_shows(net, few_digits):
    page = explorer(net, *few_digits, split="validation split of digits")._repr_mimebundle_()["text/html"]
    assert "of the 6 images above, validation split of digits. Multiply-adds: of one image." in page


@pytest.mark.parametrize("space", ["same", "none", "parallel"])
def test_the_explorer_knows_the_other_spaces(few_digits, space):
    net = ParallelSupernet(4) if space == "parallel" else KernelSupernet(4, space)
    layout, label = (parallel_layout(net), "kernels") if space == "parallel" else (kernel_layout(net), "kernel")
    box = explorer(net, *few_digits)
    page = twin(box)
    assert page.first() == page.after(0)
    assert [text for _, _, text in page.all("label")] == [f"{label} of layer 1", f"{label} of layer 2"]
    (first, second), drawing = box.children[0].children, box.children[1]
    costs, shapes = cost_table(net), [*layout.arrows, *layout.boxes]
    for k, arch in enumerate(net.architectures):
        first.value, second.value = arch
        texts, styles = page.after(k)
        assert Page(drawing.value).first()[0] == texts
        assert styles[: len(shapes)] == [LIT if is_on(shape, arch) else FAINT for shape in shapes]
        assert texts[0].startswith(f"path {arch}: parameters {costs[arch][0]:,}; multiply-adds {costs[arch][1]:,};")
        answers = predict(net, few_digits[0], arch).argmax(dim=-1)
        says = [f"says {a} {'✓' if a == label else '✗'}" for a, label in zip(answers, few_digits[1], strict=True)]
        assert texts[1:] == says
    with pytest.raises(Exception, match="value"):
        first.value = 4


class Corner(torch.nn.Module):
    """A supernet that the book does not know: of a supernet's paths only three, which are no product of choices."""

    architectures = ((1, 1), (1, 2), (2, 1))

    def __init__(self, net):
        super().__init__()
        self.whole, self.extract = net, net.extract

    def forward(self, x, arch):
        return self.whole(x, arch)


def test_a_supernet_without_a_drawing_and_with_an_uneven_space_is_asked_too(net, few_digits):
    box = explorer(Corner(net), *few_digits)
    page = twin(box)
    assert [text for _, _, text in page.all("label")] == ["path"]
    assert not page.all("svg")
    (path,) = box.children[0].children
    for k, arch in enumerate(Corner.architectures):
        path.value = arch
        assert Page(box.children[1].value).first()[0] == page.after(k)[0]
        answers = predict(net, few_digits[0], arch).argmax(dim=-1)
        assert [text.split()[1] for text in page.after(k)[0][1:]] == [str(a.item()) for a in answers]


def test_what_does_not_fit_the_net_is_refused(net, few_digits):
    images, labels = few_digits
    for arguments in ((images[:0], labels[:0]), (images, labels[:2])):
        with pytest.raises(ValueError, match="a label for each"):
            explorer(net, *arguments)
    with pytest.raises(ValueError, match="no batch normalisation"):
        explorer(KernelSupernet(4), images, labels, training_images=images)
