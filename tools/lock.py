"""One at a time: `python tools/lock.py NAME COMMAND...` waits until no other call holds NAME."""

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

try:
    import fcntl
except ModuleNotFoundError:  # Windows
    fcntl = None
    import msvcrt

CACHE = Path(__file__).resolve().parent.parent / ".cache"


@contextmanager
def lock(name):
    """Hold the lock `name`; the system lets go of it when this process ends, however it ends."""
    CACHE.mkdir(exist_ok=True)
    with Path(CACHE, f"{name}.lock").open("w") as file:
        if not taken(file):
            print(f"{name}: waiting for another make to finish", file=sys.stderr)
            wait(file)
        yield file


def taken(file):
    """Take the lock if it is free; whether it was."""
    try:
        if fcntl:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        else:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    except OSError:  # BlockingIOError here, PermissionError on Windows
        return False
    return True


def wait(file):
    if fcntl:
        fcntl.flock(file, fcntl.LOCK_EX)
    while not fcntl and not taken(file):  # Windows' own waiting gives up after ten seconds
        time.sleep(0.2)


def become(command, held):
    """Run a command that keeps the lock, and end as it ends."""
    if fcntl:
        os.set_inheritable(held.fileno(), True)  # the command keeps the lock after exec
        os.execvp(command[0], command)
    sys.exit(subprocess.run(command, check=False).returncode)  # there exec would end before its command does


if __name__ == "__main__":
    with lock(sys.argv[1]) as held:
        become(sys.argv[2:], held)
