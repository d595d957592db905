"""Laws of `list`, `show` and `verify`, and of the settings that commands read: fast to start, an error in one line."""

import os
import re
import shutil
import subprocess
import sys

import pytest
from small_run import RUN, SMALL, call

from study import command, records
from study.records import RESULTS, SHIPPED, folder, load_record, load_records, save_record


def test_list_and_verify(finished, tmp_path, capsys):
    shutil.copytree(finished / "tiny", tmp_path / "tiny")
    status, out, _ = call(["list", "--results", tmp_path], capsys)
    assert status == 0
    assert f"{SMALL.name}: {SMALL.question}\n  tiny: 1 record" in out
    assert "nine-networks: Can one supernet" in out
    assert call(["verify", "--results", tmp_path], capsys)[:2] == (0, "1 record, 0 faults\n")
    path = tmp_path / "tiny" / "four-networks-seed0.json"
    path.write_text(path.read_text()[:300])
    status, out, _ = call(["verify", "--results", tmp_path], capsys)
    assert status == 1
    assert f"{path} is not a usable record" in out
    assert out.endswith("1 record, 1 fault\n")
    assert path.exists()  # verify looks and touches nothing


@pytest.mark.parametrize("damage", [b"", b"hello", b"[1]", b"null", b"\xff\xfe", b'{"schema": NaN}', None])
def test_a_damaged_record_is_one_line(finished, tmp_path, capsys, damage):
    """None: a folder in its place."""
    shutil.copytree(finished / "tiny", tmp_path / "tiny")
    path = tmp_path / "tiny" / "four-networks-seed0.json"
    path.unlink()
    path.mkdir() if damage is None else path.write_bytes(damage)
    status, out, _ = call(["verify", "--results", tmp_path], capsys)
    assert status == 1 and f"{path} is not a usable record" in out and out.endswith("1 record, 1 fault\n")
    status, out, error = call(["show", SMALL.name, "--profile", "tiny", "--results", tmp_path], capsys)
    assert (status, out) == (2, "")
    assert len(error) == 1 and error[0].startswith(f"nas: {path} is not a usable record (")


@pytest.mark.parametrize("command_name", ["verify", "list", "show", "run"])
@pytest.mark.parametrize(
    "name, named",
    [
        ("", "'' is empty: name a folder"),
        ("file", "file' is a file: name a folder"),
        ("file/inside", "file' is a file: name a folder"),
        ("a" * 300, "cannot be a folder"),
    ],
)
def test_results_that_are_no_folder_are_named(tmp_path, capsys, command_name, name, named):
    (tmp_path / "file").write_text("mine")
    names = ["nine-networks"] if command_name in ("run", "show") else []
    status, out, lines = call([command_name, *names, "--results", name and tmp_path / name], capsys)
    assert (status, out) == (2, "")
    assert named in lines[-1]
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.parametrize("words", [["verify"], ["list"], ["show", "nine-networks"]])
def test_to_look_into_a_folder_that_is_not_there_is_a_mistake(tmp_path, capsys, words):
    status, out, lines = call([*words, "--results", tmp_path / "none"], capsys)
    said = f"nas: {tmp_path / 'none'} is not there: choose a folder of records with --results"
    assert (status, out, lines) == (2, "", [said])


@pytest.mark.parametrize("name", [" ", __file__, "~nobody-of-this-name"])
def test_a_setting_that_is_no_folder_is_one_line(name):
    environment = os.environ | {"NAS_RESULTS": name}
    done = subprocess.run([sys.executable, "-m", "nas", "list"], env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(r"nas: NAS_RESULTS: .*: name .*\n", done.stderr)


def test_the_home_is_the_home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))  # Windows' name of it
    assert command.parser().parse_args(["verify", "--results=~/mine"]).results == tmp_path / "mine"
    assert folder("~") == tmp_path
    with pytest.raises(ValueError, match="~nobody-of-this-name"):
        folder("~nobody-of-this-name/mine")
    assert python("from study.records import RESULTS; print(RESULTS)", NAS_RESULTS="~/mine") == [f"{tmp_path}/mine"]


@pytest.mark.skipif(os.name == "nt", reason="a pipe without a reader is another error there")
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("list", 0),
        ("show nine-networks", 0),
        ("verify", 0),
        ("--help", 0),
        ("show nothing", 2),
        ("verify --results .", 1),
    ],
)
def test_a_reader_that_has_gone_changes_no_status_and_is_not_a_traceback(tmp_path, words, wanted, unbuffered):
    """`verify --results .`: a fault that nobody reads is one."""
    (tmp_path / "tiny").mkdir()
    (tmp_path / "tiny" / "four-networks-seed0.json").write_text("{")
    reading, writing = os.pipe()
    os.close(reading)
    environment = os.environ | {"PYTHONUNBUFFERED": unbuffered, "PYTHONPATH": os.pathsep.join(sys.path)}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "nas", *words.split()],
            env=environment, cwd=tmp_path, stdout=writing, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
    finally:
        os.close(writing)
    assert (done.returncode, len(done.stderr.splitlines())) == (wanted, wanted == 2)


HEAVY = ["torch", "numpy", "pandas", "scipy", "sklearn", "matplotlib", "dask", "tqdm"]
LOOK = f"""
import sys
from study.command import main
for words in (["list"], ["verify"], ["show", "nine-networks", "--profile", "laptop"]):
    assert main(words) == 0
    print("imported:", *[name for name in {HEAVY} if name in sys.modules])
"""


def python(code, **environment):
    """The lines that a Python of its own prints."""
    words = [sys.executable, "-c", code]
    return subprocess.run(
        words, env=os.environ | environment, capture_output=True, text=True, check=True
    ).stdout.splitlines()


def test_to_look_needs_no_torch():
    """`list` and `verify` import nothing that takes long, `show` what its tables need."""
    said = [line for line in python(LOOK) if line.startswith("imported:")]
    assert said == ["imported:", "imported:", "imported: numpy pandas scipy"]


def test_own_records_come_before_the_book_s(tmp_path, finished, monkeypatch):
    for name, place in (("RESULTS", finished), ("SHIPPED", SHIPPED)):
        monkeypatch.setattr(records, name, place)
    assert load_records(SMALL.name, "tiny", seeds=[0])[0]["profile"] == "tiny"
    assert load_records("nine-networks", "laptop") == load_records("nine-networks", "laptop", SHIPPED)
    with pytest.raises(FileNotFoundError, match=f"^{finished / 'tiny'} has no record of 'nine-networks'"):
        load_records("nine-networks", "tiny")


def test_the_committed_records_have_no_fault(capsys):
    status, out, _ = call(["verify"], capsys)
    assert (status, out.split(", ")[1]) == (0, "0 faults\n")


@pytest.mark.parametrize(
    "field, change, named",
    [("settings", {"lr": 0.5}, "lr differ"), ("data", {"fingerprint": "0"}, "data differ"), ("settings", {}, None)],
)
def test_verify_finds_a_record_of_other_settings_or_data(finished, tmp_path, capsys, field, change, named):
    record = load_record(finished / "tiny" / "four-networks-seed0.json")
    save_record(record | {field: record[field] | change}, tmp_path)
    status, out, _ = call(["verify", "--results", tmp_path], capsys)
    assert status == bool(named)
    assert (named or "0 faults") in out
    assert bool(named) == (f"{tmp_path / 'tiny' / 'four-networks'}-seed*.json: " in out)  # where to look


def test_show_says_that_further_seeds_are_on_record(capsys):
    _, out, _ = call(["show", "nine-networks", "--profile", "laptop"], capsys)
    assert re.search(r"^\(20 more seeds are on record: --seeds takes them in, ", out, re.MULTILINE)
    assert "more seeds" not in call(["show", "nine-networks", "--profile", "laptop", "--seeds", "0-1"], capsys)[1]


def test_a_log_file_has_a_line_a_task_and_no_control_characters(tmp_path, capsys):
    _, _, lines = call([*RUN, "--results", tmp_path], capsys)
    assert lines.pop(0) == "9 tasks to do, a line as each ends"
    assert len(lines) == 9
    assert [re.match(r"tiny (\S+): (\d) of 9 tasks done", line)[2] for line in lines] == list("123456789")
    assert lines[0].startswith("tiny seed0-supernet-depth2: 1 of 9 tasks done, ")
    assert all(re.search(r"\d+ % .*\d\d:\d\d elapsed, \S+ left$", line) for line in lines)
    assert "100 %" in lines[-1]
    assert not re.search(r"[\r\x1b]", "\n".join(lines))


def test_a_python_without_the_packages_is_told_in_one_line():
    words = [sys.executable, "-S", "-m", "nas", "run", "nine-networks", "--profile", "tiny"]
    done = subprocess.run(words, capture_output=True, text=True, cwd=RESULTS.parent, check=False)
    assert done.returncode == 2
    assert re.fullmatch(r"nas: \w+ is not installed here: `make install`, then .*\n", done.stderr)


def test_a_setting_without_sense_is_told_in_one_line():
    words = [sys.executable, "-m", "nas", "list"]
    bare = os.environ | {"NAS_RESULTS": "~nobody-of-this-name/x"}
    done = subprocess.run(words, capture_output=True, text=True, cwd=RESULTS.parent, env=bare, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("nas: NAS_RESULTS: '~nobody-of-this-name/x'") and done.stderr.count("\n") == 1
