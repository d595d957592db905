"""Where tasks run: here, in other processes of this machine or on a Dask cluster; and how far they have got."""

import multiprocessing
import os
import signal
import sys
import threading
import time
from concurrent.futures import BrokenExecutor, CancelledError, ProcessPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

EXECUTORS = ("local", "processes", "dask")


def cores():
    """How many cores are allotted to this process: by the machine, its affinity (taskset) and its cgroup's quota."""
    from dask.system import cpu_count

    count = cpu_count()
    with suppress(OSError, ValueError):  # of a cgroup of version 1 mounted by itself, where Dask does not look
        quota, period = (int(Path(f"/sys/fs/cgroup/cpu/cpu.cfs_{name}_us").read_text()) for name in ("quota", "period"))
        count = min(count, -(-quota // period)) if quota > 0 else count
    return count


@contextmanager
def open_executor(name, address=None):
    """A concurrent.futures.Executor for the tasks, or None for this process; and a function: how many run at once."""
    if name not in EXECUTORS:
        raise ValueError(f"executor {name!r} is unknown: choose one of {', '.join(EXECUTORS)}")
    if address is not None and name != "dask":
        raise ValueError(f"address {address!r} goes with the executor 'dask', not with {name!r}")
    if address is not None and not str(address).strip():
        raise ValueError(f"address {address!r} is empty: name a scheduler, e.g. tcp://host:8786, or leave it out")
    if name == "local":
        yield None, lambda: 1
    elif name == "processes":
        context, others = multiprocessing.get_context("spawn"), set(multiprocessing.active_children())
        count = cores()
        pool = ProcessPoolExecutor(count, context, initializer=_follow_parent, initargs=(os.getpid(),))
        try:
            yield pool, lambda: count
        except BaseException:
            for process in set(multiprocessing.active_children()) - others:
                process.terminate()  # nothing is lost: each finished epoch lies in its checkpoint
            raise
        finally:
            pool.shutdown(cancel_futures=True)
    else:
        with dask_executor(address) as pool_and_workers:
            yield pool_and_workers


@contextmanager
def dask_executor(address):
    """The same for the Dask cluster at an address, or for one on this machine, which ends with the block.

    Dask itself gives a task whose worker died to another, until four workers have died with it (the scheduler's setting
    distributed.scheduler.allowed-failures). A task that raises is not tried again: it would only raise again.
    """
    from dask.distributed import Client, KilledWorker
    from distributed.comm import CommClosedError
    from distributed.utils import silence_logging_cmgr

    # Port 0 is any free one: Dask's own, 8787, may be taken.
    here = {"n_workers": cores(), "threads_per_worker": 1, "dashboard_address": ":0"}
    with ExitStack() as quiet, Client(**{"address": address} if address else here) as client:
        where = client.scheduler.address
        try:
            yield client.get_executor(pure=False), lambda: sum(client.nthreads().values())
        except KilledWorker as error:
            raise BrokenExecutor(f"the Dask cluster gave up: {error}") from error
        except (CancelledError, CommClosedError) as error:
            quiet.enter_context(silence_logging_cmgr("critical"))  # its client would end with pages of traceback
            raise BrokenExecutor(f"the Dask cluster gave up: its scheduler at {where} has gone") from error


def _follow_parent(parent):
    """In a worker: leave Ctrl-C to the parent, and end when it has gone (kill -9 gives it no time to say so)."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch():
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def counted(things, word):
    """How many there are, in words: 1 record, 2 records."""
    return f"{len(things)} {word}{'s' * (len(things) != 1)}"


class ProgressBar:
    """Use it in a `with` block: advance(task, steps) as a task goes on, finish(task) when it has ended.

    workers(): how many tasks can run at this moment; no worker idles while a task is left.
    """

    def __init__(self, tasks, workers=lambda: 1):
        from tqdm import tqdm  # here, since `list` answers faster without it

        self.count, self.done, self.shown, self.workers = len(tasks), 0, {}, workers
        self.live, self.alone = sys.stderr.isatty(), False
        self.sink = sys.stderr if self.live else open(os.devnull, "w")  # noqa: SIM115 (closed on exit)
        self.bar = tqdm(
            total=sum(task.cost() for task in tasks) or 1,
            file=self.sink,
            bar_format="{desc}{percentage:3.0f} % |{bar:20}| {elapsed} elapsed, {remaining} left",
        )
        self.bar._time = time.monotonic  # tqdm's own clock is the wall's, which may jump; it has no option for another
        self.bar.start_t = self.bar.last_print_t = time.monotonic()
        if not self.live:
            print(f"{counted(tasks, 'task')} to do, a line as each ends", file=sys.stderr, flush=True)
        self.refresh()

    def advance(self, task, steps):
        """A running task has taken `steps` more steps."""
        self._add(task, steps * task.cost() / task.steps)
        self.refresh()

    def finish(self, task):
        """A task has ended; without a terminal, say so in a line of its own."""
        self._add(task, task.cost() - self.shown.get(task, 0))
        self.done += 1
        self.refresh()
        if not self.live:
            print(f"{task.profile} {task.name}: {self.bar}", file=sys.stderr, flush=True)

    def refresh(self):
        """Show how many tasks run, and the time that has gone by."""
        left = self.count - self.done
        running = min(self.workers(), left)
        alone, self.alone = self.alone, running < 1 <= left  # a cluster may have lost its workers, and get others
        if self.alone and not (alone or self.live):
            print("no worker is there: waiting for one", file=sys.stderr, flush=True)
        state = "waiting for a worker" if self.alone else f"{running} running"
        self.bar.set_description_str(f"{self.done} of {self.count} tasks done, {state}, ")

    def _add(self, task, amount):
        self.shown[task] = self.shown.get(task, 0) + amount
        self.bar.update(amount)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.bar.close()
        if not self.live:
            self.sink.close()
