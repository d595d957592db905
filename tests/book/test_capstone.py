"""Laws of the capstone's search space: what every supernet must offer, on rows of numbers."""

import sys
from pathlib import Path

import pytest
import torch

import nas
from nas.training import gradients

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "book"))
import capstone

ARCHITECTURES = capstone.TableSupernet().architectures


@pytest.fixture(scope="module")
def table():
    return capstone.load_table()


def test_the_splits_are_disjoint_stratified_and_scaled_by_the_training_rows(table):
    assert list(map(len, table)) == [897, 300, 600]
    rows = torch.cat([split.images for split in table])
    assert len(rows.unique(dim=0)) > 1_790  # two digits of scikit-learn's may have the same sums
    assert torch.allclose(table.train.images.mean(dim=0), torch.zeros(16), atol=1e-5)
    assert torch.allclose(table.train.images.std(dim=0), torch.ones(16), atol=1e-5)
    for split in table:
        shares = split.labels.bincount(minlength=10) / len(split)
        assert shares.min() > 0.08 and shares.max() < 0.12


@pytest.mark.parametrize("arch", ARCHITECTURES)
def test_an_extracted_network_answers_as_its_path_and_shares_nothing(arch, table):
    net, x = capstone.TableSupernet(seed=3), table.test.images[:50]
    model = net.extract(arch)
    assert torch.equal(model(x), net(x, arch))
    assert torch.equal(net.forward_all(x)[ARCHITECTURES.index(arch)], net(x, arch))
    assert nas.evaluation.parameters(model) == arch[0] * (16 * 4 + 4 + 4 * 10 + 10)
    with torch.no_grad():
        for weight in model.parameters():
            weight.zero_()
    assert net(x, arch).abs().max() > 0


@pytest.mark.parametrize("arch", ARCHITECTURES)
def test_the_answer_is_that_of_one_wide_layer(arch, table):
    net, x = capstone.TableSupernet(), table.test.images[:50]
    blocks, activation = arch
    weight = torch.cat([layer.weight for layer in net.hidden[:blocks]])
    bias = torch.cat([layer.bias for layer in net.hidden[:blocks]])
    hidden = {"none": lambda h: h, "relu": torch.relu, "tanh": torch.tanh}[activation](x @ weight.T + bias)
    head = torch.cat([layer.weight for layer in net.heads[:blocks]], dim=1)
    wanted = hidden @ head.T + sum(layer.bias for layer in net.heads[:blocks])
    assert torch.allclose(net(x, arch), wanted, atol=1e-5)


def test_a_step_moves_the_path_and_nothing_else(table):
    net = capstone.TableSupernet()
    optimizer = torch.optim.AdamW(net.parameters(), lr=1e-2)
    for arch in ((4, "tanh"), (1, "relu")):  # the first fills the optimiser's memory
        before = {name: weight.detach().clone() for name, weight in net.named_parameters()}
        gradients(net, table.train.images, table.train.labels, arch)
        optimizer.step()
    moved = {name for name, weight in net.named_parameters() if not torch.equal(weight, before[name])}
    assert moved == {f"{part}.0.{kind}" for part in ("hidden", "heads") for kind in ("weight", "bias")}


def test_the_one_loop_trains_it_and_one_pass_measures_all(table):
    net = capstone.TableSupernet()
    sampler = nas.UniformSampler(net.architectures)
    history = nas.train(net, table, nas.TrainConfig(epochs=8, batch_size=64), sampler=sampler)
    found = nas.evaluate_all(net, table.validation)
    assert found == history[-1]["validation"]
    assert found == {arch: nas.evaluate(net, table.validation, arch) for arch in net.architectures}
    assert min(found.values()) > 0.3  # chance is 0.1


@pytest.mark.parametrize("arch", [(3, "relu"), (1, "gelu"), "relu", (0, "none")])
def test_another_architecture_is_refused(arch):
    net = capstone.TableSupernet()
    for use in (lambda: net(torch.zeros(1, 16), arch), lambda: net.extract(arch)):
        with pytest.raises(ValueError, match="is not in this space: choose one of"):
            use()


def test_the_seed_decides_the_weights(undisturbed):
    with undisturbed():
        same = [capstone.TableSupernet(seed=seed).hidden[0].weight for seed in (0, 0, 1)]
    assert torch.equal(same[0], same[1]) and not torch.equal(same[0], same[2])
