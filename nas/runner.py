"""The runner: does what has no record yet, here, in local processes or on a Dask cluster, and loses nothing."""

import multiprocessing
import os
import signal
import threading
import time
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from contextlib import contextmanager
from functools import partial
from itertools import chain
from pathlib import Path

from nas.checkpoint import save_tensors, set_aside
from nas.experiments import get_experiment
from nas.profiles import get_profile
from nas.progress import ProgressBar
from nas.results import RESULTS, load_record, record_path, save_record
from nas.tasks import part_path, read_part, run_task, weights_path

EXECUTORS = ("local", "processes", "dask")


def parts_folder(root, profile):
    """Where finished tasks and checkpoints lie; git ignores it."""
    return Path(root).absolute() / ".parts" / profile


def run(names, profile, seeds, executor="local", address=None, root=RESULTS):
    """Make every missing record of the named experiments, and return the paths of all of them.

    executor: "local" (this process), "processes" (one a core) or "dask" (the cluster at `address`, or a local one).
    Stopped anywhere, the next call goes on from the last finished epoch. Raises ValueError for an unknown name.
    """
    get_profile(profile)
    wanted = [(get_experiment(name), seed) for seed in seeds for name in names]
    paths = [record_path(root, experiment.name, profile, seed) for experiment, seed in wanted]
    missing = [need for need, path in zip(wanted, paths, strict=True) if not _usable(path)]
    if not missing:
        return paths
    folder = parts_folder(root, profile)
    needs = {need: list(chain(*need[0].tasks(profile, need[1]).values())) for need in missing}
    todo = [task for task in dict.fromkeys(chain(*needs.values())) if read_part(part_path(folder, task), task) is None]
    unfinished = set(todo)
    with open_executor(executor, address) as pool, ProgressBar(todo) as bar:
        for task in chain([None], completed(pool, todo, folder, bar)):  # None: some records may lack no part
            if task:
                bar.finish(task)
                unfinished.remove(task)
            for experiment, seed in [need for need in needs if unfinished.isdisjoint(needs[need])]:
                assemble(experiment, profile, seed, root)
                del needs[experiment, seed]
    return paths


def assemble(experiment, profile, seed, root):
    """Write the record of one seed from the parts of all its tasks."""
    folder, groups = parts_folder(root, profile), experiment.tasks(profile, seed)
    parts = {kind: [read_part(part_path(folder, task), task) for task in group] for kind, group in groups.items()}
    if get_profile(profile).keep_weights and seed == 0:
        keep_weights(root, groups, parts)
    save_record(experiment.record(profile, seed, parts), root)


def keep_weights(root, groups, parts):
    """Write the weights of fully trained networks beside the records, for the chapters."""
    for kind in ("supernet", "scratch"):
        for task, part in zip(groups[kind], parts[kind], strict=True):
            save_tensors(weights_path(root, task), part["weights"])


def _usable(path):
    """Is there a record? One that is broken, or of another run, is named and set aside, never overwritten."""
    try:
        load_record(path)
    except FileNotFoundError:
        return False
    except ValueError as error:
        set_aside(path, error.__cause__ or error)
        return False
    return True


def completed(pool, tasks, folder, bar):
    """Run the tasks and yield each as it ends; with no pool in this process, one after the other."""
    if pool is None:
        for task in tasks:
            run_task(task, folder, progress=partial(bar.advance, task))
            yield task
        return
    futures = {pool.submit(run_task, task, folder): task for task in tasks}
    while futures:
        done, _ = wait(futures, timeout=1, return_when=FIRST_COMPLETED)
        for future in done:
            future.result()  # raises what the task raised
            yield futures.pop(future)
        bar.refresh()


@contextmanager
def open_executor(name, address=None):
    """A concurrent.futures.Executor for the tasks, or None for this process."""
    if name not in EXECUTORS:
        raise ValueError(f"executor {name!r} is unknown: choose one of {', '.join(EXECUTORS)}")
    if address and name != "dask":
        raise ValueError(f"address {address!r} goes with the executor 'dask', not with {name!r}")
    if name == "local":
        yield None
    elif name == "processes":
        context = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(os.cpu_count(), context, initializer=_follow_parent, initargs=(os.getpid(),))
        try:
            yield pool
        except BaseException:
            for process in multiprocessing.active_children():
                process.terminate()  # nothing is lost: each finished epoch lies in its checkpoint
            raise
        finally:
            pool.shutdown(cancel_futures=True)
    else:
        from dask.distributed import Client

        arguments = {"address": address} if address else {"n_workers": os.cpu_count(), "threads_per_worker": 1}
        with Client(**arguments) as client:
            yield client.get_executor(pure=False, retries=3)


def _follow_parent(parent):
    """In a worker: leave Ctrl-C to the parent, and end when it has gone (kill -9 gives it no time to say so)."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch():
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
