"""A teacher's logits instead of labels: from an ensemble to one network, and from the largest subnet to the others."""

import math
from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, kl_div

from nas import asking, machine
from nas.config import CLASSES
from nas.evaluation import need_members
from nas.methods.remedies import batch_statistics
from nas.training import gradients


def distillation_loss(logits, teacher_logits, temperature=4.0):
    """How far a student is from its teacher: T^2 KL(softmax(teacher / T) || softmax(student / T)), 0 or more.

    logits, teacher_logits: (N, classes); a mean over the N images. Soft targets only: no label enters, whereas
    Hinton et al. 2015 add the cross-entropy with the labels at a small weight. T^2 keeps the size of the gradients
    when T changes (section 2 there). ValueError for a temperature at which rounding decides, or teacher logits of
    another shape.
    """
    temperature = float(asking.number("temperature", temperature))
    if not 1e-3 <= temperature <= 1e6:
        raise ValueError(f"temperature is {temperature}: it must lie between 0.001 and 1,000,000")
    for name, values in (("logits", logits), ("teacher_logits", teacher_logits)):
        asking.tensor(name, values, "distillation_loss(net(images), teacher(images))")
    if teacher_logits.shape != logits.shape:
        shapes = f"{tuple(teacher_logits.shape)}, the student's {tuple(logits.shape)}"
        raise ValueError(f"the teacher's logits have shape {shapes}: they must be alike; for labels use cross_entropy")
    student, teacher = ((values / temperature).log_softmax(dim=-1) for values in (logits, teacher_logits))
    return temperature**2 * kl_div(student, teacher, log_target=True, reduction="batchmean")


def ensemble_logits(logits):
    """The teacher's logits (N, 10) of an ensemble: log of the mean of its members' probabilities, (members, N, 10).

    The log of `nas.ensemble`, but computed from logs, so that a sure ensemble's probabilities do not round to zero.
    Raises ValueError for another shape.
    """
    need_members(logits)
    return logits.log_softmax(dim=-1).logsumexp(dim=0) - math.log(len(logits))


@dataclass(frozen=True)
class TaughtSplit:
    """Training images (N, 1, 28, 28) whose labels are a teacher's logits (N, 10), in the same order."""

    images: Tensor
    labels: Tensor

    def __len__(self):
        return len(self.images)

    def take(self, count):
        """The first `count` images."""
        return TaughtSplit(self.images[:count], self.labels[:count])


def taught(data, teacher_logits):
    """The dataset with a teacher's logits (N, 10) in place of the training labels; validation and test stay.

    For train(..., compute=partial(gradients, loss=distillation_loss)). Raises ValueError for another number of
    classes or of images, or for logits that are not finite.
    """
    images = data.train.images
    asking.tensor("teacher_logits", teacher_logits, "(N, 10), e.g. ensemble_logits(predict_all(net, images))")
    if teacher_logits.dim() != 2 or teacher_logits.shape[1] != CLASSES:
        shape = f"{tuple(teacher_logits.shape)}, the data {CLASSES} classes: pass (N, {CLASSES})"
        raise ValueError(f"the teacher's logits have shape {shape}")
    if len(teacher_logits) != len(images):
        counts = f"{len(teacher_logits)} images, there are {len(images)} for training"
        raise ValueError(f"the teacher answered {counts}: pass its logits on data.train.images, in that order")
    if not torch.isfinite(teacher_logits).all():
        raise ValueError("the teacher's logits hold nan or infinity: look for a diverged member; see ensemble_logits")
    return replace(data, train=TaughtSplit(images, teacher_logits.to(images.device, images.dtype)))


def in_place_gradients(net, images, labels, arch, precision="fp32"):
    """As `nas.training.gradients`, but only the largest subnet learns from labels; the others learn from it.

    Their targets are the probabilities that the largest gives the same images, as constants: no gradient goes through
    the teacher, so parameters off the path of `arch` have none. The teacher answers with the statistics of this batch,
    as in training, and leaves the running ones alone: the step updates those of its own path, once.
    Source: Yu & Huang 2019 (universally slimmable networks); there the largest takes part in every step as well.
    Raises ValueError without an architecture.
    """
    arch = need_architecture(arch)
    largest = max(net.architectures)
    if arch != largest:
        # Its own autocast: in a shared one, older PyTorch keeps weights rounded here without gradients (issue 112583).
        with torch.no_grad(), batch_statistics(net), machine.autocast(images.device, precision):
            labels = net(images, largest).softmax(dim=-1)
    return gradients(net, images, labels, arch, precision)


def with_largest(net, images, labels, arch, precision="fp32", teach=True):
    """Two paths per step: the largest subnet learns from labels, the drawn one from its answers, or from labels too.

    The loss is the sum; the drawn path's is returned, as by `nas.training.gradients`. Both paths train,
    so both move the running statistics. Compare teaching with teach=False, which costs the same.
    Source: Yu & Huang 2019; there the smallest subnet takes part in every step as well (the sandwich rule). ValueError
    without an architecture.
    """
    arch = need_architecture(arch)
    largest = max(net.architectures)
    if arch == largest:
        return gradients(net, images, labels, arch, precision)
    with machine.autocast(images.device, precision):
        answers, logits = net(images, largest), net(images, arch)
        loss = cross_entropy(logits, answers.detach().softmax(dim=-1) if teach else labels)
        total = loss + cross_entropy(answers, labels)
    net.zero_grad(set_to_none=True)
    total.backward()
    return loss.detach(), logits.detach()


def need_architecture(arch):
    """The architecture. ValueError if it is None, as for an ordinary model."""
    if arch is None:
        raise ValueError("in-place distillation needs an architecture: pass a supernet and one of its architectures")
    return asking.path(arch)


def per_example_gradients(net, images, labels, arch=None, precision="fp32"):
    """As nas.training.gradients, but image i of the batch takes path i modulo the number of paths; arch is ignored.

    The order of the images is random, and so is which image takes which path. ValueError for a batch smaller than the
    number of paths, some of which would get no image.
    """
    many = len(net.architectures)
    if len(images) < many:
        raise ValueError(f"a batch of {len(images)} images is smaller than the {many} paths: take {many} or more")
    return gradients(net, images, labels, torch.arange(len(images), device=images.device) % many, precision)
