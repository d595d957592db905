"""Laws of a finished network's file: it answers as the network does, for any number of images, without this module."""

import re
import sys
from copy import deepcopy
from importlib.util import find_spec
from zipfile import ZipFile

import pytest
import torch
from bits import changed, same_bits, snapshot, storages
from children import child
from torch import nn

from nas import DepthSupernet, TrainConfig, evaluate, train
from nas.methods import export
from nas.methods.export import ONNX, fold, largest_difference, load_exported

has_onnx = pytest.mark.skipif(not all(map(find_spec, ONNX)), reason="ONNX's packages are no requirement: not installed")


def lively(net):
    """The net with statistics, scales and shifts of batch normalisation far from their initial values."""
    draw = torch.Generator().manual_seed(0)
    for layer in net.modules():
        if isinstance(layer, nn.BatchNorm2d):
            for values in (layer.running_var, layer.weight.data):
                values.copy_(0.5 + torch.rand(values.shape, generator=draw))
            for values in (layer.running_mean, layer.bias.data):
                values.copy_(torch.randn(values.shape, generator=draw))
    return net


@pytest.fixture
def model():
    """A subnet in eval mode whose normalisations all do something."""
    return lively(DepthSupernet(width=4)).eval().extract((2, 1))


@pytest.mark.parametrize("count", [1, 2, 7, 64])
def test_a_program_gives_the_same_bits_for_any_number_of_images(model, images, tmp_path, count):
    size = export.export(model, tmp_path / "net.pt2")
    assert size == (tmp_path / "net.pt2").stat().st_size
    loaded = load_exported(tmp_path / "net.pt2")
    with torch.no_grad():
        assert same_bits(loaded(images[:count]), model(images[:count]))


def test_export_leaves_the_model_alone_and_takes_copies(model, tmp_path):
    fast = model.to(memory_format=torch.channels_last)
    before = snapshot(fast)
    export.export(fast, tmp_path / "net.pt2")
    assert changed(before, snapshot(fast)) == set()
    assert fast.block1[0][0].weight.is_contiguous(memory_format=torch.channels_last)
    kept = load_exported(tmp_path / "net.pt2")
    for values in fast.state_dict().values():
        values.zero_()
    assert kept(torch.zeros(1, 1, 28, 28)).abs().max() > 0


def test_a_program_is_read_without_this_module(model, images, tmp_path):
    export.export(model, tmp_path / "net.pt2")
    torch.save(images, tmp_path / "images.pt")
    process = child(answer_without_this_module, tmp_path)
    process.join(timeout=120)
    assert process.exitcode == 0
    assert torch.allclose(torch.load(tmp_path / "logits.pt"), model(images), atol=1e-5)


def answer_without_this_module(folder):
    """In a process of its own: `nas` cannot be imported there."""
    for name in [name for name in sys.modules if name.split(".")[0] == "nas"]:
        sys.modules[name] = None
    net = torch.export.load(folder / "net.pt2").module()
    torch.save(net(torch.load(folder / "images.pt")).detach(), folder / "logits.pt")


def test_a_file_holds_the_weights_and_no_images(model, tmp_path):
    weights = sum(values.nbytes for values in model.state_dict().values())
    assert weights < export.export(model, tmp_path / "net.pt2") < weights + 200_000  # MNIST's test images are 31 MB


@pytest.mark.parametrize("arch", [(1, 1), (2, 3)])
def test_folded_answers_are_the_same_up_to_rounding(images, arch):
    net = lively(DepthSupernet(width=4)).eval().extract(arch)
    before = snapshot(net)
    folded = fold(net)
    assert 0 < largest_difference(net, folded, images) < 1e-5 * net(images).abs().max()
    assert not any(isinstance(layer, nn.BatchNorm2d) for layer in folded.modules())
    assert changed(before, snapshot(net)) == set()
    assert not storages(net) & storages(folded)


def test_a_channel_folded_by_hand(model):
    norm, conv = model.stem[1], model.stem[0]
    factor = norm.weight / (norm.running_var + norm.eps).sqrt()
    folded = fold(model).stem[0]
    assert torch.allclose(folded.weight, conv.weight * factor[:, None, None, None])
    assert torch.allclose(folded.bias, norm.bias - norm.running_mean * factor)


def test_difference_is_the_largest_of_all_logits(images):
    tables = torch.zeros(64, 10), torch.zeros(64, 10)
    tables[1][5, 3], tables[1][60, 9] = -0.5, 0.25
    assert largest_difference(lambda x: tables[0], lambda x: tables[1], images) == 0.5


@pytest.mark.parametrize("finish", [fold, lambda model: export.export(model, "net.pt2")])
def test_a_model_in_train_mode_is_refused(model, finish):
    with pytest.raises(ValueError, match=r"the model is in train mode.*: call model.eval\(\) first"):
        finish(deepcopy(model).train())


@pytest.mark.parametrize("name", ["net", "net.pt", "net.onnx.zip"])
def test_an_unknown_ending_is_refused(model, name):
    for call in (lambda: export.export(model, name), lambda: load_exported(name)):
        with pytest.raises(ValueError) as caught:
            call()
        assert f"{name!r} has an unknown ending: choose '.pt2' (torch.export) or '.onnx'" in str(caught.value)


def test_where_packages_are_absent_the_message_says_what_to_install(model, tmp_path, monkeypatch):
    monkeypatch.setattr(export, "find_spec", lambda name: None if name == "onnxruntime" else name)
    path = tmp_path / "net.onnx"
    for call in (lambda: export.export(model, path), lambda: load_exported(path)):
        with pytest.raises(ImportError, match=r"ONNX needs onnxruntime: run `pip install onnxruntime`, or export to"):
            call()


@has_onnx
@pytest.mark.parametrize("count", [1, 7, 64])
def test_onnx_answers_as_the_model_does(model, images, tmp_path, count):
    export.export(model, tmp_path / "net.onnx")
    loaded, images = load_exported(tmp_path / "net.onnx"), images[:count]
    assert loaded(images).shape == (count, 10)
    assert largest_difference(model, loaded, images) < 1e-5 * model(images).abs().max()
    assert largest_difference(model, loaded, images + 1) < 1e-5 * model(images + 1).abs().max()


def test_one_relu_that_stands_twice_parts_what_it_stands_between(images):
    relu = nn.ReLU()
    chain = lively(nn.Sequential(nn.Conv2d(1, 2, 3), relu, nn.Conv2d(2, 3, 3), relu, nn.BatchNorm2d(3))).eval()
    with torch.no_grad():
        assert torch.equal(fold(chain)(images[:4]), chain(images[:4]))


def test_a_program_is_evaluated_as_the_model_is(model, few, tmp_path):
    export.export(model, tmp_path / "net.pt2")
    loaded = load_exported(tmp_path / "net.pt2")
    assert evaluate(loaded, few.validation) == evaluate(model, few.validation)
    assert loaded.train() is loaded is loaded.eval()
    with pytest.raises(ValueError, match="net has no parameter that learns"):
        train(loaded, few, TrainConfig(epochs=1))


def test_a_path_in_the_home_is_one(model, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert export.export(model, "~/net.pt2") == (tmp_path / "net.pt2").stat().st_size
    assert load_exported("~/net.pt2")


@pytest.mark.parametrize("other", [lambda logits: logits[:1], lambda logits: logits[:, :1], lambda logits: logits[0]])
def test_logits_of_other_shapes_are_not_compared(model, images, other):
    """One row stood for all."""
    with pytest.raises(ValueError, match=r"^logits have shapes \(64, 10\) and \(.*\): they must be alike, not empty$"):
        largest_difference(model, lambda images: other(model(images)), images)
    with pytest.raises(ValueError, match=r"^logits have shapes \(0, 10\) and"):
        largest_difference(model, model, images[:0])


@pytest.mark.parametrize("damage", ["cut", "end", "changed", "empty", "text", "another zip", "weights"])
def test_a_damaged_program_is_named(model, tmp_path, damage):
    path = tmp_path / "net.pt2"
    export.export(model, path)
    content = path.read_bytes()
    place = content.index(model.head.linear.weight.detach().numpy().tobytes())
    changes = {"cut": content[:999], "end": content[:-9], "empty": b"", "text": b"hello"}
    changes["changed"] = content[:place] + bytes(8) + content[place + 8 :]
    path.write_bytes(changes.get(damage, content))
    if damage == "another zip":
        with ZipFile(path, "w") as file:
            file.writestr("a.txt", "a")
    elif damage == "weights":
        torch.save(model.state_dict(), path)
    with pytest.raises(ValueError, match=f"^{re.escape(str(path))} is damaged, or of another kind: write it"):
        load_exported(path)


def test_a_full_disk_leaves_the_old_file(model, tmp_path):
    """torch's own writer ended the process, in the middle of the file."""
    pytest.importorskip("resource")
    export.export(model, tmp_path / "net.pt2")
    before = (tmp_path / "net.pt2").read_bytes()
    process = child(export_on_a_full_disk, tmp_path)
    process.join()
    assert process.exitcode == 0
    assert [path.name for path in tmp_path.iterdir()] == ["net.pt2"]
    assert (tmp_path / "net.pt2").read_bytes() == before


def export_on_a_full_disk(folder):
    import resource
    import signal

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (3_000, resource.RLIM_INFINITY))
    with pytest.raises(OSError):
        export.export(DepthSupernet(1).eval().extract((1, 1)), folder / "net.pt2")
