"""Laws of `make results`: every record that a CPU made is made again, and may differ in its times only."""

from copy import deepcopy

import repeat_results
from small_run import SMALL

from study.records import RESULTS, load_record, record_path


def test_every_record_but_those_of_a_gpu_is_repeated():
    found = repeat_results.recorded(RESULTS)
    assert found["nine-networks", "laptop"][:5] == [0, 1, 2, 3, 4]  # and fresh ones, as they come
    there = {(path.stem.split("-seed")[0], path.parent.name) for path in RESULTS.glob("*/*-seed*.json")}
    assert set(found) == {(name, profile) for name, profile in there if profile != "full"}


def test_a_repeated_record_may_differ_in_times_only(finished, tmp_path, monkeypatch, capsys):
    path = record_path("", SMALL.name, "tiny", 0)
    old = load_record(finished / path)
    new = deepcopy(old) | {"seconds": {}, "revision": ["other"], "versions": {}}
    assert repeat_results.differences(old, new) == []
    new["test"]["scratch"][0] += 1
    assert repeat_results.differences(old, new) == ["test"]
