"""Files written at once, and a zip whose bytes depend on nothing but names and contents."""

import zipfile
from pathlib import Path

from study.store import write_atomically

WHEN = (2026, 1, 1, 0, 0, 0)  # a zip must name a time; this one names none in particular


def write_zip(path, files):
    """Write a zip at once, sorted, with one time and the same rights for all; returns its path.

    files: {name inside: a file's path, or its content as bytes or text}.
    """
    write_atomically(path, lambda file: fill(file, files))
    return Path(path)


def fill(file, files):
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, WHEN)
            entry.compress_type, entry.external_attr, entry.create_system = zipfile.ZIP_DEFLATED, 0o644 << 16, 3
            archive.writestr(entry, content(files[name]))


def content(source):
    """A file's bytes, or what was handed over, as bytes."""
    if isinstance(source, Path):
        return source.read_bytes()
    return source.encode() if isinstance(source, str) else source


def write(path, text):
    """Write text or bytes as a file at once; returns its path."""
    write_atomically(path, lambda file: file.write(content(text)))
    return Path(path)


def write_notebook(path, text):
    """Write a notebook's text, which ends with one line break; returns its path."""
    return write(path, text.rstrip("\n") + "\n")
