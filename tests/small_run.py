"""The smallest experiment: a supernet of four networks, and the four alone."""

from pathlib import Path

from study import command, experiments, runner
from study.recipes import depths_to
from study.records import load_record

SMALL = experiments.Experiment("four-networks", "Does the runner keep its promises?", depths_to(2))
experiments.EXPERIMENTS[SMALL.name] = SMALL
RUN = ["run", SMALL.name, "--profile", "tiny", "--seeds", "0"]  # as the command line makes its record


def small_run(folder, executor="local", **options):
    """Make its record of seed 0 at the smallest profile; returns the path."""
    (path,) = runner.run([SMALL.name], "tiny", [0], executor, root=folder, **options)
    return path


def figures(path):
    """A record without its times, and without the revision: somebody may commit while the tests run."""
    record = load_record(path)
    return {field: value for field, value in record.items() if field not in ("seconds", "revision")}


def parts(folder):
    """Finished tasks."""
    return sorted(Path(folder, ".parts", "tiny").glob("*.part"))


def call(arguments, capsys):
    """Exit status, standard output, and the lines of standard error."""
    try:
        status = command.main([str(argument) for argument in arguments])
    except SystemExit as stop:  # argparse's way
        status = stop.code
    out, err = capsys.readouterr()
    return status, out, err.splitlines()
