"""The times of training: each network alone, in its own row, and what the tabular benchmark makes of them."""

import json
from itertools import count

import torch

from study.analysis import tabular
from study.records import SHIPPED as BOOK
from study.records import load_record, record_path
from study.settings import get_profile
from study.speed import trainings
from study.speed.bench import Bench
from study.speed.ladder import engine


def test_the_command_writes_a_time_a_step_for_each_network(tmp_path, monkeypatch, capsys):
    clock = count(1)
    monkeypatch.setattr(Bench, "seconds", lambda self, function: function() and 0.001 * next(clock) * self.steps)
    small = ["--share", "429", "--repeats", "3", "--width", "1", "--depth", "2"]
    path = trainings.main([*small, "--results", str(tmp_path)])
    assert path == tmp_path / "trainings" / "cpu.json"
    record = json.loads(path.read_text())
    assert record["architectures"] == [[1, 1], [1, 2], [2, 1], [2, 2]]  # in turn, three times
    assert record["milliseconds"] == [[k, k + 4.0, k + 8.0] for k in (1.0, 2.0, 3.0, 4.0)]
    assert "(2, 1)     7.00  (3.00 to 11.00)" in capsys.readouterr().out
    assert tabular.step_times(tmp_path)[2, 1] == 0.007


def test_a_share_trains_one_network_as_the_laptop_profile_does():
    bench = Bench(share=200, repeats=1, width=2)
    net, config = bench.supernet().extract((2, 1)), get_profile("laptop").config(bench.device)
    before = {name: value.clone() for name, value in net.named_parameters()}
    loss, picks = engine(bench, net, config)()
    assert loss > 0 and picks == {}
    assert not any(torch.equal(value, before[name]) for name, value in net.named_parameters())


def test_the_table_s_seconds_are_steps_times_a_step(tmp_path):
    record = load_record(record_path(BOOK, "nine-networks", "laptop", 0))
    steps = 3 * (55_000 // 128)
    timed = dict(tabular.entries(record, 3, "mnist", {(1, 2): 0.01}))
    assert timed["mnist", (1, 2), 0, 3]["seconds"] == round(0.01 * steps, 1)
    assert "seconds" not in timed["mnist", (1, 2), 0, 2] and "seconds" not in timed["mnist", (1, 1), 0, 3]
    assert tabular.step_times(tmp_path) == {}
