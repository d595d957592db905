"""Rates from a record's roofline points: operations and bytes per second, and the most of either."""

import numpy as np
import pandas as pd

ARITHMETIC = ("matrix product", "large convolution")  # the faster of them is the roof


def roofs(rates):
    """(10^9 operations, 10^9 bytes) per second at most, from the rows of one precision: large products, and a copy."""
    return rates["operations"].reindex(ARITHMETIC).max(), rates["bytes"]["copy"]


def rates(points):
    """A frame, a row per point: precision, intensity, 10^9 operations and bytes per second (median of repeats).

    points: dicts with what, precision ("fp32" or "bf16"), operations, bytes and the seconds of each repeat.
    """
    rows = [
        {
            "precision": point["precision"],
            "intensity": point["operations"] / point["bytes"],
            "operations": point["operations"] / np.median(point["seconds"]) / 1e9,
            "bytes": point["bytes"] / np.median(point["seconds"]) / 1e9,
        }
        for point in points
    ]
    return pd.DataFrame(rows, index=pd.Index([point["what"] for point in points], name="what"))
