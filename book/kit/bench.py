"""The benchmark's records, as Chapters 13 and 13b show them."""

import json

import numpy as np
import pandas as pd

from kit.page import say
from study.records import SHIPPED

found = {path.stem: json.loads(path.read_text()) for path in (SHIPPED / "benchmark").glob("*.json")}
record, gpu = found["cpu"], found.get("cuda")


def for_gpu(sentence, without=None):
    """Say sentence(gpu), given the GPU's record; if there is no such record, say `without`, or nothing."""
    if gpu or without:
        say(f"On a GPU: {sentence(gpu) if gpu else without}")


def ratio(title, of=record):
    """A ratio of a record as text: median, lowest and highest of its repetitions."""
    found = of["ratios"][title]
    return f"{found['median']:.2f} ({found['all'][0]:.2f} to {found['all'][-1]:.2f})"


def middle(columns):
    """Median, smallest and largest of each column, as rows, for `charts.intervals` to draw."""
    rows = {name: [np.median(values), min(values), max(values)] for name, values in dict(columns).items()}
    return pd.DataFrame(rows, ["mean", "low", "high"]).T
