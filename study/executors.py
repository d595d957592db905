"""Where tasks run: in this process, in processes of this machine, or on a Dask cluster."""

import multiprocessing
import os
import signal
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
    """A concurrent.futures.Executor for the tasks, or None for this process; and a call: how many it runs at once."""
    if name not in EXECUTORS:
        raise ValueError(f"executor {name!r} is unknown: choose one of {', '.join(EXECUTORS)}")
    if address and name != "dask":
        raise ValueError(f"address {address!r} goes with the executor 'dask', not with {name!r}")
    if name == "local":
        yield None, lambda: 1
    elif name == "processes":
        context = multiprocessing.get_context("spawn")
        count = cores()
        pool = ProcessPoolExecutor(count, context, initializer=_follow_parent, initargs=(os.getpid(),))
        try:
            yield pool, lambda: count
        except BaseException:
            for process in multiprocessing.active_children():
                process.terminate()  # nothing is lost: each finished epoch lies in its checkpoint
            raise
        finally:
            pool.shutdown(cancel_futures=True)
    else:
        with dask_executor(address) as pool_and_workers:
            yield pool_and_workers


@contextmanager
def dask_executor(address):
    """The same of the Dask cluster at an address, or of one on this machine, which ends with the block.

    Dask itself gives a task whose worker died to another, until it has died with four of them (the scheduler's setting
    distributed.scheduler.allowed-failures). What a task raises is not tried again: it would raise it again.
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
