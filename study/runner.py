"""The runner: does what has no record yet, here, in local processes or on a Dask cluster, and loses nothing."""

import os
import platform
import sys
import time
from concurrent.futures import FIRST_COMPLETED, wait
from contextlib import suppress
from functools import partial
from itertools import chain
from pathlib import Path

from tqdm import tqdm

from nas import machine
from study import provenance
from study.assembly import build_record, right_answers
from study.executors import open_executor
from study.experiments import get_experiment
from study.files import set_aside
from study.records import (
    RESULTS,
    answers_path,
    chosen,
    load_answers,
    load_record,
    record_path,
    save_answers,
    save_record,
)
from study.settings import get_profile
from study.store import save_tensors
from study.tasks import accept_part, code, made_by_other_code, part_path, read_part, recipe_digest, weights_path
from study.work import run_task

PARTS = ("ask", "accept", "fresh")


def parts_folder(root, profile):
    """Where finished tasks and checkpoints lie; git ignores it."""
    return Path(root).absolute() / ".parts" / profile


def run(names, profile, seeds, executor="local", address=None, root=RESULTS, parts="ask"):
    """Make every missing record of the named experiments, and return the paths of all of them.

    executor: "local" (this process), "processes" (one a core) or "dask" (the cluster at `address`, or a local one).
    parts: that other code made, and records of another recipe; "ask": ValueError, naming them, "accept": use them,
    "fresh": set them aside.
    Stopped anywhere, the next call goes on from the last finished epoch. Raises ValueError for an unknown name, and
    for a worker that would give other bits; FileNotFoundError where a worker does not share the folder `root`;
    BrokenExecutor where too many workers died.
    """
    get_profile(profile)
    wanted = [(get_experiment(name), seed) for seed in seeds for name in names]
    paths = [record_path(root, experiment.name, profile, seed) for experiment, seed in wanted]
    settle_records(wanted, profile, root, parts)
    missing = {need: lacking(*need, profile, _usable(path)) for need, path in zip(wanted, paths, strict=True)}
    if not any(missing.values()):
        print(f"nothing to run: the records are in {Path(root, profile)}")
        return paths
    folder = parts_folder(root, profile)
    needs = {need: list(chain(*groups.values())) for need, groups in missing.items() if groups}
    every = dict.fromkeys(first for task in chain(*needs.values()) for first in (*task.needs, task))
    settle(every, folder, parts)
    todo = [task for task in every if read_part(part_path(folder, task), task) is None]
    unfinished = set(todo)
    with open_executor(executor, address) as (pool, workers), ProgressBar(todo, workers) as bar:
        ended = chain.from_iterable(completed(pool, wave, folder, bar) for wave in waves(todo))
        for task in chain([None], ended):  # None: some records may lack no part
            if task:
                bar.finish(task)
                unfinished.remove(task)
            for experiment, seed in [need for need in needs if unfinished.isdisjoint(needs[need])]:
                assemble(experiment, profile, seed, root)
                del needs[experiment, seed]
    return paths


def settle_records(wanted, profile, root, choice):
    """Leave records of another recipe as they are, or set them aside; ValueError, naming them, if nobody has chosen."""
    if choice not in PARTS:
        raise ValueError(f"parts is {choice!r}: choose one of {', '.join(PARTS)}")
    other = {}
    for experiment, seed in wanted:
        path = record_path(root, experiment.name, profile, seed)
        if differs := differences(experiment, seed, profile, _usable(path)):
            other[path, answers_path(root, experiment.name, profile, seed)] = f"{', '.join(differs)} differ"
    if other and choice == "ask":
        names = "; ".join(f"{path.name}: {differ}" for (path, _), differ in other.items())
        raise ValueError(
            f"{Path(root, profile)} holds {len(other)} records that are not what their experiments ask now ({names}): "
            "--accept-parts leaves them as they are; --fresh-parts sets them aside and trains what has changed"
        )
    for files, differ in other.items():
        for path in filter(Path.is_file, files if choice == "fresh" else ()):
            set_aside(path, differ)


def settle(tasks, folder, choice):
    """Accept what other code made, or set it aside; ValueError, naming it, where nobody has chosen."""
    old = {task: part_path(folder, task) for task in tasks if made_by_other_code(part_path(folder, task), task)}
    if old and choice == "ask":
        names = ", ".join(task.name for task in old)
        raise ValueError(
            f"{folder} holds {len(old)} finished parts that other code made ({names}): if the change cannot alter a "
            "result, go on with them by --accept-parts; else --fresh-parts sets them aside and trains anew"
        )
    for task, path in old.items():
        if choice == "accept":
            accept_part(path, task)
        else:
            set_aside(path, "other code made it")


def differences(experiment, seed, profile, known):
    """What a record holds otherwise than its experiment asks. Older ones tell of no recipe, but of settings."""
    if not known:
        return []
    found = ["architectures"] * (known["architectures"] != [list(arch) for arch in experiment.architectures])
    for group, tasks in experiment.tasks(profile, seed).items():
        told = known["settings"] | known.get("groups", {}).get(group, {}).get("settings", {})
        same = known.get("recipes", {}).get(group) == recipe_digest(tasks)
        if group not in known.get("recipes", {}):
            ours = chosen(tasks[0].plan.asked)
            asked = ours.keys() & told.keys() - {"steps"}  # which follow from the share
            same = all(told[key] == ours[key] for key in asked)
        found += [f"recipe of {group}"] * (group in known["seconds"] and not same)
    return found


def lacking(experiment, seed, profile, known):
    """{group: tasks} of what an experiment asks and its record does not hold: all where there is none."""
    held = known["seconds"] if known else ()
    if known and known["architectures"] != [list(arch) for arch in experiment.architectures]:
        return {}  # one that was accepted: nothing can be added to it
    return {group: tasks for group, tasks in experiment.tasks(profile, seed).items() if group not in held}


def assemble(experiment, profile, seed, root):
    """Write the record of one seed, or complete it, from the parts of the tasks that it lacks."""
    folder, path = parts_folder(root, profile), record_path(root, experiment.name, profile, seed)
    known = _usable(path)
    groups = lacking(experiment, seed, profile, known)
    if not groups:  # a second runner was faster
        return
    parts = {kind: [read_part(part_path(folder, task), task) for task in group] for kind, group in groups.items()}
    missing = [task.name for kind in groups for task, part in zip(groups[kind], parts[kind], strict=True) if not part]
    if missing:
        raise FileNotFoundError(f"{folder} lacks {', '.join(missing)}: choose --results in a folder that workers share")
    if get_profile(profile).keep_weights and seed == 0:
        keep_weights(root, groups, parts)
    answers = right_answers(experiment, profile, seed, parts)
    if known:
        with suppress(FileNotFoundError):  # the first records were made without
            answers = load_answers(known, root) | answers
    save_answers(answers_path(root, experiment.name, profile, seed), answers)
    save_record(build_record(experiment, profile, seed, parts, known), root)


def keep_weights(root, groups, parts):
    """Write the weights of fully trained networks beside the records, for the chapters."""
    for kind in ("supernet", "scratch"):
        for task, part in zip(groups.get(kind, []), parts.get(kind, []), strict=True):
            save_tensors(weights_path(root, task), part["weights"])


def _usable(path):
    """The record at `path`, None where there is none. One that is broken, or of another run, is set aside."""
    try:
        return load_record(path)
    except FileNotFoundError:
        return None
    except ValueError as error:
        set_aside(path, error.__cause__ or error)
        return None


def waves(tasks):
    """The tasks that need no other, and those that do, to be begun when all of the first have ended."""
    return [task for task in tasks if not task.needs], [task for task in tasks if task.needs]


def completed(pool, tasks, folder, bar):
    """Run the tasks and yield each as it ends; with no pool in this process, one after the other."""
    if pool is None:
        for task in tasks:
            run_task(task, folder, progress=partial(bar.advance, task))
            yield task
        return
    folder.mkdir(parents=True, exist_ok=True)  # workers look for it
    futures = {pool.submit(run_elsewhere, task, folder, conditions(task)): task for task in tasks}
    while futures:
        done, _ = wait(futures, timeout=1, return_when=FIRST_COMPLETED)
        for future in done:
            future.result()  # raises what the task raised
            yield futures.pop(future)
        bar.refresh()


def conditions(task):
    """The fingerprint under which this process would run the task, and the code."""
    where = machine.device()
    return provenance.fingerprint(where, task.config(where).precision) | {"code": code(task)}


def run_elsewhere(task, folder, asked):
    """In a worker: run_task, unless its bits would be others than those of the process that asks, or go elsewhere."""
    ours, name = conditions(task), f"worker {platform.node()}"
    if differences := [f"{key} {ours[key]!r}, asked {asked[key]!r}" for key in asked if ours[key] != asked[key]]:
        raise ValueError(f"{name} computes under other conditions ({'; '.join(differences)}): use workers of one kind")
    if not folder.is_dir():
        raise FileNotFoundError(f"{name} does not see {folder}: choose --results in a folder that workers share")
    return run_task(task, folder)


class ProgressBar:
    """Use it in a `with` block: advance(task, steps) as a task goes on, finish(task) when it has ended.

    workers(): how many tasks can run at this moment; a worker has one whenever one is left.
    """

    def __init__(self, tasks, workers=lambda: 1):
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
        self.refresh()

    def advance(self, task, steps):
        """A running task has taken so many more steps."""
        self._add(task, steps * task.cost() / task.steps)
        self.refresh()

    def finish(self, task):
        """A task has ended; where nobody watches, say so in a line of its own."""
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
