"""Laws of learning from a teacher: the loss by hand and at its extremes, and which parameters and statistics move."""

import math
from copy import deepcopy
from dataclasses import replace
from functools import partial

import pytest
import torch
from bits import Always, changed, on_path, same_bits, snapshot
from torch.nn.functional import cross_entropy

from nas import DepthSupernet, TrainConfig, ensemble, train
from nas.data import Split
from nas.methods.teaching import distillation_loss, ensemble_logits, in_place_gradients, taught, with_largest
from nas.training import gradients

NINE = DepthSupernet(width=1).architectures


def random_logits(*shape, seed=0):
    return 3 * torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


@pytest.fixture
def pair():
    """Logits of a student and its teacher, (50, 10) each, in double precision."""
    return random_logits(50, 10).double(), random_logits(50, 10, seed=1).double()


def test_the_loss_by_hand():
    """Two classes: the teacher says 3 to 1, the student 1 to 1; at temperature 2 the teacher says sqrt(3) to 1."""
    teacher, student = torch.tensor([[math.log(3), 0.0]]), torch.zeros(1, 2)
    expected = 0.75 * math.log(0.75 / 0.5) + 0.25 * math.log(0.25 / 0.5)
    assert distillation_loss(student, teacher, temperature=1).item() == pytest.approx(expected)
    p = math.sqrt(3) / (math.sqrt(3) + 1)
    expected = 4 * (p * math.log(2 * p) + (1 - p) * math.log(2 * (1 - p)))
    assert distillation_loss(student, teacher, temperature=2).item() == pytest.approx(expected)


@pytest.mark.parametrize("temperature", [0.5, 1, 4, 20])
def test_the_gradient_is_t_times_the_difference_of_probabilities(pair, temperature):
    student, teacher = pair
    student.requires_grad_()
    distillation_loss(student, teacher, temperature).backward()
    difference = (student / temperature).softmax(dim=-1) - (teacher / temperature).softmax(dim=-1)
    assert torch.allclose(student.grad, temperature * difference / len(student))


def test_a_high_temperature_compares_centred_logits(pair):
    """Hinton et al. 2015, section 2.1: the gradient tends to the difference of the logits over the classes."""
    student, teacher = pair
    student.requires_grad_()
    distillation_loss(student, teacher, temperature=1e4).backward()
    centred = [values - values.mean(dim=-1, keepdim=True) for values in (student, teacher)]
    limit = (centred[0] - centred[1]) / 10 / len(student)
    assert torch.allclose(student.grad, limit, atol=1e-3 * limit.abs().max().item())


def test_a_sure_teacher_at_temperature_one_is_a_label(pair):
    student, labels = pair[0], torch.arange(50) % 10
    teacher = 1e3 * torch.eye(10).double()[labels]
    expected = cross_entropy(student, labels).item()
    assert distillation_loss(student, teacher, temperature=1).item() == pytest.approx(expected)


def test_the_loss_is_zero_where_the_student_agrees_and_nowhere_else(pair):
    student, teacher = pair
    assert distillation_loss(teacher + 7, teacher).item() == pytest.approx(0, abs=1e-12)  # a shift changes no softmax
    assert distillation_loss(student, teacher).item() > 0.1
    halves = [distillation_loss(student[rows], teacher[rows]) for rows in (slice(25), slice(25, 50))]
    assert distillation_loss(student, teacher).item() == pytest.approx(sum(halves).item() / 2)


@pytest.mark.parametrize("temperature", [0, -1, math.nan, math.inf, 1e-4, 1e300, 10**300, 10**400])
def test_a_temperature_that_makes_no_sense_is_refused(pair, temperature):
    with pytest.raises(ValueError, match=r"^temperature is \S+: it must lie between 0.001 and 1,000,000$"):
        distillation_loss(*pair, temperature)


@pytest.mark.parametrize("shape", [(50,), (50, 9), (1, 10)])
def test_labels_or_a_teacher_of_another_shape_are_refused(pair, shape):
    with pytest.raises(ValueError) as caught:
        distillation_loss(pair[0], torch.zeros(shape))
    assert f"the teacher's logits have shape {shape}, the student's (50, 10)" in str(caught.value)
    assert "for labels use cross_entropy" in str(caught.value)


def test_an_ensemble_teaches_the_mean_of_its_probabilities():
    members = random_logits(3, 50, 10)
    assert torch.allclose(ensemble_logits(members).softmax(dim=-1), ensemble(members), atol=1e-6)
    assert torch.allclose(ensemble_logits(members[:1]), members[0].log_softmax(dim=-1), atol=1e-6)


def test_a_sure_ensemble_s_logits_stay_finite():
    sure = torch.tensor([[[300.0, 0.0]], [[300.0, 0.0]]])
    assert ensemble(sure).log().isinf().any()
    assert ensemble_logits(sure).tolist() == [[0, -300]]


@pytest.mark.parametrize("shape", [(50, 10), (0, 50, 10)])
def test_members_of_another_shape_are_refused(shape):
    with pytest.raises(ValueError) as caught:
        ensemble_logits(torch.zeros(shape))
    assert f"logits have shape {shape}: pass (members, N, classes)" in str(caught.value)


def test_taught_data_has_the_teacher_s_logits_and_all_else_as_before(few):
    teacher = random_logits(256, 10)
    data = taught(few, teacher)
    assert data.train.images is few.train.images
    assert same_bits(data.train.labels, teacher)
    assert (data.validation, data.test, data.fingerprint) == (few.validation, few.test, few.fingerprint)
    assert len(data.train) == 256
    assert same_bits(data.take(40).to("cpu").train.labels, teacher[:40])


@pytest.mark.parametrize(
    "teacher, message",
    [
        (torch.zeros(256, 9), "the teacher's logits have shape (256, 9), the data 10 classes: pass (N, 10)"),
        (torch.zeros(256), "the teacher's logits have shape (256,), the data 10 classes: pass (N, 10)"),
        (torch.zeros(255, 10), "the teacher answered 255 images, there are 256 for training"),
        (torch.full((256, 10), -math.inf), "the teacher's logits hold nan or infinity"),
    ],
)
def test_a_teacher_that_does_not_fit_is_refused(few, teacher, message):
    with pytest.raises(ValueError) as caught:
        taught(few, teacher)
    assert message in str(caught.value)


def test_a_student_takes_over_its_teacher_s_mistakes(few):
    """The teacher calls every digit one more than it is: so does a student that never saw a label."""
    wrong = (few.train.labels + 1) % 10
    data = taught(few, 8 * torch.eye(10)[wrong])
    student = DepthSupernet(width=4).extract((1, 1))
    config = TrainConfig(epochs=15, batch_size=32)
    train(student, data, config, compute=partial(gradients, loss=distillation_loss))
    answers = student.eval()(few.train.images).argmax(dim=-1)
    assert (answers == wrong).float().mean() > 0.35
    assert (answers == few.train.labels).float().mean() < 0.15


@pytest.mark.parametrize("compute", [None, gradients])
def test_a_teacher_s_logits_need_a_step_that_takes_them(few, compute):
    """Cross-entropy takes them for probabilities, and trains on without a word."""
    student = DepthSupernet(width=1).extract((1, 1))
    with pytest.raises(ValueError, match=r"^data.train.labels are a teacher's logits, .*: pass compute=partial\(grad"):
        train(student, taught(few, random_logits(256, 10)), TrainConfig(epochs=1), compute=compute)


def batch(few):
    return few.train.images[:32], few.train.labels[:32]


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
@pytest.mark.parametrize("arch", NINE)
def test_in_place_gradients_lie_on_the_path_and_nowhere_else(net, few, arch, precision):
    """Also in bf16, where a weight that the teacher's pass rounded must not come back without its gradient."""
    gradients(net.train(), *batch(few), (3, 3))  # gradients left over from the step before
    in_place_gradients(net, *batch(few), arch, precision)
    parameters = dict(net.named_parameters())
    found = {name for name, parameter in parameters.items() if parameter.grad is not None}
    assert found == on_path(parameters, arch)
    assert all(parameters[name].grad.abs().max() > 0 for name in found)


def by_hand(net, images, labels, arch):
    """In-place distillation in its plainest form: a copy of the network answers, so nothing of it can leak."""
    if arch == (3, 3):
        return cross_entropy(net(images, arch), labels)
    answers = deepcopy(net)(images, (3, 3)).detach().softmax(dim=-1)
    return -(answers * net(images, arch).log_softmax(dim=-1)).sum(dim=-1).mean()


@pytest.mark.parametrize("arch", [(1, 1), (2, 3), (3, 2), (3, 3)])
def test_in_place_gradients_are_those_of_a_separate_teacher(net, few, arch):
    """The largest subnet learns from labels, any other from a copy of the largest; statistics move once."""
    ours, plain = net.train(), deepcopy(net)
    loss, logits = in_place_gradients(ours, *batch(few), arch)
    expected = by_hand(plain, *batch(few), arch)
    expected.backward()
    assert loss.item() == pytest.approx(expected.item(), rel=1e-5)
    for (name, parameter), other in zip(ours.named_parameters(), plain.parameters(), strict=True):
        if parameter.grad is None:
            assert other.grad is None, name
        else:
            assert torch.allclose(parameter.grad, other.grad, atol=1e-6), name
    assert changed(snapshot(ours), snapshot(plain)) == set()  # the running statistics, above all
    assert logits.shape == (32, 10) and not logits.requires_grad


def test_in_place_targets_do_not_depend_on_labels_but_for_the_largest(net, few):
    images, labels = batch(few)
    for arch, expected in (((1, 2), True), ((3, 3), False)):
        losses = [in_place_gradients(net.train(), images, wrong, arch)[0] for wrong in (labels, (labels + 1) % 10)]
        assert (losses[0] == losses[1]).item() == expected


def test_a_step_on_a_path_changes_exactly_that_path(few):
    net = DepthSupernet(width=4)
    before = snapshot(net)
    config = TrainConfig(epochs=1, batch_size=32, steps=4)
    train(net, few, config, sampler=Always((1, 2), (2, 1)), compute=in_place_gradients)
    assert changed(before, snapshot(net)) == on_path(before, (2, 2))


def test_a_subnet_that_trains_without_the_largest_never_sees_a_label(few):
    wrong = replace(few, train=Split(few.train.images, (few.train.labels + 1) % 10))
    nets = [DepthSupernet(width=4) for _ in range(2)]
    for net, data in zip(nets, (few, wrong), strict=True):
        config = TrainConfig(epochs=1, batch_size=32)
        train(net, data, config, sampler=Always((1, 1), (2, 1)), compute=in_place_gradients)
    assert changed(snapshot(nets[0]), snapshot(nets[1])) == set()


@pytest.mark.parametrize("teach", [True, False])
@pytest.mark.parametrize("arch", [(1, 1), (3, 2), (3, 3)])
def test_two_paths_a_step_add_their_gradients(net, few, arch, teach):
    """The largest on labels and the drawn path on the largest's answers or on labels, each computed on its own copy."""
    images, labels = batch(few)
    ours, alone, drawn = net.train(), deepcopy(net), deepcopy(net)
    loss, logits = with_largest(ours, images, labels, arch, teach=teach)
    gradients(alone, images, labels, (3, 3))
    targets = deepcopy(net)(images, (3, 3)).detach().softmax(dim=-1) if teach and arch != (3, 3) else labels
    expected = gradients(drawn, images, targets, arch)
    assert loss.item() == pytest.approx(expected[0].item(), rel=1e-5)
    assert torch.allclose(logits, expected[1], atol=1e-5)
    for (name, p), a, b in zip(ours.named_parameters(), alone.parameters(), drawn.parameters(), strict=True):
        total = a.grad + (0 if b.grad is None or arch == (3, 3) else b.grad)
        assert torch.allclose(p.grad, total, atol=1e-5), name


def test_two_paths_a_step_move_the_statistics_of_each_once(net, few):
    counts = {name: values.clone() for name, values in net.named_buffers() if "num_batches" in name}
    with_largest(net.train(), *batch(few), (1, 1))
    moved = {name: int(values - counts[name]) for name, values in net.named_buffers() if name in counts}
    assert moved == {name: 1 + (name in on_path(counts, (1, 1))) for name in counts}


@pytest.mark.parametrize("compute", [in_place_gradients, with_largest])
def test_in_place_distillation_needs_an_architecture(net, few, compute):
    with pytest.raises(ValueError, match="needs an architecture: pass a supernet and one of its architectures"):
        compute(net, *batch(few), None)
