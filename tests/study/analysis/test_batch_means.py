"""The committed batch means are what the training of the quick records shows to its shared normalisation."""

import pytest
import torch

from nas.samplers import UniformSampler
from nas.supernet import all_architectures
from study.analysis import batch_means
from study.analysis.batch_means import load_batch_means, noted, torn
from study.settings import get_profile
from study.tasks import Task

SEEDS = range(get_profile("quick").seeds)


def depths(seed):
    """The depth of block 1 on the path of each step, as the record's sampler drew it."""
    sampler = UniformSampler(all_architectures(3), f"seed{seed}-supernet-depth3")
    return torch.tensor([sampler.sample()[0] for _ in load_batch_means()[seed]["means"]])


@pytest.mark.parametrize("seed", SEEDS)
def test_the_first_epoch_is_what_the_module_does_today(seed):
    kept = load_batch_means()[seed]
    means, drawn = noted(Task("quick", seed), epochs=1)
    assert torch.equal(drawn, depths(seed)[: len(drawn)])
    torch.testing.assert_close(means[:, kept["channel"]], torch.tensor(kept["means"][: len(means)]), rtol=0, atol=2e-3)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_three_depths_pull_at_the_running_mean_from_different_sides(seed):
    means, drawn, running = torch.tensor(load_batch_means()[seed]["means"]), depths(seed), []
    assert drawn[:19].unique().tolist() == [1, 2, 3]  # each is there in the first epoch, and so in every window
    for mean in means:
        running.append(0.9 * running[-1] + 0.1 * mean if running else 0.1 * mean)
    late = slice(len(means) // 2, None)
    centres = [means[late][drawn[late] == depth].mean() for depth in (1, 2, 3)]
    latest = torch.stack(running[late])
    assert min(centres) < latest.min() < latest.max() < max(centres)
    assert latest.max() - latest.min() > 0.1 * (max(centres) - min(centres))


def test_a_tenth_of_each_batch_mean_gives_the_running_mean(monkeypatch):
    task = Task("quick", 0)
    net = task.network()
    monkeypatch.setattr(Task, "network", lambda task: net)
    means, _ = noted(task, epochs=1)
    running = torch.zeros(means.shape[1])
    for mean in means:
        running = 0.9 * running + 0.1 * mean
    torch.testing.assert_close(running, net.down[1].running_mean, rtol=0, atol=1e-5)


def test_the_torn_channel_is_the_one_whose_depths_lie_furthest_apart_for_their_scatter():
    drawn = torch.tensor([1, 2, 3] * 40)
    noise = torch.randn(120, 3)
    means = torch.stack([5.0 * drawn + 9 * noise[:, 0], 1.0 * drawn + 0.1 * noise[:, 1], noise[:, 2]], dim=1)
    assert torn(means, drawn) == 1


def test_the_file_is_written_as_it_is_read(monkeypatch, tmp_path):
    made = torch.tensor([[1.0, 5], [2, 6]]), torch.tensor([1, 2])
    monkeypatch.setattr(batch_means, "noted", lambda task, epochs: made)
    monkeypatch.setattr(batch_means, "torn", lambda means, depths: 1)
    monkeypatch.setattr(batch_means, "RESULTS", tmp_path)
    (tmp_path / "quick").mkdir()
    batch_means.main()
    assert load_batch_means(tmp_path) == [{"channel": 1, "means": [5.0, 6.0]}] * len(SEEDS)
    assert load_batch_means()[0].keys() == {"channel", "means"}
