"""The seven findings against the same figures by hand, and at another setting, whose groups have names of their own."""

from copy import deepcopy

import numpy as np
import pytest

from study.analysis.findings import findings, top1_at
from study.records import load_records

KINDS = ("running", "recalculated", "scratch", "short")


@pytest.fixture(scope="module")
def records():
    return load_records("nine-networks", "quick")


def renamed(record, end):
    """A record as an experiment at another setting has it: each kind under a name that ends with `end`."""
    other = deepcopy(record)
    for split in ("training", "validation", "test"):
        for kind in KINDS:
            name = f"supernet-{end}-{kind}" if kind in KINDS[:2] else f"{kind}-{end}"
            other[split][name] = other[split].pop(kind)
    return other


def test_each_is_what_its_name_says(records):
    pairs = findings(records)
    assert len(pairs) == 7 and all(len(side) == len(records) for pair in pairs.values() for side in pair)
    mended = np.array([record["test"]["recalculated"] for record in records]) / records[0]["data"]["test"]
    alone = np.array([record["test"]["scratch"] for record in records]) / records[0]["data"]["test"]
    archs = [tuple(arch) for arch in records[0]["architectures"]]
    one, other = archs.index((1, 3)), archs.index((2, 2))
    assert [*pairs["points: recalculated, short trainings"][0]] == pytest.approx(100 * mended.mean(axis=1))
    assert [*pairs["points: (2, 2), (1, 3) recalculated"][0]] == pytest.approx(100 * mended[:, other])
    assert [*pairs["points: (1, 3), (2, 2) from scratch"][0]] == pytest.approx(100 * alone[:, one])
    right = mended[:, [arch[0] == 1 for arch in archs]].mean(axis=1) * records[0]["data"]["test"]
    wrong = records[0]["data"]["test"] - right
    in_odds = [*pairs["cure: first row recalculated, as trained"][0]]
    assert in_odds == pytest.approx(np.log((right + 0.5) / (wrong + 0.5)))
    for scores in pairs["tau: parameters, recalculated"]:
        assert all(-1 <= tau <= 1 for tau in scores)


def test_at_another_setting_they_are_the_same_figures(records):
    other = [renamed(record, "0.3") for record in records]
    for name, pair in findings(records).items():
        for side, there in zip(pair, findings(other, "0.3")[name], strict=True):
            assert [*side] == [*there], name
    assert top1_at(other, "0.3", "short", "validation").equals(top1_at(records, "", "short", "validation"))
    with pytest.raises(ValueError, match="'running' is not on record"):
        findings(other)
