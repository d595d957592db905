# Run this cell first. Where the book is not installed, as in Colab, it fetches code and records: about half a minute.
import hashlib
import importlib.util
import sys
from pathlib import Path

if importlib.util.find_spec("nas") is None:
    FETCH = "written by teach/copies.py"

import nas

beside = Path(nas.__file__).parents[1] / "book"  # a chapter may import what stands beside it
if beside.is_dir() and str(beside) not in sys.path:
    sys.path.insert(1, str(beside))
HANDED_OUT = {}


def progress(exercise):
    """Whether the cell of an exercise was changed since it was handed out."""
    title = f"# Exercise {exercise}:"
    tries = [cell.strip() for cell in In if cell.startswith(title)]  # noqa: F821
    if not tries:
        return f"{exercise}: run the cell that begins with {title!r} first"
    untouched = hashlib.sha256(tries[-1].encode()).hexdigest()[:16] == HANDED_OUT[exercise]
    return f"{exercise}: not done yet" if untouched else f"{exercise}: done; the tests that give points follow later"
