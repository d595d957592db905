"""Laws of the one loop: it moves the path and nothing else, sees each image once an epoch, and repeats itself."""

import math
from collections import Counter
from dataclasses import replace
from functools import partial

import pytest
import torch
from bits import Always, changed, on_path, same_bits, snapshot, without_times
from torch.nn.functional import cross_entropy

from nas import DepthSupernet, TrainConfig, UniformSampler, evaluate, evaluate_all, train
from nas.training import batch_order, gradients, learning_rates, train_epoch

NINE = DepthSupernet(width=1).architectures
SHORT = TrainConfig(epochs=2, batch_size=32, steps=10)


def optimiser_of(net):
    optimizer = torch.optim.AdamW(net.parameters(), lr=1e-2, fused=True)
    return optimizer, learning_rates(optimizer, TrainConfig(), total_steps=100)


@pytest.mark.parametrize("fast", [False, True])
@pytest.mark.parametrize("arch", NINE)
def test_a_step_on_a_path_changes_exactly_that_path(few, arch, fast):
    """Also when every other layer has gradients and momentum left over from steps before."""
    net = DepthSupernet(width=4).to(memory_format=torch.channels_last if fast else torch.contiguous_format)
    optimizer, schedule = optimiser_of(net)
    order = batch_order(256, 32, seed=0, epoch=1)
    step = partial(gradients, net, precision="bf16" if fast else "fp32")
    train_epoch(net, few.train, order[:3], optimizer, schedule, Always((3, 3), (1, 2), (2, 1)), step)
    before = snapshot(net)
    train_epoch(net, few.train, order[3:4], optimizer, schedule, Always(arch), step)
    assert changed(before, snapshot(net)) == on_path(before, arch)


def test_shared_training_never_touches_a_layer_that_is_not_drawn(few):
    net = DepthSupernet(width=4)
    before = snapshot(net)
    train(net, few, replace(SHORT, steps=None), sampler=Always((1, 2), (2, 1)))
    assert changed(before, snapshot(net)) == on_path(before, (2, 2))


def by_hand(net, split, config, seed, sampler=None):
    """The loop in its plainest form, as the oracle: one network or one drawn path, a batch at a time."""
    optimizer = torch.optim.AdamW(net.parameters(), lr=config.lr, weight_decay=config.weight_decay, fused=True)
    cycle = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=config.lr, total_steps=config.steps)
    net.train()
    for step in range(config.steps):
        epoch, batch = divmod(step, len(split) // config.batch_size)
        rows = batch_order(len(split), config.batch_size, seed, epoch + 1)[batch]
        arguments = (sampler.sample(),) if sampler else ()
        loss = cross_entropy(net(split.images[rows], *arguments), split.labels[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        cycle.step()


@pytest.mark.parametrize("shared", [True, False])
def test_training_is_the_plain_loop_to_the_bit(few, shared, disturb):
    nets = [DepthSupernet(width=4) if shared else DepthSupernet(width=4).extract((2, 1)) for _ in range(2)]
    samplers = [UniformSampler(NINE, seed=1) if shared else None for _ in range(2)]
    by_hand(nets[0], few.train, SHORT, 5, samplers[0])
    disturb()
    train(nets[1], few, SHORT, seed=5, sampler=samplers[1])
    assert changed(snapshot(nets[0]), snapshot(nets[1])) == set()


def test_the_same_seed_gives_the_same_bits_whatever_ran_before(few, disturb, undisturbed):
    def run(seed):
        net = DepthSupernet(width=4)
        with undisturbed():
            history = train(net, few, SHORT, seed=seed, sampler=UniformSampler(NINE))
        return snapshot(net), without_times(history)

    first, history = run(seed=0)
    disturb()
    train(DepthSupernet(width=2).extract((1, 1)), few, SHORT)
    second, again = run(seed=0)
    assert changed(first, second) == set()
    assert history == again
    other, _ = run(seed=1)
    assert changed(first, other) == set(first) - {name for name in first if "num_batches" in name}


def seen_images(net, few, config, seed, sampler=None):
    """The batches of images that reach the network in train mode."""
    seen = []
    net.stem.register_forward_pre_hook(lambda module, args: seen.append(args[0].clone()) if module.training else None)
    train(net, few, config, seed=seed, sampler=sampler)
    return seen


def test_scratch_and_shared_training_see_the_same_images_in_the_same_order(few):
    shared = seen_images(DepthSupernet(width=2), few, SHORT, 3, UniformSampler(NINE))
    alone = seen_images(DepthSupernet(width=2, seed=9).extract((2, 1)), few, SHORT, 3)
    other = seen_images(DepthSupernet(width=2).extract((2, 1)), few, SHORT, 4)
    assert len(shared) == len(alone) == 10
    assert all(same_bits(*pair) for pair in zip(shared, alone, strict=True))
    assert not any(same_bits(*pair) for pair in zip(shared, other, strict=True))
    first_epoch = {image.numpy().tobytes() for batch in shared[:8] for image in batch}
    assert first_epoch == {image.numpy().tobytes() for image in few.train.images}  # each once, and unaltered


def test_an_epoch_is_a_permutation_without_the_last_few():
    order = batch_order(100, 32, seed=0, epoch=1)
    assert order.shape == (3, 32)
    assert len(set(order.flatten().tolist())) == 96
    assert same_bits(order, batch_order(100, 32, seed=0, epoch=1))
    assert not same_bits(order, batch_order(100, 32, seed=0, epoch=2))
    assert not same_bits(order, batch_order(100, 32, seed=1, epoch=1))
    everything = {index for epoch in range(9) for index in batch_order(100, 32, 0, epoch).flatten().tolist()}
    assert everything == set(range(100))


def test_the_learning_rate_rises_and_falls_within_the_steps():
    optimizer = torch.optim.AdamW([torch.nn.Parameter(torch.zeros(1))], lr=1e-2)
    schedule = learning_rates(optimizer, TrainConfig(lr=1e-2), total_steps=100)
    rates = []
    for _ in range(100):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    assert max(rates) == pytest.approx(1e-2)
    assert 28 <= rates.index(max(rates)) <= 30
    assert rates[0] < 1e-3
    assert rates[-1] < 1e-5


def test_steps_shorten_training_and_its_schedule(few):
    history = train(DepthSupernet(width=2).extract((1, 1)), few, SHORT)
    assert [entry["steps"] for entry in history] == [8, 10]
    assert [entry["epoch"] for entry in history] == [1, 2]
    assert [entry["picks"] for entry in history] == [{}, {}]


def test_the_history_holds_what_happened(few):
    net, sampler = DepthSupernet(width=2), UniformSampler(NINE, seed=4)
    history = train(net, few, SHORT, sampler=sampler)
    again = UniformSampler(NINE, seed=4)
    assert sum((Counter(entry["picks"]) for entry in history), Counter()) == Counter(again.sample() for _ in range(10))
    assert history[-1]["validation"] == evaluate_all(net, few.validation)
    assert 0 < history[0]["loss"] < 5
    model = net.extract((1, 1))
    assert train(model, few, SHORT)[-1]["validation"] == evaluate(model, few.validation)


def test_measuring_does_not_change_training(few):
    nets = [DepthSupernet(width=4) for _ in range(2)]
    train(nets[0], few, SHORT, sampler=UniformSampler(NINE))
    train(nets[1], few, SHORT, sampler=UniformSampler(NINE), score=lambda net: {})
    assert changed(snapshot(nets[0]), snapshot(nets[1])) == set()
    assert nets[0].training


def test_the_sampler_is_told_the_batch_s_top_1(few):
    sampler = Always((1, 1), (2, 3))
    logits, net = [], DepthSupernet(width=2)
    net.head.register_forward_hook(lambda module, _, out: logits.append(out.detach()) if module.training else None)
    train(net, few, SHORT, seed=2, sampler=sampler)
    rows = torch.cat([batch_order(256, 32, 2, epoch) for epoch in (1, 2)])[:10]
    expected = [
        sum(a == b for a, b in zip(x.argmax(1), few.train.labels[r], strict=True)) / 32
        for x, r in zip(logits, rows, strict=True)
    ]
    assert [reward for _, reward in sampler.rewards] == pytest.approx([float(share) for share in expected])
    assert [arch for arch, _ in sampler.rewards] == [(1, 1), (2, 3)] * 5


def test_a_sampler_that_does_not_learn_needs_no_update(few):
    class Dealer:
        sample = Always((1, 2), (3, 1)).sample

    nets = [DepthSupernet(width=4) for _ in range(2)]
    for net, sampler in zip(nets, (Dealer(), Always((1, 2), (3, 1))), strict=True):
        train(net, few, SHORT, sampler=sampler)
    assert not changed(*map(snapshot, nets))


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_loss_that_is_not_finite_is_an_error(few, value):
    net = DepthSupernet(width=2).extract((1, 1))
    with torch.no_grad():
        net.head.linear.bias[0] = value
    with pytest.raises(ValueError, match=r"the training loss is (nan|inf): lower lr, or look for broken images"):
        train(net, few, replace(SHORT, steps=8))


def test_too_few_images_for_one_batch_are_refused(few):
    with pytest.raises(ValueError, match=r"20 training images do not fill one batch of 32: choose a smaller"):
        train(DepthSupernet(width=2).extract((1, 1)), few.take(20), TrainConfig(batch_size=32))


def test_what_is_measured_takes_no_name_that_the_history_has(few):
    """With `steps` it would decide when training ends."""
    config = TrainConfig(epochs=1, batch_size=32)
    for name in ("epoch", "steps", "loss", "picks", "seconds", "score_seconds"):
        with pytest.raises(ValueError, match=f"score gives {name}, which a history holds already: choose other names"):
            train(DepthSupernet(width=1), few, config, sampler=UniformSampler(NINE), score=lambda net: {name: 1})  # noqa: B023


def test_what_cannot_learn_is_told_before_it_is_trained(few):
    """Gradients that nobody records, and a network all of whose parameters are frozen."""
    config = TrainConfig(epochs=1, batch_size=32)
    with torch.no_grad(), pytest.raises(ValueError, match="no gradients are recorded inside torch.no_grad"):
        train(DepthSupernet(width=1), few, config, sampler=UniformSampler(NINE))
    with pytest.raises(ValueError, match="net has no parameter that learns"):
        train(DepthSupernet(width=1).requires_grad_(False), few, config, sampler=UniformSampler(NINE))
