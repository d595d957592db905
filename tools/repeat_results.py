"""Repeat every committed record that a laptop can make, in a folder of its own, and compare.

    python tools/repeat_results.py build/results

Stopped anywhere, the same command goes on. On the same kind of machine nothing may differ but times, versions of other
packages and the code's revision; elsewhere the figures differ as from seed to seed, and the intervals are to compare.
"""

import argparse
import sys
from pathlib import Path

from study.analysis.tabular import write_table
from study.command import named_folder
from study.records import RESULTS, load_record, record_path
from study.runner import run

PROFILES = ("quick", "page", "laptop", "fashion", "laptop-fp32", "as-r0", "as-r3")  # full takes a GPU
MAY_DIFFER = ("seconds", "versions", "revision")


def main(folder):
    wanted, changed = recorded(RESULTS), []
    for (experiment, profile), seeds in wanted.items():
        print(f"{experiment}, profile {profile}, seeds {', '.join(map(str, seeds))}", flush=True)
        for path in run([experiment], profile, seeds, "processes", root=folder):
            new = load_record(path)
            faults = differences(load_record(record_path(RESULTS, experiment, profile, new["seed"])), new)
            print(f"  {path}: {', '.join(faults) + ' differ' if faults else 'the same figures'}", flush=True)
            changed += [path] if faults and "machine" not in faults else []
    print(write_table(folder))
    return 1 if changed else 0


def recorded(root):
    """The records under `root` that a laptop can make: {(experiment, profile): seeds}."""
    found = {}
    for profile in PROFILES:
        for path in sorted(Path(root, profile).glob("*-seed*.json")):
            experiment, seed = path.stem.split("-seed")
            found.setdefault((experiment, profile), []).append(int(seed))
    return {key: sorted(seeds) for key, seeds in found.items()}


def differences(old, new):
    """The fields in which a repeated record differs from the committed one, but for those that may."""
    return [field for field in old if field not in MAY_DIFFER and old[field] != new.get(field)]


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=named_folder, help="where the records are made again, e.g. build/results")
    sys.exit(main(options.parse_args().folder))
