"""The runner: makes missing records, here, in local processes or on a Dask cluster, and loses nothing."""

import platform
from collections.abc import Iterable
from concurrent.futures import FIRST_COMPLETED, wait
from functools import partial
from itertools import chain
from pathlib import Path

from nas import machine
from study import provenance
from study.assembly import write_record
from study.executors import ProgressBar, open_executor
from study.experiments import get_experiment
from study.records import (
    RESULTS,
    answers_path,
    chosen,
    folder,
    load_record,
    record_path,
)
from study.settings import get_profile
from study.store import say, set_aside
from study.tasks import OtherCodeError, accept_part, code, part_path, read_part, recipe_digest
from study.work import run_task

PARTS = ("ask", "accept", "fresh")


def parts_folder(root, profile):
    """Where finished tasks and checkpoints lie; git ignores it."""
    return Path(root).absolute() / ".parts" / profile


def run(names, profile, seeds, executor="local", address=None, root=RESULTS, parts="ask"):
    """Make every missing record of the named experiments, and return the paths of all of them.

    executor: "local" (this process), "processes" (one per core) or "dask" (the cluster at `address`, or a local one).
    parts: for those of other code, and records of another recipe, "ask" raises ValueError, naming them, "accept" uses
    them, "fresh" sets them aside.
    After a stop, the next call resumes from the last finished epoch. Raises ValueError for an unknown name, and
    for a worker that would give other bits; FileNotFoundError where a worker does not share the folder `root`;
    BrokenExecutor where too many workers died.
    """
    get_profile(profile)
    for name, value in {"names": names, "seeds": seeds}.items():
        if not isinstance(value, Iterable) or isinstance(value, str):
            raise TypeError(f"{name} is {value!r}: pass several, e.g. run(['nine-networks'], 'quick', [0])")
    root = folder(root)
    wanted = [(get_experiment(name), seed) for seed in seeds for name in names]
    paths = [record_path(root, experiment.name, profile, seed) for experiment, seed in wanted]
    missing = lacking(wanted, profile, root, parts)
    if not any(missing.values()):
        say(f"nothing to run: the records are in {Path(root, profile)}")
        return paths
    place = parts_folder(root, profile)
    needs = {need: list(chain(*groups.values())) for need, groups in missing.items() if groups}
    every = dict.fromkeys(first for task in chain(*needs.values()) for first in (*task.needs, task))
    todo = settle(every, place, parts)
    unfinished = set(todo)
    with open_executor(executor, address) as (pool, workers), ProgressBar(todo, workers) as bar:
        ended = chain.from_iterable(completed(pool, wave, place, bar) for wave in waves(todo))
        for task in chain([None], ended):  # None: some records may lack no part
            if task:
                bar.finish(task)
                unfinished.remove(task)
            for experiment, seed in [need for need in needs if unfinished.isdisjoint(needs[need])]:
                assemble(experiment, profile, seed, root)
                del needs[experiment, seed]
    return paths


def lacking(wanted, profile, root, choice):
    """{(experiment, seed): {group: tasks}} of what the records lack, each read once.

    One of another recipe is left as it is, or set aside; ValueError, naming them all, if choice is "ask".
    """
    if choice not in PARTS:
        raise ValueError(f"parts is {choice!r}: choose one of {', '.join(PARTS)}")
    missing, other = {}, {}
    for experiment, seed in wanted:
        known = _usable(record_path(root, experiment.name, profile, seed))
        differs, missing[experiment, seed] = compared(experiment, seed, profile, known)
        if differs:
            other[experiment, seed] = f"{', '.join(differs)} differ"
    if other and choice == "ask":
        names = "; ".join(f"{record_path('', e.name, profile, seed).name}: {why}" for (e, seed), why in other.items())
        raise ValueError(
            f"{Path(root, profile)} holds {len(other)} records that are not what their experiments ask now ({names}): "
            "--accept-parts leaves them as they are; --fresh-parts sets them aside and trains what has changed"
        )
    for (experiment, seed), differ in other.items() if choice == "fresh" else ():
        missing[experiment, seed] = experiment.tasks(profile, seed)
        for place in (record_path, answers_path):
            if (path := place(root, experiment.name, profile, seed)).is_file():
                set_aside(path, differ)
    return missing


def compared(experiment, seed, profile, known):
    """How a record differs from what its experiment asks, and {group: tasks} of what it lacks.

    Without a record that is everything. Nothing can be added to an accepted record of other architectures.
    """
    groups = experiment.tasks(profile, seed)
    if not known:
        return [], groups
    other = known["architectures"] != [list(arch) for arch in experiment.architectures]
    held = [group for group in groups if group in known["seconds"]]
    differs = [f"recipe of {group}" for group in held if not as_asked(known, group, groups[group])]
    missing = {} if other else {group: tasks for group, tasks in groups.items() if group not in held}
    return ["architectures"] * other + differs, missing


def as_asked(known, group, tasks):
    """Whether a record's group is what these tasks ask. Older ones hold only settings, no recipe."""
    if group in known.get("recipes", {}):
        return known["recipes"][group] == recipe_digest(tasks)
    told = known["settings"] | known.get("groups", {}).get(group, {}).get("settings", {})
    ours = chosen(tasks[0].plan.asked)
    return all(told[key] == ours[key] for key in ours.keys() & told.keys() - {"steps"})  # these follow from the share


def settle(tasks, folder, choice):
    """The tasks that lack a part. One from other code is accepted, or set aside; ValueError if choice is "ask"."""
    todo, old = set(), {}
    for task in tasks:
        path = part_path(folder, task)
        try:
            if read_part(path, task) is None:
                todo.add(task)
        except OtherCodeError:
            old[task] = path
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
            todo.add(task)
    return [task for task in tasks if task in todo]


def assemble(experiment, profile, seed, root):
    """Write the record of one seed, or complete it, from the parts of the tasks that it lacks."""
    folder, path = parts_folder(root, profile), record_path(root, experiment.name, profile, seed)
    known = _usable(path)
    _, groups = compared(experiment, seed, profile, known)
    if not groups:  # a second runner was faster
        return
    write_record(experiment, profile, seed, groups, folder, root, known)


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
    """The tasks that need no other, and those that do, which start when all of the first have ended."""
    return [task for task in tasks if not task.needs], [task for task in tasks if task.needs]


def completed(pool, tasks, folder, bar):
    """Run the tasks and yield each as it ends; with no pool, in this process, one after the other."""
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
    """The fingerprint under which this process would run the task, and the digest of its code."""
    where = machine.device()
    return provenance.fingerprint(where, task.config(where).precision) | {"code": code(task)}


def run_elsewhere(task, folder, asked):
    """In a worker: run_task, unless the asking process would get other bits, or uses another folder."""
    ours, name = conditions(task), f"worker {platform.node()}"
    if differences := [f"{key} {ours[key]!r}, asked {asked[key]!r}" for key in asked if ours[key] != asked[key]]:
        raise ValueError(f"{name} computes under other conditions ({'; '.join(differences)}): use workers of one kind")
    if not folder.is_dir():
        raise FileNotFoundError(f"{name} does not see {folder}: choose --results in a folder that workers share")
    return run_task(task, folder)
