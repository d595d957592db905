"""The smallest experiment: a supernet of four networks, and the four alone."""

from pathlib import Path

from study import experiments, runner
from study.recipes import depths_to
from study.records import load_record

SMALL = experiments.Experiment("four-networks", "Does the runner keep its promises?", depths_to(2))
experiments.EXPERIMENTS[SMALL.name] = SMALL


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
