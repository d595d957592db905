"""How long a training step of each network of the tabular benchmark takes, each alone on an idle machine.

python -m study.speed.trainings     (minutes; let nothing else run)

Images are random, as no time here depends on what they show. The record is results/trainings/<device>.json.
"""

import argparse

from study import provenance
from study.recipes import depths_to
from study.records import RESULTS, folder
from study.settings import get_profile
from study.speed.bench import Bench, median, save
from study.speed.ladder import engine


def main(arguments=None):
    """Time the networks in turn, save the record; returns its path."""
    options = parser().parse_args(arguments)
    bench = Bench(options.share, options.repeats, options.width)
    space = depths_to(options.depth)
    net = bench.supernet(options.depth)
    config = get_profile("laptop").config(bench.device)
    seconds = bench.in_turn({arch: engine(bench, net.extract(arch), config) for arch in space.architectures})
    record = {
        "machine": provenance.fingerprint(bench.device, bench.precision),
        "revision": provenance.code_revision(),
        "sizes": {"width": bench.width, "batch": config.batch_size, "steps": bench.steps},
        "repeats": bench.repeats,
        "architectures": list(space.architectures),
        "milliseconds": [spread([1e3 * x / bench.steps for x in times]) for times in seconds.values()],
    }
    print(f"{record['machine']['device']}, {bench.precision}, W = {bench.width}; ms a step (least to most)")
    for arch, (low, middle, high) in zip(space.architectures, record["milliseconds"], strict=True):
        print(f"{arch!s:>7} {middle:8.2f}  ({low:.2f} to {high:.2f})")
    return save(record, options.results / "trainings" / f"{bench.device.type}.json")


def parser():
    """The command line."""
    options = argparse.ArgumentParser(prog="python -m study.speed.trainings", description=__doc__)
    options.add_argument("--share", type=int, default=20, help="time 1/SHARE of an epoch")
    options.add_argument("--repeats", type=int, default=5)
    options.add_argument("--width", type=int, default=get_profile("laptop").width, help="channels of block 1")
    options.add_argument("--depth", type=int, default=5, help="of the largest network, in both blocks")
    options.add_argument("--results", type=folder, default=RESULTS, metavar="DIR")
    return options


def spread(values):
    """The least, the middle and the largest value, with four digits."""
    return [float(f"{value:.4g}") for value in (min(values), median(values), max(values))]


if __name__ == "__main__":
    main()
