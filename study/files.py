"""Files written whole or not at all, and set aside when they are broken: what needs no torch."""

import os
import uuid
from contextlib import suppress
from pathlib import Path


def write_atomically(path, write):
    """Call write(file) on a temporary file beside `path`, then move it there: readers see the old file or the new."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        with temporary.open("xb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
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
