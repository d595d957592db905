"""Files that a stopped run goes on from: tensors written atomically, read with weights_only=True."""

import io
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from study.files import set_aside, write_atomically

SCHEMA = 1


def save_tensors(path, value):
    """torch.save, atomically. OSError where the disk is full, TypeError for what `load_tensors` would not read."""
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
    write_atomically(path, lambda file: file.write(memory.getbuffer()))


def plain(value):
    """A dict, list or tuple with NumPy's numbers and words, at any depth, as Python's own; anything else as it is."""
    if type(value) is dict:
        return {plain(name): plain(each) for name, each in value.items()}
    if type(value) in (list, tuple):
        return type(value)(map(plain, value))
    return value.item() if isinstance(value, np.generic) else value


def load_tensors(path):
    """torch.load on the CPU with weights_only=True: a file can hold tensors and plain values, never code.

    Raises ValueError if it holds anything else, OSError if it cannot be opened.
    """
    content = io.BytesIO(Path(path).read_bytes())
    try:
        return torch.load(content, map_location="cpu", weights_only=True)
    except Exception as error:  # a damaged file can raise nearly anything, and torch's advice is to run its code
        raise ValueError("it is damaged, or holds more than tensors and plain values") from error


@dataclass(frozen=True)
class Checkpoint:
    """The file of one training run. It goes on only as the same run (identity) on the same kind of machine.

    identity: a plain dict that names the run and its settings. fingerprint: a dict of all else that decides its bits.
    """

    path: Path
    identity: dict
    fingerprint: dict

    def save(self, parts, history):
        """Write the state of every part (network, optimiser, ...) and the history so far. Errors as of save_tensors."""
        states = {name: part.state_dict() for name, part in parts.items()}
        content = {"schema": SCHEMA, "identity": self.identity, "fingerprint": self.fingerprint}
        save_tensors(self.path, plain(content | {"parts": states, "history": history}))

    def load(self, parts):
        """Put the saved state into every part and return the history; [] where there is nothing to go on from.

        A file that is broken, or of another run, is named and set aside. Raises ValueError for one that was written
        under another fingerprint: going on would mix two kinds of arithmetic in one run.
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
            try:
                part.load_state_dict(states[name])
            except (RuntimeError, KeyError) as error:
                raise ValueError(f"{self.path} does not fit this run's {name}: go on with another file") from error
        return history


def refuse_other_machine(path, theirs, ours):
    """Raise ValueError, naming each difference, if a file's fingerprint is not this run's."""
    changed = [key for key in ours if theirs.get(key) != ours[key]]
    differences = [f"{key} {theirs.get(key)!r}, here {ours[key]!r}" for key in changed]
    if differences:
        raise ValueError(
            f"{path} was made under other conditions ({'; '.join(differences)}) and going on would mix the two: "
            "go on there, or choose another folder with --results"
        )
