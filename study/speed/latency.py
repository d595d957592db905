"""How long each of the nine networks takes to answer, and how large its file is: extracted, folded, exported.

python -m study.speed.latency     (minutes; let nothing else run)

The weights are random, as no time here depends on them. The record is results/latency/<device>.json.
"""

import argparse
import tempfile
from functools import partial
from pathlib import Path

import numpy as np
import torch

from nas import DepthSupernet
from nas.methods.export import export, fold, load_exported
from study import provenance
from study.records import RESULTS, folder
from study.settings import get_profile
from study.speed.bench import Bench, save

BATCHES = (1, 128)  # a request at a time, and many together


def main(arguments=None):
    """Export the nine, time them in turn, save the record; returns its path."""
    options = parser().parse_args(arguments)
    bench = Bench(10_000, options.repeats, options.width)  # 10,000: no more images than a batch
    forms, sizes = all_forms(bench)
    record = {
        "machine": provenance.fingerprint(bench.device, "fp32"),
        "revision": provenance.code_revision(),
        "width": bench.width,
        "repeats": bench.repeats,
        "architectures": list(DepthSupernet(bench.width).architectures),
        "bytes": sizes,
        "milliseconds": {str(batch): latencies(bench, forms, batch) for batch in BATCHES},
    }
    show(record)
    path = options.results / "latency" / f"{bench.device.type}.json"
    return save(record, path)


def parser():
    """The command line."""
    options = argparse.ArgumentParser(prog="python -m study.speed.latency", description=__doc__)
    options.add_argument("--repeats", type=int, default=101, help="timed calls of each network and batch")
    options.add_argument("--width", type=int, default=get_profile("laptop").width, help="channels of block 1")
    options.add_argument("--results", type=folder, default=RESULTS, metavar="DIR")
    return options


def all_forms(bench):
    """({form: its nine models}, {form: bytes of its nine files}), in the order of the architectures."""
    net = bench.supernet().eval()
    extracted = [net.extract(arch) for arch in net.architectures]
    folded = [fold(model) for model in extracted]
    with tempfile.TemporaryDirectory() as folder:
        exported, sizes = zip(*(through_file(model, Path(folder, "net.pt2")) for model in folded), strict=True)
        plain = [through_file(model, Path(folder, "net.pt2"))[1] for model in extracted]
    forms = {"extracted": extracted, "folded": folded, "folded, exported": exported}
    return forms, {"extracted": plain, "folded": list(sizes)}


def through_file(model, path):
    """(the model exported, loaded again and put into the fast layout of the others, the bytes of its file)."""
    size = export(model, path)
    return load_exported(path).to(memory_format=torch.channels_last), size


def latencies(bench, forms, batch):
    """{form: [[10th percentile, median, 90th percentile], ...]} of one call, in ms, by architecture.

    All networks of all forms in turn, again and again: what disturbs the machine disturbs all of them. Each is called
    twice and timed the second time, when its code and its weights are where a busy server would have them.
    """
    images, seconds = bench.split.images[:batch], {form: [[] for _ in models] for form, models in forms.items()}
    with torch.no_grad():
        for _ in range(bench.repeats):
            for form, models in forms.items():
                for k, model in enumerate(models):
                    model(images)
                    seconds[form][k].append(bench.seconds(partial(model, images)))
    return {form: [spread(times) for times in rows] for form, rows in seconds.items()}


def spread(seconds):
    """10th percentile, median and 90th percentile, in ms with four digits."""
    return [float(f"{1e3 * value:.4g}") for value in np.percentile(seconds, (10, 50, 90))]


def show(record):
    """Print the medians by architecture."""
    print(f"{record['machine']['device']}, {record['machine']['threads']} thread(s), W = {record['width']}; median ms")
    for batch, forms in record["milliseconds"].items():
        print(f"\nbatch {batch:>9} " + "".join(f"{form:>18}" for form in forms))
        for k, arch in enumerate(record["architectures"]):
            print(f"{arch!s:>15} " + "".join(f"{rows[k][1]:18.3f}" for rows in forms.values()))


if __name__ == "__main__":
    main()
