"""Why one thread per process: steps per second of 1 or 2 processes with 1 or 2 threads each, on two cores.

As a program it is one of those processes: python -m study.speed.race SECONDS
"""

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import torch
from torch.nn.functional import cross_entropy
from torch.optim import AdamW

from nas import DepthSupernet

ROOT = Path(__file__).resolve().parents[2]
LIMIT = 60  # extra seconds, after which the processes are ended and the race counts as no steps
SECONDS = 40  # of a race, divided by the share

# name: processes, threads in each, environment. OpenMP's threads wait for each other by spinning, or asleep if told so.
RACES = {
    "1 process × 1 thread": (1, 1, {}),
    "1 process × 2 threads": (1, 2, {}),
    "2 processes × 1 thread": (2, 1, {}),
    "2 processes × 2 threads": (2, 2, {}),
    "2 × 2, waiting asleep": (2, 2, {"OMP_WAIT_POLICY": "passive"}),
}


def races(bench):
    """{race: steps per second of all its processes together, each repeat}, on two cores, in turn; CPUs only."""
    rates = {name: [] for name in RACES if bench.device.type == "cpu"}
    with two_cores():
        for _ in range(min(3, bench.repeats)):
            for name in rates:
                rates[name].append(steps_a_second(*RACES[name], SECONDS / bench.share))
    return rates


@contextmanager
def two_cores():
    """Keep this process and those it starts on two cores, where the system lets a program choose."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    mine = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(mine)[:2])
    try:
        yield
    finally:
        os.sched_setaffinity(0, mine)


def steps_a_second(processes, threads, environment, seconds):
    """Start the processes, let them go together when all are ready, add their rates."""
    workers = [start(threads, environment, seconds) for _ in range(processes)]
    try:
        for worker in workers:
            worker.stdout.readline()
        for worker in workers:
            worker.stdin.write("go\n")
            worker.stdin.flush()
        return sum(float(worker.communicate(timeout=seconds + LIMIT)[0]) for worker in workers)
    except subprocess.TimeoutExpired:
        return 0.0
    finally:
        for worker in workers:
            worker.kill()
            worker.communicate()


def start(threads, environment, seconds):
    """One racing process."""
    count = {"NAS_THREADS": str(threads), "OMP_NUM_THREADS": str(threads), "NAS_DEVICE": "cpu"}
    command = [sys.executable, "-m", "study.speed.race", str(seconds)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, env=os.environ | count | environment, cwd=ROOT, **pipes)


def race(seconds):
    """Train a toy network from the word go for `seconds` seconds; print steps per second."""
    net, images, labels = DepthSupernet(width=8), torch.randn(64, 1, 28, 28), torch.arange(64) % 10
    optimizer = AdamW(net.parameters(), fused=True)

    def step():
        optimizer.zero_grad()
        cross_entropy(net(images, (2, 2)), labels).backward()
        optimizer.step()

    print("ready", flush=True)
    sys.stdin.readline()
    step()  # to warm up
    begin, steps = time.perf_counter(), 0
    while time.perf_counter() - begin < seconds:
        step()
        steps += 1
    print(steps / (time.perf_counter() - begin))


if __name__ == "__main__":
    race(float(sys.argv[1]))
