"""Laws of the fast path: it computes what the plain one does. Tests that need a GPU are skipped where there is none."""

import pytest
import torch
from bits import Always, changed, on_path, same_bits, snapshot

from nas import DepthSupernet, TrainConfig, UniformSampler, machine, train
from nas.methods import graphs
from nas.methods.graphs import GraphedGradients, graphed
from nas.training import batch_order, gradients, learning_rates, train_epoch
from study.settings import PROFILES

gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU, and torch finds none here")
PATHS = ((3, 3), (1, 2), (2, 1), (1, 2))


def rerun(work, pool=None):
    """Stands in for the capture where there is no GPU: a replay works again and fills the same tensors."""
    results = work()

    def replay():
        for old, new in zip(results, work(), strict=True):
            assert (old is None) == (new is None)
            if old is not None:
                old.copy_(new)

    return replay, results, "pool"


@pytest.fixture
def no_gpu(monkeypatch):
    monkeypatch.setattr(graphs, "capture", rerun)


def epoch_with(graphed, split, paths, device="cpu", width=4):
    """A supernet after a step along each of the paths, with its mean loss and the rewards its sampler saw."""
    net = DepthSupernet(width).to(device)
    optimizer = torch.optim.AdamW(net.parameters(), lr=1e-2, fused=True)
    schedule = learning_rates(optimizer, TrainConfig(), total_steps=100)
    sampler, order = Always(*paths), batch_order(len(split), 32, seed=0, epoch=1)[: len(paths)]
    engine = GraphedGradients(net, gradients, "fp32") if graphed else None
    loss, picks = train_epoch(net, split, order, optimizer, schedule, sampler, step=engine)
    return net, loss, picks, sampler.rewards


def test_replayed_steps_equal_plain_ones_to_the_bit(few, no_gpu):
    plain, *told = epoch_with(False, few.train, PATHS)
    replayed, *same = epoch_with(True, few.train, PATHS)
    assert changed(snapshot(plain), snapshot(replayed)) == set()
    assert told == same


@pytest.mark.parametrize("arch", [(1, 1), (2, 3), (3, 1)])
def test_a_replayed_step_leaves_what_is_off_its_path(few, no_gpu, arch):
    """The static gradients of other paths' graphs would move their weights, were they left in place."""
    net = DepthSupernet(width=4)
    optimizer = torch.optim.AdamW(net.parameters(), lr=1e-2, fused=True)
    schedule = learning_rates(optimizer, TrainConfig(), total_steps=100)
    engine, order = GraphedGradients(net, gradients, "fp32"), batch_order(256, 32, seed=0, epoch=1)
    train_epoch(net, few.train, order[:4], optimizer, schedule, Always((3, 3), arch), step=engine)
    before = snapshot(net)
    train_epoch(net, few.train, order[4:5], optimizer, schedule, Always(arch), step=engine)
    assert changed(before, snapshot(net)) == on_path(before, arch)


def test_one_graph_an_architecture_and_one_pool_for_all(few, monkeypatch):
    pools = []
    monkeypatch.setattr(graphs, "capture", lambda work, pool=None: pools.append(pool) or rerun(work))
    epoch_with(True, few.train, PATHS)
    assert pools == [None, "pool", "pool"]


def test_an_ordinary_network_is_graphed_as_well(few, no_gpu):
    nets = [DepthSupernet(width=4).extract((1, 2)).train() for _ in range(2)]
    images, labels = few.train.images[:32], few.train.labels[:32]
    loss, logits = gradients(nets[0], images, labels)
    again, same = GraphedGradients(nets[1], gradients, "fp32")(images, labels)
    assert same_bits(loss, again)
    assert same_bits(logits, same)
    assert all(same_bits(a.grad, b.grad) for a, b in zip(nets[0].parameters(), nets[1].parameters(), strict=True))


def test_a_batch_of_another_size_is_refused(few, no_gpu):
    engine = GraphedGradients(DepthSupernet(width=4), gradients, "fp32")
    engine(few.train.images[:32], few.train.labels[:32], (1, 1))
    with pytest.raises(ValueError, match=r"images have shape \(1, 1, 28, 28\): these graphs take \(32, 1, 28, 28\)"):
        engine(few.train.images[:1], few.train.labels[:1], (1, 1))


def test_graphs_without_a_gpu_are_refused(few):
    net, config = DepthSupernet(width=4).extract((1, 1)), TrainConfig(epochs=1, batch_size=32)
    with pytest.raises(ValueError, match="CUDA graphs need a GPU, the images are on cpu"):
        train(net, few, config, compute=graphed(gradients))


def test_graphs_are_chosen_on_a_gpu_by_the_fast_profiles_and_nowhere_else(monkeypatch):
    monkeypatch.setattr(machine, "has_fast_bf16", lambda where: True)
    for name, profile in PROFILES.items():
        assert profile.graphs(torch.device("cuda")) == (name in ("laptop", "fashion", "full", "as-r0", "as-r3"))
        assert not profile.graphs(torch.device("cpu"))
        for device in ("cpu", "cuda"):
            assert profile.settings(torch.device(device))["graphs"] is profile.graphs(torch.device(device))


def both_layouts(few, arch, change=lambda net: net):
    """(loss, logits) of one step and its network, in PyTorch's usual memory format and in channels_last."""
    for layout in (torch.contiguous_format, torch.channels_last):
        net = change(DepthSupernet(width=8)).to(memory_format=layout).train()
        yield *gradients(net, few.train.images[:32], few.train.labels[:32], arch), net


@pytest.mark.parametrize("arch", PATHS[:3])
def test_one_step_in_channels_last_gives_the_plain_loss_and_logits(few, arch):
    (loss, logits, _), (fast_loss, fast_logits, _) = both_layouts(few, arch)
    torch.testing.assert_close(fast_loss, loss, rtol=1e-5, atol=0)
    torch.testing.assert_close(fast_logits, logits, rtol=0, atol=2e-5 * logits.abs().max().item())


def smooth(module):
    """The same network with Softplus in place of ReLU."""
    for name, child in module.named_children():
        setattr(module, name, torch.nn.Softplus() if isinstance(child, torch.nn.ReLU) else smooth(child))
    return module


@pytest.mark.parametrize("arch", PATHS[:3])
def test_one_step_in_channels_last_gives_the_plain_gradients(few, arch):
    """Without ReLU: its kink turns a difference in the last digits into another gradient."""
    (_, _, plain), (_, _, fast) = both_layouts(few, arch, smooth)
    for one, other in zip(plain.parameters(), fast.parameters(), strict=True):
        assert (one.grad is None) == (other.grad is None)
        if one.grad is not None:
            assert (one.grad - other.grad).norm() < 1e-3 * one.grad.norm()


@gpu
def test_a_graph_s_step_agrees_with_the_plain_one_on_the_gpu(few):
    split = few.to("cuda").train
    plain, *_ = epoch_with(False, split, PATHS[:1], "cuda")
    graphed, *_ = epoch_with(True, split, PATHS[:1], "cuda")
    for a, b in zip(plain.parameters(), graphed.parameters(), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-5, atol=1e-6)


@gpu
def test_training_with_graphs_on_the_gpu_ends_where_the_plain_loop_does(digits):
    data, config = digits.to("cuda"), TrainConfig(epochs=10, batch_size=64)
    found = []
    for compute in (gradients, graphed(gradients)):
        net = DepthSupernet(width=8).to("cuda")
        sampler = UniformSampler(net.architectures)
        found.append(train(net, data, config, sampler=sampler, compute=compute)[-1])
    assert found[0]["picks"] == found[1]["picks"]
    assert found[0]["loss"] == pytest.approx(found[1]["loss"], rel=0.3)
