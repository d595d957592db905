"""What a lecturer needs, made from the chapters: student copies, slides, questions, figures, bundle, PDF.

Nothing of the book imports it. Each product is a module with `make(out)`, which writes below the folder `out` and
returns the paths of what it made.
"""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BOOK = ROOT / "book"
