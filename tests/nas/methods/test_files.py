"""Laws of files: they are written whole or not at all."""

import os

import pytest

from nas.methods.files import write_atomically


class Stopped(Exception):
    """What ends the process before the file is moved."""


def test_a_reader_never_sees_half_a_file(tmp_path, monkeypatch):
    path = tmp_path / "sub" / "file"
    assert write_atomically(path, "old") == path

    def stopped(file):  # all is written, and nothing moved yet
        assert path.read_text() == "old" and len(os.listdir(path.parent)) == 2
        raise Stopped

    with monkeypatch.context() as patch, pytest.raises(Stopped):
        patch.setattr(os, "fsync", stopped)
        write_atomically(path, b"new")
    assert path.read_text() == "old"
    assert os.listdir(path.parent) == ["file"]
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new"


def test_a_file_is_written_into_the_home_where_its_path_says_so(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    assert write_atomically("~/a", "text") == tmp_path / "home" / "a"
    assert [path.name for path in tmp_path.iterdir()] == ["home"]  # and none called ~
