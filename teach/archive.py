"""A zip whose bytes depend on nothing but names and contents: sorted, one time for all, the same rights."""

import zipfile
from pathlib import Path

WHEN = (2026, 1, 1, 0, 0, 0)  # a zip must name a time; this one names none in particular


def write_zip(path, files):
    """Write a zip at once; returns its path.

    files: {name inside: a file's path, or its content as bytes or text}.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f"{path.name}.new")
    with zipfile.ZipFile(new, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, WHEN)
            entry.compress_type, entry.external_attr, entry.create_system = zipfile.ZIP_DEFLATED, 0o644 << 16, 3
            archive.writestr(entry, content(files[name]))
    return new.replace(path)


def content(source):
    """A file's bytes, or what was handed over, as bytes."""
    if isinstance(source, Path):
        return source.read_bytes()
    return source.encode() if isinstance(source, str) else source


def write(path, text):
    """Write a text file at once; returns its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f"{path.name}.new")
    new.write_bytes(content(text))
    return new.replace(path)
