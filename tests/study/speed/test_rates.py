"""Rates and roofs of the roofline's points, against sums by hand."""

import pytest

from study.speed.roofline import rates, roofs


def point(what, precision, operations, size, *seconds):
    return {"what": what, "precision": precision, "operations": operations, "bytes": size, "seconds": seconds}


# A machine that copies 8e9 bytes a second and does 64e9 operations in float32, twice as many in bfloat16.
POINTS = [
    point("copy", "fp32", 0, 8e9, 1.0),
    point("copy", "bf16", 0, 8e9, 1.0),
    point("matrix product", "fp32", 64e9, 1e8, 2.0, 1.0, 0.5),
    point("matrix product", "bf16", 128e9, 0.5e8, 1.0),
    point("large convolution", "fp32", 32e9, 1e8, 1.0),
    point("block 1", "fp32", 3e9, 1e9, 0.1),
    point("block 1", "bf16", 3e9, 0.5e9, 0.2),
]


def test_rates_by_hand():
    table = rates(POINTS)
    row = table[table["precision"] == "fp32"].loc["block 1"]
    assert (row["intensity"], row["operations"], row["bytes"]) == pytest.approx((3.0, 30.0, 10.0))
    assert table["operations"]["matrix product"].tolist() == [64.0, 128.0]  # the median of three repeats


@pytest.mark.parametrize(("precision", "top"), [("fp32", 64.0), ("bf16", 128.0)])
def test_roofs_are_the_faster_product_and_the_copy(precision, top):
    table = rates(POINTS)
    assert roofs(table[table["precision"] == precision]) == pytest.approx((top, 8.0))
