"""Laws of rewards from held-out images: they alone teach the learner, and the network does not notice."""

from copy import deepcopy

import pytest
import torch
from bits import Always, changed, same_bits, snapshot, without_times
from torch import nn

from nas import DepthSupernet, TrainConfig, train
from nas.data import Split
from nas.methods.bandits import EpsilonGreedySampler, HalvingSampler, UCB1Sampler
from nas.methods.held_out import HeldOutReward
from nas.samplers import UniformSampler

CONFIG = TrainConfig(epochs=2, batch_size=32)
HELD_OUT = 96  # of the digits' validation images: three batches of 32


@pytest.fixture
def split(digits):
    return digits.validation.take(HELD_OUT)


def rewards_of(net, split, batch_size, picks):
    """What a learner is told after steps with `picks`, while the network stands still."""
    told = Always(*net.architectures)
    sampler = HeldOutReward(told, net, split, batch_size)
    for arch in picks:
        sampler.update(arch, None)
    return told.rewards


def shared_training(few, wrap):
    """Uniform sampling, by way of `wrap`; returns the weights and statistics, the history and the mode."""
    net = DepthSupernet(width=4, seed=3)
    history = train(net, few, CONFIG, sampler=wrap(net), score=lambda net: {})
    return snapshot(net), without_times(history), net.training


def test_the_network_does_not_notice(few, split):
    """Training with it ends in the same bits as without: weights, running statistics, their counters, losses, mode."""
    plain = shared_training(few, lambda net: UniformSampler(net.architectures, 0))
    held = shared_training(few, lambda net: HeldOutReward(UniformSampler(net.architectures, 0), net, split, 32))
    assert changed(plain[0], held[0]) == set()
    assert held[1:] == plain[1:]


@pytest.mark.parametrize("training", [True, False])
def test_one_update_leaves_everything_as_it_was(net, split, training, undisturbed):
    net.train(training)
    net(split.images[:8], (1, 1)).sum().backward()
    before, gradients = snapshot(net), {name: p.grad for name, p in net.named_parameters()}
    bits = {name: gradient.clone() for name, gradient in gradients.items() if gradient is not None}
    with undisturbed():
        rewards_of(net, split, 32, [(1, 1), (3, 3)])
    assert changed(before, snapshot(net)) == set()
    assert all(module.training is training for module in net.modules())
    assert all(parameter.grad is gradients[name] for name, parameter in net.named_parameters())
    assert all(same_bits(gradients[name], value) for name, value in bits.items())


def test_a_reward_is_the_top_1_of_the_next_images_in_a_cycle(net, split):
    """Oracle: a copy in train mode, whose batch normalisation is PyTorch's. 40 does not divide 96: batches straddle."""
    picks = [(1, 1), (3, 2), (1, 1), (2, 3), (3, 3)]
    indices = torch.arange(5 * 40).remainder(HELD_OUT).split(40)
    right = []
    for arch, index in zip(picks, indices, strict=True):
        answers = deepcopy(net).train()(split.images[index], arch).argmax(dim=-1)
        right.append((answers == split.labels[index]).sum().item())
    assert rewards_of(net, split, 40, picks) == [(arch, count / 40) for arch, count in zip(picks, right, strict=True)]
    assert len(set(right)) > 2  # else a constant would pass


def test_running_statistics_play_no_part(net, split):
    picks = [(1, 1), (2, 2), (3, 3)]
    expected = rewards_of(net, split, 32, picks)
    for layer in net.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.running_mean += 7
            layer.running_var *= 50
    assert rewards_of(net, split, 32, picks) == expected


def test_the_training_reward_teaches_nothing(net, split):
    """Training rewards praise (1, 1) and nothing else; the labels held out are those that (3, 3) answers."""
    answers = deepcopy(net).train()(split.images[:32], (3, 3)).argmax(dim=-1)
    sampler = EpsilonGreedySampler(net.architectures, epsilon=0.0, warm_up=0)
    held = HeldOutReward(sampler, net, Split(split.images[:32], answers), 32)
    for arch in net.architectures:
        held.update(arch, 1.0 if arch == (1, 1) else 0.0)
    assert dict(zip(net.architectures, sampler.means(), strict=True))[3, 3] == 1.0
    assert held.sample() == (3, 3)
    told = EpsilonGreedySampler(net.architectures, epsilon=0.0, warm_up=0)
    for arch in net.architectures:
        told.update(arch, 1.0 if arch == (1, 1) else 0.0)
    assert told.sample() == (1, 1)  # as it would have learnt from the batches


def test_the_training_reward_is_not_even_read(net, split):
    HeldOutReward(UCB1Sampler(net.architectures), net, split, 32).update((1, 1), object())  # UCB1 adds it up


@pytest.mark.parametrize("stop", [1, 2, 7, 40])  # within the cycle of images, after it, in the warm-up and after it
def test_a_saved_state_goes_on_with_the_same_images_and_draws(net, split, stop):
    def make(seed=5):
        return HeldOutReward(EpsilonGreedySampler(net.architectures, seed, warm_up=20), net, split, 40)

    def steps(sampler, count):
        taken = []
        for _ in range(count):
            taken.append(sampler.sample())
            sampler.update(taken[-1], None)
        return taken, sampler.position, sampler.sampler.means()

    sampler = make()
    steps(sampler, stop)
    state = deepcopy(sampler.state_dict())
    expected = steps(sampler, 50)
    again = make("another seed")
    steps(again, 3)
    again.load_state_dict(state)
    assert again.position == stop * 40 % HELD_OUT
    assert steps(again, 50) == expected


def test_the_state_of_another_kind_is_refused(net, split):
    sampler = HeldOutReward(HalvingSampler(net.architectures, steps=40), net, split, 32)
    others = [
        HeldOutReward(HalvingSampler(net.architectures, steps=40), net, split, 16),
        HeldOutReward(HalvingSampler(net.architectures, steps=40), net, split.take(64), 32),
        HeldOutReward(HalvingSampler(net.architectures, steps=80), net, split, 32),
        HalvingSampler(net.architectures, steps=40),
    ]
    for other in others:
        with pytest.raises(ValueError, match="load it into one of the same"):
            sampler.load_state_dict(other.state_dict())


def test_too_few_held_out_images_are_refused(net, split):
    with pytest.raises(ValueError, match="images are empty: the split needs at least one"):
        HeldOutReward(UniformSampler(net.architectures), net, split.take(0), 32)
    with pytest.raises(ValueError, match="batch_size is 97, the split has 96 images: it must fill one batch"):
        HeldOutReward(UniformSampler(net.architectures), net, split, 97)
    with pytest.raises(ValueError, match="batch_size is 0: it must be an int, 1 or more"):
        HeldOutReward(UniformSampler(net.architectures), net, split, 0)
