"""Records: one small JSON file for each experiment, profile and seed, written atomically and checked when read."""

import io
import json
import os
import shlex
from itertools import product
from pathlib import Path

from nas.methods.files import write_atomically
from study.settings import get_profile
from study.store import fit_for_files

SCHEMA = 2  # changes when the meaning of any field does
MAX_BYTES = 10_000
MACHINE_S_CHOICE = ("precision", "graphs")  # settings that a profile leaves to the hardware
ANY_SEED = range(1_000_000)


def folder(name):
    """The folder of this name, in which `~` is the home. ValueError if it cannot be one, or for an unknown user."""
    try:
        path = Path(name).expanduser()
        file = next((place for place in (path, *path.parents) if place.is_file()), None)
    except (RuntimeError, OSError, TypeError) as error:  # no such user; a name that is too long; no name
        raise ValueError(f"{str(name)!r} cannot be a folder ({error}): name one") from error
    if not str(name).strip() or file:
        raise ValueError(f"{f'{str(file)!r} is a file' if file else f'{str(name)!r} is empty'}: name a folder")
    return path


def folder_of(variable, default):
    """The folder that a variable of the environment names, else the default. ValueError as in `folder`, naming it."""
    try:
        return folder(os.environ.get(variable) or default)
    except ValueError as error:
        raise ValueError(f"{variable}: {error}") from error


# The book's own records: beside the package in a clone, inside it where it was installed from a wheel.
INSTALLED = Path(__file__).with_name("results").is_dir()
SHIPPED = Path(__file__).parents[0 if INSTALLED else 1] / "results"
# Where records are written: if installed, not among the packages.
RESULTS = folder_of("NAS_RESULTS", "results" if INSTALLED else SHIPPED)


def places(root=None):
    """Folders to read from, in order: `root`, or, if none is named, one's own, then the book's."""
    return (folder(root),) if root else tuple(dict.fromkeys((RESULTS, SHIPPED)))


def find(name, root=None):
    """The first file `name` in these folders, or where it would lie."""
    paths = [place / name for place in places(root)]
    return next(filter(Path.is_file, paths), paths[0])


def record_path(root, experiment, profile, seed):
    """Where a record lies: root/<profile>/<experiment>-seed<seed>.json."""
    return Path(root) / profile / f"{experiment}-seed{seed}.json"


def save_record(record, root=RESULTS):
    """Check a record and write it, atomically; returns its path. ValueError if it breaks the schema or is too large."""
    check_record(record)
    lines = [f"{json.dumps(key)}:{json.dumps(value, separators=(',', ':'))}" for key, value in record.items()]
    text = "{\n" + ",\n".join(lines) + "\n}\n"
    if len(text) > MAX_BYTES:
        raise ValueError(f"the record has {len(text)} bytes, more than {MAX_BYTES}: store counts, not lists of images")
    path = record_path(root, record["experiment"], record["profile"], record["seed"])
    return write_atomically(path, text)


def no_number(word):
    """ValueError: JSON has no NaN or Infinity, though Python writes and reads them."""
    raise ValueError(f"it holds {word}")


def load_record(path):
    """Read and check one record. ValueError, naming the file, if it is broken or not where it belongs."""
    try:
        record = json.loads(Path(path).read_text(), parse_constant=no_number)
        check_record(record)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, IsADirectoryError) as error:
        raise ValueError(f"{path} is not a usable record ({error}): move it away and run again") from error
    name = record_path("", record["experiment"], record["profile"], record["seed"])
    if Path(path).parts[-2:] != name.parts:
        raise ValueError(f"{path} holds the record that belongs in {name}: move it there, or away")
    return record


def answers_path(root, experiment, profile, seed):
    """Where the right answers of a record's networks lie, image by image, beside the record."""
    return Path(root) / profile / "answers" / f"{experiment}-seed{seed}.npz"


def save_answers(path, answers):
    """Write {kind: bool (networks, images)}, right or wrong on each test image, as packed bits, atomically."""
    import numpy as np  # here, since `list` answers faster without it

    memory = io.BytesIO()
    np.savez_compressed(memory, **{kind: np.packbits(right, axis=-1) for kind, right in answers.items()})
    write_atomically(path, memory.getbuffer())


def load_answers(record, root=None):
    """{kind: bool (networks, images)} of a record's networks on the test images, in the order of the images.

    FileNotFoundError where a record has none: those of seeds 0-4 lack them. ValueError if the counts differ, or
    for a damaged file.
    """
    import numpy as np

    path = find(answers_path("", record["experiment"], record["profile"], record["seed"]), root)
    images = record["data"]["test"]
    content = io.BytesIO(path.read_bytes())
    try:
        with np.load(content) as file:
            answers = {kind: np.unpackbits(file[kind], axis=-1, count=images).astype(bool) for kind in file.files}
    except Exception as error:  # a damaged file can raise nearly anything
        raise ValueError(f"{path} is damaged, or no file of answers: move it away, and run that seed again") from error
    for kind, right in answers.items():
        if kind in record["test"] and right.sum(axis=-1).tolist() != record["test"][kind]:
            raise ValueError(f"{path}: {kind} does not hold the right answers of its record: run that seed again")
    return answers


def load_records(experiment, profile, root=None, seeds=None):
    """The records of an experiment at one profile, by seed. FileNotFoundError, with the command, if there is none.

    seeds: which of those on record; None: the first ones, as many as the profile has. Raises ValueError if two of them
    differ in settings or data: such figures do not belong in one table.
    """
    if isinstance(seeds, int | str):
        raise TypeError(f"seeds is {seeds!r}: pass several, e.g. range(5) or [0]")
    fit_for_files("experiment", experiment)  # `*` would mix all
    asked, seeds = seeds, range(get_profile(profile).seeds) if seeds is None else seeds
    for place in places(root):
        records = [load_record(path) for path in (place / profile).glob(f"{experiment}-seed*.json")]
        if records := [record for record in records if record["seed"] in seeds]:
            break
    else:
        raise FileNotFoundError(absent(experiment, profile, root, asked))
    records.sort(key=lambda record: record["seed"])
    for record in records[1:]:
        for field in ("schema", "settings", "data", "architectures"):
            if chosen(record[field]) != chosen(records[0][field]):
                raise ValueError(
                    f"{experiment} at {profile}: seeds {records[0]['seed']} and {record['seed']} differ in {field}; "
                    "they do not belong in one table: run one of them again"
                )
    return records


def absent(experiment, profile, root, seeds):
    """That there is no such record, what records there are, and the command that makes one."""
    found = (path for place in places(root) for path in sorted(place.glob(f"*/{experiment}-seed*.json")))
    known = ", ".join(dict.fromkeys(f"{path.parent.name} {path.stem.rpartition('seed')[2]}" for path in found))
    listed = "" if seeds is None else f" --seeds {','.join(map(str, seeds))}"
    where = "" if root is None else f" --results {shlex.quote(str(root))}"
    return (
        f"{places(root)[0] / profile} has no record of {experiment!r}{' with these seeds' * bool(listed)}: "
        f"`python -m nas run {experiment} --profile {profile}{listed}{where}` makes one"
        f"{f' (on record, by profile and seed: {known})' * bool(known)}"
    )


def chosen(value):
    """A record's field without the settings that the machine chose: a seed in bfloat16 goes beside one in float32."""
    if isinstance(value, dict):
        return {name: setting for name, setting in value.items() if name not in MACHINE_S_CHOICE}
    return value


def check_record(record):
    """Raise ValueError unless all fields are there, all lists have their lengths and all counts their ranges."""
    if type(record) is not dict:
        raise ValueError(f"it holds a {type(record).__name__}, not an object")
    missing = FIELDS.keys() - record.keys()
    if missing:
        raise ValueError(f"fields are missing: {', '.join(sorted(missing))}")
    for name, shape in FIELDS.items():
        check_shape(name, record[name], shape)
    if record["schema"] != SCHEMA:
        raise ValueError(f"schema is {record['schema']}, this version reads {SCHEMA}")
    members, sizes = len(record["architectures"]), record["data"]
    for field in ("parameters", "multiply_adds", "picks"):
        if len(record[field]) != members:
            raise ValueError(f"{field} must hold {members} figures, not {record[field]}")
    kinds = record["validation"].keys()
    if not kinds:
        raise ValueError("validation holds no counts: there must be at least one kind of them")
    splits = [split for split in ("training", "validation", "test") if record[split]]  # training may be left out
    for split in ("validation", "test", *splits):
        if record[split].keys() != kinds:
            raise ValueError(f"{split} holds {', '.join(record[split])}, validation {', '.join(kinds)}: not alike")
    for split, kind in product(splits, kinds):
        most = sizes["test" if split == "test" else "validation"]
        for row in record[split][kind] if split == "validation" else [record[split][kind]]:
            if len(row) != members or not all(type(n) is int and 0 <= n <= most for n in row):
                raise ValueError(f"{split}.{kind} must hold {members} counts from 0 to {most}, not {row}")


def check_shape(name, value, shape):
    """Raise ValueError unless a value is of its type, and so are the fields that a dict must have, or has ("*")."""
    kind = shape if isinstance(shape, type) else dict
    if type(value) is not kind:
        raise ValueError(f"{name} holds a {type(value).__name__}, not a {kind.__name__}")
    for field, inner in shape.items() if kind is not shape else ():
        for each in value if field == "*" else (field,):
            check_shape(f"{name}.{each}", value.get(each), inner)


FIELDS = {
    "schema": int, "experiment": str, "profile": str, "seed": int, "settings": dict,
    "data": {"name": str, "fingerprint": str, "train": int, "validation": int, "test": int}, "architectures": list,
    "parameters": list, "multiply_adds": list, "validation": {"*": list}, "loss": {"*": list}, "picks": list,
    "training": {"*": list}, "test": {"*": list}, "ensemble": {"*": {"right": {"probabilities": int}}},
    "pairs": {"*": list}, "seconds": {"*": dict}, "machine": {"device": str, "precision": str, "torch": str},
    "versions": dict, "revision": list,
}  # fmt: skip
