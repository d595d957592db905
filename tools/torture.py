"""make torture: kill -9 a small experiment at random moments, let it go on, compare its records with undisturbed ones.

Each run is killed with all its workers; when the record is complete it is compared, times aside, and the next begins
in an empty folder. Prints a line for each kill and ends with status 1 if any record differs or a file is broken.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from study.records import load_record, record_path

TIMES = "seconds"


def command(folder, executor):
    """The small experiment, as a reader would start it."""
    words = ["run", "nine-networks", "--profile", "tiny", "--seeds", "0", "--executor", executor]
    return [sys.executable, "-m", "nas", *words, "--results", str(folder)]


def run(folder, executor, seconds=None):
    """Run it to its end, or kill it and its workers after so many seconds; returns whether it ended by itself."""
    log = subprocess.DEVNULL
    process = subprocess.Popen(command(folder, executor), stdout=log, stderr=log, start_new_session=True)
    try:
        if process.wait(timeout=seconds) != 0:
            raise SystemExit(f"the run in {folder} failed by itself: {' '.join(command(folder, executor))}")
        return True
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return False


def record(folder):
    """The finished record without its times and without what the code's revision is."""
    content = load_record(record_path(folder, "nine-networks", "tiny", 0))
    return {key: value for key, value in content.items() if key not in (TIMES, "revision")}


def torture(kills, executor, seed, root):
    """Kill so many times; returns how many records were compared. SystemExit at the first difference."""
    draw = random.Random(seed)
    start = time.perf_counter()
    run(root / "undisturbed", executor)
    whole, truth = time.perf_counter() - start, record(root / "undisturbed")
    done = compared = 0
    while done < kills or not compared:
        folder = root / f"round-{compared}"
        while True:
            # The later two thirds: earlier, nothing but imports would be interrupted.
            moment = draw.uniform(whole / 3, whole) if done < kills else None
            if run(folder, executor, moment):
                break
            done += 1
            parts = len(list(folder.glob(".parts/tiny/*.part")))
            print(f"kill {done} after {moment:.2f} s: {parts} of 19 tasks finished", flush=True)
        if record(folder) != truth:
            raise SystemExit(f"the record in {folder} differs from the undisturbed one in {root / 'undisturbed'}")
        if broken := list(folder.rglob("*.broken-*")):
            raise SystemExit(f"a kill left broken files: {broken}")
        compared += 1
    return compared


def main():
    """Read the options, torture, say what was compared."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--kills", type=int, default=20)
    options.add_argument("--executor", choices=("local", "processes"), default="processes")
    options.add_argument("--seed", type=int, default=0)
    options = options.parse_args()
    with tempfile.TemporaryDirectory() as root:
        compared = torture(options.kills, options.executor, options.seed, Path(root))
    print(f"{options.kills} kills, {compared} records compared with the undisturbed one: equal, times aside")


if __name__ == "__main__":
    main()
