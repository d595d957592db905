"""A zip whose bytes depend on nothing but names and contents, and a notebook's file."""

import io
import zipfile
from pathlib import Path

from nas.methods.files import write_atomically

WHEN = (2026, 1, 1, 0, 0, 0)  # a zip must name a time; this one names none in particular


def write_zip(path, files):
    """Write a zip at once, sorted, with one time and the same rights for all; returns its path.

    files: {name inside: a file's path, or its content as bytes or text}.
    """
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, source in sorted(files.items()):
            entry = zipfile.ZipInfo(name, WHEN)
            entry.compress_type, entry.external_attr, entry.create_system = zipfile.ZIP_DEFLATED, 0o644 << 16, 3
            archive.writestr(entry, source.read_bytes() if isinstance(source, Path) else source)
    return write_atomically(path, memory.getbuffer())


def write_notebook(path, text):
    """Write a notebook's text, which ends with one line break; returns its path."""
    return write_atomically(path, text.rstrip("\n") + "\n")
