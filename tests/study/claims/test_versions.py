"""Version 2 beside version 1: every claim once, and what is missing is said to be missing."""

import json
from collections import Counter

import numpy as np
import pytest

from study.claims import decide, versions
from study.claims.audit import Part, Verdict
from study.records import RESULTS

CLAIMS = versions.read_second()


def first(word, confirms=False):
    return [Verdict("R1.d", "laptop", "as-reported", word, (Part("", 0.0, 0.0, 0.0, 5, confirms, 0.02, 0.3),))]


def second(word, p=0.03, row="as-r1"):
    return [decide.Verdict("R1.d", row, "reported", word, p, (), 3, "")]


def test_a_claim_has_one_row_and_every_row_its_cells():
    found = versions.second_verdicts(CLAIMS, RESULTS)
    tables = [
        versions.side_by_side([], found, CLAIMS),
        versions.would_decide(first("undecided at this budget"), CLAIMS),
    ]
    tables += [versions.in_row([], found, CLAIMS, row) for row in CLAIMS["rows"]]
    for table in tables:
        assert len({line.count("|") for line in table.splitlines()}) == 1
    names = Counter(line.split("|")[1].strip() for line in tables[0].splitlines()[2:])
    assert names == Counter(claim["id"] for claim in CLAIMS["claim"])
    assert [line[:6] for line in tables[1].splitlines()[2:]] == ["| R1.d"]


def test_a_verdict_is_told_with_its_p_and_a_gap_as_a_gap():
    row = versions.in_row(first("refuted"), second(decide.UNDECIDED, 0.81), CLAIMS, "as-r1").splitlines()[2]
    assert row.endswith("| refuted, p\u00a0=\u00a00.020 | undecided, p\u00a0=\u00a00.810 |")
    row = versions.in_row([], second(decide.NO_RECORD), CLAIMS, "as-r1").splitlines()[2]
    assert row.endswith("| not asked | no record yet |")


def test_only_records_on_disk_count(tmp_path):
    none = versions.second_verdicts(CLAIMS, tmp_path)
    assert {verdict.word for verdict in none} == {decide.NO_RECORD}
    assert all(there == 0 < of for there, of in versions.arrived(none).values())
    folder = tmp_path / "laptop"
    folder.mkdir()
    for seed in range(3):
        name = f"kernel-steps-seed{seed}.json"
        (folder / name).write_text((RESULTS / "laptop" / name).read_text(encoding="utf-8"), encoding="utf-8")
    some = {(v.claim, v.row): v for v in versions.second_verdicts(CLAIMS, tmp_path)}
    steps = some["R1.d", "as-r1"]
    curves = [
        np.array(json.loads((folder / f"kernel-steps-seed{seed}.json").read_text())["validation"]["shared-softmax"])
        for seed in range(3)
    ]
    rises = [np.diff(curve[:, 0], 2).max() for curve in curves]
    assert steps.contrasts[0].estimate == pytest.approx(np.mean(rises) / 50)  # points, of 5,000 images
    assert some["R1.f", "as-r1"].word == decide.NO_RECORD


def test_a_changed_file_is_refused(monkeypatch):
    monkeypatch.setattr(decide, "digest", lambda: "another")
    with pytest.raises(ValueError, match="is not as it was fixed"):
        versions.read_second()


def test_the_outlook_holds_every_claim_of_a_row_once():
    found = [name for names in versions.outlook(CLAIMS).values() for name in names]
    assert sorted(found) == sorted(claim["id"] for claim in CLAIMS["claim"] if "ours" in claim["rows"])
    assert set(versions.outlook(CLAIMS)) == {"confirmed", "refuted", "undecided", "open"}


def test_what_came_out_is_held_against_what_was_expected():
    refuted = second(decide.REFUTED, row="ours")  # as expected of R1.d; the next is expected to be confirmed
    other = [refuted[0]._replace(claim="R1.c")]
    open_one = [refuted[0]._replace(claim="R1.a")]
    gap = [refuted[0]._replace(claim="R1.e", word=decide.NO_RECORD)]
    assert versions.outcomes(refuted, CLAIMS) == {"R1.d": ("refuted", "refuted")}
    found = versions.outcomes(refuted + other + open_one + gap, CLAIMS)
    assert found == {"R1.d": ("refuted", "refuted"), "R1.c": ("refuted", "confirmed")}
    again = [refuted[0]._replace(claim="R3.H1", role="recalculated")]  # has an expectation of its own for each role
    assert versions.outcomes(refuted + again, CLAIMS, "recalculated") == {"R3.H1": ("refuted", "confirmed")}
    assert versions.surprises(again, CLAIMS, "recalculated").splitlines()[-1] == "- R3.H1: refuted, expected confirmed"


def test_only_claims_that_were_open_and_have_their_records_are_told_anew():
    def rows(word, then):
        return versions.decided_since(first(word), second(then, row="ours"), CLAIMS).splitlines()[2:]

    (row,) = rows("undecided at this budget", decide.REFUTED)
    assert row.startswith("| R1.d. The joint curves") and row.endswith("| refuted, p\u00a0=\u00a00.030 |")
    assert rows("undecided at this budget", decide.NO_RECORD) == rows("refuted", decide.CONFIRMED) == []
