"""make bench: what the engine gains, as ratios of times taken in turn in one run, printed and saved as a record.

Images are random: no time here depends on what they show, and MNIST need not be there.
"""

import argparse
import json
import resource
from pathlib import Path

from benchmarks import measures
from nas import machine
from nas.checkpoint import write_atomically
from nas.results import RESULTS


def main():
    """Run every measure, print its line as soon as it is there, save all of them."""
    options = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    options.add_argument("--share", type=int, default=12, help="time 1/SHARE of an epoch and of the test images")
    options.add_argument("--repeats", type=int, default=5)
    options.add_argument("--results", type=Path, default=RESULTS, metavar="DIR")
    options = options.parse_args()
    bench = measures.Bench(options.share, options.repeats)
    print(f"{machine.device_name(bench.device)}, {machine.THREADS} thread(s), {bench.precision}, W = {measures.WIDTH}")
    record = {
        "machine": machine.fingerprint(bench.device, bench.precision),
        "revision": machine.code_revision(),
        "share": options.share,
        "repeats": options.repeats,
        "ratios": {},
        "seconds": {},
    }
    for title, measure in measures.MEASURES.items():
        names, times = measure(bench)
        ratios = sorted(first / second for first, second in times)
        middle = ratios[len(ratios) // 2]
        print(
            f"{middle:6.2f} x  ({ratios[0]:.2f} to {ratios[-1]:.2f})  {title}: {names[0]} over {names[1]}", flush=True
        )
        record["ratios"][title] = {
            "of": names,
            "all": [round(ratio, 3) for ratio in ratios],
            "median": round(middle, 3),
        }
        record["seconds"][title] = [[round(time, 4) for time in pair] for pair in times]
    record["growth"] = measures.growth(bench)
    for depth, figures in record["growth"].items():
        print(f"depths to {depth}: {figures}")
    record["peak_memory_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    print(f"peak memory of this process: {record['peak_memory_mb']} MB")
    path = options.results / "benchmark" / f"{bench.device.type}.json"
    text = json.dumps(record, indent=1)
    write_atomically(path, lambda file: file.write(text.encode()))
    print(f"saved in {path}")


if __name__ == "__main__":
    main()
