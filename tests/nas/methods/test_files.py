"""A law of files: they are written whole or not at all."""

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
