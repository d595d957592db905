"""A trained network as a file that runs without this module: folded, exported by torch.export or to ONNX, compared."""

import io
from copy import deepcopy
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from zipfile import ZipFile

import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from nas import asking
from nas.methods.files import write_atomically

ONNX = ("onnx", "onnxscript", "onnxruntime")  # not in requirements.txt: they are large, and one section needs them
RIGHT = "extract one first, net.extract((1, 1)).eval()"


def fold(model):
    """A copy of a model in eval mode whose convolutions also do what the batch normalisation after each did.

    With fixed statistics that is a factor and a shift per channel, which weights and bias absorb; answers are the same
    up to rounding. The result has no statistics to recalculate. ValueError for a model in train mode.
    """
    refuse_train_mode(model)
    model = deepcopy(model)
    for chain in [module for module in model.modules() if isinstance(module, nn.Sequential)]:
        for (name, conv), (after, norm) in pairwise(list(chain._modules.items())):
            if isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                setattr(chain, name, fuse_conv_bn_eval(conv, norm))
                setattr(chain, after, nn.Identity().eval())
    return model


def export(model, path):
    """Write a model, images (N, 1, 28, 28) -> logits (N, 10) for any N, to path; returns the file's size in bytes.

    path ends in .pt2 (torch.export: a graph and its weights, for PyTorch) or in .onnx (for anything that reads ONNX).
    The file holds the weights in PyTorch's usual layout; a .pt2 answers on the model's device. Raises ValueError for
    another ending or a model in train mode, ImportError where ONNX's packages are absent.
    """
    path = known_format(path)
    refuse_train_mode(model)
    model = deepcopy(model).to(memory_format=torch.contiguous_format)  # torch.export.save warns of another layout
    # Two new images: a slice of a dataset would take the whole dataset into the file.
    example = (torch.zeros(2, 1, 28, 28, device=next(model.parameters()).device),)
    shapes = ({0: torch.export.Dim("N")},)
    if path.suffix == ".pt2":
        memory = io.BytesIO()  # a full disk would end the process inside torch's writer, and the old file with it
        torch.export.save(torch.export.export(model, example, dynamic_shapes=shapes), memory)
        write_atomically(path, memory.getbuffer())
    else:
        need_onnx()
        names = {"input_names": ["images"], "output_names": ["logits"]}
        torch.onnx.export(
            model, example, path, dynamo=True, dynamic_shapes=shapes, external_data=False, verbose=False, **names
        )
    return path.stat().st_size


def load_exported(path):
    """What `export` wrote, as a function; a .pt2's stays in eval mode for good. Errors: see `export`."""
    path = known_format(path)
    if path.suffix == ".onnx":
        need_onnx()
        from onnxruntime import InferenceSession

        session = InferenceSession(path, providers=["CPUExecutionProvider"])
        return lambda images: torch.from_numpy(session.run(["logits"], {"images": images.cpu().numpy()})[0])
    content = path.read_bytes()
    try:
        with ZipFile(io.BytesIO(content)) as file, torch.device("cpu"):  # where torch unpacks the weights of any device
            if file.testzip() or not any(name.endswith("/archive_format") for name in file.namelist()):
                raise ValueError("a checksum differs, or it is no program")
            program = torch.export.load(io.BytesIO(content)).module().requires_grad_(False)
    except Exception as error:  # a damaged file can raise nearly anything
        raise ValueError(f"{path} is damaged, or of another kind: write it again with export(model, path)") from error
    program.train = program.eval = lambda mode=True: program  # torch's own raise errors, and so would evaluate
    return program


def largest_difference(first, second, images):
    """The largest distance between two functions' logits on images (N, 1, 28, 28), a float of 0 or more."""
    with torch.no_grad():
        ours, theirs = first(images).cpu(), second(images).cpu()
    if ours.shape != theirs.shape or not len(ours):
        raise ValueError(f"logits have shapes {(*ours.shape,)} and {(*theirs.shape,)}: they must be alike, not empty")
    return (ours - theirs).abs().max().item()


def refuse_train_mode(model):
    """ValueError for a model in train mode, which would answer by the statistics of whatever batch it is given.

    TypeError for anything but a network that takes images alone.
    """
    asking.arch_for(asking.network(model, right=RIGHT), None, right=RIGHT)
    if any(module.training for module in model.modules()):
        raise ValueError("the model is in train mode, and would stay there for good: call model.eval() first")


def known_format(path):
    """The path as a Path, if its ending is known. ValueError if not."""
    if Path(path).suffix not in (".pt2", ".onnx"):
        raise ValueError(f"{str(path)!r} has an unknown ending: choose '.pt2' (torch.export) or '.onnx'")
    return Path(path).expanduser()


def need_onnx():
    """ImportError, with the command to run, if ONNX's packages are absent."""
    if absent := [name for name in ONNX if find_spec(name) is None]:
        raise ImportError(f"ONNX needs {', '.join(absent)}: run `pip install {' '.join(absent)}`, or export to .pt2")
