"""Verdicts: each kind of test by hand, the rules of claims.toml, and that the book's words agree with the records."""

import json
import re
import shutil
import subprocess
from copy import deepcopy
from pathlib import Path

import nbformat
import numpy as np
import pytest

from nas import audit as auditing
from nas.audit import Part, audit, combined, find_claim, judge
from nas.audit_tables import DIGEST, FIXED_IN, audit_table, claims_table, digest, further_seeds, sentence, summary
from nas.claim_terms import Evidence, epochs_to_level, largest_acceleration, peak_epoch, seconds, term_values
from nas.claims import SOURCE, read_claims
from nas.results import RESULTS

BOOK = Path(__file__).resolve().parents[1] / "book"
CLAIMS = read_claims()
ID = re.compile(r"\bR[013]\.(?:H[1-4]|[a-f])\b")
WORD = re.compile(r"confirm|refut|undecided|no record|not reproduced", re.IGNORECASE)


# ---------------------------------------------------------------- a small world: records with chosen counts


def record(seed, counts, experiment="nine-networks", profile="laptop"):
    """A record whose kinds hold these counts of 9 networks, {kind: (validation by epoch, test)}, of 1,000 images."""
    template = json.loads((RESULTS / "laptop" / "nine-networks-seed0.json").read_text())
    template |= {"seed": seed, "experiment": experiment, "profile": profile}
    template["data"] |= {"validation": 1_000, "test": 1_000}
    template["validation"] = {kind: [list(row) for row in curve] for kind, (curve, _) in counts.items()}
    template["test"] = {kind: list(test) for kind, (_, test) in counts.items()}
    template["training"] = {}
    return template


@pytest.fixture
def world(tmp_path):
    """write(seed, running=..., ...): a record in a folder of its own; `write.root` is that folder."""

    def write(seed, experiment="nine-networks", profile="laptop", **kinds):
        made = record(seed, {kind: as_curve(figures) for kind, figures in kinds.items()}, experiment, profile)
        path = tmp_path / profile / f"{experiment}-seed{seed}.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(made))
        return made

    write.root = tmp_path
    return write


def as_curve(figures):
    """(curve, test) from nine counts that stay the same, or as given."""
    return figures if isinstance(figures, tuple) else ([figures] * 3, figures)


def nine(first, others=900):
    return [first, *[others + place for place in range(8)]]


def evidence(test, root):
    return Evidence(CLAIMS, test, "laptop", root)


def word(name, role="as-reported", root=None, profile="laptop", claims=CLAIMS):
    return judge(find_claim(claims, name), role, profile, claims, root).word


# ---------------------------------------------------------------- quantities, by hand


def test_curves_by_hand():
    curve = np.array([90.0, 98.0, 99.0, 99.2, 99.2])
    assert peak_epoch(curve) == 4
    assert epochs_to_level(curve) == pytest.approx(2.7)  # 98.7 lies 0.7 of the way from epoch 2 to 3
    assert epochs_to_level(np.array([90.0, 98.6, 99.0])) == pytest.approx(1 + 8.5 / 8.6)
    assert epochs_to_level(np.array([98.9, 99.0])) == 1.0
    assert largest_acceleration(np.array([10.0, 20.0, 25.0, 60.0])) == pytest.approx(30.0)


def test_seconds_are_training_and_evaluation():
    made = {"seconds": {"scratch": {"train": [1.0, 2.0], "score": [0.5, 0.5], "final": [0.25, 0.25]}}}
    assert seconds(made, "scratch") == 4.5


def test_terms_over_networks_by_hand(world):
    for seed in range(5):
        world(seed, scratch=nine(800 + seed))
    test = {"experiment": "nine-networks", "test": "difference", "quantity": "points"}
    mean = [(800 + seed + sum(range(900, 908))) / 90 for seed in range(5)]
    assert term_values("+1 scratch mean", evidence(test, world.root)) == pytest.approx(mean)
    assert term_values("-1 scratch largest", evidence(test, world.root)) == pytest.approx([-90.7] * 5)
    assert term_values("-0.5 scratch sum", evidence(test, world.root)) == pytest.approx([-4.5 * x for x in mean])
    pairs = test | {"pairs": ["example-of-r3"]}  # (1, 3) is the third, (2, 2) the fifth
    assert term_values("+1 scratch pairs", evidence(pairs, world.root)) == pytest.approx([-0.2] * 5)
    each = test | {"test": "difference-each", "pairs": ["swapped"]}
    assert term_values("+1 scratch pairs", evidence(each, world.root)).shape == (5, 3)


def test_chosen_is_picked_on_validation_and_valued_on_test(world):
    for seed in range(5):
        world(seed, "samplers", running=([nine(0)] * 2 + [nine(999)], nine(500)))
    test = {"experiment": "samplers", "test": "difference", "quantity": "points"}
    assert term_values("+1 uniform-running chosen", evidence(test, world.root)) == pytest.approx([50.0] * 5)


def test_epochs_to_winner_counts_from_when_the_leader_stays(world):
    truth = nine(999)
    for seed in range(5):
        curve = [nine(999), nine(0), *[nine(999)] * (8 if seed else 7), *([nine(907)] if not seed else [])]
        world(seed, "long-samplers", running=(curve, truth))
        world(seed, scratch=truth)
    test = {"experiment": "samplers", "test": "difference", "quantity": "epochs-to-winner", "least_epochs": 10}
    found = term_values("+1 uniform-running one", evidence(test, world.root))
    assert found.tolist() == [11, 3, 3, 3, 3]  # on seed 0 a tie for the lead at the end: never


def test_taus_take_validation_against_test(world):
    falling = list(range(909, 900, -1))
    for seed in range(5):
        world(seed, scratch=([falling] * 3, list(range(901, 910))), running=([falling] * 3, falling))
    test = {"experiment": "nine-networks", "test": "tau", "quantity": "tau"}
    assert term_values("+1 shared-running against scratch", evidence(test, world.root)).tolist() == [-1] * 5


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
    assert auditing.statistics.signal_to_noise(narrow, np.zeros(5), level).low == pytest.approx(
        1.96, rel=1e-3
    )  # p is where the interval touches the margin


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


# ---------------------------------------------------------------- claims: parts, seeds, roles


def part(confirms, p):
    return Part("", 0.0, 0.0, 0.0, 5, confirms, p)


def test_parts_are_combined_with_holm_over_the_refutations():
    assert combined([part(True, 1.0)] * 12) == "confirmed"
    assert combined([part(True, 1.0), part(False, 0.5)]) == "undecided at this budget"
    assert combined([part(True, 1.0), part(False, 0.03)]) == "undecided at this budget"  # 2 x 0.03
    assert combined([part(False, 0.03)]) == "refuted"
    assert combined([part(True, 1.0), part(False, 0.02)]) == "refuted"


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


# ---------------------------------------------------------------- the file


@pytest.mark.parametrize(
    "old, new, says",
    [
        ('experiment = "samplers"', 'experiment = "sampler"', "unknown experiment sampler"),
        ('test = "resolved-pairs"', 'test = "anova"', "unknown test anova"),
        ("+1 shared-none each", "+1 shared-wide each", "does not measure shared-wide"),
    ],
)
def test_a_broken_file_is_refused(tmp_path, old, new, says):
    text = SOURCE.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "claims.toml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ValueError, match=says):
        read_claims(path)


def test_an_unknown_claim_is_refused():
    with pytest.raises(ValueError, match=r"'R9.a' is unknown: choose one of R0.a"):
        find_claim(CLAIMS, "R9.a")


def test_the_file_is_that_of_the_commit_but_for_remarks(tmp_path):
    assert digest() == DIGEST
    altered = tmp_path / "claims.toml"
    altered.write_text(SOURCE.read_text(encoding="utf-8").replace("within = 0.2", "within = 0.3"), encoding="utf-8")
    assert digest(altered) != DIGEST


@pytest.mark.skipif(not shutil.which("git"), reason="no git on this machine")
def test_the_digest_is_that_of_the_commit(tmp_path):
    shown = subprocess.run(["git", "show", f"{FIXED_IN}:claims.toml"], cwd=SOURCE.parent, capture_output=True)
    if shown.returncode:
        pytest.skip("the history of the file is not here")
    path = tmp_path / "claims.toml"
    path.write_bytes(shown.stdout)
    assert digest(path) == DIGEST


# ---------------------------------------------------------------- prose and verdict


@pytest.fixture(scope="module")
def verdicts():
    return audit(CLAIMS)


def test_every_claim_has_a_verdict_in_words(verdicts):
    assert {verdict.claim for verdict in verdicts} == {claim["id"] for claim in CLAIMS["claim"]}
    assert {verdict.word for verdict in verdicts} <= set(auditing.VERDICTS)
    assert len(audit_table(verdicts).splitlines()) == 2 + len({(v.claim, v.profile) for v in verdicts})


def typed_verdicts(book):
    """Sentences of a notebook's text that name a claim and a verdict: only code may say both."""
    for cell in book.cells:
        if cell.cell_type == "markdown":
            for said in re.split(r"(?<=[.!?:;])\s|\n\s*\n|\n(?=[-|>])", cell.source):
                if (
                    ID.search(said) and WORD.search(said) and not said.rstrip().endswith("?")
                ):  # a question is no verdict
                    yield said


def printed_verdicts(book):
    """Lines of a notebook's outputs that name a claim and a verdict."""
    for cell in book.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            texts = [output.get("text", ""), data.get("text/markdown", ""), data.get("text/html", "")]
            for line in "\n".join(texts).splitlines():
                if ID.search(line) and WORD.search(line):
                    yield line


def allowed_lines(verdicts):
    tables = (
        audit_table(verdicts),
        summary(verdicts),
        claims_table(CLAIMS),
    )  # the last quotes the file, and judges nothing
    lines = [line for table in tables for line in table.splitlines()] + [sentence(verdict) for verdict in verdicts]
    return {line.strip() for line in lines}


def notebook(path):
    return nbformat.read(path, as_version=4)


@pytest.mark.parametrize("path", sorted(BOOK.glob("*.ipynb")), ids=lambda path: path.stem)
def test_prose_and_verdicts_agree(path, verdicts):
    book = notebook(path)
    assert list(typed_verdicts(book)) == []
    stale = [line for line in printed_verdicts(book) if line.strip() not in allowed_lines(verdicts)]
    assert stale == [], "the records say otherwise: run the chapter again (make chapters)"


def test_the_guard_fails_where_it_should(verdicts):
    book = notebook(BOOK / "12_claims_audited.ipynb")
    assert len(list(printed_verdicts(book))) >= len(CLAIMS["claim"])
    altered = deepcopy(book)
    altered.cells.append(nbformat.v4.new_markdown_cell("As we saw, R0.b is\nconfirmed. And more."))
    assert list(typed_verdicts(altered)) == ["As we saw, R0.b is\nconfirmed."]
    turned = [replaced(verdict) for verdict in verdicts]
    assert not set(map(str.strip, printed_verdicts(book))) <= allowed_lines(turned)


def replaced(verdict):
    other = "refuted" if verdict.word == "confirmed" else "confirmed"
    return auditing.replace(verdict, word=other) if verdict.parts else verdict
