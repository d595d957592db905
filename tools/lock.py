"""One at a time: `python tools/lock.py NAME COMMAND...` waits until no other call holds NAME."""

import fcntl
import os
import sys
from contextlib import contextmanager
from pathlib import Path

CACHE = Path(__file__).resolve().parent.parent / ".cache"


@contextmanager
def lock(name):
    """Hold the lock `name`; the system lets go of it when this process ends, however it ends."""
    CACHE.mkdir(exist_ok=True)
    with Path(CACHE, f"{name}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"{name}: waiting for another make to finish", file=sys.stderr)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield file


if __name__ == "__main__":
    with lock(sys.argv[1]) as held:
        os.set_inheritable(held.fileno(), True)  # the command keeps the lock after exec
        os.execvp(sys.argv[2], sys.argv[2:])
