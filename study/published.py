"""The nine networks as other people measured them: four tables of public reports, in results/published.toml.

Each is a single run, so what is computed from them describes them and proves nothing.
"""

import tomllib
from itertools import product

import numpy as np
import pandas as pd

from study.records import SHIPPED

SOURCE = SHIPPED / "published.toml"
TABLES = {table["name"]: table for table in tomllib.loads(SOURCE.read_text(encoding="utf-8"))["table"]}
WIDTHS = {title: table["width"] for title, table in TABLES.items()}
ARCHITECTURES = tuple(product((1, 2, 3), repeat=2))
WHOLE = {"percent": 100, "fraction": 1}


def published(kind):
    """Top-1 in [0, 1] as published: a row an architecture, a column a table. kind: "shared" or "scratch".

    Raises ValueError for another kind.
    """
    if kind not in ("shared", "scratch"):
        raise ValueError(f"kind is {kind!r}: choose 'shared' or 'scratch'")
    index = pd.Index(ARCHITECTURES, tupleize_cols=False, name="architecture")
    columns = {title: np.ravel(table[kind]) / WHOLE[table["unit"]] for title, table in TABLES.items()}
    return pd.DataFrame(columns, index=index)
