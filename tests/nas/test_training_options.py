"""Laws of what a training can be told: its config, rates of learning by part, another step, another loss."""

import math

import pytest
import torch
from bits import changed, snapshot

from nas import DepthSupernet, TrainConfig, UniformSampler, train
from nas.methods.augmentation import changed as changed_by_hand
from nas.training import gradients, learning_rates, parameter_groups
from study.settings import OTHER_HANDS

NINE = DepthSupernet(width=1).architectures


SHORT = TrainConfig(epochs=2, batch_size=32, steps=10)


@pytest.mark.parametrize(
    "options, error, named",
    [
        ({"epochs": 0}, ValueError, "epochs is 0"),
        ({"epochs": 1.5}, TypeError, "epochs is 1.5"),
        ({"batch_size": -1}, ValueError, "batch_size is -1"),
        ({"steps": 0}, ValueError, "steps is 0"),
        ({"steps": "9"}, TypeError, "steps is '9'"),
        ({"lr": 0}, ValueError, "lr is 0"),
        ({"lr": math.nan}, ValueError, "lr is nan"),
        ({"lr": "high"}, TypeError, "lr is 'high'"),
        ({"weight_decay": -0.1}, ValueError, "weight_decay -0.1"),
        ({"schedule": "cosine"}, ValueError, "schedule is 'cosine': choose one of one-cycle, constant"),
        ({"precision": "fp16"}, ValueError, "precision is 'fp16': choose one of fp32, bf16"),
        ({"momentum": 0.9}, TypeError, "momentum"),
    ],
)
def test_a_config_that_makes_no_sense_is_refused(options, error, named):
    with pytest.raises(error) as caught:
        TrainConfig(**options)
    assert named in str(caught.value)


def test_rates_scale_the_learning_rate_of_a_child_and_freeze_it_at_zero(few):
    net = DepthSupernet(width=4).extract((1, 1))
    before = snapshot(net)
    train(net, few, TrainConfig(epochs=1, batch_size=32), rates={"stem": 0, "block1": 0.1})
    weights = {name for name, _ in net.named_parameters()}
    assert changed(before, snapshot(net)) & weights == {name for name in weights if not name.startswith("stem")}


@pytest.mark.parametrize("schedule", ["one-cycle", "constant"])
def test_all_rates_one_changes_no_bit(few, schedule):
    config, nets = TrainConfig(epochs=1, batch_size=32, schedule=schedule), []
    for rates in (None, {"stem": 1}):
        nets.append(DepthSupernet(width=4).extract((1, 1)))
        train(nets[-1], few, config, rates=rates)
    assert not changed(*map(snapshot, nets))


@pytest.mark.parametrize("schedule, highest", [("one-cycle", [1e-3, 1e-2]), ("constant", [1e-3, 1e-2])])
def test_the_highest_learning_rate_of_a_group_has_its_factor(schedule, highest):
    net = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Linear(2, 2))
    config = TrainConfig(lr=1e-2, schedule=schedule)
    optimizer = torch.optim.AdamW(parameter_groups(net, config.lr, {"0": 0.1}), lr=config.lr)
    rates, seen = learning_rates(optimizer, config, total_steps=10), []
    for _ in range(9):
        seen.append(rates.get_last_lr())
        optimizer.step()
        rates.step()
    assert [max(column) for column in zip(*seen, strict=True)] == pytest.approx(highest, rel=0.05)


@pytest.mark.parametrize(
    "rates, message",
    [({"neck": 1}, "rates name neck: the network's children are stem"), ({"stem": -1}, "0 \\(frozen\\)")],
)
def test_rates_of_unknown_children_or_below_zero_are_refused(few, rates, message):
    with pytest.raises(ValueError, match=message):
        train(DepthSupernet(width=4).extract((1, 1)), few, TrainConfig(), rates=rates)


def test_compute_is_what_a_step_does(few):
    calls = []

    def spy(*arguments, **options):
        calls.append(options)
        return gradients(*arguments, **options)

    train(DepthSupernet(width=4).extract((1, 1)), few, TrainConfig(epochs=1, batch_size=32), compute=spy)
    assert calls == [{"precision": "fp32"}] * 8


def test_the_loss_can_be_another(few):
    net = DepthSupernet(width=4).extract((1, 1))
    value, logits = gradients(net, few.train.images[:8], few.train.labels[:8], loss=lambda logits, labels: logits.sum())
    assert torch.equal(value, logits.sum())


def test_parts_in_eval_mode_are_put_into_train_mode_and_train(few):
    """As the docstring of `train` says: a frozen part is asked for by rates, not by its mode."""
    nets = [DepthSupernet(width=2) for _ in range(2)]
    nets[0].stem.eval()
    nets[0].block2.layers[0].eval()
    for net in nets:
        train(net, few, SHORT, sampler=UniformSampler(NINE))
    assert changed(*map(snapshot, nets)) == set()
    assert all(module.training for net in nets for module in net.modules())


def test_with_rates_a_parameter_of_the_network_itself_learns_too(few):
    class Scaled(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.scale = torch.nn.Parameter(torch.ones(1))
            self.inner = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(784, 10))

        def forward(self, x):
            return self.inner(x) * self.scale

    net = Scaled()
    train(net, few, TrainConfig(steps=2, batch_size=32), rates={"inner": 0.5})
    assert net.scale.item() != 1


def test_images_that_change_in_training_train_with_any_sampler(few):
    """They were refused for every sampler with an `update`, so that nobody could make the weights in the page anew."""
    data = changed_by_hand(few, OTHER_HANDS)
    history = train(DepthSupernet(1), data, TrainConfig(steps=2, batch_size=32), sampler=UniformSampler([(1, 1)]))
    assert history[-1]["steps"] == 2


def test_a_normalisation_that_needs_a_batch_is_no_reason_to_refuse_a_network(few):
    norm = torch.nn.BatchNorm1d(10, track_running_stats=False)
    net = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(784, 10), norm)
    assert train(net, few, TrainConfig(steps=1, batch_size=32))[-1]["steps"] == 1
