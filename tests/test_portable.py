"""Laws of names: a clone, and what a run writes in it, fits every file system."""

import re
import subprocess
from collections import Counter
from pathlib import Path, PurePosixPath

import pytest

from study.experiments import EXPERIMENTS
from study.groups import Experiment
from study.recipes import Variant
from study.records import answers_path, record_path
from study.settings import PROFILES
from study.store import fit_for_files
from study.tasks import weights_path

ROOT = Path(__file__).resolve().parents[1]
# https://learn.microsoft.com/windows/win32/fileio/naming-a-file
FORBIDDEN = re.compile(
    r"""[<>:"\\|?*\x00-\x1f]|[ .]$|^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)""", re.I
)
LONGEST = 160  # of 259 characters that a path may have there: so many are left for the folder of the clone
TEMPORARY = len(".") + len(".") + 32  # what a name gains while the file is written


def committed():
    """The files that git holds, or where there is no git, those that are there."""
    done = subprocess.run(["git", "-C", ROOT, "ls-files", "-z"], capture_output=True, text=True, check=False)
    return [name for name in done.stdout.split("\0") if name]


def written():
    """What experiments write below the clone at all profiles, with their longest seed."""
    for experiment in EXPERIMENTS.values():
        for profile in PROFILES:
            yield record_path("results", experiment.name, profile, 999_999)
            yield answers_path("results", experiment.name, profile, 999_999)
        for task in (task for group in experiment.tasks("tiny", 999_999).values() for task in group):
            yield Path("results", ".parts", "laptop-fp32", f"{task.name}.checkpoint")
            yield weights_path(Path("results"), task)


def faults(names):
    """One line a name that some file system cannot take."""
    names = sorted({str(PurePosixPath(name)) for name in names})
    for name in names:
        yield from (f"{part!r} in {name}" for part in name.split("/") if FORBIDDEN.search(part))
        if len(name) > LONGEST:
            yield f"{name} has {len(name)} characters"
    folded = Counter(name.casefold() for name in names)
    yield from (f"{name} differs from another in case only" for name, count in folded.items() if count > 1)


def test_committed_names_fit_every_file_system():
    assert list(faults(committed())) == []


def test_written_names_do_too():
    names = [path.as_posix() for path in written()]
    assert len(names) > 100
    assert list(faults(name + "x" * TEMPORARY for name in names)) == []


def test_each_fault_is_found():
    bad = ["a/aux.py", "NUL", "com1/x", "a:b", "what?", "end.", "end ", "x" * 161, "Readme", "readme"]
    assert len(list(faults(bad))) == len(bad) - 1
    assert list(faults(["auxiliary.py", "console/com10.txt", ".gitignore"])) == []


@pytest.mark.parametrize("name", ["a:b", "a/b", "..\\b", "what?", "Mine", "ü", ".hidden", "", "x" * 29, None])
def test_a_reader_s_own_name_that_some_system_cannot_take_is_refused(name):
    with pytest.raises(ValueError, match=r"^experiment .* cannot stand in a file's name everywhere: use up"):
        Experiment(name, "?")
    if name:  # the plain variant has none
        with pytest.raises(ValueError, match=r"^variant .* cannot stand"):
            Variant(name)


def test_the_longest_name_that_a_reader_may_choose_fits():
    longest = fit_for_files("variant", "x" * 28)
    task = f"seed999999-{longest}-scratch-3-5-share25-{longest}.checkpoint"
    assert list(faults([f"results/.parts/laptop-fp32/{task}" + "x" * TEMPORARY])) == []
