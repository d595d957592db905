"""Laws of tools/lock.py: one at a time, here and with the calls that Windows has."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import lock
import pytest

TOOL = Path(lock.__file__)


class Locks:
    """Windows' locks of a byte: one holder a file, PermissionError for any other."""

    LK_NBLCK = 2

    def __init__(self):
        self.held, self.asked = set(), 0

    def locking(self, number, mode, count):
        assert (mode, count) == (self.LK_NBLCK, 1)
        self.asked += 1
        file = os.fstat(number).st_ino
        if file in self.held:
            raise PermissionError(13, "Permission denied")
        self.held.add(file)


@pytest.fixture(params=["here", "windows"])
def system(request, tmp_path, monkeypatch):
    monkeypatch.setattr(lock, "CACHE", tmp_path)
    if request.param == "windows":
        monkeypatch.setattr(lock, "fcntl", None)
        monkeypatch.setattr(lock, "msvcrt", Locks(), raising=False)


@pytest.mark.usefixtures("system")
def test_a_lock_is_held_by_one(tmp_path):
    with lock.lock("book"), Path(tmp_path, "book.lock").open("w") as other:
        assert not lock.taken(other)
        with lock.lock("install"):  # another name, another lock
            pass


def test_who_waits_says_so_and_goes_on_when_it_is_free(tmp_path, monkeypatch, capsys):
    locks = Locks()
    monkeypatch.setattr(lock, "CACHE", tmp_path)
    monkeypatch.setattr(lock, "fcntl", None)
    monkeypatch.setattr(lock, "msvcrt", locks, raising=False)
    monkeypatch.setattr(lock, "time", SimpleNamespace(sleep=lambda _: locks.held.clear()))
    Path(tmp_path, "book.lock").touch()
    locks.held.add(Path(tmp_path, "book.lock").stat().st_ino)
    with lock.lock("book"):
        assert locks.asked == 3  # at once, once more, and after the wait
    assert "book: waiting" in capsys.readouterr().err


def test_a_command_ends_as_it_ends():
    done = subprocess.run([sys.executable, TOOL, "test-lock", sys.executable, "-c", "raise SystemExit(7)"])
    assert done.returncode == 7


def test_so_it_does_where_nothing_can_be_replaced(monkeypatch):
    monkeypatch.setattr(lock, "fcntl", None)
    with pytest.raises(SystemExit) as ended:
        lock.become([sys.executable, "-c", "raise SystemExit(7)"], None)
    assert ended.value.code == 7
