"""The latency benchmark: what is timed gives equal answers, columns belong to their networks, the record is whole."""

import json

import numpy as np
import pytest
import torch

from nas import DepthSupernet
from nas.methods.export import largest_difference
from study.records import RESULTS
from study.speed import latency
from study.speed.bench import Bench


@pytest.fixture
def bench():
    return Bench(share=10_000, repeats=2, width=4)


def test_all_forms_of_a_network_answer_alike(bench, monkeypatch):
    monkeypatch.setattr(bench, "supernet", lambda: DepthSupernet(4, depth=1))
    forms, sizes = latency.all_forms(bench)
    assert list(forms) == ["extracted", "folded", "folded, exported"]
    (plain,), *others = forms.values()
    for (other,) in others:
        assert largest_difference(plain, other, bench.split.images[:5]) < 1e-5
    assert sizes["extracted"][0] > sizes["folded"][0] > sum(p.nbytes for p in plain.parameters())


def test_latencies_are_those_of_the_network_in_their_row(bench, monkeypatch):
    seen = []
    forms = {"one": [lambda x: seen.append(("one", x.shape))], "two": [lambda x: seen.append(("two", x.shape))] * 2}
    monkeypatch.setattr(bench, "seconds", lambda call: call() or {"one": 0.001, "two": 0.002}[seen[-1][0]])
    assert latency.latencies(bench, forms, batch=7) == {"one": [[1.0] * 3], "two": [[2.0] * 3] * 2}
    in_turn = [name for name in ("one", "two", "two") for _ in range(2)]  # each once to warm up, then timed
    assert seen == [(name, torch.Size([7, 1, 28, 28])) for name in in_turn * bench.repeats]


def test_spread_is_the_median_between_percentiles_in_milliseconds():
    seconds = [k / 1000 for k in range(1, 12)]
    assert latency.spread(seconds[::-1]) == [2.0, 6.0, 10.0]


def test_the_command_writes_a_whole_record(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(latency, "through_file", lambda model, path: (model, 5))
    path = latency.main(["--repeats", "1", "--width", "1", "--results", str(tmp_path)])
    assert path == tmp_path / "latency" / "cpu.json"
    record = json.loads(path.read_text())
    assert (record["width"], record["repeats"], record["bytes"]["folded"]) == (1, 1, [5] * 9)
    assert whole(record)
    assert "(1, 1)" in capsys.readouterr().out


def whole(record):
    """Is there a spread in order of size for each batch, form and network, and are larger networks larger files?"""
    shapes = {np.array(rows).shape for forms in record["milliseconds"].values() for rows in forms.values()}
    times = np.array([rows for forms in record["milliseconds"].values() for rows in forms.values()])
    return (
        record["architectures"] == [list(arch) for arch in DepthSupernet(1).architectures]
        and list(record["milliseconds"]) == ["1", "128"]
        and shapes == {(9, 3)}
        and (np.diff(times, axis=-1) >= 0).all()
        and (times > 0).all()
    )


@pytest.mark.parametrize("path", sorted((RESULTS / "latency").glob("*.json")), ids=lambda path: path.stem)
def test_the_committed_record_is_whole_and_of_the_default_width(path):
    record = json.loads(path.read_text())
    assert whole(record)
    assert record["width"] == latency.parser().parse_args([]).width
    assert record["bytes"]["folded"][0] < record["bytes"]["folded"][8]
