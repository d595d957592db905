"""The work of a task: prepare its network and its lessons, train, measure, and write the part."""

import time
from functools import partial

import torch

from nas import machine
from nas.augmentation import changed
from nas.checkpoint import Checkpoint, save_tensors
from nas.distillation import ensemble_logits, taught
from nas.evaluation import count_by_class, count_right, measure_network, measure_supernet, predict
from nas.held_out import HeldOutReward
from nas.tasks import SCHEMA, describe, needed_network, part_path, read_part, training_data
from nas.training import train
from nas.variants import get_variant, without_last_tenth


def run_task(task, folder, progress=None):
    """Train, measure and write the part folder/<task>.part, unless it is there; returns its path.

    A part that is broken or of other settings is set aside and made anew. Raises ValueError for one that was made
    under another fingerprint.
    """
    path = part_path(folder, task)
    if read_part(path, task) is not None:
        return path
    where, variant = machine.device(), get_variant(task.variant)
    config, data = task.config(where), training_data(task.profile)
    identity, fingerprint = describe(task), machine.fingerprint(where, config.precision)
    checkpoint = Checkpoint(path.with_suffix(".checkpoint"), identity, fingerprint)
    images = data.train.images[: task.plan.recalibration]
    net, lessons, sampler = prepare(task, folder, data, images)
    measure = partial(measure_supernet, measures=task.measures) if sampler else measure_network

    def score(net):
        measured, labels = measure(net, data.validation.images, images), data.validation.labels
        counts = {name: count_right(logits, labels) for name, logits in measured.items()}
        if variant.by_class:
            counts["by_class"] = {name: count_by_class(logits, labels) for name, logits in measured.items()}
        return counts

    ways = {"compute": variant.compute, "rates": variant.rates}
    history = train(
        net, lessons, config, task.seed, sampler, **ways, score=score, checkpoint=checkpoint, progress=progress
    )
    start = time.perf_counter()
    with machine.autocast(where, config.precision):
        # The test split is looked at here and nowhere else: once, after training and all choices.
        test = measure(net, data.test.images, images)
        seen = data.train.take(len(data.validation))
        training = measure(net, seen.images, images)
    part = {
        "schema": SCHEMA,
        "identity": identity,
        "fingerprint": fingerprint,
        "revision": machine.code_revision(),
        "versions": machine.versions(),
        "history": history,
        "test": {name: logits.cpu() for name, logits in test.items()},
        "training": {name: count_right(logits, seen.labels) for name, logits in training.items()},
        "labels": data.test.labels.cpu(),
        "weights": {name: tensor.cpu().contiguous() for name, tensor in net.state_dict().items()},
        "seconds": {"final": time.perf_counter() - start},
    }
    save_tensors(path, part)
    checkpoint.path.unlink(missing_ok=True)
    return path


def prepare(task, folder, data, images):
    """(network, data to train on, sampler or None) of a task, from the parts of the tasks it needs.

    images: for the batch statistics of a recalculated teacher. FileNotFoundError for a needed task without a part.
    """
    where, variant = machine.device(), get_variant(task.variant)
    needed = [needed_network(need, folder).to(where) for need in task.needs]
    net = needed[0].extract(task.arch).train() if variant.start else task.network().to(where)
    if variant.teacher:
        with machine.autocast(where, task.config(where).precision):
            answers = teaching(variant.teacher, needed, data.train.images, images)
        return net, taught(data, ensemble_logits(answers)), None
    if task.arch:
        return net, data, None
    sampler = variant.sampler(task.architectures, task.origin, task.steps)
    if task.plan.augmentation:
        data = changed(data, task.plan.augmentation)
    if variant.kept_out:
        data, rest = without_last_tenth(data)
    if variant.held_out:
        config = task.config(where)
        sampler = HeldOutReward(sampler, net, rest, config.batch_size, config.precision)
    return net, data, sampler


def teaching(teacher, nets, images, training_images):
    """Logits (members, N, 10) of the nine networks from scratch, or of a supernet's subnets with either statistics."""
    if teacher == "scratch":
        return torch.stack([predict(net, images) for net in nets])
    return measure_supernet(*nets, images, training_images, measures=(teacher,))[teacher]
