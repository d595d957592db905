"""A model of many machines: how long independent tasks take on workers that die, by formula and by simulation."""

import math
from heapq import heapify, heappop, heappush

import numpy as np


def makespan_bounds(seconds, workers):
    """(low, high) of the time until all tasks are done, by equal workers that never die, nor idle while a task waits.

    seconds: what each task takes, in any unit, which the answer shares. No schedule ends before low, the
    larger of the mean load and the longest task; tasks handed out in any order end by high, the mean load and
    (1 - 1/workers) of the longest (after Graham 1966). ValueError for no task, a time not above 0, or no worker.
    """
    seconds = _checked(seconds, workers)
    load, longest = seconds.sum() / workers, seconds.max()
    return float(max(load, longest)), float(load + (1 - 1 / workers) * longest)


def expected_seconds(seconds, epochs, mtbf, restart=0.0):
    """Mean time of a task of `epochs` equal epochs on a worker that dies once in `mtbf` of work, at random moments.

    A death costs the work of its epoch so far, plus `restart`: epochs (exp(epoch / mtbf) - 1) (mtbf + restart).
    seconds: one task's time without deaths, or an array. mtbf: mean time between failures, math.inf for none.
    Derived in chapter 14; compare Daly 2006. ValueError for a negative restart, or another number not above 0.
    """
    seconds = np.asarray(seconds, dtype=float)
    if not (np.all(seconds > 0) and epochs >= 1 and mtbf > 0 and restart >= 0):
        given = f"seconds {seconds}, epochs {epochs}, mtbf {mtbf}, restart {restart}"
        raise ValueError(f"{given}: seconds and mtbf must be above 0, epochs 1 or more, restart 0 or more")
    if math.isinf(mtbf):
        return seconds
    return epochs * np.expm1(seconds / epochs / mtbf) * (mtbf + restart)


def simulate_makespan(seconds, workers, epochs=1, mtbf=math.inf, restart=0.0, start=0.0, seed=0):
    """One draw of the time until all tasks are done: the queue, the workers and their deaths, event by event.

    A free worker takes the task that has waited longest, which costs `start` each time. A death loses the running
    epoch; the rest of its task goes back to the queue at once, the worker comes back after `restart`. Other arguments
    and errors: see above.
    """
    seconds = _checked(seconds, workers)
    expected_seconds(seconds, epochs, mtbf, restart)  # checks the rest: with mtbf 0 no task would ever end
    draw = np.random.RandomState(seed)
    queue = [(0.0, place, time / epochs, epochs) for place, time in enumerate(seconds)]
    free = [0.0] * workers  # when each worker can take its next task
    heapify(queue)
    end = 0.0
    while queue:
        ready, place, epoch, left = heappop(queue)
        begin = max(ready, heappop(free)) + start
        dies, done = begin + draw.exponential(mtbf), begin + left * epoch
        if dies < done:
            heappush(queue, (dies, place, epoch, left - int((dies - begin) // epoch)))
            heappush(free, dies + restart)
        else:
            heappush(free, done)
            end = max(end, done)
    return end


def _checked(seconds, workers):
    """The times as an array. ValueError unless there are some, all above 0, and at least one worker."""
    seconds = np.asarray(seconds, dtype=float)
    if seconds.ndim != 1 or len(seconds) == 0 or not np.all((seconds > 0) & np.isfinite(seconds)):
        raise ValueError(f"seconds are {seconds}: pass one finite time above 0 for each task, and at least one task")
    if type(workers) is not int or workers < 1:
        raise ValueError(f"workers is {workers!r}: it must be an int, 1 or more")
    return seconds
