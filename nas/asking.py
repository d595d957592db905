"""What a public function asks of its arguments: one check at its door, so that nothing inside needs one.

Each check gives the value back, or raises TypeError or ValueError in one sentence: what came, what is wanted, the call
that would be right. Whatever is a number of the right kind is taken, NumPy's too, and becomes Python's own.
"""

import inspect
import numbers
from collections.abc import Mapping, Sequence

import torch
from torch import nn
from torch.nn.parameter import is_lazy

from nas import machine  # noqa: F401 (sets the number of threads)
from nas.config import choice, named, number, whole  # noqa: F401 (handed on)


def seed(value):
    """An int, or any name."""
    if isinstance(value, bool) or not isinstance(value, numbers.Integral | str):
        raise TypeError(f"seed is {named(value)}: it must be an int or a name, e.g. seed=0")
    return value if isinstance(value, str) else int(value)


def path(arch):
    """An architecture as a tuple of Python's ints where it is a list, or holds NumPy's; anything else as it came."""
    if not isinstance(arch, tuple | list):
        return arch
    # `type` first, as it is asked at each step of training.
    numpys = (type(part) not in (int, bool) and isinstance(part, numbers.Integral) for part in arch)
    return tuple(int(part) if other else part for part, other in zip(arch, numpys, strict=True))


def architectures(several):
    """A tuple of one architecture or more."""
    if isinstance(several, str | bytes) or not isinstance(several, Sequence | Mapping):
        wanted = "a tuple or list of architectures, e.g. net.architectures"
        raise TypeError(f"architectures is {named(several)}: it must be {wanted}")
    if not several:
        raise ValueError("architectures is empty: pass at least one, e.g. net.architectures")
    return tuple(map(path, several))


def network(net, method="forward", right="evaluate(net, data.validation)"):
    """A network, with the method that tells a supernet from an ordinary model."""
    if not isinstance(net, nn.Module):
        made = f"; make one, {net.__name__}()" if isinstance(net, type) and issubclass(net, nn.Module) else ""
        raise TypeError(f"net is {named(net)}: it must be a network, {right}{made}")
    if not hasattr(net, method):
        raise TypeError(f"net is {named(net)}, an ordinary model without {method}: it must be a supernet, {right}")
    for name, layer in net.named_modules():
        if any(is_lazy(value) for value in (*layer._parameters.values(), *layer._buffers.values())):
            kind = f"{name or 'net'} is a {type(layer).__name__}"
            raise ValueError(f"{kind} of no size yet: call net(images) once before")
    return net


def learner(net, right):
    """A network that can learn here: it has parameters that do, and gradients are recorded."""
    if not torch.is_grad_enabled():
        raise ValueError("no gradients are recorded inside torch.no_grad() or inference_mode(): call this outside")
    parameters = list(network(net, right=right).parameters())
    if any(each.is_inference() for each in parameters):
        raise ValueError("net was made inside torch.inference_mode() and cannot learn: make it outside")
    if not any(each.requires_grad for each in parameters):
        raise ValueError("net has no parameter that learns: net.requires_grad_(True) lets all of them")
    return net


def arch_for(net, arch, name="arch", right="evaluate(net, split, (1, 1)), or evaluate_all(net, split)"):
    """An architecture for a supernet, none for an ordinary model: whatever the network can be called with."""
    try:
        inspect.signature(net.forward).bind("images", *[path(arch)][: arch is not None])
    except ValueError:  # a network that TorchScript made does not say
        return path(arch)
    except TypeError:
        kind = "a supernet needs one" if arch is None else "an ordinary model takes none"
        raise TypeError(f"{name} is {named(arch)} and net a {type(net).__name__}: {kind}, {right}") from None
    return path(arch)


def tensor(name, value, right, floating=True):
    """A tensor of floats, or of int64, that is not a single number."""
    kind = "floats" if floating else "torch.int64"
    fits = isinstance(value, torch.Tensor) and (value.is_floating_point() if floating else value.dtype == torch.int64)
    if not fits or value.dim() == 0:
        raise TypeError(f"{name} is {named(value)}: it must be a tensor of {kind}, {right}")
    return value


def images(value, right="recalibrate(net, arch, data.train.images)", name="images"):
    """Images as a tensor of finite floats; a split stands for its own.

    Asked once a call of a door. `net(images, arch)` itself lets nan pass, as torch's own modules do: to look at values
    at each step would wait for a GPU, and neither a CUDA graph nor an exported network could hold the question.
    """
    value = tensor(name, getattr(value, "images", value), right)
    if value.numel() and not torch.stack(value.aminmax()).isfinite().all():
        raise ValueError(f"{name} hold nan or infinity: they must be finite, look where they were made")
    return value


def split(value, right, name="split", soft=False):
    """What has images and as many labels, (N,) int64; `soft`: or a teacher's logits, (N, classes)."""
    if not (hasattr(value, "images") and hasattr(value, "labels")):
        raise TypeError(f"{name} is {named(value)}: it must be a split of images and labels, {right}")
    # Images that change hold the ones they come from; they can be trained on, and nothing else.
    if not soft:
        tensor(f"{name}.images", value.images, right)
    images(value.images, right, f"{name}.images")
    soft = soft and getattr(value.labels, "ndim", 0) == 2
    labels = tensor(f"{name}.labels", value.labels, right, floating=soft)
    if labels.dim() != 1 + soft or not 0 < len(labels) == len(value.images):
        shapes = f"{tuple(value.images.shape)} and {tuple(labels.shape)}"
        raise ValueError(f"{name} has images and labels of shapes {shapes}: it must have one label an image, {right}")
    return value
