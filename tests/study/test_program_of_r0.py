"""R0's program: a plain loop that does literally what it does, beside the tasks that stand for it."""

from copy import deepcopy
from dataclasses import replace
from functools import partial

import pytest
import torch
from torch import nn

from nas.evaluation import count_right
from nas.training import batch_order, train
from study.recipes import get_variant
from study.settings import PROFILES, get_profile
from study.tasks import Task
from study.work import MEASURES, count_all, measure_network, measure_supernet, sampler_of

STEPS, BATCH = 3, 100
FAULTS = {  # variant: (is Adam made anew for each step, does it hear of the blocks)
    "r0-as-it-was": (True, False),
    "r0-blocks-trained": (True, True),
    "r0-one-adam": (False, False),
    "r0-both": (False, True),
}


@pytest.fixture(autouse=True)
def narrow(monkeypatch):
    """The profile as-r0 on digits, with few channels, in float32 and PyTorch's usual memory format, as R0 has it."""
    profile = get_profile("as-r0")
    plain = replace(profile.train, channels_last=False)
    monkeypatch.setitem(PROFILES, "as-r0", replace(profile, width=4, dataset="digits", train=plain, fast=False))


def layer(size_in, size_out, stride=1):
    return nn.Sequential(nn.Conv2d(size_in, size_out, 3, stride, 1), nn.BatchNorm2d(size_out), nn.ReLU())


class Program:
    """Layers like R0's, with the weights of a network of ours; those of the blocks in plain lists."""

    def __init__(self, net):
        self.stem, self.down, self.linear = layer(1, 4), layer(4, 8, 2), nn.Linear(8, 10)
        blocks = [[layer(size, size) for _ in range(3)] for size in (4, 8)]
        self.block1, self.block2 = blocks
        for theirs, ours in zip(self.layers(), Program.layers_of(net), strict=True):
            theirs.load_state_dict(ours.state_dict())

    def layers(self):
        return [self.stem, *self.block1, self.down, *self.block2, self.linear]

    @staticmethod
    def layers_of(net):
        return [net.stem, *net.block1.layers, net.down, *net.block2.layers, net.head.linear]

    def sample(self, arch):
        return Sample(self, arch)


class Sample(nn.Module):
    """One path: `parameters` and `eval` reach stem, down and linear alone."""

    def __init__(self, program, arch):
        super().__init__()
        self.stem, self.down, self.linear = program.stem, program.down, program.linear
        self.block1, self.block2 = program.block1[: arch[0]], program.block2[: arch[1]]

    def forward(self, x):
        for module in (self.stem, *self.block1, self.down, *self.block2):
            x = module(x)
        return self.linear(x.mean(dim=(2, 3)))

    def block_parameters(self):
        return [p for module in (*self.block1, *self.block2) for p in module.parameters()]


def train_program(program, data, paths, anew, reached):
    optimizer = None
    if not anew:
        whole = program.sample((3, 3))
        optimizer = torch.optim.Adam([*whole.parameters(), *(whole.block_parameters() if reached else [])], lr=1e-3)
    for batch, arch in zip(batch_order(len(data.train), BATCH, 0, 1)[:STEPS], paths, strict=True):
        model = program.sample(arch)
        if anew:
            extra = model.block_parameters() if reached else []
            optimizer = torch.optim.Adam([*model.parameters(), *extra], lr=1e-3)
        loss = nn.CrossEntropyLoss()(model(data.train.images[batch]), data.train.labels[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def train_task(task, data):
    """The untrained network of a task, and the same after STEPS steps by the engine."""
    variant, net = task.variant, task.network()
    before = deepcopy(net)
    sampler = None if task.arch else sampler_of(task)
    config = replace(task.config(torch.device("cpu")), steps=STEPS)
    train(net, data, config, sampler=sampler, forget=variant.forget, score=lambda net: {})
    return before, net


def alike(ours, theirs):
    """Share of the numbers of two lists of layers that agree.

    Left out: biases before a batch normalisation, whose gradient is rounding error, and the running means they shift.
    """
    close = [
        torch.isclose(a, b, rtol=1e-3, atol=1e-5).flatten()
        for one, other in zip(ours, theirs, strict=True)
        for (name, a), b in zip(one.state_dict().items(), other.state_dict().values(), strict=True)
        if name not in ("0.bias", "1.running_mean")
    ]
    return torch.cat(close).float().mean().item()


def paths_of(task):
    sampler = sampler_of(task)
    return [sampler.sample() for _ in range(STEPS)]


@pytest.mark.parametrize("variant", FAULTS)
def test_the_first_steps_are_those_of_the_program(digits, variant):
    task = Task("as-r0", 0, variant=variant)
    before, net = train_task(task, digits)
    program = Program(before)
    train_program(program, digits, paths_of(task), *FAULTS[variant])
    assert alike(Program.layers_of(net), program.layers()) > 0.99
    for other in FAULTS.keys() - {variant}:
        wrong = Program(before)
        train_program(wrong, digits, paths_of(task), *FAULTS[other])
        assert alike(Program.layers_of(net), wrong.layers()) < 0.95


@pytest.mark.parametrize("variant, still", [("r0-as-it-was", True), ("r0-blocks-trained", False)])
def test_blocks_that_no_optimiser_knows_keep_their_weights_but_not_their_statistics(digits, variant, still):
    before, net = train_task(Task("as-r0", 0, variant=variant), digits)
    pairs = zip(before.block2.layers[0].parameters(), net.block2.layers[0].parameters(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs) == still
    assert not torch.equal(before.block2.layers[0][1].running_var, net.block2.layers[0][1].running_var)
    assert not torch.equal(before.stem[0].weight, net.stem[0].weight)


def test_a_network_alone_keeps_its_blocks_and_one_adam(digits):
    task = Task("as-r0", 0, variant="r0-alone", arch=(2, 1))
    assert not get_variant("r0-alone").forget
    before, net = train_task(task, digits)
    for name, weight in before.named_parameters():
        assert torch.equal(weight, net.get_parameter(name)) == name.startswith("block")


def test_initial_weights_are_uniform_and_the_usual_ones_are_small():
    drawn = {name: Task("as-r0", 0, variant=name).network() for name in ("r0-both", "r0-usual-initialisation")}
    for name, net in drawn.items():
        for module in [m for m in net.modules() if isinstance(m, nn.Conv2d | nn.Linear)]:
            fan_in = module.weight[0].numel()
            bound = 1 if name == "r0-both" else fan_in**-0.5
            assert module.weight.abs().max() <= bound and module.bias.abs().max() <= bound
            assert module.weight.std().item() == pytest.approx(bound / 3**0.5, rel=0.25)
    again, other = Task("as-r0", 0, variant="r0-both").network(), Task("as-r0", 1, variant="r0-both").network()
    assert torch.equal(again.stem[0].bias, drawn["r0-both"].stem[0].bias)
    assert not torch.equal(other.stem[0].bias, drawn["r0-both"].stem[0].bias)


def test_the_program_has_the_parameters_that_r0_trains():
    """19,658 of those of every network: stem, down and the last layer, with their biases."""
    net = replace(get_profile("as-r0"), width=32).supernet(Task("as-r0", 0).space, 0)
    trained = [net.stem, net.down, net.head]
    assert sum(p.numel() for module in trained for p in module.parameters()) == 19_658


def test_batch_statistics_and_the_ensemble_s_mixed_modes_are_the_program_s(digits):
    _, net = train_task(Task("as-r0", 0, variant="r0-as-it-was"), digits)
    kept, program, images = deepcopy(net.state_dict()), Program(net), digits.test.images
    with torch.no_grad():
        batch = [torch.cat([program.sample(arch)(x) for x in images.split(BATCH)]) for arch in net.architectures]
        models = [program.sample(arch).eval() for arch in net.architectures]
        mixed = [torch.cat([model(x) for x in images.split(BATCH)]) for model in models]
    for name, logits in (("batch-100", batch), ("mixed", mixed)):
        assert torch.allclose(MEASURES[name](net, images, None), torch.stack(logits), rtol=1e-3, atol=1e-3)
    assert not torch.allclose(torch.stack(batch), torch.stack(mixed), atol=0.1)
    assert all(torch.equal(tensor, kept[name]) for name, tensor in net.state_dict().items())


def test_a_network_alone_is_measured_with_its_batches(digits):
    net = Task("as-r0", 0, variant="r0-alone", arch=(2, 1)).network()
    images = digits.test.images
    measured = measure_network(net, images, None, ("running", "batch-100"))
    with torch.no_grad():
        expected = torch.cat([net.train()(x) for x in images.split(BATCH)])
    assert torch.allclose(measured["batch-100"], expected, atol=1e-3)
    assert not torch.allclose(measured["running"], expected, atol=0.1)


def test_r3_counts_on_training_and_validation_images_together(few, net):
    images = few.train.images
    counts = count_all(partial(measure_supernet, net), few, images)
    both = torch.cat([images, few.validation.images]), torch.cat([few.train.labels, few.validation.labels])
    for name, logits in measure_supernet(net, both[0], images).items():
        assert counts[name] == count_right(logits, both[1])
    alone = net.extract((1, 2))
    expected = count_right(measure_network(alone, both[0], None)["running"], both[1])
    assert count_all(partial(measure_network, alone), few, images) == {"running": expected}
