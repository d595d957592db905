"""The nine networks in the page: the script that holds their weights, and the box that a reader draws into.

`python -m kit.nine` writes the script from the committed weights of the profile `page`; it needs MNIST.
"""

import base64
import hashlib
import json
from copy import deepcopy
from functools import cache
from pathlib import Path

import numpy as np
import torch

from kit.markup import picture_uri, words
from kit.play import play
from kit.play_facts import NAMED
from nas.config import CLASSES
from nas.data import load_data
from nas.evaluation import batch_norms
from nas.methods.diagnosis import path_layers, with_statistics_for
from nas.methods.files import write_atomically
from nas.seeding import generator
from nas.supernet import DepthSupernet
from study.records import RESULTS, find
from study.settings import get_profile
from study.tasks import trained

SCRIPT = Path(__file__).parents[1] / "_static" / "play" / "weights.js"
HEAD = '"use strict";  // written by `python -m kit.nine`; engine.js tells how it is read\nconst pageNetwork = '
TAIL = ';\nif (typeof module === "object") module.exports = pageNetwork;\n'
PENS = "page/pens.json"  # what the nine are worth on digits of other hands; tools/measure_play.py writes it
PEOPLE = 14  # who drew the test part of the pen digits, as its authors tell
DRAW = "page-digits"  # the test digits on the buttons are drawn at random by this name, not picked


def write_script(path=SCRIPT):
    """Write weights.js: the supernet of the profile `page`, its statistics and ten test digits. It needs MNIST."""
    net, data = trained("page", depth=3), load_data("mnist")
    copies = recalculated(net, data.train.images[: get_profile("page").recalibration])
    write_atomically(path, script(net, copies, data))


def recalculated(net, images):
    """Three copies of a supernet, with statistics recalculated on `images` for depths 1, 2 and 3 of block 1.

    A statistic depends only on what comes before it: `down` and block 2 need one set for each depth of block 1.
    """
    return [with_statistics_for(net, (depth, net.depth), images) for depth in range(1, net.depth + 1)]


def script(net, copies, data):
    """The text of weights.js. copies: from `recalculated`; data: the Dataset whose mean and digits it holds."""
    parts = tensors(net, copies)
    floats = torch.cat([value.detach().flatten() for value in parts.values()]).numpy().astype("<f4")
    content = {
        "mean": data.mean,
        "deviation": data.std,
        "lengths": {name: value.numel() for name, value in parts.items()},
        "digits": test_digits(data),
        "floats": encoded(floats),
    }
    lines = ",\n".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in content.items())
    return f"{HEAD}{{\n{lines}\n}}{TAIL}"


def tensors(net, copies):
    """{"group/name": tensor}: "weights" by PyTorch's names, "running" and "recalculated1" to 3 by layer and kind."""
    found = {f"weights/{name}": value for name, value in net.named_parameters()}
    groups = {"running": net} | {f"recalculated{depth}": copy for depth, copy in enumerate(copies, 1)}
    for group, member in groups.items():
        for name, norm in batch_norms(member).items():
            layer = f"{group}/{name.rpartition('.')[0]}"
            found |= {f"{layer}.mean": norm.running_mean, f"{layer}.variance": norm.running_var}
    return found


def test_digits(data):
    """One test image of each class: its index, label, and pixels as 784 bytes in base64."""
    draws, found = generator(DRAW), []
    for label in range(CLASSES):
        places = (data.test.labels == label).nonzero()[:, 0]
        place = places[torch.randint(len(places), (1,), generator=draws)].item()
        levels = (data.test.images[place] * data.std + data.mean) * 255
        found.append({"place": place, "label": label, "pixels": encoded(levels.round().byte().numpy())})
    return found


def encoded(values):
    """An array's bytes as base64."""
    return base64.b64encode(values.tobytes()).decode()


def decoded(text, kind):
    """The array whose bytes were encoded."""
    return np.frombuffer(base64.b64decode(text), kind).copy()


def read_script(path=SCRIPT):
    """What weights.js holds: (supernet, its three copies as in `recalculated`, the object with its digits and more).

    ValueError for a script that does not fit the profile `page`.
    """
    content = json.loads(Path(path).read_text().removeprefix(HEAD).removesuffix(TAIL))
    floats, lengths = torch.from_numpy(decoded(content["floats"], "<f4")), content["lengths"]
    nets = [DepthSupernet(get_profile("page").width).eval() for _ in range(4)]
    mine = tensors(nets[0], nets[1:])
    if {name: value.numel() for name, value in mine.items()} != lengths:
        raise ValueError(f"{path} does not fit the profile 'page': write it anew with `python -m kit.nine`")
    with torch.no_grad():
        for value, part in zip(mine.values(), floats.split(list(lengths.values())), strict=True):
            value.copy_(part.view_as(value))
        for copy in nets[1:]:
            for ours, theirs in zip(copy.parameters(), nets[0].parameters(), strict=True):
                ours.copy_(theirs)
    return nets[0], nets[1:], content


def answers(net, copies, pixels, content):
    """{"running", "recalculated": logits (9, N, 10)} of pixels (N, 28, 28) from 0 to 1, as the page gets them."""
    images = prepared(pixels, content)
    with torch.no_grad():
        own = [copies[arch[0] - 1](images, arch) for arch in net.architectures]
        return {"running": net.forward_all(images), "recalculated": torch.stack(own)}


def prepared(pixels, content):
    """Pixels (N, 28, 28) from 0 to 1 as images (N, 1, 28, 28) for the networks in the page."""
    return (torch.as_tensor(pixels, dtype=torch.float32)[:, None] - content["mean"]) / content["deviation"]


def lent_answers(net, copies, path, pixels, content):
    """Logits (9, N, 10) where all nine use the statistics of one path; what that path lacks keeps the running ones."""
    net, theirs = deepcopy(net), path_layers(copies[path[0] - 1], (path[0], net.depth))
    for name, norm in path_layers(net, path).items():
        norm.load_state_dict(theirs[name].state_dict())
    with torch.no_grad():
        return net.forward_all(prepared(pixels, content))


def ten_digits(content):
    """(pixels (10, 28, 28) from 0 to 1, labels (10,)) of the test digits in the page, from what weights.js holds."""
    pixels = [decoded(digit["pixels"], np.uint8).reshape(28, 28) / 255 for digit in content["digits"]]
    return np.stack(pixels), torch.tensor([digit["label"] for digit in content["digits"]])


def write_pens(labels, said, differ):
    """Write how many pen digits each of the nine gets right, and the classes of those that (3, 3) gets wrong; the path.

    labels: (N,); said: {"running", "recalculated": answers (9, N)}; differ: how many answers are others in JavaScript.
    """
    missed = labels[said["recalculated"][-1] != labels].tolist()
    content = {
        "script": script_digest(),
        "people": PEOPLE,
        "digits": len(labels),
        "right": {kind: (answers == labels).sum(dim=1).tolist() for kind, answers in said.items()},
        "differ": differ,
        "missed": {label: missed.count(label) for label in sorted(set(missed))},
    }
    return write_atomically(RESULTS / PENS, json.dumps(content) + "\n")


def load_pens():
    """What `write_pens` wrote: "digits", "right" by statistics and architecture, "missed" by class, and more."""
    return json.loads(find(PENS).read_text())


def script_digest(path=SCRIPT):
    """A name for the weights in the page, to see whether a count was made with them."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


@cache
def opens():
    """(place, path): the test digit shown first, and the path whose statistics the third switch lends first.

    The digit is the first that the first row gets wrong as trained and all get right recalculated, and on which some
    path's statistics give a third number of right answers. The path is the one among these with the fewest.
    """
    net, copies, content = read_script()
    pixels, labels = ten_digits(content)
    uses = answers(net, copies, pixels, content)
    uses |= {path: lent_answers(net, copies, path, pixels, content) for path in net.architectures}
    right = {use: logits.argmax(dim=-1) == labels for use, logits in uses.items()}
    for place in range(len(labels)):
        counts = {use: answered[:, place].sum().item() for use, answered in right.items()}
        known = {counts.pop("running"), counts.pop("recalculated")}
        others = [path for path, count in counts.items() if count not in known]
        told = right["recalculated"][:, place].all() and not right["running"][: net.depth, place].any()
        if told and others:
            return place, min(others, key=counts.get)
    raise ValueError(f"on no test digit the three statistics give three counts: change DRAW, now {DRAW!r}")


def nine(ident="nine", start=False):
    """Nine networks on a digit of one's own, as HTML; without script, their answers to one test digit.

    start: for the start page and Chapter 2, which do not say how the two uses of the weights differ.
    """
    title = "Nine networks, one set of weights" if start else "Nine networks on your digit"
    place, path = opens()
    facts = {"opens": place} | ({"start": True} if start else {"path": "".join(map(str, path))})
    return play("nine", facts, written_out(start), title, ident, ["weights", "engine", "pad"])


def written_out(start):
    """What the nine say to the test digit shown first, with either statistics, as SVG: for readers without script."""
    net, copies, content = read_script()
    pixels, labels = ten_digits(content)
    place, _ = opens()
    pixels, label = pixels[place], labels[place].item()
    said = {
        kind: logits.argmax(dim=-1)[:, 0].tolist()
        for kind, logits in answers(net, copies, pixels[None], content).items()
    }
    titles = dict(zip(said, ("A", "B") if start else NAMED.values(), strict=True))
    grids = "".join(grid_svg(170 + 210 * k, titles[kind], said[kind], label) for k, kind in enumerate(said))
    told = "; ".join(f"{titles[kind]}: {', '.join(map(str, said[kind]))}" for kind in said)
    return (
        f'<svg viewBox="0 0 570 200" style="max-width:36em" role="img" aria-label="The nine networks on a test digit, '
        f'a {label}. {told}."><image href="{picture_uri(torch.from_numpy(pixels))}" y="45" width="130" height="130" '
        f'style="image-rendering:pixelated"/>{grids}</svg>'
    )


def grid_svg(left, title, said, label):
    """Nine answers in three rows; what is not the label has a dashed frame."""
    cells = []
    for k, digit in enumerate(said):
        x, y = left + 62 * (k % 3), 40 + 52 * (k // 3)
        dashes = "" if digit == label else ' stroke-dasharray="5 4"'
        cells.append(
            f'<rect x="{x}" y="{y}" width="56" height="46" rx="6" fill="none" stroke="currentColor"{dashes}/>'
            + words(x + 28, y + 29, str(digit))
        )
    return words(left + 90, 22, title) + "".join(cells)


if __name__ == "__main__":
    write_script()
