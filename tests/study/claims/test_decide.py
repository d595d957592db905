"""A world in which each claim of claims_v2 is confirmed, refuted and undecided, and what it refuses."""

import tomllib
from copy import deepcopy
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from study_world import NINE, PARAMETERS, world

from study.claims import decide, words

ROOT = Path(__file__).parents[3]
CLAIMS = tomllib.loads((ROOT / "study" / "claims" / "claims_v2.toml").read_text(encoding="utf-8"))
DEPTH = np.array(NINE)
SIZE = 97 + 0.2 * np.argsort(np.argsort(PARAMETERS))
BY_1, BY_2 = 97 + 0.3 * DEPTH[:, 0], 97 + 0.3 * DEPTH[:, 1]
LAST_BEST = np.where(np.arange(9) == 8, 99.0, 98.0)
N, K, L = "nine-networks", "kernel-choice", "long-samplers"
CHEAP, DEAR = {(N, "scratch", "seconds"): 300.0}, {(N, "supernet", "seconds"): 500.0}
EARLY = np.array([90, 92, 94, 96, 99, 98, 98, 98, 98, 98])  # peaks in epoch 5
STEP = np.array([90, 90.1, 90.2, 95.2, 96, 97, 97.5, 98, 98.5, 99])
SMALL_STEP = np.array([90, 90.1, 90.2, 92.6, 94, 96, 97, 98, 98.5, 99])
LATER = np.array([80, 85, 88, 90, 92, 94, 96, 97, 98.2, 98.7])


def ending(last, epochs=3):
    """A curve (epochs, 9) whose last epoch is given."""
    return np.vstack([np.repeat(np.linspace(90, 96, epochs - 1)[:, None], 9, 1), last])


def all_along(level, epochs=10):
    return np.tile(level, (epochs, 1))


def both_samplers(level):
    return {(L, kind, "curve"): all_along(level) for kind in ("running", "epsilon-greedy-running")}


def one_of_four(first, others):
    return np.column_stack([first, others, others, others])


def pair(better, worse):
    """Accuracies of the nine in which (1, 3) is one and (2, 2) the other."""
    return np.where((DEPTH == (1, 3)).all(1), better, np.where((DEPTH == (2, 2)).all(1), worse, 98.0))


FIRST_EPOCHS = np.vstack([np.linspace(60, 90, 9), np.full(9, 95), np.full(9, 98)])
STEADY_BUT_ONE = np.column_stack([(50, 95, 98), *[(90, 95, 98)] * 8])
USUAL = np.array([90, 92, 94, 96, 97, 98, 98.5, 98.7, 98.9, 99.0])
# claim: (confirmed, refuted, undecided), each as changes of the world, its scatter, or both
WORLDS = {
    "R0.a": ({}, {(N, "running", "test"): SIZE}, {(N, "running", "test"): 98 + 0.006 * (SIZE - 97)}),
    "R0.b": (
        {(N, "running", "ensemble"): 99.0},
        {},
        ({(N, "running", "ensemble"): 98.15}, {(N, "running", "ensemble"): 0.6}),
    ),
    "R0.c": ({(N, "short", "test"): 99.0}, {(N, "short", "test"): 97.0}, 1.0),
    "R0.d": ({(N, "scratch", "curve"): FIRST_EPOCHS}, {}, 5.0),
    "R0.e": (CHEAP | {(N, "running", "curve"): ending(SIZE), (N, "scratch", "test"): SIZE}, DEAR, CHEAP),
    "R0.f": ({(N, "running", "ensemble"): 99.0}, {(N, "running", "ensemble"): 97.0}, 1.0),
    "R0.g": ({(N, "running", "training"): 98.1}, {(N, "running", "training"): 99.0}, 1.0),
    "R0.h": ({}, {(N, "scratch", "curve"): STEADY_BUT_ONE}, 2.0),
    "R1.a": ({}, {(K, "shared-none", "test"): 98.5}, 0.5),
    "R1.b": ({}, {(K, "shared-none", "test"): 98.5}, {(K, "shared-none", "test"): 99.055}),
    "R1.c": ({(K, "shared-none", "curve"): LATER}, {(K, "shared-none", "curve"): USUAL[::-1]}, 0.3),
    "R1.d": (
        {(K, "shared-none", "curve"): STEP},
        {},
        ({(K, "shared-none", "curve"): SMALL_STEP}, {(K, "shared-none", "curve"): 0.5}),
    ),
    "R1.e": ({(K, "shared-none", "curve"): one_of_four(EARLY, USUAL)}, {}, 1.0),
    "R1.g": ({(K, k, "test"): 98.95 for k in ("shared-none", "scratch-none")}, {(K, "shared-none", "test"): 98.0}, {}),
    "R1.h": ({(K, "scratch-none", "curve"): EARLY}, {}, 1.0),
    "R3.H1": ({(N, "running", "test"): BY_1 + BY_2 - 97}, {(N, "running", "test"): 98 - DEPTH[:, 0]}, 0.3),
    "R3.H2": ({(N, "running", "test"): BY_2}, {(N, "running", "test"): BY_1}, 0.3),
    "R3.H3": ({(N, "running", "test"): BY_1}, {(N, "running", "test"): 196 - BY_1}, 0.3),
    "R3.H4": (
        {(N, "scratch", "test"): LAST_BEST, (L, "epsilon-greedy-running", "curve"): all_along(LAST_BEST)},
        {(N, "scratch", "test"): LAST_BEST} | both_samplers(LAST_BEST),
        {(N, "scratch", "test"): LAST_BEST} | both_samplers(98 + 0.05 * (LAST_BEST - 98)),
    ),
    "R3.a": (
        {(N, "running", "curve"): ending(SIZE), (N, "scratch", "test"): SIZE},
        {},
        {(N, "running", "curve"): ending(98 + 0.03 * (SIZE - 97)), (N, "scratch", "test"): 98 + 0.1 * (SIZE - 97)},
    ),
    "R3.b": (CHEAP, DEAR, 5.0),
    "R3.c": (
        {(N, "scratch", "test"): pair(98.5, 98.0), (N, "running", "test"): pair(97.5, 98.0)},
        {(N, "scratch", "test"): pair(98.5, 98.0), (N, "running", "test"): pair(98.5, 98.0)},
        {(N, "scratch", "test"): pair(98.5, 98.0)},
    ),
    "R3.d": ({(L, "epsilon-greedy-running", "test"): 99.5}, {}, 1.0),
    "R3.e": (
        {(N, "running", "curve"): ending(BY_2)},
        {(N, "running", "curve"): ending(BY_1)},
        {(N, "running", "curve"): ending(98 + 0.1 * (DEPTH[:, 0] + 1.04 * DEPTH[:, 1] - 3))},
    ),
    "R3.f": (
        {(L, "epsilon-greedy-running", "curve"): ending(BY_1 + BY_2 - 97, 10)},
        {(L, "running", "curve"): ending(BY_1 + BY_2 - 97, 10)},
        {},
    ),
    "R3.g": ({}, {(L, "", "leaders"): [0]}, {(L, "", "leaders"): [0, 8]}),
}  # fmt: skip
CASES = [(name, place) for name, place in product(WORLDS, range(3))]


def claim_of(name):
    return next(claim for claim in CLAIMS["claim"] if claim["id"] == name)


@pytest.mark.parametrize(("name", "place"), CASES)
def test_in_a_world_made_for_it_each_claim_has_each_outcome(name, place):
    case, word = WORLDS[name][place], ("confirmed", "refuted", "undecided")[place]
    records = world(*case) if isinstance(case, tuple) else world(case) if isinstance(case, dict) else world({}, case)
    found = decide.judge(claim_of(name), "ours", "reported", CLAIMS, records)
    assert (found.word, found.why) == (word, "")
    assert (found.p < 0.05) == (word != "undecided")


def test_every_claim_of_row_ours_has_its_worlds():
    assert set(WORLDS) == {claim["id"] for claim in CLAIMS["claim"] if "ours" in claim["rows"]}


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({("kernel-batch", "shared-4096", "test"): 90.0}, "confirmed"),
        ({}, "refuted"),
        ({("kernel-batch", "shared-4096", "test"): 97.0}, "undecided"),  # one point is the threshold
    ],
)
def test_large_batches_at_r1s_batch_size(changes, word):
    assert decide.judge(claim_of("R1.f"), "as-r1", "reported", CLAIMS, world(changes)).word == word


def test_recalculated_figures_have_their_own_verdict_in_points():
    changes = {(N, "running", "test"): 196 - BY_1, (N, "recalculated", "test"): BY_1}
    of = {role: decide.judge(claim_of("R3.H3"), "ours", role, CLAIMS, world(changes)) for role in decide.ROLES}
    assert [of[role].word for role in decide.ROLES] == ["refuted", "confirmed"]
    assert of["recalculated"].contrasts[0].estimate == pytest.approx(0.3, abs=0.02)


# --------------------------------------------------------------------------------------- exactly these seeds


def test_a_missing_seed_gives_no_verdict_and_further_seeds_change_none():
    records = world()
    claim = claim_of("R3.H3")
    verdict = decide.judge(claim, "ours", "reported", CLAIMS, records)
    further = [r | {"seed": seed, "test": {"running": [1] * 9}} for r in records[:1] for seed in (0, 4, 25, 99)]
    assert decide.judge(claim, "ours", "reported", CLAIMS, [*further, *records[::-1]]) == verdict
    missing = [r for r in records if (r["experiment"], r["seed"]) != (N, 17)]
    found = decide.judge(claim, "ours", "reported", CLAIMS, missing)
    assert (found.word, found.contrasts) == ("no record", ())
    assert "each of seeds 5-24" in found.why
    assert decide.judge(claim, "as-r3", "reported", CLAIMS, records).word == "no record"


def test_other_networks_are_refused():
    records = world()
    records[3]["architectures"] = records[3]["architectures"][::-1]
    with pytest.raises(ValueError, match="other networks"):
        decide.judge(claim_of("R3.H3"), "ours", "reported", CLAIMS, records)


def test_curves_with_epochs_left_out_are_no_record():
    records = [r | {"epochs": {"scratch": [1, 3]}} for r in world()]
    found = decide.judge(claim_of("R0.h"), "ours", "reported", CLAIMS, records)
    assert (found.word, "every epoch" in found.why) == ("no record", True)


# ------------------------------------------------------------------------------------------ the claims' words


def test_the_claims_are_well_formed_and_restate_all_of_version_1():
    assert words.problems(CLAIMS) == []
    before = tomllib.loads((ROOT / "study" / "claims" / "claims.toml").read_text(encoding="utf-8"))
    assert {claim["id"] for claim in before["claim"]} <= {claim["id"] for claim in CLAIMS["claim"]}
    for experiment, (first, _) in CLAIMS["rows"]["ours"]["seeds"].items():
        assert first == 5, experiment  # seeds 0 to 4 were looked at


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda c: c["part"][0].pop("above"), "has one of"),
        (lambda c: c["part"][0].update(within=0.1), "has one of"),
        (lambda c: c["part"][0].update(worth=-0.1), "wrong side"),
        (lambda c: c["part"][0].update(wrth=1), "unknown field wrth"),
        (lambda c: c["part"][0].update(quantity="speed"), "unknown quantity speed"),
        (lambda c: c["part"][0].update(terms=["+1 shared mean"]), "unknown measure shared"),
        (lambda c: c["part"][0].update(terms=["x scratch mean"]), "is no number"),
        (lambda c: c["part"][0].update(terms=["+1 scratch median"]), "is neither"),
        (lambda c: c["part"][0].update(contrasts="each"), "go together"),
        (lambda c: c["part"][0].update(terms=["+1 scratch networks"], contrasts="twins"), "unknown contrasts 'twins'"),
        (lambda c: c["part"][0].update(pooled=True), "differences between networks"),
        (lambda c: c.update(rows=["theirs"]), "unknown row theirs"),
        (lambda c: c.pop("never"), "no field never"),
    ],
)
def test_an_unknown_word_is_named(change, told):
    claims = deepcopy(CLAIMS)
    change(next(claim for claim in claims["claim"] if claim["id"] == "R0.b"))
    assert told in "; ".join(words.problems(claims))


def test_the_digest_is_that_of_the_files_and_knows_every_change_but_a_changed_line(tmp_path):
    for name in decide.FILES:
        (tmp_path / name).write_bytes((ROOT / "study" / "claims" / name).read_bytes())
    assert decide.digest(tmp_path) == decide.digest() == (ROOT / "results" / "claims_v2.digest").read_text().strip()
    toml = tmp_path / "claims_v2.toml"
    text = toml.read_text(encoding="utf-8")
    toml.write_text(text.replace('id = "R0.a"\n', 'id = "R0.a"\nchanged = "a reason"\n'), encoding="utf-8")
    assert decide.digest(tmp_path) == decide.digest()
    toml.write_text(text.replace("worth = 0.1", "worth = 0.2", 1), encoding="utf-8")
    assert decide.digest(tmp_path) != decide.digest()
