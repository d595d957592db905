"""The one training loop: shared training, training from scratch and fine-tuning differ in what they pass in."""

import math
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from functools import partial

import torch
from torch.nn.functional import cross_entropy
from torch.optim import AdamW
from torch.optim.lr_scheduler import LambdaLR, OneCycleLR

from nas import asking, machine
from nas.config import TrainConfig
from nas.evaluation import evaluate, evaluate_all, predict
from nas.seeding import generator


def batch_order(images, batch_size, seed, epoch):
    """Shuffled indices of one epoch, (batches, batch_size), from (seed, epoch) alone: all runs of a seed share it.

    The images that do not fill a batch are left out of this epoch. ValueError if there is not one full batch.
    """
    if images < batch_size:
        raise ValueError(f"{images} training images do not fill one batch of {batch_size}: choose a smaller batch_size")
    batches = images // batch_size
    order = torch.randperm(images, generator=generator("order", seed, epoch), device="cpu")
    return order[: batches * batch_size].view(batches, batch_size)


def learning_rates(optimizer, config, total_steps):
    """The learning rate of each step: rising to config.lr in the first 30 % and falling to near zero, or constant."""
    if config.schedule == "constant":
        return LambdaLR(optimizer, lambda step: 1.0)
    highest = [config.lr * group.get("rate", 1) for group in optimizer.param_groups]
    return OneCycleLR(optimizer, max_lr=highest, total_steps=max(total_steps, 2))


def parameter_groups(net, lr, rates):
    """The optimiser's groups, one per child of net, with lr times the child's factor in `rates`, or lr."""
    children = dict(net.named_children())
    if unknown := rates.keys() - children.keys():
        names, known = ", ".join(sorted(map(str, unknown))), ", ".join(children)
        raise ValueError(f"rates name {names}: the network's children are {known}")
    if negative := {name: rate for name, rate in rates.items() if not 0 <= rate < math.inf}:
        raise ValueError(f"rates hold {negative}: a factor is 0 (frozen) or more")
    parts = [(child.parameters(), rates.get(name, 1)) for name, child in children.items()]
    if own := [*net.parameters(recurse=False)]:  # outside every child
        parts.append((own, 1))
    return [{"params": [*values], "lr": lr * rate, "rate": rate} for values, rate in parts]


def train(
    net,
    data,
    config,
    *,
    seed=0,
    sampler=None,
    compute=None,
    rates=None,
    forget=False,
    score=None,
    checkpoint=None,
    progress=None,
):
    """Train a network in place and return its history, a list with one dict per epoch.

    All of net trains: every module is put into train mode, even one that was in eval mode, and left in it.

    net: an ordinary model, called net(x); with a sampler a supernet, called net(x, sampler.sample()). A sampler that
    learns also has update(arch, top-1 of the batch). data: a Dataset; it and net must share a device. seed: decides
    the order of the images and nothing else. compute: the step, a function like `gradients`, the default.
    rates: factors of the learning rate by child of net, {"block1": 0.1}; others have 1, and 0 freezes. forget: the
    optimiser forgets its moments before each step, as if it were made anew. score(net): what to measure after each
    epoch, a dict; by default top-1 on validation, of every subnet if there is a sampler. checkpoint: a
    study.store.Checkpoint, written after each epoch; training resumes from it, with this net or one made in the same
    way. progress(steps): called after each epoch with the steps it took.
    Each entry: epoch (from 1), steps so far, mean loss, picks {architecture: steps}, seconds of training, what score
    returned, and the seconds it took.
    Raises ValueError if the loss is no longer finite, if the images do not fill one batch, for rates of unknown
    children, or for a checkpoint with other settings; TypeError or ValueError for arguments of another kind.
    """
    ask(net, data, config, sampler, checkpoint, compute=compute, score=score, progress=progress)
    seed, rates = asking.seed(seed), asking.factors(rates)
    asking.choice("forget", forget, (True, False))
    compute, look = compute or gradients, evaluate if sampler is None else evaluate_all
    splits = {"data": data.train} | ({"validation": data.validation} if score is None else {})
    start = checkpoint.start(net, splits, sampler, compute, score) if checkpoint else {}
    score = score or (lambda net: {"validation": look(net, data.validation)})
    images = len(data.train.labels)
    total_steps = config.steps or config.epochs * len(batch_order(images, config.batch_size, seed, epoch=1))
    parts, history = moving_parts(net, config, total_steps, sampler, rates, forget), []
    if checkpoint:
        options = {"seed": seed, "images": images, "rates": rates, "forget": forget}
        parts = {"settings": asdict(config) | options | start} | parts
        history = checkpoint.load(parts)
    if progress and history:
        progress(history[-1]["steps"])
    step = partial(computed, compute, sampler, net, precision=config.precision)
    net.train()
    while (done := history[-1]["steps"] if history else 0) < total_steps:
        epoch, began = len(history) + 1, time.perf_counter()
        order = batch_order(images, config.batch_size, seed, epoch)[: total_steps - done]
        loss, picks = train_epoch(net, data.train, order, parts["optimizer"], parts["schedule"], sampler, step)
        entry = {"epoch": epoch, "steps": done + len(order), "loss": loss, "picks": picks}
        entry["seconds"] = time.perf_counter() - began
        history.append(entry | measured(net, score, data.train.images.device, config.precision, entry.keys()))
        if checkpoint:
            checkpoint.save(parts, history)
        if progress:
            progress(len(order))
    return history


def computed(compute, sampler, net, images, labels, arch, **options):
    """What compute gives. TypeError if that is not (loss, logits), ValueError if the loss has no gradient."""
    if sampler and arch is None:
        raise TypeError(f"sampler.sample of {asking.named(sampler)} gives None: it must give an architecture, (1, 1)")
    try:
        answer = compute(net, images, labels, arch, **options)
    except RuntimeError as error:
        if "does not require grad" not in str(error):
            raise
        raise ValueError("net's loss has no gradient: leave detach() and no_grad() out of its forward") from error
    if not (isinstance(answer, tuple) and [isinstance(each, torch.Tensor) for each in answer] == [True, True]):
        raise TypeError(f"compute gives {asking.named(answer)}: it must give tensors (loss, logits), as gradients does")
    return answer


def measured(net, score, where, precision, others):
    """What score(net) gives, and the seconds it took. TypeError if not a dict, ValueError for a name in use."""
    start = time.perf_counter()
    with machine.autocast(where, precision):
        found = score(net)
    if not isinstance(found, Mapping):
        raise TypeError(f"score gives {asking.named(found)}: it must give a dict, e.g. {{'validation': 0.9}}")
    if taken := {*others, "score_seconds"} & found.keys():
        raise ValueError(f"score gives {', '.join(sorted(taken))}, which a history holds already: choose other names")
    return {**found, "score_seconds": time.perf_counter() - start}


def moving_parts(net, config, total_steps, sampler, rates, forget):
    """{name: part} of all that changes from step to step, as a checkpoint keeps it."""
    if config.channels_last:
        net.to(memory_format=torch.channels_last)
    groups = parameter_groups(net, config.lr, rates) if rates else net.parameters()
    optimizer = AdamW(groups, lr=config.lr, weight_decay=config.weight_decay, fused=True)
    if forget:
        optimizer.register_step_pre_hook(lambda optimizer, *_: optimizer.state.clear())
    parts = {"net": net, "optimizer": optimizer, "schedule": learning_rates(optimizer, config, total_steps)}
    return parts if sampler is None else parts | {"sampler": sampler}


def ask(net, data, config, sampler, checkpoint, **functions):
    """Check the arguments of `train`: TypeError or ValueError that names the argument and a correct call."""
    right = "train(net, load_data(), TrainConfig(), sampler=UniformSampler(net.architectures)), or without a sampler"
    asking.learner(net, right)
    for name in ("train", "validation") if functions["score"] is None else ("train",):
        if not hasattr(getattr(data, name, None), "images"):
            raise TypeError(f"data is {asking.named(data)}, without a split {name}: it must be a Dataset, {right}")
        soft = name == "train" and not hasattr(sampler, "update")  # a reward needs true labels
        asking.split(getattr(data, name), right, f"data.{name}", soft=soft, changing=name == "train")
    if data.train.labels.dim() == 2 and functions["compute"] in (None, gradients):
        advice = "pass compute=partial(gradients, loss=distillation_loss)"
        raise ValueError(f"data.train.labels are a teacher's logits, which the default step cannot take: {advice}")
    if not isinstance(config, TrainConfig):
        raise TypeError(f"config is {asking.named(config)}: it must be a TrainConfig, {right}")
    asking.drawer(sampler, net, right)
    if functions["compute"] is None:  # any other may call net differently
        asking.arch_for(net, sampler, "sampler", right)
        first = getattr(sampler, "architectures", [None])[0]
        if (sampler is None) == (first is None):  # to see what the network gives; one image has no variance
            predict(net, asking.held(data.train.images)[:2], first)
    if sampler is not None and functions["score"] is None:  # all subnets are scored after each epoch
        asking.network(net, "forward_all", f"{right}, or with a score(net) of your own")
    if isinstance(checkpoint, type) or not (checkpoint is None or hasattr(checkpoint, "start")):
        raise TypeError(f"checkpoint is {asking.named(checkpoint)}: it must be a study.store.Checkpoint, or None")
    asking.function("compute", functions["compute"], "net", "images", "labels", "arch", precision="fp32")
    asking.function("score", functions["score"], "net")
    asking.function("progress", functions["progress"], "steps")


def train_epoch(net, split, order, optimizer, schedule, sampler=None, step=None):
    """One pass over the batches in `order`, one path per batch; returns (mean loss, {path: times taken}).

    step(images, labels, arch): leaves the gradients and returns (loss, logits); by default `gradients` of net.
    """
    net.train()
    order = order.to(split.images.device)
    step = step or partial(gradients, net)
    losses, picks = [], Counter()
    for batch in order:
        images, labels = split.images[batch], split.labels[batch]
        arch = asking.path(sampler.sample()) if sampler else None
        loss, logits = step(images, labels, arch)
        optimizer.step()
        schedule.step()
        losses.append(loss)
        if sampler:
            picks[arch] += 1
        if hasattr(sampler, "update"):  # only samplers that learn need one
            sampler.update(arch, (logits.argmax(dim=-1) == labels).float().mean())
    mean = torch.stack(losses).mean().item()
    if not math.isfinite(mean):
        raise ValueError(f"the training loss is {mean}: lower lr, or look for broken images")
    return mean, dict(picks)


def gradients(net, images, labels, arch=None, precision="fp32", loss=cross_entropy):
    """Forward and backward on one batch: sets the gradients on the path; returns (loss, logits), detached."""
    with machine.autocast(images.device, precision):
        logits = net(images) if arch is None else net(images, arch)
        value = loss(logits, labels)
    # None, not zero: AdamW skips weights without a gradient, but moves those whose gradient is zero.
    net.zero_grad(set_to_none=True)
    value.backward()
    return value.detach(), logits.detach()
