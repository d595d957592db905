"""Laws of the doors of `nas.methods`, and of some inner ones: what was taken without a word, or failed deep inside."""

from copy import deepcopy

import numpy as np
import pytest
import torch

from nas import DepthSupernet, KernelSupernet, ensemble, lookup, recalibrate
from nas.blocks import Head, Stem
from nas.evaluation import calibration_error, multiply_adds
from nas.methods import augmentation, diagnosis, export, remedies, search
from nas.methods.bandits import Exp3Sampler, HalvingSampler, UCB1Sampler, exp3_gamma
from nas.methods.graphs import graphed
from nas.methods.held_out import HeldOutReward
from nas.methods.kernels import KernelLayer
from nas.methods.parallel import ParallelSupernet
from nas.methods.teaching import distillation_loss, in_place_gradients

ARCHS = DepthSupernet(1, 2).architectures
CURVES = {(1, 1): (0.1, 0.2), (1, 2): (0.2, 0.3)}
AMOUNTS = {"turn": 0.2, "slant": 0.3, "scale": 0.1, "stretch": 0.5, "shift": 1.0, "bend": 1.0, "width": 0.6}


@pytest.fixture(scope="module")
def net():
    return DepthSupernet(width=1, depth=2).eval()


def drawn(data, **other):
    return augmentation.drawn_by_hand(data.test.images[:2], torch.Generator(), **AMOUNTS | other)


def held_out(supernet, data, **other):
    right = {"sampler": UCB1Sampler(ARCHS), "net": supernet, "split": data.validation, "batch_size": 8}
    return HeldOutReward(**right | other)


def untracked(net):
    """The net, whose normalisations were told later to keep no statistics."""
    copy = deepcopy(net)
    for layer in copy.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            layer.track_running_stats = False
    return copy


def searched(**other):
    options = {"strategy": search.largest, "recorded": (CURVES, CURVES), "budget": 5, "seed": 0} | other
    return search.search(**options)


CALLS = [
    *((lambda net, data, k=k, v=v: drawn(data, **{k: v}), f"{k} is {v}: it must lie between 0 and")
      for k, v in (("turn", float("nan")), ("shift", float("inf")), ("scale", 1.0), ("width", 1.5), ("bend", -1.0))),
    (lambda net, data: drawn(data, turn=True), "turn is True: it must be a number"),
    (lambda net, data: augmentation.changed(data, {"foo": 1}), "amounts name foo: name turn, slant"),
    (lambda net, data: held_out(net, data, net=None), "net is None: it must be a network"),
    (lambda net, data: held_out(net, data, split=data.test.images), "split is a Tensor of .* it must be a split"),
    (lambda net, data: held_out(net, data, precision="fp16"), "precision is 'fp16': choose"),
    (lambda net, data: held_out(net, data, sampler=UCB1Sampler), "sampler is the class UCB1Sampler: it must be"),
    (lambda net, data: searched(budget=True), "budget is True: it must be an int, 0 or more"),
    (lambda net, data: searched(budget=-1), "budget is -1: it must be an int, 0 or more"),
    (lambda net, data: searched(seed=None), "seed is None: it must be an int or a name"),
    (lambda net, data: searched(strategy="largest"), "strategy is 'largest': it must be a function"),
    (lambda net, data: search.Runs(CURVES, CURVES, 3).pay(-3), "epochs is -3: it must be an int, 0 or more"),
    *((lambda net, data, kind=kind, arch=arch: kind(ARCHS).update(arch, 0.5), said)
      for kind in (UCB1Sampler, Exp3Sampler, lambda archs: HalvingSampler(archs, steps=40))
      for arch, said in (((True, 1), "architecture is .True, 1.: its choices must be ints"),
                         (np.array((1, 1)), "architecture a ndarray of .* is not a candidate: choose"))),
    (lambda net, data: exp3_gamma(9, 0), "steps is 0: it must be an int, 1 or more"),
    (lambda net, data: exp3_gamma(True, 9), "arms is True: it must be an int"),
    (lambda net, data: ParallelSupernet(2**70), f"width is {2**70}: it must be an int from 1 to"),
    (lambda net, data: remedies.group_norm(None), "net is None: it must be a network"),
    (lambda net, data: remedies.with_momentum("x", 0.1), "net is 'x': it must be a network"),
    (lambda net, data: export.fold(net), "a supernet needs one, extract one first"),
    (lambda net, data: export.export(None, "a.pt2"), "net is None: it must be a network"),
    (lambda net, data: diagnosis.path_layers(KernelSupernet(1), (3, 3)), "net is a KernelSupernet: it must be a Depth"),
    (lambda net, data: diagnosis.moved(net, (1, 1), data.test.images * float("nan")), "images hold nan"),
    (lambda net, data: diagnosis.by_batch_size(net, (1, 1), data.test, [0]), "sizes is 0: it must be an int"),
    (lambda net, data: multiply_adds(net), "forward is a DepthSupernet: it must be .* cost_table"),
    (lambda net, data: multiply_adds(None), "forward is None: it must be a model or a function"),
    (lambda net, data: distillation_loss(torch.zeros(2, 10), torch.eye(10)[:2].long()), "teacher_logits is a"),
    (lambda net, data: calibration_error(torch.eye(10), torch.arange(10), bins=10**9), "bins is 10*: it must be"),
    (lambda net, data: ensemble(torch.zeros(3, 5, 0)), "logits have shape .3, 5, 0.: pass"),
    (lambda net, data: graphed(None), "compute is None: pass the function to record"),
    (lambda net, data: graphed(lambda net: 0), "compute is a function: .* called compute.net, images, labels."),
    (lambda net, data: Stem(0), "width is 0: it must be an int from 1 to"),
    (lambda net, data: Head(0), "channels is 0: it must be an int from 1 to"),
    (lambda net, data: Head(4, classes=0), "classes is 0: it must be an int from 1 to"),
    (lambda net, data: search.Runs(CURVES, CURVES, 3).train((1, 1), True), ".1, 1. after True epochs is not on"),
    (lambda net, data: diagnosis.calibration_matrix(net, data.test, data.test.images * torch.nan), "images hold nan"),
    (lambda net, data: recalibrate(untracked(net), (1, 1), data.test.images), "stem.1 is a BatchNorm2d whose running"),
    (lambda net, data: lookup((1, 3.0), 0, 3), "arch is .1, 3.0.: its choices must be ints"),
    (lambda net, data: KernelLayer(1, 2, "x"), "padding is 'x': choose one of same, none"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "said"), CALLS)
def test_a_slip_is_named_at_the_door(net, few, call, said):
    with pytest.raises((TypeError, ValueError), match=f"^(arch is None and net .*: )?{said}"):
        call(net, few)


def test_what_is_meant_works(net, few):
    """A list for a tuple, a split for its images."""
    sampler = UCB1Sampler(ARCHS)
    sampler.update([1, np.int64(2)], 0.5)
    assert sampler.means() == [0, 0.5, 0, 0]
    assert search.Runs(CURVES, CURVES, 3).train([1, 2], 1) == 0.2
    assert not diagnosis.moved(net, (1, 1), few.validation).training
    images, labels = few.validation.images[:8], few.validation.labels[:8]
    losses = [in_place_gradients(net, images, labels, largest)[0] for largest in ((2, 2), [2, 2])]
    assert torch.equal(*losses)


@pytest.mark.parametrize("content", [b"", b"PK", b"<html>"])
def test_a_file_that_is_no_network_is_named(tmp_path, content):
    """torch told of it in sixteen lines of traceback, and that a file is not a zip file."""
    path = tmp_path / "net.pt2"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"net.pt2 is damaged, or of another kind: write it again with export\(model"):
        export.load_exported(path)
    with pytest.raises(FileNotFoundError, match="none.pt2"):
        export.load_exported(tmp_path / "none.pt2")


@pytest.mark.filterwarnings("ignore:.*torch.jit:")
def test_statistics_of_a_scripted_layer_are_named(few):
    """TorchScript's modules keep buffers in a mapping of their own."""

    class Scripted(torch.nn.Module):
        def extract(self, arch):
            return torch.jit.script(torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), torch.nn.BatchNorm2d(2)))

    with pytest.raises(ValueError, match="whose running statistics cannot be recalculated"):
        recalibrate(Scripted(), (1, 1), few.test.images)
