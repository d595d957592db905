"""Verdicts: each kind of test by hand, and the rules of claims.toml."""

import json

import numpy as np
import pytest
from claim_world import CLAIMS, evidence, nine, word

from study.claims import audit as auditing
from study.claims.audit import Part, combined, find_claim, judge
from study.claims.audit_tables import claims_table, further_seeds, knife_edge, report_table
from study.claims.audit_tables import word as spoken

# ---------------------------------------------------------------- one part of each kind of test


def test_a_difference_follows_its_interval():
    # mean 2, s 1, n 3: t interval 2 +- 4.303 / sqrt(3) = -0.484 .. 4.484
    part = auditing.side("", np.array([1.0, 2.0, 3.0]), "above", 0.0, 0.0)
    assert (part.low, part.high) == pytest.approx((-0.484, 4.484), abs=1e-3)
    assert part.outcome == "undecided at this budget"
    assert auditing.side("", np.array([1.0, 2.0, 3.0]), "above", -0.5, -0.5).outcome == "confirmed"
    assert auditing.side("", np.array([1.0, 2.0, 3.0]), "above", 4.5, 4.5).outcome == "refuted"
    assert auditing.side("", np.array([1.0, 2.0, 3.0]), "below", 4.5, 4.5).outcome == "confirmed"
    assert auditing.side("", np.array([1.0, 2.0, 3.0]), "below", -0.5, -0.5).outcome == "refuted"


def test_equivalence_takes_the_90_percent_interval():
    # mean 0, s 1, n 3: 90 % interval +- 2.920 / sqrt(3) = 1.686, 95 % interval +- 2.484
    values = np.array([-1.0, 0.0, 1.0])
    assert auditing.equivalent("", values, "within", 2.0, 2.0).outcome == "confirmed"
    assert auditing.equivalent("", values, "within", 1.6, 1.6).outcome == "undecided at this budget"
    assert auditing.equivalent("", values + 3.7, "within", 2.0, 2.0).outcome == "refuted"
    assert auditing.equivalent("", values - 3.7, "within", 2.0, 2.0).outcome == "refuted"
    assert auditing.equivalent("", values + 3.6, "within", 2.0, 2.0).outcome == "undecided at this budget"


def test_noise_takes_the_interval_of_mean_over_scatter():
    wide, narrow = np.array([-1.0, 0.0, 1.0, -0.5, 0.5]), np.array([9.9, 10.0, 10.1, 10.0, 10.05])
    assert auditing.noise("", wide, "within", 1.96, 1.96).outcome == "confirmed"
    assert auditing.noise("", narrow, "within", 1.96, 1.96).outcome == "refuted"
    part = auditing.noise("", np.array([1.0, 2.0, 3.0, 2.5, 1.5]), "within", 1.96, 1.96)
    assert part.low < 1.96 < part.high and part.outcome == "undecided at this budget"
    level = 1 - auditing.noise_p(narrow, 1.96)
    touching = auditing.statistics.signal_to_noise(narrow, np.zeros(5), level)
    assert touching.low == pytest.approx(1.96, rel=1e-3)  # p is where the interval touches the margin


def test_pairs_are_resolved_or_shown_alike():
    rng = np.random.default_rng(0)
    apart = np.array([90.0, 95.0, 99.0]) + rng.normal(0, 0.05, (5, 3))
    alike = 99 + rng.normal(0, 0.01, (5, 3))
    assert auditing.resolved("", apart, 1, 0.2).outcome == "confirmed"
    assert auditing.resolved("", apart, 1, 0.2).estimate == 3
    assert auditing.resolved("", alike, 1, 0.2).outcome == "refuted"
    assert auditing.resolved("", 99 + rng.normal(0, 1, (5, 3)), 1, 0.2).outcome == "undecided at this budget"
    one_open = np.column_stack([alike, 99 + rng.normal(0, 1, 5)])  # every pair must be shown alike, not one
    assert auditing.resolved("", one_open, 1, 0.2).outcome == "undecided at this budget"
    assert auditing.reversed_pairs("", apart, apart[:, ::-1], 1).outcome == "confirmed"
    assert auditing.reversed_pairs("", apart, apart, 1).outcome == "refuted"
    assert auditing.reversed_pairs("", apart, alike, 1).outcome == "undecided at this budget"


def test_cost_is_a_ratio(world):
    for seed in range(5):
        made = world(seed, scratch=nine(900), running=nine(900))
        made["seconds"] = {"supernet": {"train": [1.0 + seed / 100]}, "scratch": {"train": [1.0, 1.0]}}
        (world.root / "laptop" / f"nine-networks-seed{seed}.json").write_text(json.dumps(made))
    test = find_claim(CLAIMS, "R3.b")["test"][0]
    (part,) = auditing.parts_of_test(test, "as-reported", evidence(test, world.root))
    assert part.estimate == pytest.approx(0.51)
    assert part.outcome == "confirmed"


@pytest.mark.parametrize("shift", [-4.0, -1.0, 0.0, 0.7, 1.5, 4.0])
def test_p_is_below_5_percent_just_where_the_part_decides(shift):
    values, wide = shift + np.array([-0.3, 0.1, 0.2, -0.2, 0.4]), shift + np.array([-1.0, 0.0, 1.0, -0.5, 0.5])
    for part in (
        auditing.side("", values, "above", 0.5, 0.5),
        auditing.side("", values, "below", 0.5, 0.5),
        auditing.equivalent("", values, "within", 1.0, 1.0),
        auditing.noise("", wide, "within", 1.96, 1.96),
    ):
        assert (part.p_confirms < 0.05) == part.confirms
        assert (part.p_refutes < 0.05) == (part.outcome == "refuted")


def test_p_of_a_count_is_that_of_the_clearest_pair():
    table = np.array([90.0, 95.0, 99.0]) + np.random.RandomState(0).normal(0, 0.05, (5, 3))
    alike = 99 + np.random.RandomState(1).normal(0, 1, (5, 3))
    assert auditing.resolved("", table, 1, 0.2).p_confirms < 1e-6
    assert auditing.resolved("", alike, 1, 0.2).p_confirms > 0.05
    same = np.array([[1.0, 2.0, 4.0], [3.0, 4.0, 6.0]])  # differences without any scatter resolve nothing
    assert auditing.resolved("", same, 1, 0.2).p_confirms == 1


# ---------------------------------------------------------------- claims: parts, seeds, roles


def part(confirms, p_refutes, p_confirms=np.nan):
    return Part("", 0.0, 0.0, 0.0, 5, confirms, p_refutes, p_confirms)


def test_parts_are_combined_with_holm_over_the_refutations():
    assert combined([part(True, 1.0)] * 12) == "confirmed"
    assert combined([part(True, 1.0), part(False, 0.5)]) == "undecided at this budget"
    assert combined([part(True, 1.0), part(False, 0.03)]) == "undecided at this budget"  # 2 x 0.03
    assert combined([part(False, 0.03)]) == "refuted"
    assert combined([part(True, 1.0), part(False, 0.02)]) == "refuted"


def test_the_p_of_a_verdict_is_that_of_its_word():
    def verdict(*parts):
        made = tuple(part(*figures) for figures in parts)
        return auditing.Verdict("R0.b", "laptop", "as-reported", combined(made), made)

    assert verdict((True, 1.0, 0.01), (True, 1.0, 0.03)).p == 0.03  # each must pass by itself
    assert verdict((True, 1.0, 0.01), (False, 0.02, 1.0)).p == 0.04  # refuted, after Holm over both
    assert verdict((True, 1.0, 0.01), (False, 0.03, 0.2)).p == 0.06
    assert spoken(verdict((False, 0.3, 0.0511))) == "undecided, p\u00a0=\u00a00.051"
    assert spoken(verdict((True, 1.0, 0.0001))) == "confirmed, p\u00a0<\u00a00.001"
    assert spoken(auditing.Verdict("R0.b", "as-r0", "as-reported", "no record")) == "no record"
    told = knife_edge([verdict((True, 1.0, 0.049)), verdict((False, 0.3, 0.058)), verdict((True, 1.0, 0.03))])
    assert told.splitlines() == [
        "- passed by a hair: R0.b, as reported (p\u00a0=\u00a00.049)",
        "- missed by a hair: R0.b, as reported (p\u00a0=\u00a00.058)",
    ]


def test_a_row_has_as_many_cells_as_its_head():
    verdicts = [
        auditing.Verdict(claim["id"], "laptop", role, "no record")
        for claim in CLAIMS["claim"]
        for role in auditing.roles(claim)
    ]
    for table in (claims_table(CLAIMS), report_table(verdicts, CLAIMS, ("R0.a", "R1.d"))):
        bars = {line.replace("\\|", "").count("|") for line in table.splitlines()}
        assert len(bars) == 1


def ensemble_world(world, seeds, shift):
    """R0.b's records: the ensemble gets `shift` more images right than the best subnet, give or take one."""
    for seed in range(seeds):
        made = world(seed, running=nine(800), recalculated=nine(800))
        for kind in ("running", "recalculated"):
            made["ensemble"][kind]["right"]["probabilities"] = 907 + shift + seed % 2
        (world.root / "laptop" / f"nine-networks-seed{seed}.json").write_text(json.dumps(made))


def test_fewer_seeds_are_no_record_and_further_ones_change_nothing(world):
    assert word("R0.b", root=world.root) == "no record"
    ensemble_world(world, 4, 5)
    assert word("R0.b", root=world.root) == "no record"
    ensemble_world(world, 5, 5)
    assert word("R0.b", root=world.root) == "confirmed"
    assert further_seeds(CLAIMS, world.root) == {}
    late = json.loads((world.root / "laptop" / "nine-networks-seed0.json").read_text()) | {"seed": 5}
    late["ensemble"]["running"]["right"]["probabilities"] = 0
    (world.root / "laptop" / "nine-networks-seed5.json").write_text(json.dumps(late))
    assert word("R0.b", root=world.root) == "confirmed"
    assert further_seeds(CLAIMS, world.root) == {"nine-networks": [5]}


def test_a_role_without_a_test_is_refused_not_confirmed():
    with pytest.raises(ValueError, match=r"R0.d has no test 'mended': choose one of as-reported"):
        judge(find_claim(CLAIMS, "R0.d"), "mended", "laptop", CLAIMS)


def test_a_missing_seed_is_not_replaced_by_a_later_one(world):
    ensemble_world(world, 6, 5)
    (world.root / "laptop" / "nine-networks-seed2.json").unlink()
    assert word("R0.b", root=world.root) == "no record"


def test_a_new_record_can_change_a_verdict(world):
    ensemble_world(world, 5, 5)
    assert word("R0.b", root=world.root) == "confirmed"
    path = world.root / "laptop" / "nine-networks-seed0.json"
    made = json.loads(path.read_text())
    made["ensemble"]["running"]["right"]["probabilities"] = 100
    path.write_text(json.dumps(made))
    assert word("R0.b", root=world.root) == "undecided at this budget"
    assert word("R0.b", "mended", root=world.root) == "confirmed"
    ensemble_world(world, 5, -9)
    assert word("R0.b", root=world.root) == "refuted"


def test_own_settings_need_all_that_the_claim_needs(world):
    assert word("R3.H3", root=world.root, profile="as-r3") == "not reproduced at their settings"
    for seed in range(3):
        for profile in ("as-r3", "as-r0"):
            running = [900 + 10 * a + b + seed % 2 * a for a in range(3) for b in range(3)]
            world(seed, "shared-stage", profile, running=running, recalculated=running)
    assert word("R3.H3", root=world.root, profile="as-r3") == "confirmed"
    assert word("R0.a", root=world.root, profile="as-r0") != "not reproduced at their settings"
    for claim in ("R3.a", "R3.b", "R3.c", "R3.d", "R3.H4"):  # need networks from scratch, or another sampler
        assert word(claim, root=world.root, profile="as-r3") == "not reproduced at their settings"
    for claim in ("R0.c", "R0.d", "R0.e"):
        assert word(claim, root=world.root, profile="as-r0") == "not reproduced at their settings"


def test_too_short_a_run_is_no_record(world):
    for seed in range(5):
        both = {"running": nine(900), "epsilon-greedy-running": nine(900)}
        world(seed, "long-samplers", **both)
        world(seed, scratch=nine(900))
    assert word("R3.H4", root=world.root) == "no record"


def twin_worlds(world, reorder=lambda record: None, **long):
    """R3.H4's records: two samplers alike for ten epochs, and scratch; `reorder` alters the former."""
    curve = ([nine(999)] * 10, nine(999))
    for seed in range(5):
        made = world(seed, "long-samplers", **{"running": curve, "epsilon-greedy-running": curve} | long)
        reorder(made)
        (world.root / "laptop" / f"long-samplers-seed{seed}.json").write_text(json.dumps(made))
        world(seed, scratch=nine(999))


def test_records_in_another_order_are_not_compared_by_place(world):
    twin_worlds(world)
    assert word("R3.H4", root=world.root) == "undecided at this budget"
    twin_worlds(world, lambda record: record["architectures"].reverse())
    with pytest.raises(ValueError, match=r"R3.H4, as-reported, at laptop cannot be judged: .* in another order"):
        word("R3.H4", root=world.root)


def test_epochs_left_out_do_not_count_as_told(world):
    gaps = {kind: list(range(3, 31, 3)) for kind in ("running", "epsilon-greedy-running")}
    twin_worlds(world, lambda record: record.update(epochs=gaps))
    assert word("R3.H4", root=world.root) == "no record"


def test_every_seed_must_hold_what_is_asked_for(world):
    ensemble_world(world, 5, 5)
    path = world.root / "laptop" / "nine-networks-seed3.json"
    whole = json.loads(path.read_text())
    path.write_text(json.dumps(whole | {"ensemble": {}}))
    assert word("R0.b", root=world.root) == "no record"
    del whole["validation"]["running"], whole["test"]["running"]
    path.write_text(json.dumps(whole))
    assert word("R3.H3", root=world.root) == "no record"


def test_an_unknown_profile_is_refused_and_a_broken_figure_is_named(world):
    with pytest.raises(ValueError, match="profile 'latop' gives no verdict: choose one of laptop, as-r0, as-r3"):
        word("R3.H3", root=world.root, profile="latop")
    for seed in range(5):
        world(seed, running=[900] * 9, scratch=nine(900))
    with pytest.raises(ValueError, match=r"R3.a, as-reported, at laptop cannot be judged: Kendall's tau is undefined"):
        word("R3.a", root=world.root)
