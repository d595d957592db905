"""The command line: python -m nas run | list | show | verify | tabular."""

import argparse
import errno
import sys
import textwrap
from concurrent.futures import BrokenExecutor

from nas.config import DATASETS
from study.executors import EXECUTORS, counted
from study.experiments import EXPERIMENTS, get_experiment
from study.recipes import get_variant
from study.records import ANY_SEED, RESULTS, chosen, folder, load_records, places
from study.settings import PROFILES, get_profile
from study.store import say

# What takes a second or more to import (torch, pandas) is imported by the command that needs it.

# Disk errors that trying again does not mend.
FORBIDDEN = (
    *(errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG),
    *(errno.EEXIST, errno.ELOOP),  # a file, or a link that leads nowhere, where a folder should be
)

FOLDER = "the folder of records; by default NAS_RESULTS, or results"
KINDS = {
    "running": "shared weights, as trained",
    "recalculated": "shared weights, recalculated",
    "scratch": "from scratch",
    "short": "from scratch, each for its share of the supernet's steps",
}


def parse_seeds(text):
    """Seeds written as 0-4 or 0,2,5 or both, as a list of ints."""
    seeds = []
    for piece in text.split(","):
        first, dash, last = piece.partition("-")
        ends = [first, last] if dash else [first, first]
        if not all(end.isdecimal() and len(end) <= 6 for end in ends) or int(ends[1]) < int(first):
            raise argparse.ArgumentTypeError(f"{text!r}: write seeds as 0 or 0-4 or 0,2,5, up to {ANY_SEED[-1]}")
        seeds += range(int(first), int(ends[1]) + 1)
    return list(dict.fromkeys(seeds))


def named_folder(text):
    """An argument as a folder."""
    try:
        return folder(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def parser():
    """The argument parser."""
    top = argparse.ArgumentParser(prog="python -m nas", description=__doc__)
    commands = top.add_subparsers(dest="command", required=True)
    runs = commands.add_parser("run", help="make the missing records; after a stop, go on where it was")
    runs.add_argument("names", nargs="+", metavar="NAME", help=", ".join(EXPERIMENTS))
    runs.add_argument("--executor", choices=EXECUTORS, default="local", help="by default local: one task after another")
    runs.add_argument("--address", help="a Dask scheduler, e.g. tcp://host:8786")
    parts = runs.add_mutually_exclusive_group()
    for choice, what in (("accept", "go on with"), ("fresh", "set aside")):
        option = f"--{choice}-parts"
        parts.add_argument(
            option,
            dest="parts",
            action="store_const",
            const=choice,
            help=f"{what} results of other code or another recipe",
        )
    runs.set_defaults(parts="ask")
    lists = commands.add_parser("list", help="the experiments, what each answers, and which records exist")
    shows = commands.add_parser("show", help="an experiment's tables")
    shows.add_argument("names", nargs="+", metavar="NAME")
    for command in (runs, shows):
        command.add_argument("--profile", choices=PROFILES, default="quick", help="by default quick")
        command.add_argument("--seeds", type=parse_seeds, help="e.g. 0 or 0-4; by default as many as the profile has")
    checks = commands.add_parser("verify", help="check every record")
    benchmark = commands.add_parser("tabular", help="make tabular.csv, the table of all curves, from the records")
    for command in (runs, lists, shows, checks, benchmark):
        writes = command in (runs, benchmark)
        command.add_argument(
            "--results", type=named_folder, default=RESULTS if writes else None, metavar="DIR", help=FOLDER
        )
    return top


def show(name, profile, root, seeds=None):
    """Print an experiment's tables: top-1 on the test split in percent, mean and 95 % interval over seeds."""
    from study.analysis import tables

    choices = get_experiment(name).space.choices
    files = on_record(found_folders(root), name, profile)
    records = load_records(name, profile, root, seeds)
    machines = [record["machine"] for record in records]
    where = dict.fromkeys(f"{each['device']}, {each['precision']}, torch {each['torch']}" for each in machines)
    print(f"{name}, profile {profile}, {seeds_of(records)}, {' or '.join(where)}")
    if seeds is None and len(files) > len(records):
        print(f"({len(files) - len(records)} more seeds are on record: --seeds takes them in, e.g. --seeds 0-9)")
    for kind in dict.fromkeys(kind for record in records for kind in record["validation"]):
        held = [record for record in records if kind in record["validation"]]
        title = KINDS.get(kind, kind)
        as_trained = kind.endswith("running")
        cells = tables.summary(tables.top1(held, kind), held[0]["data"]["test"] if as_trained else None)
        note = f"mean over seeds, 95 % t interval{' of the log-odds, transformed back' * as_trained}"
        note = note if len(held) > 1 else "one seed: an anecdote"
        only = f", {seeds_of(held)} only" if len(held) < len(records) else ""
        print(f"\nTop-1 on the test split, %: {title} ({note}{only}){together(held, kind)}")
        print(textwrap.indent(tables.grid(cells, choices).to_string(), "  "))


def seeds_of(records):
    """The seeds of records, in words."""
    return f"seed{'s' * (len(records) > 1)} {', '.join(str(record['seed']) for record in records)}"


def together(records, kind):
    """What the networks of a kind reach as an ensemble, for a title, where the records say."""
    if not all(kind in record["ensemble"] for record in records):
        return ""
    right = [record["ensemble"][kind]["right"]["probabilities"] for record in records]
    return f"; together as an ensemble: {100 * sum(right) / len(right) / records[0]['data']['test']:.2f}"


def list_experiments(root):
    """Print each experiment with its question and the records there are. FileNotFoundError: see `verify`."""
    there = found_folders(root)
    for experiment in EXPERIMENTS.values():
        print(f"{experiment.name}: {experiment.question}")
        for profile in PROFILES:
            if found := on_record(there, experiment.name, profile):
                print(f"  {profile}: {counted(found, 'record')}")


def on_record(folders, name, profile):
    """The names of the files that hold an experiment's records at a profile, each once."""
    return {path.name for place in folders for path in place.glob(f"{profile}/{name}-seed*.json")}


def found_folders(root):
    """The folders of records that are there. FileNotFoundError where none is."""
    if found := [place for place in places(root) if place.is_dir()]:
        return found
    raise FileNotFoundError(f"{places(root)[0]} is not there: choose a folder of records with --results")


def verify(root):
    """Check every record against its schema, profile, data and the other seeds; returns the number of faults.

    FileNotFoundError where there is no such folder.
    """
    paths, faults = [path for place in found_folders(root) for path in place.glob("*/*-seed*.json")], []
    sets = {(path.parents[1], path.parent.name, path.name.split("-seed")[0]) for path in paths}
    for place, profile, name in sorted(sets):
        try:
            for record in load_records(name, profile, place, ANY_SEED):
                check_against_profile(record)
        except ValueError as error:
            faults.append(f"{place / profile / name}-seed*.json: {error}")
    say("\n".join([*faults, f"{counted(paths, 'record')}, {counted(faults, 'fault')}"]))
    return len(faults)


def check_against_profile(record):
    """Raise ValueError if settings or data are not those of its first task, bar what the machine decides."""
    profile, experiment = get_profile(record["profile"]), get_experiment(record["experiment"])
    variant = get_variant(next(iter(experiment.groups.values())).variants[0])
    plan = variant.settings(profile) if variant.settings else profile
    theirs = record["settings"] | {"data": record["data"]["fingerprint"], "dataset": record["data"]["name"]}
    ours = plan.asked | {"data": DATASETS[profile.dataset], "dataset": profile.dataset}
    changed = [key for key in chosen(ours) if theirs.get(key) != ours[key]]
    if changed:
        where = f"{record['experiment']}, seed {record['seed']}"
        raise ValueError(
            f"{where}: {', '.join(changed)} differ from profile {profile.name!r}: move it away and run again"
        )


def main(arguments=None):
    """Run one command; returns the exit status."""
    options = parser().parse_args(arguments)
    try:
        if options.command == "run":
            from study.runner import run

            seeds = options.seeds if options.seeds is not None else list(range(PROFILES[options.profile].seeds))
            run(
                options.names, options.profile, seeds, options.executor, options.address, options.results, options.parts
            )
        if options.command in ("run", "show"):
            for name in options.names:
                show(name, options.profile, options.results, options.seeds)
        elif options.command == "list":
            list_experiments(options.results)
        elif options.command == "tabular":
            from study.analysis.tabular import write_table

            print(write_table(options.results))
        elif verify(options.results):
            return 1
        print(end="", flush=True)  # flush here, where a broken pipe is caught; there may be no output
    except (ValueError, FileNotFoundError) as error:
        print(f"nas: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # the output's reader has gone, as in `show ... | head`
        return 0
    except (OSError, BrokenExecutor) as error:
        if getattr(error, "errno", None) in FORBIDDEN:
            print(f"nas: {error}: choose another folder, with --results or NAS_RESULTS", file=sys.stderr)
            return 2
        print(f"nas: {error}; the same command goes on from the last finished epoch", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nnas: stopped; the same command goes on from the last finished epoch", file=sys.stderr)
        return 130
    return 0
