"""Laws of the benchmarks: what is compared computes the same, counts are right, and the command runs."""

import json
import os
import subprocess
import sys
from itertools import pairwise

import pytest
import torch
from bits import same_bits
from torch.optim.lr_scheduler import LambdaLR
from torch.utils.flop_counter import FlopCounterMode

from nas import machine
from study.builds import as_r3
from study.records import RESULTS
from study.speed import __main__ as command
from study.speed import bench as benches
from study.speed import first_steps, ladder, measures, race, roofline


@pytest.fixture
def bench(monkeypatch):
    """Two steps and four images of a narrow network in float32."""
    monkeypatch.setattr(machine, "has_fast_bf16", lambda where: False)
    return benches.Bench(share=200, repeats=2, width=4)


def weights_after(train, net):
    """The net's weights after training with the shuffling of seed 0."""
    torch.manual_seed(0)
    train()
    return dict(net.state_dict())


def equal(first, second):
    return all(same_bits(first[name], second[name]) for name in first)


def test_the_ladder_s_loop_with_all_switches_off_is_the_plain_loop(bench):
    nets = [bench.supernet(channels_last=False) for _ in range(2)]
    expected = weights_after(lambda: ladder.plain_training(bench, nets[0]), nets[0])
    found = weights_after(lambda: ladder.Loop().train(bench, nets[1]), nets[1])
    assert equal(expected, found)
    assert not equal(found, bench.supernet(channels_last=False).state_dict())


def test_the_highest_rung_is_the_engine_but_for_its_schedule(bench, monkeypatch):
    monkeypatch.setattr(ladder, "learning_rates", lambda optimizer, *_: LambdaLR(optimizer, lambda step: 1.0))
    nets = [bench.supernet() for _ in range(2)]
    loop = list(ladder.rungs(bench).values())[-1]
    expected = weights_after(ladder.engine(bench, nets[0]), nets[0])
    assert equal(expected, weights_after(lambda: loop.train(bench, nets[1]), nets[1]))


def test_each_rung_makes_one_change_and_bfloat16_needs_its_hardware(bench):
    assert list(ladder.rungs(bench)) == ["tensors", "loss not read", "channels_last", "fused optimiser"]
    bench.precision = "bf16"
    loops = [ladder.Loop(), *ladder.rungs(bench).values()]
    for below, above in pairwise(loops):
        assert sum(vars(below)[name] != vars(above)[name] for name in vars(below)) == 1
    assert loops[-1] == ladder.Loop(True, False, True, "bf16", True)


def test_reading_the_loss_or_not_gives_the_same_mean(bench):
    losses = []
    for loop in (ladder.Loop(tensors=True), ladder.Loop(tensors=True, read_loss=False)):
        torch.manual_seed(0)
        losses.append(loop.train(bench, bench.supernet(channels_last=False)))
    assert losses[0] == pytest.approx(losses[1], rel=1e-6)


def test_all_rungs_of_evaluation_count_the_same_right_answers(bench):
    plainly, *others = [rung() for rung in ladder.evaluation_rungs(bench).values()]
    counts = [round(share * bench.images) for share in plainly.values()]
    *loops, (together, _) = others
    assert all(count == counts for count in [*loops, together])


def test_columns_are_timed_in_turn_after_a_warm_up(bench):
    calls = []
    columns = bench.in_turn({"a": lambda: calls.append("a"), "b": lambda: calls.append("b")})
    assert calls == ["a", "b"] * 3
    assert [len(seconds) for seconds in columns.values()] == [2, 2]


def test_ratios_are_taken_repeat_by_repeat():
    training = {"plain loop": [8.0, 10.0, 6.0], "engine": [2.0, 2.0, 2.0], "its convolutions": [1.0, 2.0, 4.0]}
    evaluation = {
        "plain loop": [4.0, 8.0, 6.0],
        "channels_last": [3.0, 6.0, 9.0],
        "one pass for all": [1.0, 1.0, 1.0],
        "the deepest alone": [0.5, 0.25, 1.0],
    }
    found = measures.ratios(training, evaluation)
    assert {title: (ratio["all"], ratio["median"]) for title, ratio in found.items()} == {
        "shared training": ([3.0, 4.0, 5.0], 4.0),
        "shared training and top-1 of all nine": ([4.0, 4.0, 6.0], 4.0),
        "time beyond the convolutions": ([0.5, 1.0, 2.0], 1.0),
        "evaluation of all nine": ([3.0, 6.0, 9.0], 6.0),
        "price of all nine": ([1.0, 2.0, 4.0], 2.0),
    }


@pytest.mark.parametrize("name", ["stem", "block 1", "down", "block 2"])
def test_operations_of_a_layer_agree_with_pytorch_s_count(bench, name):
    work = roofline.WORK[name](bench, "fp32")
    with FlopCounterMode(display=False) as counter:
        work.run()
    assert work.operations == counter.get_total_flops()


def test_bytes_of_a_layer_by_hand(bench):
    batch, width = benches.BATCH, bench.width
    numbers = 2 * batch * width * 28 * 28 + 9 * width * width  # input, output, weights
    assert roofline.WORK["block 1"](bench, "fp32").bytes == 3 * 4 * numbers
    assert roofline.WORK["block 1"](bench, "bf16").bytes == 3 * 2 * numbers


@pytest.mark.parametrize("padding, batch", [(1, benches.BATCH), (0, 32)])
def test_convolutions_alone_are_those_of_the_engine_s_steps(bench, padding, batch):
    net, alone = bench.supernet().train(), measures.convolutions(bench, padding, batch)
    net = net if padding else as_r3(net)
    with FlopCounterMode(display=False) as counter:
        alone()
    with FlopCounterMode(display=False) as steps:
        for arch in bench.paths(net):
            net(bench.split.images[:batch], arch).sum().backward()
    count = {str(operator): flops for operator, flops in steps.get_flop_counts()["Global"].items()}
    convolutions = sum(flops for operator, flops in count.items() if "convolution" in operator)
    assert counter.get_total_flops() == convolutions


def test_a_process_that_does_not_end_counts_as_no_step(monkeypatch):
    started = []

    def start(threads, environment, seconds):
        sleeper = "import time; print('ready', flush=True); time.sleep(60)"
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        started.append(subprocess.Popen([sys.executable, "-c", sleeper], **pipes))
        return started[-1]

    monkeypatch.setattr(race, "start", start)
    monkeypatch.setattr(race, "LIMIT", 0.1)
    assert race.steps_a_second(2, 1, {}, 0.1) == 0
    assert len(started) == 2
    assert all(process.poll() is not None for process in started)


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="this system does not let a program choose its cores")
def test_two_cores_and_then_all_again():
    before = os.sched_getaffinity(0)
    with race.two_cores():
        assert len(os.sched_getaffinity(0)) == min(2, len(before))
    assert os.sched_getaffinity(0) == before


def test_the_command_writes_a_whole_record_at_a_tiny_size(tmp_path, monkeypatch, capsys):
    (name, *_) = race.RACES
    monkeypatch.setattr(race, "RACES", {name: race.RACES[name]})  # a start of a process takes seconds
    monkeypatch.setattr(first_steps, "RUNGS", ("engine",))
    path = command.main(["--share", "10000", "--repeats", "1", "--width", "4", "--results", str(tmp_path)])
    assert path == tmp_path / "benchmark" / "cpu.json"
    record = json.loads(path.read_text())
    assert record["sizes"] == {"width": 4, "batch": 128, "steps": 1, "images": 1}
    assert record.keys() == {"machine", "revision", "sizes", "repeats", *command.MEASURES}
    assert all(len(seconds) == 1 and seconds[0] > 0 for seconds in record["training"].values())
    assert len(record["roofline"]) == 2 * len(roofline.WORK)
    assert [len(steps) for steps in record["first_steps"]["engine"]] == [first_steps.STEPS]
    assert record["races"][name][0] > 0
    assert list(record["at_r3"])[-1] == "its convolutions" and len(record["at_r3"]["its convolutions"]) == 1
    printed = capsys.readouterr().out
    assert all(title in printed for title in measures.RATIOS)


def test_the_committed_record_was_made_by_this_command():
    record = json.loads((RESULTS / "benchmark" / "cpu.json").read_text())
    assert record["sizes"]["width"] == benches.WIDTH
    assert set(command.MEASURES) <= record.keys()
    assert list(record["races"]) == list(race.RACES)
    assert [point["what"] for point in record["roofline"][::2]] == list(roofline.WORK)
    assert record["repeats"] >= 3


def test_rounding_keeps_four_digits_and_all_else():
    value = {3: [1.23456, {"a": 12345.6}], "b": [True, None, "c", 7]}
    assert command.rounded(value) == {"3": [1.235, {"a": 12350.0}], "b": [True, None, "c", 7]}
