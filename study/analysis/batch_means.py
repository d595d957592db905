"""What each step of a shared training shows to a batch normalisation, and so what pulls at its running mean.

`python -m study.analysis.batch_means` trains the quick supernets once more, with the weights, images and draws of their
records, and writes results/quick/batch-means.json. On another machine than the records' the last digits soon differ,
and with them, after an epoch or two, the weights; the draws do not.
"""

import json

import torch

from nas import machine
from nas.methods.files import write_atomically
from nas.training import batch_order, moving_parts, train_epoch
from study import provenance
from study.analysis.toys import Diary
from study.records import RESULTS, find
from study.settings import get_profile
from study.tasks import Task, training_data
from study.work import sampler_of

FILE = "quick/batch-means.json"


def noted(task, epochs):
    """(means, depths) of a task's first epochs: what `down` normalises, as means of each batch, (steps, channels); the
    depth of block 1 on the path of each step, (steps,). In training a running mean takes a tenth of each such mean.
    """
    net, config, data, sampler = task.network(), task.plan.train, training_data(task.profile), Diary(sampler_of(task))
    means = []
    net.down[1].register_forward_pre_hook(lambda _, inputs: means.append(inputs[0].detach().mean(dim=(0, 2, 3))))
    parts = moving_parts(net, config, task.steps, sampler, {}, forget=False)
    for epoch in range(1, epochs + 1):
        order = batch_order(len(data.train), config.batch_size, task.seed, epoch)
        train_epoch(net, data.train, order, parts["optimizer"], parts["schedule"], sampler)
    return torch.stack(means), torch.tensor([depth for depth, _ in sampler.picks])


def torn(means, depths):
    """The channel in which, in the second half, the depths' means lie furthest apart, relative to their scatter."""
    late = slice(len(means) // 2, None)
    groups = [means[late][depths[late] == depth] for depth in depths.unique()]
    centres = torch.stack([group.mean(dim=0) for group in groups])
    scatter = torch.stack([group.std(dim=0) for group in groups]).mean(dim=0)
    return ((centres.amax(dim=0) - centres.amin(dim=0)) / scatter).argmax().item()


def load_batch_means(root=None):
    """[{"channel", "means"}] by seed: those committed for the quick supernets, a number per step."""
    return json.loads(find(FILE, root).read_text())["seeds"]


def main():
    profile, seeds = get_profile("quick"), []
    for seed in range(profile.seeds):
        means, depths = noted(Task("quick", seed), profile.train.epochs)
        channel = torn(means, depths)
        seeds.append({"channel": channel, "means": [round(mean, 3) for mean in means[:, channel].tolist()]})
    where = machine.device()
    content = {"layer": "down", "machine": provenance.fingerprint(where, "fp32"), "seeds": seeds}
    write_atomically(RESULTS / FILE, json.dumps(content, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
