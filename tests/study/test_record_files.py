"""Laws of a record's file: it survives writing and reading, and what is no usable record is refused by name."""

import json
import re
import shlex
import zipfile

import numpy as np
import pytest
from small_run import SMALL, figures, parts

from study.records import (
    MAX_BYTES,
    answers_path,
    check_record,
    load_answers,
    load_record,
    load_records,
    record_path,
    save_answers,
    save_record,
)

NAME = "four-networks-seed0.json"
KINDS = ("running", "recalculated", "scratch", "short")


@pytest.fixture
def record(finished):
    return load_record(finished / "tiny" / NAME)


def test_a_record_survives_writing_and_reading(record, tmp_path):
    path = save_record(record, tmp_path)
    assert path == record_path(tmp_path, "four-networks", "tiny", 0)
    assert load_record(path) == record
    assert path.stat().st_size <= MAX_BYTES == 10_000
    assert [file.name for file in path.parent.iterdir()] == [NAME]


@pytest.mark.parametrize(
    "change, named",
    [
        ({"schema": 99}, "schema is 99, this version reads 2"),
        ({"picks": None}, "picks holds a NoneType, not a list"),
        ({"seed": True}, "seed holds a bool, not a int"),
        ({"profile": None}, "profile holds a NoneType, not a str"),
        ({"settings": []}, "settings holds a list, not a dict"),
        ({"machine": {}}, "machine.device holds a NoneType, not a str"),
        ({"ensemble": {"running": {"right": 3}}}, "ensemble.running.right holds a int, not a dict"),
        ({"loss": {"supernet": None}}, "loss.supernet holds a NoneType, not a list"),
        ({"loss": {"supernet": [float("nan")]}}, "it holds NaN"),
        ({"seconds": float("inf")}, "it holds Infinity"),
        ({"picks": [1, 2, 3]}, "picks must hold 4 figures"),
        ({"parameters": []}, "parameters must hold 4 figures"),
        ({"architectures": [[1, 1]]}, "must hold 1 figures"),
        (
            {"data": {"name": "", "fingerprint": "", "train": 1, "validation": 180, "test": 10}},
            "test.running must hold 4 counts from 0 to 10",
        ),
        ({"data": {"validation": 180, "test": 10}}, "data.name holds a NoneType, not a str"),
        ({"test": {}}, "running"),
        ({"training": {"running": [1, 1, 1, 1]}}, "training holds running, validation running, recalculated"),
        ({"training": dict.fromkeys(KINDS, [0.5] * 4)}, "training.running must hold 4 counts"),
    ],
)
def test_a_record_that_breaks_the_schema_is_refused_and_named(record, tmp_path, change, named):
    path = save_record(record, tmp_path)
    path.write_text(json.dumps(record | change))
    with pytest.raises(ValueError) as caught:
        load_record(path)
    assert f"{path} is not a usable record (" in str(caught.value)
    assert named in str(caught.value)


@pytest.mark.parametrize("text", ["", "{", "[]", "3", "null", '"a"', '{"schema": 1}', "\x00", "[" * 99_999])
def test_a_file_that_is_no_record_is_refused_and_named(tmp_path, text):
    path = tmp_path / "tiny" / NAME
    path.parent.mkdir()
    path.write_text(text)
    with pytest.raises(ValueError, match="is not a usable record"):
        load_record(path)


def test_a_folder_in_a_record_s_place_is_refused_and_named(tmp_path):
    (tmp_path / "tiny" / NAME).mkdir(parents=True)
    with pytest.raises(ValueError, match="is not a usable record"):
        load_record(tmp_path / "tiny" / NAME)


def test_a_field_that_is_missing_is_named_before_anything_is_written(record, tmp_path):
    del record["picks"]
    with pytest.raises(ValueError, match="fields are missing: picks"):
        save_record(record, tmp_path)
    with pytest.raises(ValueError, match="fields are missing: picks"):
        check_record(record)
    assert list(tmp_path.iterdir()) == []


def test_a_record_that_is_too_large_is_refused(record, tmp_path):
    with pytest.raises(ValueError, match="more than 10000: store counts"):
        save_record(record | {"loss": {"supernet": [0.1] * 9_000}}, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("field", ["settings", "data"])
def test_records_of_different_settings_or_data_are_not_mixed(record, tmp_path, field):
    save_record(record, tmp_path)
    save_record(record | {"seed": 1}, tmp_path)
    assert [found["seed"] for found in load_records("four-networks", "tiny", tmp_path)] == [0, 1]
    save_record(record | {"seed": 1, field: record[field] | {"other": 1}}, tmp_path)
    with pytest.raises(ValueError, match=f"seeds 0 and 1 differ in {field}; they do not belong in one table"):
        load_records("four-networks", "tiny", tmp_path)


def test_a_record_under_another_name_is_refused(record, tmp_path):
    path = save_record(record, tmp_path)
    path.rename(path.with_name("four-networks-seed3.json"))
    with pytest.raises(ValueError, match=r"holds the record that belongs in tiny/four-networks-seed0\.json"):
        load_records("four-networks", "tiny", tmp_path)


def test_no_record_is_an_error_that_names_the_command(tmp_path):
    made = f"`python -m nas run nine-networks --profile laptop --results {shlex.quote(str(tmp_path))}` makes one"
    with pytest.raises(FileNotFoundError, match=made):
        load_records("nine-networks", "laptop", tmp_path)
    with pytest.raises(FileNotFoundError, match=r"--profile tiny --seeds 98,99` makes one \(on record, .*laptop 0, "):
        load_records("nine-networks", "tiny", seeds=[98, 99])


@pytest.mark.parametrize("seeds", [0, True, "0"])
def test_one_seed_is_not_several(finished, seeds):
    with pytest.raises(TypeError, match=f"^seeds is {seeds!r}: pass several, e.g. range.5. or .0.$"):
        load_records(SMALL.name, "tiny", finished, seeds)


@pytest.mark.parametrize("name", ["*", "../tiny/four-networks", "four-network?", None, ""])
def test_a_name_that_could_mean_several_experiments_is_refused(finished, name):
    """`*` gave the records of all as those of one."""
    with pytest.raises(ValueError, match=r"^experiment .* cannot stand in a file's name everywhere"):
        load_records(name, "tiny", finished)


def test_a_record_is_text_with_a_field_a_line(finished, expected):
    lines = (finished / "tiny" / NAME).read_text().splitlines()
    assert len(lines) == len(expected) + 2 + 2  # times, revision and the two braces
    assert figures(finished / "tiny" / NAME) == expected
    assert len(parts(finished)) == 9


def test_answers_that_are_not_those_of_the_record_are_refused(finished, record, tmp_path):
    answers = load_answers(record, finished)
    answers["scratch"] = ~answers["scratch"]
    save_answers(answers_path(tmp_path, SMALL.name, "tiny", 0), answers)
    with pytest.raises(ValueError, match="scratch does not hold the right answers of its record"):
        load_answers(record, tmp_path)


@pytest.mark.parametrize("damage", ["cut", "empty", "text", "array", "floats", "pickled", "another zip"])
def test_a_damaged_file_of_answers_is_named(finished, record, tmp_path, damage):
    path = answers_path(tmp_path, SMALL.name, "tiny", 0)
    save_answers(path, load_answers(record, finished))
    if damage in ("cut", "empty", "text"):
        path.write_bytes({"cut": path.read_bytes()[:300], "empty": b"", "text": b"hello"}[damage])
    elif damage == "array":
        with path.open("wb") as file:
            np.save(file, np.zeros(3))
    elif damage == "another zip":
        with zipfile.ZipFile(path, "w") as file:
            file.writestr("a.txt", "a")
    else:
        np.savez(path, scratch=np.array([None]) if damage == "pickled" else np.zeros((4, 45)))
    with pytest.raises(ValueError, match=f"^{re.escape(str(path))} is damaged, or no file of answers: move it away"):
        load_answers(record, tmp_path)


def test_seeds_in_another_precision_go_in_one_table_and_other_settings_do_not(record, tmp_path):
    other = record | {"seed": 1, "settings": record["settings"] | {"precision": "bf16"}}
    save_record(record, tmp_path)
    save_record(other, tmp_path)
    assert [found["seed"] for found in load_records(SMALL.name, "tiny", tmp_path)] == [0, 1]
    save_record(other | {"settings": record["settings"] | {"lr": 0.5}}, tmp_path)
    with pytest.raises(ValueError, match="differ in settings"):
        load_records(SMALL.name, "tiny", tmp_path)


def test_a_table_takes_the_profile_s_own_seeds_unless_others_are_named(record, tmp_path):
    for seed in (0, 1, 2, 5):
        save_record(record | {"seed": seed}, tmp_path)
    assert [found["seed"] for found in load_records(SMALL.name, "tiny", tmp_path)] == [0, 1]
    assert [found["seed"] for found in load_records(SMALL.name, "tiny", tmp_path, range(2, 9))] == [2, 5]
