"""Files that are written whole or not at all."""

import os
import uuid
from pathlib import Path


def write_atomically(path, content):
    """Write text or bytes into a file, whole or not at all: readers see the old file or the new. Returns its path.

    OSError, naming the file, if the disk is full or read-only.
    """
    path = Path(path).expanduser()
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        with temporary.open("xb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        error.filename = error.filename or str(path)  # the system names none where the disk is full
        raise
    finally:
        temporary.unlink(missing_ok=True)
    return path
