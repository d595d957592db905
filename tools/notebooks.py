"""Which notebooks a tool is asked for."""

import sys
from pathlib import Path

BOOK = Path(__file__).resolve().parent.parent / "book"


def asked_for(names):
    """The notebooks of these names, or without names every chapter; exits, naming it, where one is no notebook."""
    paths = [Path(name) for name in names] or sorted(BOOK.glob("*.ipynb"))
    if wrong := [str(path) for path in paths if path.suffix != ".ipynb" or not path.is_file()]:
        sys.exit(f"{', '.join(wrong)}: no notebook; name files such as book/03_sampler.ipynb, or none for all chapters")
    return paths
