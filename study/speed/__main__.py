"""make bench: where the engine's speed comes from; all times taken in turn in one run, printed, saved as a record.

Images are random: no time here depends on what they show, and MNIST need not be there.
"""

import argparse
import os

from nas import machine
from study import provenance
from study.records import RESULTS, folder
from study.speed import measures
from study.speed.bench import BATCH, WIDTH, Bench, median, save
from study.speed.first_steps import first_steps
from study.speed.race import races
from study.speed.roofline import roofline


def main(arguments=None):
    """Take all measures, print each as soon as it is there, save them; returns the record's path."""
    options = parser().parse_args(arguments)
    if options.results.is_dir() and not os.access(options.results, os.W_OK):  # told before an hour's work is lost
        parser().error(f"{options.results} takes no file: choose another folder, with --results or NAS_RESULTS")
    bench = Bench(options.share, options.repeats, options.width)
    where = provenance.device_name(bench.device)
    print(f"{where}, {machine.THREADS} thread(s), {bench.precision}, W = {bench.width}", flush=True)
    record = {
        "machine": provenance.fingerprint(bench.device, bench.precision),
        "revision": provenance.code_revision(),
        "sizes": {"width": bench.width, "batch": BATCH, "steps": bench.steps, "images": bench.images},
        "repeats": bench.repeats,
    }
    for name, measure in MEASURES.items():
        record[name] = rounded(measure(bench, record))
        print(f"\n{name.replace('_', ' ')}", flush=True)
        SHOW.get(name, show_pairs)(record[name])
    path = options.results / "benchmark" / f"{bench.device.type}.json"
    return save(record, path)


def parser():
    """The command line."""
    options = argparse.ArgumentParser(prog="python -m study.speed", description=__doc__)
    options.add_argument("--share", type=int, default=20, help="time 1/SHARE of an epoch and of the test images")
    options.add_argument("--repeats", type=int, default=5)
    options.add_argument("--width", type=int, default=WIDTH, help="channels of block 1; the record is for the default")
    options.add_argument("--results", type=folder, default=RESULTS, metavar="DIR")
    return options


def peak_memory():
    """Peak memory of this process, in MB."""
    import resource  # Windows has none

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


# name in the record: how it is measured, given the record so far. The races concern a CPU's cores.
MEASURES = {
    "training": lambda bench, record: measures.training(bench),
    "evaluation": lambda bench, record: measures.evaluation(bench),
    "ratios": lambda bench, record: measures.ratios(record["training"], record["evaluation"]),
    "peak_memory": lambda bench, record: {"MB": peak_memory()},
    "growth": lambda bench, record: measures.growth(bench),
    "roofline": lambda bench, record: roofline(bench),
    "races": lambda bench, record: races(bench),
    "first_steps": lambda bench, record: first_steps(bench),
    "at_r3": lambda bench, record: measures.at_r3(bench),
}


def show_columns(columns):
    """Print {name: values of each repeat}: median, smallest and largest."""
    for name, values in columns.items():
        print(f"{median(values):10.4g}  ({min(values):.4g} to {max(values):.4g})  {name}")


def show_ratios(ratios):
    """Print the quotients: median, smallest and largest."""
    for title, ratio in ratios.items():
        values = ratio["all"]
        print(f"{ratio['median']:8.2f} x  ({values[0]:.2f} to {values[-1]:.2f})  {title}: {' over '.join(ratio['of'])}")


def show_roofline(points):
    """Print rates: operations and bytes, in 10^9 per second."""
    for point in points:
        seconds = median(point["seconds"])
        rates = f"{point['operations'] / seconds / 1e9:10.1f} GFLOP/s {point['bytes'] / seconds / 1e9:8.1f} GB/s"
        print(f"{rates}  {point['what']}, {point['precision']}")


def show_first_steps(processes):
    """Print the first steps of one process of each kind, in ms."""
    for name, times in processes.items():
        print(f"{name}: {', '.join(f'{1e3 * seconds:.1f}' for seconds in times[0])} ms")


def show_pairs(figures):
    """Print a plain dict."""
    for name, value in figures.items():
        print(f"{name}: {value}")


SHOW = {
    "training": show_columns,
    "evaluation": show_columns,
    "ratios": show_ratios,
    "roofline": show_roofline,
    "races": show_columns,
    "first_steps": show_first_steps,
    "at_r3": show_columns,
}


def rounded(value):
    """Every float in nested lists and dicts to four digits: a clock gives no more."""
    if isinstance(value, float):
        return float(f"{value:.4g}")
    if isinstance(value, dict):
        return {str(key): rounded(item) for key, item in value.items()}
    return [rounded(item) for item in value] if isinstance(value, list) else value


if __name__ == "__main__":
    main()
