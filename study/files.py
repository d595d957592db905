"""Files written whole or not at all, under names that every system takes, and set aside when they are broken."""

import os
import re
import uuid
from contextlib import suppress
from pathlib import Path

# Windows takes neither ":" nor "?", it cannot tell "A" from "a", and a whole path may have 259 characters there.
NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,27}")


def fit_for_files(what, name):
    """A name that is to stand in names of files, as it is. ValueError if some system could not take it."""
    if not isinstance(name, str) or not NAME.fullmatch(name):
        allowed = "up to 28 small letters, digits, '-' and '.'"
        raise ValueError(f"{what} {name!r} cannot stand in a file's name everywhere: use {allowed}")
    return name


def write_atomically(path, write):
    """Call write(file) on a temporary file beside `path`, then move it there: readers see the old file or the new.

    OSError, naming the file, where the disk is full or takes none.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        with temporary.open("xb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        error.filename = error.filename or str(path)  # the system names none where the disk is full
        raise
    finally:
        temporary.unlink(missing_ok=True)


def set_aside(path, reason):
    """Rename a file that cannot be used, never delete it; says so in one line and returns its new name."""
    path = Path(path)
    number = 1
    while (target := path.with_name(f"{path.name}.broken-{number}")).exists():
        number += 1
    with suppress(FileNotFoundError):  # a second runner was faster
        path.rename(target)
    print(f"{path} cannot be used ({reason}); kept as {target.name}")
    return target
