"""Checks of a public function's arguments, made once on entry, so that nothing inside needs to repeat them.

Each check returns the value, or raises TypeError or ValueError in one sentence: what was passed, what is wanted and a
correct call. Any number of the right kind is accepted, NumPy's too, and becomes Python's own.
"""

import inspect
import numbers
from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import nn
from torch.nn.parameter import is_lazy

from nas import machine  # noqa: F401 (sets the number of threads)
from nas.config import CLASSES, choice, is_number, named, number, whole  # noqa: F401 (re-exported)

FLOATS = (torch.float16, torch.bfloat16, torch.float32, torch.float64)  # the dtypes that torch computes in


def seed(value):
    """A seed: an int or a string."""
    return value if isinstance(value, str) else number("seed", value, numbers.Integral, "an int or a name, e.g. seed=0")


def path(arch, wanted="its choices must be ints, tuple(map(int, arch))"):
    """An architecture, a tuple or list of Python's or NumPy's ints, as a tuple of Python's; anything else unchanged.

    TypeError for a bool among numbers: True equals 1 but is not a choice.
    """
    if not isinstance(arch, tuple | list):
        return arch
    if all(type(part) is int for part in arch):  # first: this runs at each training step
        return tuple(arch)
    flags = [part for part in arch if isinstance(part, bool | np.bool_)]
    if flags and all(isinstance(part, numbers.Number | np.bool_) for part in arch):
        raise TypeError(f"architecture is {named(tuple(arch))}: {wanted}")
    return tuple(int(part) if is_number(part, numbers.Integral) else part for part in arch)


def architectures(several):
    """A non-empty tuple of distinct architectures."""
    listed = isinstance(several, Sequence | Mapping) and not isinstance(several, str | bytes)
    found = tuple(map(path, several)) if listed else ()
    if 0 < len(found) == len({*map(repr, found)}):  # of any kind, even unhashable
        return found
    came = "empty" if listed and not found else named(several)
    wanted = "a sampler wants a tuple or list of them, each only once, e.g. net.architectures, or [(1, 1)]"
    raise (ValueError if listed else TypeError)(f"architectures is {came}: {wanted}")


def network(net, method="forward", right="evaluate(net, data.validation)"):
    """A network with this method, which tells supernets from ordinary models; ValueError if a layer is lazy."""
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
    """A network that can learn here: a parameter requires gradients, and they are recorded."""
    if not torch.is_grad_enabled():
        raise ValueError("no gradients are recorded inside torch.no_grad() or inference_mode(): call this outside")
    parameters = list(network(net, right=right).parameters())
    if any(each.is_inference() for each in parameters):
        raise ValueError("net was made inside torch.inference_mode() and cannot learn: make it outside")
    if not any(each.requires_grad for each in parameters):
        raise ValueError("net has no parameter that learns: net.requires_grad_(True) lets all of them")
    return net


def arch_for(net, arch, name="arch", right="evaluate(net, split, (1, 1)), or evaluate_all(net, split)"):
    """The architecture, if net can be called with it: a supernet needs one, an ordinary model None."""
    arch = path(arch)
    if not fits(net.forward, "images", *[arch][: arch is not None]):
        kind = "a supernet needs one" if arch is None else "an ordinary model takes none"
        raise TypeError(f"{name} is {named(arch)} and net a {type(net).__name__}: {kind}, {right}")
    return arch


def fits(function, *arguments, **options):
    """Whether the function takes these arguments; True where that is unknown, as for a TorchScript network."""
    try:
        inspect.signature(function).bind(*arguments, **options)
    except (TypeError, ValueError) as error:
        return isinstance(error, ValueError)
    return True


def function(name, value, *arguments, **options):
    """None, or a function that takes these arguments."""
    if value is not None and (isinstance(value, nn.Module | type) or not fits(value, *arguments, **options)):
        call = f"{name}({', '.join([*arguments, *options])})"
        raise TypeError(f"{name} is {named(value)}: it must be a function, called {call}, or None")
    return value


def drawer(sampler, net, right):
    """A sampler, or None; one that looks at a network (HeldOutReward) must look at this one."""
    if isinstance(sampler, type) or not (sampler is None or hasattr(sampler, "sample")):
        raise TypeError(f"sampler is {named(sampler)}: it must be a sampler, {right}")
    function("sampler.sample", getattr(sampler, "sample", None))
    function("sampler.update", getattr(sampler, "update", None), "arch", "reward")
    if getattr(sampler, "net", net) is not net:
        raise ValueError(f"sampler is {named(sampler)} that looks at another net: make it with the net to train")
    return sampler


def factors(rates):
    """Factors of the learning rate as {child: number}, {} for None. TypeError for anything else."""
    if not isinstance(rates, Mapping | None):
        raise TypeError(f"rates is {named(rates)}: it must be a dict by child of net, {{'block1': 0.1}}")
    return {name: number(f"rates[{name!r}]", rate) for name, rate in (rates or {}).items()}


def tensor(name, value, right, floating=True):
    """A dense tensor of floats, or of int64, with one dimension or more."""
    kind, allowed = ("floats", FLOATS) if floating else ("torch.int64", (torch.int64,))
    fits = isinstance(value, torch.Tensor) and value.dtype in allowed and value.layout == torch.strided
    if not fits or value.dim() == 0:
        raise TypeError(f"{name} is {named(value)}: it must be a dense tensor of {kind}, {right}")
    if value.is_meta:
        raise ValueError(f"{name} is on the device meta, which holds no values: pass one that does, {right}")
    return value


def images(value, right="recalibrate(net, arch, data.train.images)", name="images"):
    """Images as a tensor of finite floats; of a split, its images.

    Checked once per public call. `net(images, arch)` itself lets nan pass, as torch's own modules do: a check at each
    step would wait for the GPU, and neither a CUDA graph nor an exported network could contain it.
    """
    if hasattr(value, "labels"):
        split(value, right, name, soft=True, changing=True)
    return finite(name, tensor(name, held(value), right))


def held(images):
    """The images that a split or ChangedImages holds; any other value unchanged."""
    return getattr(images, "images", images)


def finite(name, value):
    """A tensor without nan or infinity."""
    if value.numel() and not torch.stack(value.aminmax()).isfinite().all():
        raise ValueError(f"{name} hold nan or infinity: they must be finite, look where they were made")
    return value


def classes(name, labels):
    """Labels (N,) int64 from 0 to 9."""
    if len(outside := labels[(labels < 0) | (labels >= CLASSES)]):
        raise ValueError(f"{name} hold {outside[0].item()}, which is out of range: labels run from 0 to {CLASSES - 1}")
    return labels


def split(value, right, name="split", soft=False, changing=False):
    """A split: images, each with a label, (N,) int64, or, if `soft`, a teacher's logits, (N, classes).

    changing: whether ChangedImages will do, which are not a tensor: they can be trained on, and nothing else.
    """
    if not (hasattr(value, "images") and hasattr(value, "labels")):
        raise TypeError(f"{name} is {named(value)}: it must be a split of images and labels, {right}")
    if not changing:
        tensor(f"{name}.images", value.images, right)
    images(value.images, right, f"{name}.images")
    soft = soft and getattr(value.labels, "ndim", 0) == 2
    labels = tensor(f"{name}.labels", value.labels, right, floating=soft)
    if labels.dim() != 1 + soft or not 0 < len(labels) == len(value.images):
        shapes = f"{tuple(value.images.shape)} and {tuple(labels.shape)}"
        raise ValueError(f"{name} has images and labels of shapes {shapes}: it must have one label per image, {right}")
    if not soft:
        classes(f"{name}.labels", labels)
    return value
