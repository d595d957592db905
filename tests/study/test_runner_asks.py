"""Laws of the runner where a record or a part is not what is asked now: it asks, accepts, or makes it anew."""

import pytest
from small_run import SMALL, figures, small_run

from study import runner
from study.experiments import get_experiment
from study.groups import Group, supernet
from study.recipes import Variant, depths_to, get_variant, settings
from study.records import SHIPPED, load_record, save_record
from study.store import load_tensors, save_tensors

RATE, FAIR = (
    Variant("changed", settings=settings("trained_with", rate=0.5)),
    Variant("changed", sampler=get_variant("fair").sampler),
)

CHANGES = {  # of an experiment whose record is finished: {field: value}, what is said, trained anew
    "recipe": ({"groups": {"more": supernet(RATE)}}, "recipe of more", ["seed0-supernet-depth2-changed"]),
    "exchanged": ({"groups": {"more": supernet(FAIR)}}, "recipe of more", ["seed0-supernet-depth2-changed"]),
    "only grew": ({"only": None}, "architectures, recipe of scratch", ["seed0-scratch-2-2"]),
    "space": ({"groups": {"more": supernet("fair", space=depths_to(3))}}, "recipe of more",
              ["seed0-supernet-depth3-fair"]),
}  # fmt: skip


@pytest.fixture
def small_of(monkeypatch):
    """A function that changes the smallest experiment, in place, for one test."""
    before = dict(vars(SMALL))
    yield lambda **fields: vars(SMALL).update(fields)
    vars(SMALL).update(before)


@pytest.mark.parametrize("change", CHANGES)
def test_a_finished_record_of_another_recipe_is_asked_about(tmp_path, trained, small_of, change):
    plain = Variant("changed", settings=settings("trained_with", rate=2))
    fields, said, anew = CHANGES[change]
    first = {"supernet": SMALL.groups["supernet"]}
    if change == "only grew":
        small_of(groups=first | {"scratch": SMALL.groups["scratch"]}, only=((1, 1), (1, 2), (2, 1)))
    else:
        small_of(groups=first | {"more": supernet(plain)}, full=False)
    path = small_run(tmp_path)
    before, answers = path.read_bytes(), (tmp_path / "tiny" / "answers" / "four-networks-seed0.npz").read_bytes()
    trained.clear()
    small_of(**fields | {"groups": SMALL.groups | fields.get("groups", {})})
    with pytest.raises(ValueError, match=rf"1 records that are not .* \(four-networks-seed0.json: {said} differ\)"):
        small_run(tmp_path)
    assert small_run(tmp_path, parts="accept").read_bytes() == before and trained == []
    with pytest.raises(ValueError, match="--accept-parts leaves them as they are; --fresh-parts"):
        small_run(tmp_path)
    small_run(tmp_path, parts="fresh")
    assert trained == anew
    assert path.read_bytes() != before == path.with_name(f"{path.name}.broken-1").read_bytes()
    assert answers == next((tmp_path / "tiny" / "answers").glob("*.broken-1")).read_bytes()
    small_run(tmp_path)
    assert trained == anew


def test_a_record_from_before_recipes_is_asked_about_where_its_settings_tell(copy, small_of, trained):
    path = small_run(copy)
    record = load_record(path)
    save_record({field: value for field, value in record.items() if field != "recipes"}, copy)
    before = path.read_bytes()
    small_run(copy)
    small_of(groups=SMALL.groups | {"short": Group((Variant("hot", settings=settings("trained_with", rate=9)),), True)})
    with pytest.raises(ValueError, match="recipe of short differ"):
        small_run(copy)
    assert path.read_bytes() == before and trained == []


# Fresh seeds that were run without a group; `run` adds it. Version 2 of the claims never looks at the first; claims
# that look at the second wait for it.
LACKING = {("kernel-choice", seed): {"scratch-same"} for seed in range(5, 14)}


def test_the_committed_records_are_what_their_experiments_ask():
    for path in SHIPPED.glob("*/*-seed*.json"):
        record = load_record(path)
        of = get_experiment(record["experiment"]), record["seed"], record["profile"], record
        differ, missing = runner.compared(*of)
        assert differ == [] and missing.keys() <= LACKING.get((record["experiment"], record["seed"]), set()), path


@pytest.fixture
def of_other_code(copy):
    """A run that lacks its record, and one part of it that other code made."""
    path = copy / ".parts" / "tiny" / "seed0-scratch-1-2.part"
    part = load_tensors(path)
    path.unlink()
    save_tensors(path, part | {"identity": part["identity"] | {"code": "0123456789abcdef"}})
    return path


def test_a_part_that_other_code_made_is_asked_about(copy, of_other_code, trained):
    before = of_other_code.read_bytes()
    with pytest.raises(
        ValueError, match=r"1 finished parts that other code made \(seed0-scratch-1-2\).*--accept-parts"
    ):
        small_run(copy)
    with pytest.raises(ValueError, match="parts is 'yes': choose one of ask, accept, fresh"):
        small_run(copy, parts="yes")
    assert of_other_code.read_bytes() == before
    assert trained == [] and not (copy / "tiny").exists()


def test_a_part_that_other_code_made_may_be_accepted_and_says_so(copy, of_other_code, trained, expected):
    assert figures(small_run(copy, parts="accept")) == expected
    assert trained == []
    assert load_tensors(of_other_code)["accepted"] == ["0123456789abcdef"]


def test_a_part_that_other_code_made_may_be_made_anew_and_is_kept(copy, of_other_code, trained, expected):
    before = of_other_code.read_bytes()
    assert figures(small_run(copy, parts="fresh")) == expected
    assert trained == ["seed0-scratch-1-2"]
    assert of_other_code.with_name(f"{of_other_code.name}.broken-1").read_bytes() == before


def test_a_part_from_before_digests_is_asked_about_too(copy, of_other_code, trained, expected):
    part = load_tensors(of_other_code)
    identity = {name: part["identity"][name] for name in ("task", "settings", "data")}
    save_tensors(of_other_code, part | {"identity": identity})
    with pytest.raises(ValueError, match="that other code made"):
        small_run(copy)
    assert figures(small_run(copy, parts="accept")) == expected and trained == []
