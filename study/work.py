"""The work of a task: prepare its network and data, train, measure in the ways that are compared, and write."""

import time
from collections import Counter
from contextlib import nullcontext
from copy import deepcopy
from dataclasses import replace
from functools import partial

import torch

from nas import machine
from nas.config import CLASSES
from nas.evaluation import BATCH, count_right, predict, predict_all
from nas.methods.augmentation import changed
from nas.methods.graphs import graphed
from nas.methods.held_out import HeldOutReward
from nas.methods.remedies import batch_statistics, recalibrate_all
from nas.methods.teaching import ensemble_logits, taught
from nas.training import train
from study import provenance
from study.store import Checkpoint, save_tensors
from study.tasks import SCHEMA, describe, part_path, read_part, training_data, with_weights

PROTOCOL = ("sample", "update", "state_dict", "load_state_dict")  # of a sampler


def run_task(task, folder, progress=None):
    """Train, measure and write the part folder/<task>.part, unless it is there; returns its path.

    A part that is broken or of other settings is set aside and made anew. Raises ValueError for one that was made
    under another fingerprint.
    """
    path = part_path(folder, task)
    if read_part(path, task) is not None:
        return path
    where, variant = machine.device(), task.variant
    config, data = task.config(where), training_data(task.profile)
    identity, fingerprint = describe(task), provenance.fingerprint(where, config.precision)
    checkpoint = Checkpoint(path.with_suffix(".checkpoint"), identity, fingerprint)
    images = data.train.images[: task.plan.recalibration]
    net, lessons, sampler = prepare(task, folder, data, images)
    measure = measure_supernet if sampler else measure_network
    score = partial(count, measure=measure, split=data.validation, images=images, by_class=variant.by_class)
    compute = partial(variant.compute.found, loss=variant.loss.found) if variant.loss else variant.compute.found
    compute = graphed(compute) if task.plan.graphs(where) else compute
    ways = {"compute": compute, "rates": variant.rates, "forget": variant.forget}
    ways |= {"score": partial(score, measures=task.measures), "checkpoint": checkpoint, "progress": progress}
    history = train(net, lessons, config, seed=task.seed, sampler=sampler, **ways)
    start = time.perf_counter()
    with machine.autocast(where, config.precision):
        if variant.once:
            history[-1] |= score(net, measures=variant.once)
        figures = last_figures(task, partial(measure, net, measures=(*task.measures, *variant.once)), data, images)
    part = {
        "schema": SCHEMA,
        "identity": identity,
        "fingerprint": fingerprint,
        "revision": provenance.code_revision(),
        "versions": provenance.versions(),
        "history": history,
        **figures,
        "labels": data.test.labels.cpu(),
        "weights": {name: tensor.cpu().contiguous() for name, tensor in net.state_dict().items()},
        "seconds": {"final": time.perf_counter() - start},
    }
    save_tensors(path, part)
    checkpoint.path.unlink(missing_ok=True)
    return path


def count(net, measure, split, images, measures, by_class=False):
    """Right answers on a split, {measure: a count for each network}, and if asked those of each class."""
    measured = measure(net, split.images, images, measures)
    counts = {name: count_right(logits, split.labels) for name, logits in measured.items()}
    if by_class:
        counts["by_class"] = {name: count_by_class(logits, split.labels) for name, logits in measured.items()}
    return counts


def last_figures(task, measure, data, images):
    """What is measured once, after training and all choices: the test split is looked at here and nowhere else."""
    test = measure(data.test.images, images)
    seen = data.train.take(len(data.validation))
    training = measure(seen.images, images)
    return {
        "test": {name: logits.cpu() for name, logits in test.items()},
        "training": {name: count_right(logits, seen.labels) for name, logits in training.items()},
        "all_training": count_all(measure, data, images) if task.plan.count_all else {},
    }


def count_all(measure, data, images):
    """Right answers on training and validation images together, by measure: on all that MNIST calls training images."""
    total = Counter()
    for split in (data.train, data.validation):
        for name, logits in measure(split.images, images).items():
            total[name] = total[name] + torch.tensor(count_right(logits, split.labels))
    return {name: counts.tolist() for name, counts in total.items()}


def prepare(task, folder, data, images):
    """(network, data to train on, sampler or None) of a task, from the parts of the tasks it needs.

    images: for the batch statistics of a recalculated teacher. FileNotFoundError for a needed task without a part.
    """
    where, variant = machine.device(), task.variant
    needed = [needed_network(need, folder).to(where) for need in task.needs]
    net = needed[0].extract(task.arch).train() if variant.start else task.network().to(where)
    if variant.teacher:
        if task.plan.augmentation:
            raise ValueError(f"profile {task.profile!r} changes its images: no teacher has answered those")
        with machine.autocast(where, task.config(where).precision):
            answers = teaching(variant.teacher, needed, data.train.images, images)
        return net, taught(data, ensemble_logits(answers)), None
    rest = None
    if variant.tenth != "training":
        data, rest = without_last_tenth(data)
    if task.plan.augmentation:
        data = changed(data, task.plan.augmentation)
    if task.arch:
        return net, data, None
    sampler = sampler_of(task)
    if variant.tenth == "rewards":
        config = task.config(where)
        sampler = HeldOutReward(sampler, net, rest, config.batch_size, config.precision)
    return net, data, sampler


def needed_network(task, folder):
    """The trained network of a finished task. FileNotFoundError if it is not finished."""
    part = read_part(part_path(folder, task), task)
    if part is None:
        raise FileNotFoundError(f"{part_path(folder, task)} is missing: run that task first")
    return with_weights(task, part["weights"])


def sampler_of(task):
    """The sampler of a supernet's task. ValueError, naming it, where one lacks what training asks of it."""
    named = task.variant.sampler
    steps = {"steps": task.steps} if named.takes("steps") else {}
    sampler = named(task.architectures, task.origin, **steps)
    if missing := [name for name in PROTOCOL if not hasattr(sampler, name)]:
        raise ValueError(f"{named.place} has no {', '.join(missing)}: see nas.samplers.UniformSampler")
    return sampler


def without_last_tenth(data):
    """The dataset without the last tenth of its training images, and these as a split of their own."""
    kept = len(data.train) - len(data.train) // 10
    rest = replace(data.train, images=data.train.images[kept:], labels=data.train.labels[kept:])
    return data.take(kept), rest


def teaching(teacher, nets, images, training_images):
    """Logits (members, N, 10) of the nine networks from scratch, or of a supernet's subnets with either statistics."""
    if teacher == "scratch":
        return torch.stack([predict(net, images) for net in nets])
    return measure_supernet(*nets, images, training_images, measures=(teacher,))[teacher]


def count_by_class(logits, labels, classes=CLASSES):
    """Right answers by class: logits (..., N, 10), labels (N,) -> a list (classes), or one for each network."""
    return torch.stack(
        [(logits.argmax(dim=-1) == labels)[..., labels == c].sum(dim=-1) for c in range(classes)], -1
    ).tolist()


def batch_predictions(net, images, training_images, size=BATCH):
    """Logits of all subnets, each batch of `size` images normalised by its own statistics."""
    with batch_statistics(net):
        return predict_all(net, images, size)


def mixed_predictions(net, images, training_images, size=100):
    """Logits of all subnets as R0's ensemble gets them: stem and `down` in eval mode, the blocks in train mode.

    R0 measures its nine subnets first, one after the other and in train mode, so that the running statistics of stem
    and `down` are by then those of the images to be classified, on the last paths. net is unchanged.
    """
    used = deepcopy(net).train()
    with torch.no_grad():
        for arch in used.architectures:
            for batch in images.split(size):
                used(batch, arch)
    with batch_statistics(used.block1), batch_statistics(used.block2):
        return predict_all(used, images, size)


# Ways to measure a supernet: (net, images, training images) -> logits (subnets, N, 10).
MEASURES = {
    "running": lambda net, images, training_images: predict_all(net, images),
    "recalculated": lambda net, images, training_images: predict_all(recalibrate_all(net, training_images), images),
    "batch": batch_predictions,
    "batch-100": partial(batch_predictions, size=100),
    "mixed": mixed_predictions,
    "shared": lambda net, images, training_images: predict_all(net, images),  # where there are no batch statistics
}


def measure_supernet(net, images, training_images, measures=("running", "recalculated")):
    """Logits of all subnets, (subnets, N, 10) for each of the measures: with running and recalculated statistics."""
    return {name: MEASURES[name](net, images, training_images) for name in measures}


def measure_network(net, images, training_images, measures=("running",)):
    """Logits (N, 10) of an ordinary network, with its running statistics or with those of each batch of 100."""
    found = {}
    for name in measures:
        with batch_statistics(net) if name == "batch-100" else nullcontext():
            found[name] = predict(net, images, size=100 if name == "batch-100" else BATCH)
    return found
