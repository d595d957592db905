"""Laws of the command line: one line for each error, exit codes, tables that are the record's, a log one can read."""

import errno
import os
import re
import shlex
import signal
import subprocess
import sys
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import numpy as np
import pytest
from small_run import RUN, SMALL, call, figures

from study import command, runner, store
from study.analysis import tables
from study.records import RESULTS, SHIPPED, load_record, load_records, save_record
from study.tasks import Task

TESTS = Path(__file__).parents[1]


@pytest.mark.parametrize(
    "arguments, named",
    [
        (["run", "ten-networks"], "experiment 'ten-networks' is unknown: choose one of nine-networks"),
        (["show", "nine-network"], "; did you mean nine-networks?"),
        (["show", "nine-networks"], "python -m nas run nine-networks --profile quick --results "),
        (["run", SMALL.name, "--profile", "huge"], "invalid choice: 'huge'"),
        (["run", SMALL.name, "--executor", "threads"], "invalid choice: 'threads'"),
        (["run", SMALL.name, "--seeds", "4-0"], "'4-0': write seeds as 0 or 0-4 or 0,2,5"),
        (["run", SMALL.name, "--seeds", "-1"], "--seeds"),
        (["run", SMALL.name, "--seeds", "0-99999999999"], "write seeds as 0 or 0-4 or 0,2,5, up to 999999"),
        (["run", SMALL.name, "--seeds", "0-"], "'0-': write seeds as"),
        (["run", SMALL.name, "--seeds", "²"], "'²': write seeds as"),
        (["run", SMALL.name, "--seeds", "one"], "'one': write seeds as 0"),
        (["run", SMALL.name, "--address", "tcp://x:1"], "address 'tcp://x:1' goes with the executor 'dask'"),
        (["run", SMALL.name, "--address", ""], "address '' goes with the executor 'dask'"),
        (["run", SMALL.name, "--executor", "dask", "--address", " "], "address ' ' is empty: name a scheduler"),
        (["run"], "NAME"),
        (["train"], "invalid choice: 'train'"),
        ([], "command"),
    ],
)
def test_a_mistake_is_named_in_one_line(tmp_path, capsys, arguments, named):
    results = ["--results", tmp_path] if arguments[1:] else []
    status, out, lines = call([*arguments, *results], capsys)
    assert status == 2
    assert out == ""
    assert named in lines[-1]
    assert all(line.startswith(("usage:", " ")) for line in lines[:-1])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "text, seeds", [("0", [0]), ("0-3", [0, 1, 2, 3]), ("0,2,5", [0, 2, 5]), ("1,0-2", [1, 0, 2]), ("7-7", [7])]
)
def test_seeds(text, seeds):
    assert command.parse_seeds(text) == seeds


def test_run_prints_the_record_s_tables(finished, capsys):
    status, out, lines = call([*RUN, "--results", finished], capsys)
    assert (status, lines) == (0, [])  # nothing to do
    record = load_record(finished / "tiny" / "four-networks-seed0.json")
    titles = re.findall(r"^Top-1 on the test split, %: (.*?) \(one seed: an anecdote\)", out, re.MULTILINE)
    assert titles == list(command.KINDS.values())
    rows = [line.split()[1:] for line in out.splitlines() if re.match(r"  [12]  ", line)]
    cells = [float(cell) for row in rows for cell in row]
    assert cells == [round(100 * count / 360, 2) for kind in command.KINDS for count in record["test"][kind]]
    together = re.findall(r"as an ensemble: ([\d.]+)$", out, re.MULTILINE)
    right = [record["ensemble"][kind]["right"]["probabilities"] for kind in command.KINDS]
    assert [float(figure) for figure in together] == [round(100 * count / 360, 2) for count in right]
    shown = call(["show", SMALL.name, "--profile", "tiny", "--results", finished], capsys)[1]
    assert out == f"nothing to run: the records are in {finished / 'tiny'}\n{shown}"


def test_a_folder_as_text_and_a_seed_of_numpy_name_the_same_record(finished, capsys):
    runner.run([SMALL.name], "tiny", [np.int64(0)], root=str(finished))
    assert capsys.readouterr().out.startswith("nothing to run")
    assert type(Task("tiny", np.int64(0)).seed) is int
    for seed in (True, 0.0, None):
        with pytest.raises(TypeError, match=f"seed is {seed}: it must be an int, 0 or more"):
            Task("tiny", seed)


def test_without_stderr_a_run_makes_its_record(copy, monkeypatch):
    """A service has none, and the progress bar asked it whether it is a terminal. All is trained already."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(TESTS), os.environ["PYTHONPATH"]]))
    program = "import sys, small_run; from nas.__main__ import main; sys.exit(main())"
    words = [sys.executable, "-c", program, *RUN, "--results", str(copy)]
    subprocess.run([sys.executable, "-c", f"import os; os.close(2); os.execv({words[0]!r}, {words!r})"], check=True)
    assert (copy / "tiny" / "four-networks-seed0.json").is_file()


def test_several_seeds_are_shown_with_intervals(finished, tmp_path, capsys):
    record = load_record(finished / "tiny" / "four-networks-seed0.json")
    save_record(record, tmp_path)
    more = {kind: [count + 4 for count in counts] for kind, counts in record["test"].items()}
    save_record(record | {"seed": 1, "test": more}, tmp_path)
    _, out, _ = call(["show", SMALL.name, "--profile", "tiny", "--results", tmp_path], capsys)
    mean = 100 * (record["test"]["recalculated"][0] + 2) / 360  # as trained it is an interval of log-odds
    half = 12.706 * 100 * 2 / 360  # t for one degree of freedom, times 4 / 2 images
    assert f"{mean:.2f} ± {half:.2f}" in out
    assert "an anecdote" not in out


def test_a_table_says_which_seeds_hold_its_kind(finished, tmp_path, capsys):
    """A record may have been made without a group that version 2 of the claims does not look at."""
    record = load_record(finished / "tiny" / "four-networks-seed0.json")
    save_record(record, tmp_path)
    save_record(
        without(record, "scratch") | {"seed": 1, "machine": record["machine"] | {"precision": "bf16"}}, tmp_path
    )
    _, out, _ = call(["show", SMALL.name, "--profile", "tiny", "--results", tmp_path], capsys)
    assert "from scratch (one seed: an anecdote, seed 0 only); together" in out
    assert out.count(" only)") == 1
    assert re.match(r"four-networks, profile tiny, seeds 0, 1, .*, fp32, torch .* or .*, bf16, torch ", out)
    with pytest.raises(ValueError, match="kind 'scratch' is not on record for seed 1: held are running, recalculated"):
        tables.top1(load_records(SMALL.name, "tiny", tmp_path), "scratch")


def without(value, group):
    """A record without the figures of a group."""
    if not isinstance(value, dict):
        return value
    return {key: without(inside, group) for key, inside in value.items() if key != group}


def test_a_figure_as_trained_is_the_mean_that_the_chapters_show_under_the_names_of_its_space(capsys):
    _, out, _ = call(["show", "nine-networks", "--profile", "laptop", "--results", SHIPPED], capsys)
    found = load_records("nine-networks", "laptop", SHIPPED)
    means = (100 * tables.top1(found, "running").mean()).map("{:.2f}".format)
    titles, heads, names, *rows = out.split("\n\n")[1].splitlines()
    assert "as trained (mean over seeds, 95 % t interval of the log-odds" in titles
    assert heads.split()[:4] == ["depth", "of", "block", "2"] and names.strip() == "depth of block 1"
    assert [word for row in rows for word in row.split()[1::3]] == list(means)
    _, out, _ = call(["show", "kernel-choice", "--profile", "laptop", "--results", SHIPPED], capsys)
    assert "kernel of layer 1" in out and "depth" not in out


def test_control_c_says_how_to_go_on_and_the_same_command_does(tmp_path, expected, capsys, monkeypatch):
    saved, save = [], store.save_tensors

    def interrupt(path, value):
        save(path, value)
        saved.append(path.name)
        if len(saved) == 4:  # the first epoch of the second network is saved
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(store, "save_tensors", interrupt)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job is born without it
    status, out, lines = call([*RUN, "--results", tmp_path], capsys)
    signal.signal(signal.SIGINT, before)
    assert status == 130
    assert out == ""
    assert lines[-1] == "nas: stopped; the same command goes on from the last finished epoch"
    status, _, _ = call([*RUN, "--results", tmp_path], capsys)
    assert status == 0
    assert figures(tmp_path / "tiny" / "four-networks-seed0.json") == expected
    assert len([name for name in saved if name == "seed0-supernet-depth2.checkpoint"]) == 2  # not trained again


def test_a_full_disk_is_one_line_and_loses_nothing(tmp_path, expected, capsys, monkeypatch):
    fsync, calls = os.fsync, []

    def full(number):
        calls.append(number)
        if len(calls) == 6:
            raise OSError(errno.ENOSPC, "No space left on device")
        fsync(number)

    monkeypatch.setattr(os, "fsync", full)
    status, out, lines = call([*RUN, "--results", tmp_path], capsys)
    assert (status, out) == (1, "")
    assert lines[-1].startswith("nas: ")
    said = r"No space left on device: '.*\.(checkpoint|part)'; the same command goes on from the last finished epoch"
    assert re.search(said, lines[-1])
    assert not [line for line in lines if "Traceback" in line]
    assert call([*RUN, "--results", tmp_path], capsys)[0] == 0
    assert figures(tmp_path / "tiny" / "four-networks-seed0.json") == expected


@pytest.mark.parametrize("number", [errno.EACCES, errno.EPERM, errno.EROFS, errno.EEXIST, errno.ELOOP])
@pytest.mark.parametrize("words", [RUN, ["tabular"]], ids=["run", "tabular"])
def test_a_folder_that_takes_no_file_is_one_line(tmp_path, capsys, monkeypatch, words, number):
    """As in a clone that is read-only: no trying again helps."""

    def refused(*_, **__):
        raise OSError(number, os.strerror(number), "results/.parts")

    monkeypatch.setattr(runner, "run", refused)
    monkeypatch.setattr("study.analysis.tabular.write_table", refused)
    said = f"nas: [Errno {number}] {os.strerror(number)}: 'results/.parts': choose another folder, with --results"
    status, out, lines = call([*words, "--results", tmp_path], capsys)
    assert (status, out, lines) == (2, "", [f"{said} or NAS_RESULTS"])


def test_a_worker_that_died_is_one_line(tmp_path, capsys, monkeypatch):
    def broken(*_):
        raise BrokenProcessPool("A process was terminated abruptly")

    monkeypatch.setattr(runner, "run", broken)
    status, _, lines = call([*RUN, "--results", tmp_path], capsys)
    assert status == 1
    assert lines == ["nas: A process was terminated abruptly; the same command goes on from the last finished epoch"]


def test_a_reader_that_has_gone_is_no_error():
    words = [sys.executable, "-m", "nas", "list"]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=RESULTS.parent)
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait() == 0


def test_a_terminal_without_a_sign_gets_a_question_mark():
    words, bare = [sys.executable, "-m", "nas", "show", "nine-networks"], os.environ | {"PYTHONIOENCODING": "ascii"}
    done = subprocess.run(words, capture_output=True, cwd=RESULTS.parent, env=bare, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert re.search(rb"\d \? \d", done.stdout)


@pytest.mark.skipif(os.name == "nt", reason="a shell that can close a stream")
def test_no_output_at_all_is_no_error():
    words = ["sh", "-c", f"{shlex.quote(sys.executable)} -m nas list >&-"]
    done = subprocess.run(words, capture_output=True, cwd=RESULTS.parent, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
