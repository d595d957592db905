"""What the first steps of a process cost: the same step timed again and again, from the start of a fresh process.

As a program it is such a process: python -m study.speed.first_steps RUNG WIDTH
"""

import json
import subprocess
import sys

from study.speed.bench import Bench
from study.speed.ladder import training_rungs
from study.speed.race import ROOT

RUNGS = ("plain loop", "engine")
STEPS = 8
LIMIT = 300  # seconds for a process that takes them


def first_steps(bench):
    """{rung: [seconds of step 1, 2, ... of each process]}; on a GPU also by a clock that does not wait for it."""
    found = {}
    for _ in range(min(3, bench.repeats)):
        for rung in RUNGS:
            command = [sys.executable, "-m", "study.speed.first_steps", rung, str(bench.width)]
            answer = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, timeout=LIMIT)
            for name, seconds in json.loads(answer.stdout).items():
                found.setdefault(name, []).append(seconds)
    return found


def main(rung, width):
    """Time the steps of one rung one by one, on a GPU then as many again without waiting for it; print them."""
    bench = Bench(share=10_000, repeats=1, width=int(width))  # one step per call, on the same path
    step = training_rungs(bench)[rung]
    times = {rung: [bench.seconds(step) for _ in range(STEPS)]}
    if bench.device.type == "cuda":
        bench.synchronise = lambda: None
        times[f"{rung}, not waited for"] = [bench.seconds(step) for _ in range(STEPS)]
    print(json.dumps(times))


if __name__ == "__main__":
    main(*sys.argv[1:])
