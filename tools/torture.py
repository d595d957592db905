"""make torture: kill -9 a small experiment at random moments, let it go on, compare its records with undisturbed ones.

Each run is killed with all its workers; when the record is complete it is compared byte by byte, times aside, and the
next begins in an empty folder. Prints a line for each kill and ends with status 1 if any record differs or a file is
broken.
"""

import argparse
import multiprocessing
import os
import random
import signal
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from study.command import main as main_of_nas
from study.records import answers_path, load_record, record_path
from study.tasks import Task

FORK = multiprocessing.get_context("fork")  # what is killed is then at work, and not at its imports
WHOSE = ("nine-networks", "tiny", 0)
MAY_DIFFER = (b'"seconds":', b'"revision":')  # lines of a record: its times, and what the code's revision was


def begin(folder, executor):
    """The small experiment, as a reader would start it, in a process and a session of its own, which says nothing."""
    os.setsid()
    for stream in (sys.stdout, sys.stderr):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    name, profile, seed = WHOSE
    words = ["run", name, "--profile", profile, "--seeds", str(seed), "--executor", executor]
    sys.exit(main_of_nas([*words, "--results", str(folder)]))


def run(folder, executor, seconds=None):
    """Run it to its end, or kill it and its workers after so many seconds; returns whether it ended by itself."""
    process = FORK.Process(target=begin, args=(folder, executor))
    process.start()
    process.join(seconds)
    if process.exitcode is None:
        with suppress(ProcessLookupError):  # it has no session and no workers yet
            os.killpg(process.pid, signal.SIGKILL)
        process.kill()
        process.join()
        return False
    if process.exitcode:
        raise SystemExit(f"the run in {folder} failed by itself, with status {process.exitcode}")
    return True


def said(folder):
    """The bytes of the finished record, without the lines that may differ, and of the answers beside it."""
    load_record(record_path(folder, *WHOSE))  # it is a whole one
    lines = record_path(folder, *WHOSE).read_bytes().splitlines()
    return [line for line in lines if not line.startswith(MAY_DIFFER)], answers_path(folder, *WHOSE).read_bytes()


def torture(kills, executor, seed, root):
    """Kill so many times; returns how many records were compared. SystemExit at the first difference."""
    draw = random.Random(seed)
    Task(*WHOSE[1:]).cost()  # reads the data, which the runs then have
    start = time.perf_counter()
    run(root / "undisturbed", executor)
    whole, truth = time.perf_counter() - start, said(root / "undisturbed")
    done = compared = 0
    while done < kills or not compared:
        folder = root / f"round-{compared}"
        while True:  # it is killed several times on its way to the end
            moment = draw.uniform(0, whole / 3) if done < kills else None
            if run(folder, executor, moment):
                break
            done += 1
            parts = len(list(folder.glob(".parts/tiny/*.part")))
            print(f"kill {done} after {moment:.2f} s: {parts} of 19 tasks finished", flush=True)
        if said(folder) != truth:
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
