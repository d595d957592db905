"""Laws of numbers at the doors: those of NumPy are taken, what only looks like one is refused by name."""

from decimal import Decimal
from fractions import Fraction
from functools import partial

import numpy as np
import pytest
import torch
from bits import changed, snapshot

from nas import DepthSupernet, TrainConfig, UniformSampler, evaluate, train
from nas.blocks import NASBlock
from nas.methods.bandits import EpsilonGreedySampler, Exp3Sampler


@pytest.mark.parametrize("number", [np.float64(0.01), np.float32(0.01), np.float16(0.01), Fraction(1, 100)])
def test_numbers_of_numpy_are_numbers(number):
    config = TrainConfig(np.int64(2), np.int32(8), lr=number, weight_decay=number, steps=np.uint8(3))
    assert config == TrainConfig(2, 8, lr=float(number), weight_decay=float(number), steps=3)
    assert {type(value) for value in vars(config).values()} == {int, float, str, bool}
    samplers = [
        EpsilonGreedySampler([(1, 1)], np.int64(3), epsilon=number, warm_up=np.int64(2)),
        Exp3Sampler([1], gamma=number),
    ]
    assert [
        type(sampler.state_dict()["settings"][key]) for sampler, key in zip(samplers, ("epsilon", "gamma"), strict=True)
    ] == [float] * 2
    seeds = (DepthSupernet(np.int64(2), np.int64(1), seed=np.int64(3)), DepthSupernet(2, 1, seed=3))
    assert changed(*map(snapshot, seeds)) == set()


@pytest.mark.parametrize("value", [np.timedelta64(2, "ns"), np.timedelta64(2, "s")])
def test_a_span_of_time_is_no_number(value):
    """NumPy calls it an integer."""
    for name in ("epochs", "lr"):
        with pytest.raises(TypeError, match=f"^{name} is np.timedelta64"):
            TrainConfig(**{name: value})
    with pytest.raises(TypeError, match="^architecture is"):
        DepthSupernet(width=1).extract((value, 1))


@pytest.mark.parametrize("value", [10**400, Fraction(10**400), -(10**400), Fraction(-(10**400), 3)])
def test_a_number_that_no_float_holds_is_infinite(value, few):
    """As ints they passed, and failed in the optimiser."""
    for name in ("lr", "weight_decay"):
        with pytest.raises(ValueError, match=f"{name} {'is ' * (name == 'lr')}-?inf"):
            TrainConfig(**{name: value})
    with pytest.raises(ValueError, match="rates hold {'stem': -?inf}"):
        train(DepthSupernet(width=1).extract((1, 1)), few, TrainConfig(epochs=1, batch_size=32), rates={"stem": value})


@pytest.mark.parametrize("value", [True, torch.tensor(1), np.array(1), "1", None, 1j, Decimal(1)])
@pytest.mark.parametrize("name", ["epochs", "batch_size", "lr", "weight_decay"])
def test_what_is_no_number_is_refused_by_name(name, value):
    with pytest.raises(TypeError, match=f"{name} is") as caught:
        TrainConfig(**{name: value})
    assert (f"{name}=x.item()" in str(caught.value)) == (getattr(value, "ndim", None) == 0)


@pytest.mark.parametrize(
    "value, followed",
    [(True, 2), (np.True_, 2), (2.5, 0), (1j, 0), ("1", 0), (None, 0), ([1], 0), (np.array(3), 7)]
    + [(torch.tensor(value), followed) for value, followed in ((3, 7), (2.5, 2), (True, 0), (1j, 0))],
)
def test_a_hint_that_an_error_gives_works(value, followed, few):
    """Wherever an error says what to pass instead, the same call with that passes."""
    net, hints = DepthSupernet(width=1), 0
    calls = {name: partial(lambda name, value: TrainConfig(**{name: value}), name) for name in vars(TrainConfig())}
    calls |= {
        "seed": lambda value: DepthSupernet(width=1, seed=value),
        "width": lambda value: DepthSupernet(width=value),
    }
    calls |= {"arch": lambda value: evaluate(net, few.test, (value, 1))}
    calls |= {"architectures": lambda value: UniformSampler([(value, 1)])}
    for call in calls.values():
        try:
            call(value)
        except (TypeError, ValueError) as error:
            for said, hint in (("x.item()", lambda: value.item()), ("tuple(map(int, arch))", lambda: int(value))):
                if said in str(error):
                    call(hint())
                    hints += 1
    assert hints == followed


@pytest.mark.parametrize(
    "depth, error", [(0, ValueError), (4, ValueError), (-1, ValueError), (None, TypeError), (True, TypeError)]
)
def test_a_block_takes_depths_that_it_has(depth, error):
    for use in (lambda block: block(torch.zeros(1, 2, 4, 4), depth), lambda block: block.extract(depth)):
        with pytest.raises(error, match=f"depth is {depth}: it must be an int from 1 to 3"):
            use(NASBlock(2))


@pytest.mark.parametrize("name, most", [("width", 4096), ("depth", 100)])
def test_a_size_that_would_fill_the_memory_is_refused_at_once(name, most):
    for value in (most + 1, 10**400):
        with pytest.raises(ValueError, match=f"{name} is .*: it must be an int from 1 to {most}"):
            DepthSupernet(**{"width": 1, name: value})


@pytest.mark.parametrize("dtype", [torch.float32, torch.int64, torch.complex64])
def test_a_tensor_that_holds_no_value_is_no_number(dtype):
    nothing = torch.empty((), dtype=dtype, device="meta")
    for name, call in {
        "lr": lambda: TrainConfig(lr=nothing),
        "epochs": lambda: TrainConfig(epochs=nothing),
        "seed": lambda: UniformSampler([(1, 1)], seed=nothing),
        "width": lambda: DepthSupernet(nothing),
        "epsilon": lambda: EpsilonGreedySampler([(1, 1)], epsilon=nothing),
        "reward": lambda: EpsilonGreedySampler([(1, 1)]).update((1, 1), nothing),
        "architecture": lambda: DepthSupernet(1, 1).extract((nothing, 1)),
    }.items():
        with pytest.raises(TypeError, match=f"^{name} is "):
            call()
