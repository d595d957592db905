"""Laws of records: they hold what the trained networks answer, fit 10 kB, and never mix with others in a table."""

import re
from collections import Counter
from functools import lru_cache
from itertools import combinations
from types import SimpleNamespace

import pytest
import torch
from small_run import SMALL

from nas import DepthSupernet, ensemble, evaluate, evaluate_all, recalibrate_all
from nas.data import Split
from study import assembly, provenance
from study.analysis.tables import epochs
from study.assembly import build_record, condensed
from study.experiments import EXPERIMENTS
from study.records import (
    load_answers,
    load_record,
    save_record,
)
from study.store import load_tensors
from study.together import discordant_pairs, negative_log_likelihood

FOUR = ((1, 1), (1, 2), (2, 1), (2, 2))
NAME = "four-networks-seed0.json"
KINDS = ("running", "recalculated", "scratch", "short")
# Of those that tell every epoch, 30 on digits may not fit: such a record is refused when it is saved.
MADE = [
    (name, profile)
    for name in sorted(EXPERIMENTS.keys() - {SMALL.name})
    for profile in ("quick", "laptop", "full")
    if profile != "quick" or not EXPERIMENTS[name].full
]


@pytest.fixture
def record(finished):
    return load_record(finished / "tiny" / NAME)


def counts(accuracies, total):
    return [round(accuracy * total) for accuracy in accuracies]


def loaded(finished, name):
    return load_tensors(finished / ".parts" / "tiny" / f"seed0-{name}.part")


def test_a_record_s_figures_are_what_the_trained_networks_answer(finished, record, few):
    net = DepthSupernet(width=4, depth=2)
    net.load_state_dict(loaded(finished, "supernet-depth2")["weights"])
    tree = recalibrate_all(net, few.train.images)
    for kind, members in (("running", net), ("recalculated", tree)):
        assert record["test"][kind] == counts(evaluate_all(members, few.test).values(), 360)
        assert record["validation"][kind][-1] == counts(evaluate_all(members, few.validation).values(), 180)
        assert record["training"][kind] == counts(evaluate_all(members, few.train.take(180)).values(), 180)
    for kind, ending in (("scratch", ""), ("short", "-share4")):
        nets = [net.extract(arch) for arch in FOUR]
        for model, (d1, d2) in zip(nets, FOUR, strict=True):
            model.load_state_dict(loaded(finished, f"scratch-{d1}-{d2}{ending}")["weights"])
        assert record["test"][kind] == counts([evaluate(model, few.test) for model in nets], 360)
        assert record["validation"][kind][-1] == counts([evaluate(model, few.validation) for model in nets], 180)
        assert record["training"][kind] == counts([evaluate(model, few.train.take(180)) for model in nets], 180)


def test_curves_and_losses_are_those_of_the_histories(finished, record):
    history = loaded(finished, "supernet-depth2")["history"]
    for kind in ("running", "recalculated"):
        assert record["validation"][kind] == [entry[kind] for entry in history]
    assert record["loss"]["supernet"] == [round(entry["loss"], 4) for entry in history]
    assert record["picks"] == [sum(entry["picks"].get(arch, 0) for entry in history) for arch in FOUR]
    for column, (d1, d2) in enumerate(FOUR):
        history = loaded(finished, f"scratch-{d1}-{d2}")["history"]
        assert [row[column] for row in record["validation"]["scratch"]] == [entry["running"] for entry in history]
        assert record["loss"]["scratch"][column] == round(history[-1]["loss"], 4)


def test_a_record_says_where_it_comes_from(record, few):
    assert record["architectures"] == [list(arch) for arch in FOUR]
    assert (
        record["settings"].items()
        >= {"width": 4, "epochs": 2, "batch_size": 12, "recalibration": 256, "train_images": 256}.items()
    )
    assert record["data"] == {
        "name": "digits", "fingerprint": few.fingerprint, "train": 256, "validation": 180, "test": 360
    }  # fmt: skip
    assert record["machine"] == provenance.fingerprint(torch.device("cpu"), "fp32")
    assert record["machine"]["threads"] == 1
    assert record["versions"] == provenance.versions()
    assert all(re.fullmatch(r"[0-9a-f]{12}\+?|None", revision) for revision in record["revision"])
    assert sum(record["picks"]) == 42
    assert [len(record["validation"][kind]) for kind in ("running", "recalculated", "scratch")] == [2, 2, 2]
    assert {kind: len(phases["train"]) for kind, phases in record["seconds"].items()} == {
        "supernet": 1, "scratch": 4, "short": 4
    }  # fmt: skip
    assert all(set(phases) == {"train", "score", "final"} for phases in record["seconds"].values())


def test_scratch_networks_start_afresh_and_short_ones_cost_what_the_supernet_does():
    tasks = SMALL.tasks("tiny", 0)
    nets = [task.network() for kind in ("supernet", "scratch", "short") for task in tasks[kind]]
    stems = {net.stem[0].weight.detach().numpy().tobytes() for net in nets}
    assert len(stems) == 9
    assert [task.steps for task in tasks["scratch"]] == [42] * 4
    assert [task.steps for task in tasks["short"]] == [round(42 / 4)] * 4
    assert tasks["supernet"][0].steps == 42


def test_ensemble_figures_come_from_the_test_logits(finished, record):
    part = loaded(finished, "supernet-depth2")
    logits, labels = part["test"]["recalculated"], part["labels"]
    figures = record["ensemble"]["recalculated"]
    right = {average: int((ensemble(logits, average).argmax(1) == labels).sum()) for average in figures["right"]}
    assert figures["right"] == right
    alone = [torch.nn.functional.cross_entropy(member, labels).item() for member in logits]
    assert figures["members_nll"] == pytest.approx(alone, abs=1e-4)


def test_discordant_pairs_by_hand(record):
    answers = torch.eye(10)[torch.tensor([[0, 1, 2, 3], [0, 1, 9, 9], [9, 9, 9, 3]])]
    assert discordant_pairs(answers, torch.arange(4)) == [[2, 0], [3, 0], [2, 1]]
    for kind in ("recalculated", "scratch"):
        right = record["test"][kind]
        for (a, b), (first, second) in zip(combinations(range(4), 2), record["pairs"][kind], strict=True):
            assert first - second == right[a] - right[b]


def test_one_certain_error_is_not_infinite():
    assert negative_log_likelihood(torch.tensor([[1.0, 0.0]]), torch.tensor([1])) == pytest.approx(27.63, abs=0.01)


@lru_cache
def fake_data():
    """A data set of MNIST's size; its images are one pixel, seen again and again."""
    sizes = {"train": 55_000, "validation": 5_000, "test": 10_000}
    blank = torch.zeros(1)
    splits = {part: Split(blank.expand(size, 1, 28, 28), torch.arange(size) % 10) for part, size in sizes.items()}
    return SimpleNamespace(name="mnist", fingerprint="0123456789abcdef", **splits)


@lru_cache
def fake_answers(seed, *several):
    """10,000 labels, and logits that mostly agree with them."""
    labels = torch.arange(10_000) % 10
    logits = torch.randn(*several, 10_000, 10, generator=torch.Generator().manual_seed(seed))
    logits[..., range(10_000), labels] += 4
    return labels, logits


def fake_part(task, profile):
    """A part as the largest profiles make it: 10,000 test images, four-digit counts, six-digit losses."""
    several, members = task.arch is None, len(task.space.architectures)
    labels, logits = fake_answers(len(task.name), *[members] * several)
    kinds = task.measures if several else ("running",)
    count = 170 if profile == "quick" else 4_912  # of 180 and of 5,000 images
    right = {kind: [count] * members if several else count for kind in kinds}
    picks = dict.fromkeys(task.architectures, 123)
    entry = {"loss": 0.12345, "picks": picks, "seconds": 12.34, "score_seconds": 1.23} | right
    if task.variant.by_class:
        entry["by_class"] = {kind: [[491] * 10] * members if several else [491] * 10 for kind in kinds}
    history = [{"epoch": epoch} | entry for epoch in range(1, task.plan.train.epochs + 1)]
    return {
        "identity": {"settings": task.plan.settings(torch.device("cpu"))},
        "fingerprint": provenance.fingerprint(torch.device("cpu"), "bf16"),
        "revision": ("0123456789ab", True), "versions": provenance.versions(), "labels": labels,
        "history": history, "test": dict.fromkeys(kinds, logits),
        "training": right, "seconds": {"final": 1.23},
    }  # fmt: skip


@pytest.mark.parametrize("name, profile", MADE)
def test_every_experiment_s_record_fits_into_10_kb(name, profile, tmp_path, monkeypatch):
    monkeypatch.setattr(assembly, "training_data", lambda profile: fake_data())
    experiment = EXPERIMENTS[name]
    if experiment.diagnose:
        monkeypatch.setattr(assembly, "diagnosis", lambda *arguments: {"diagnosis": "d" * 2_500})
    groups = experiment.tasks(profile, 0)
    made = {kind: [fake_part(task, profile) for task in group] for kind, group in groups.items()}
    assert save_record(build_record(experiment, profile, 0, made), tmp_path).stat().st_size <= 10_000


def test_a_long_history_is_told_in_stretches():
    picks = [Counter({(1, 1): epoch}) for epoch in range(8)]
    entries = [
        {"epoch": epoch + 1, "picks": picks[epoch], "seconds": 2.0, "score_seconds": 1.0, "running": [epoch]}
        for epoch in range(8)
    ]
    told = condensed({"history": entries, "weights": "kept"}, most=3)
    assert told["weights"] == "kept"
    assert [entry["epoch"] for entry in told["history"]] == [2, 5, 8]
    assert [entry["running"] for entry in told["history"]] == [[1], [4], [7]]
    assert [entry["picks"][1, 1] for entry in told["history"]] == [0 + 1, 2 + 3 + 4, 5 + 6 + 7]
    assert [entry["seconds"] for entry in told["history"]] == [4.0, 6.0, 6.0]
    assert condensed({"history": entries}, most=8)["history"] == entries


@pytest.mark.parametrize(
    "length, most, told", [(40, 20, range(2, 41, 2)), (41, 20, range(2, 42, 3)), (3, 20, [1, 2, 3])]
)
def test_counts_by_class_name_their_epochs_and_hold_the_last(length, most, told):
    history = [{"epoch": 3 * epoch, "by_class": {"running": [epoch] * 10}} for epoch in range(1, length + 1)]
    members = {"kind": ("running", [({"history": history}, lambda figure: figure)])}
    found = assembly.by_class(members, torch.arange(10), most)["by_class"]
    assert found["epochs"] == [3 * epoch for epoch in told]
    assert found["kind"] == [([epoch] * 10,) for epoch in told]


def test_a_record_may_be_completed_from_either_side_where_only_one_leaves_epochs_out(record):
    new = {
        field: {"added": [[1], [2]]}
        if isinstance(value, dict) and field not in ("settings", "data", "machine")
        else value
        for field, value in record.items()
    } | {"versions": record["versions"]}
    assert epochs(assembly.completed(record | {"epochs": {"running": [2]}}, new), "added") == [1, 2]
    found = assembly.completed(record, new | {"epochs": {"added": [3, 6]}})
    assert epochs(found, "added") == [3, 6]
    assert epochs(found, "running") == list(range(1, len(record["validation"]["running"]) + 1))


def test_right_answers_lie_beside_a_record_image_by_image(finished, record, few):
    answers = load_answers(record, finished)
    assert answers.keys() == record["test"].keys()
    net = DepthSupernet(width=4, depth=2)
    net.load_state_dict(loaded(finished, "supernet-depth2")["weights"])
    with torch.no_grad():
        wanted = net.eval().forward_all(few.test.images).argmax(-1) == few.test.labels
    assert answers["running"].tolist() == wanted.tolist()


def test_a_completed_record_loses_no_figure_of_either(record):
    """Whatever is told by group or kind, also what only some profiles tell, such as all_training."""
    new = {
        field: {"added": 1} if isinstance(value, dict) and field not in ("settings", "data", "machine") else value
        for field, value in record.items()
    } | {"all_training": {"added": [1]}, "versions": record["versions"]}
    found = assembly.completed(record, new)
    for field in ("validation", "training", "test", "seconds", "loss"):
        assert found[field] == record[field] | {"added": 1}
    assert found["all_training"] == {"added": [1]}
    assert all(found[field] == record[field] for field in ("settings", "data", "machine", "versions"))
