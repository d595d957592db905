"""Files of a study: under names that every system takes, set aside when they are broken.

Among them are tensors, read with weights_only=True, and checkpoints, from which a stopped run resumes. torch is
imported only for tensors: reading records needs none.
"""

import io
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from nas.methods.files import write_atomically

SCHEMA = 1  # of checkpoints: changes when the meaning of anything in one does
# Windows takes neither ":" nor "?", it cannot tell "A" from "a", and a whole path may have 259 characters there.
NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,27}")


def fit_for_files(what, name):
    """The name, if it can be part of a file's name. ValueError if some system could not take it."""
    if not isinstance(name, str) or not NAME.fullmatch(name):
        allowed = "up to 28 small letters, digits, '-' and '.'"
        raise ValueError(f"{what} {name!r} cannot stand in a file's name everywhere: use {allowed}")
    return name


def set_aside(path, reason):
    """Rename a file that cannot be used, never delete it; says so in one line and returns its new name."""
    path = Path(path)
    number = 1
    while (target := path.with_name(f"{path.name}.broken-{number}")).exists():
        number += 1
    with suppress(FileNotFoundError):  # a second runner was faster
        path.rename(target)
    say(f"{path} is set aside ({reason}); kept as {target.name}")
    return target


def say(line):
    """Print a line, even if the output's reader has gone: that stops no run."""
    with suppress(BrokenPipeError):
        print(line)


def save_tensors(path, value):
    """torch.save, atomically. OSError where the disk is full, TypeError for what `load_tensors` would not read."""
    import torch

    memory = io.BytesIO()  # torch.save straight into a file hides a full disk behind an error of its own
    try:
        torch.save(value, memory)
        torch.load(io.BytesIO(memory.getbuffer()), map_location="cpu", weights_only=True)
    except Exception as error:  # of nearly any kind
        found = re.search(r"GLOBAL (\S+)", str(error))
        raise TypeError(
            f"{path} could not be read again, with {found[1] if found else error} in it: let scores and states hold "
            "tensors, lists, dicts and plain values, e.g. x.tolist()"
        ) from error
    write_atomically(path, memory.getbuffer())


def plain(value):
    """A dict, list or tuple with NumPy's scalars, at any depth, as Python's own; anything else unchanged."""
    import numpy as np

    if type(value) is dict:
        return {plain(name): plain(each) for name, each in value.items()}
    if type(value) in (list, tuple):
        return type(value)(map(plain, value))
    return value.item() if isinstance(value, np.generic) else value


def load_tensors(path):
    """torch.load on the CPU with weights_only=True: a file can hold tensors and plain values, never code.

    Raises ValueError if it holds anything else, OSError if it cannot be opened.
    """
    import torch

    content = io.BytesIO(Path(path).read_bytes())
    try:
        return torch.load(content, map_location="cpu", weights_only=True)
    except Exception as error:  # a damaged file can raise nearly anything, and torch's advice is to run its code
        raise ValueError("it is damaged, or holds more than tensors and plain values") from error


@dataclass(frozen=True)
class Checkpoint:
    """The file of one training run. Only the same run (identity) on the same kind of machine resumes it.

    identity: a plain dict that names the run and its settings. fingerprint: a dict of all else that decides its bits.
    """

    path: Path
    identity: dict
    fingerprint: dict

    def __post_init__(self):
        try:
            object.__setattr__(self, "path", Path(self.path).expanduser())
        except (RuntimeError, TypeError) as error:  # no such user; no name
            raise ValueError(f"path is {self.path!r}: it must name a file ({error})") from error
        for name in ("identity", "fingerprint"):
            if not isinstance(value := getattr(self, name), dict):
                raise TypeError(f"{name} is {value!r}: it must be a dict, e.g. Checkpoint('run.pt', {{}}, {{}})")

    def start(self, net, splits, sampler, compute, score):
        """What the run starts with besides its settings, as plain values, to be compared when it goes on."""
        from study.starts import started

        return started(self.path, net, splits, sampler, compute, score)

    def save(self, parts, history):
        """Write the state of every part (network, optimiser, ...) and the history so far.

        A part that is a plain dict is what the run started with: it does not change, and is compared when loaded.
        """
        states = {name: part if isinstance(part, dict) else part.state_dict() for name, part in parts.items()}
        content = {"schema": SCHEMA, "identity": self.identity, "fingerprint": self.fingerprint}
        save_tensors(self.path, plain(content | {"parts": states, "history": history}))

    def load(self, parts):
        """Put the saved state into every part and return the history; [] if there is nothing to resume from.

        A file that is broken, or of another run, is named and set aside. Raises ValueError for one that started with
        other settings, or has another fingerprint: resuming would mix two kinds of arithmetic in one run.
        """
        try:
            saved = load_tensors(self.path)
            if not isinstance(saved, dict) or saved.get("schema") != SCHEMA:
                raise ValueError("not a checkpoint of this version")
            if saved["identity"] != self.identity:
                raise ValueError("it belongs to another run")
            states, history, theirs = saved["parts"], saved["history"], saved["fingerprint"]
            if not all(isinstance(state, dict) for state in (states, theirs, *states.values())):
                raise ValueError("it holds no states")
            if states.keys() != parts.keys():
                raise ValueError(f"it holds {sorted(states)}")
        except FileNotFoundError:
            return []
        except (ValueError, KeyError, AttributeError) as error:
            set_aside(self.path, error)
            return []
        refuse_other_machine(self.path, theirs, self.fingerprint)
        for name, part in parts.items():
            if isinstance(part, dict):
                if other := differences(part | states[name], part):  # an older file may hold fewer
                    advice = "go on with those, or with another file"
                    raise ValueError(f"the checkpoint is of a run with other {name} ({other}): {advice}")
                continue
            try:
                part.load_state_dict(states[name])
            except (RuntimeError, KeyError) as error:
                raise ValueError(f"{self.path} does not fit this run's {name}: go on with another file") from error
        return history


def differences(theirs, ours):
    """How a file differs from this run, as text; empty where it does not."""
    found = [f"{key} {theirs.get(key)!r}, here {ours[key]!r}" for key in ours if theirs.get(key) != ours[key]]
    return "; ".join(found[:3]) + "; ..." * (len(found) > 3)


def refuse_other_machine(path, theirs, ours):
    """Raise ValueError, naming each difference, if a file's fingerprint is not this run's."""
    if other := differences(theirs, ours):
        raise ValueError(
            f"{path} was made under other conditions ({other}) and going on would mix the two: "
            "go on there, or choose another folder with --results"
        )
