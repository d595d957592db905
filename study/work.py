"""The work of a task: prepare its network and its lessons, train, measure, and write the part."""

import time
from collections import Counter
from dataclasses import replace
from functools import partial

import torch

from nas import machine
from nas.evaluation import count_by_class, count_right, measure_network, measure_supernet, predict
from nas.methods.augmentation import changed
from nas.methods.graphs import graphed
from nas.methods.held_out import HeldOutReward
from nas.methods.teaching import ensemble_logits, taught
from nas.training import train
from study.store import Checkpoint, save_tensors
from study.tasks import SCHEMA, describe, needed_network, part_path, read_part, training_data

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
    identity, fingerprint = describe(task), machine.fingerprint(where, config.precision)
    checkpoint = Checkpoint(path.with_suffix(".checkpoint"), identity, fingerprint)
    images = data.train.images[: task.plan.recalibration]
    net, lessons, sampler = prepare(task, folder, data, images)
    measure_with = measure_supernet if sampler else measure_network

    def score(net, measures=task.measures):
        measured = measure_with(net, data.validation.images, images, measures)
        labels = data.validation.labels
        counts = {name: count_right(logits, labels) for name, logits in measured.items()}
        if variant.by_class:
            counts["by_class"] = {name: count_by_class(logits, labels) for name, logits in measured.items()}
        return counts

    compute = partial(variant.compute.found, loss=variant.loss.found) if variant.loss else variant.compute.found
    compute = graphed(compute) if task.plan.graphs(where) else compute
    ways = {"compute": compute, "rates": variant.rates, "forget": variant.forget}
    ways |= {"score": score, "checkpoint": checkpoint, "progress": progress}
    history = train(net, lessons, config, seed=task.seed, sampler=sampler, **ways)
    start = time.perf_counter()
    measure = partial(measure_with, measures=(*task.measures, *variant.once))
    with machine.autocast(where, config.precision):
        if variant.once:
            history[-1] |= score(net, variant.once)
        # The test split is looked at here and nowhere else: once, after training and all choices.
        test = measure(net, data.test.images, images)
        seen = data.train.take(len(data.validation))
        training = measure(net, seen.images, images)
        every = count_all(partial(measure, net), data, images) if task.plan.count_all else {}
    part = {
        "schema": SCHEMA,
        "identity": identity,
        "fingerprint": fingerprint,
        "revision": machine.code_revision(),
        "versions": machine.versions(),
        "history": history,
        "test": {name: logits.cpu() for name, logits in test.items()},
        "training": {name: count_right(logits, seen.labels) for name, logits in training.items()},
        "all_training": every,
        "labels": data.test.labels.cpu(),
        "weights": {name: tensor.cpu().contiguous() for name, tensor in net.state_dict().items()},
        "seconds": {"final": time.perf_counter() - start},
    }
    save_tensors(path, part)
    checkpoint.path.unlink(missing_ok=True)
    return path


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
        with machine.autocast(where, task.config(where).precision):
            answers = teaching(variant.teacher, needed, data.train.images, images)
        return net, taught(data, ensemble_logits(answers)), None
    if task.arch:
        return net, data, None
    sampler = sampler_of(task)
    if task.plan.augmentation:
        data = changed(data, task.plan.augmentation)
    if variant.tenth == "training":
        return net, data, sampler
    data, rest = without_last_tenth(data)
    if variant.tenth == "rewards":
        config = task.config(where)
        sampler = HeldOutReward(sampler, net, rest, config.batch_size, config.precision)
    return net, data, sampler


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
