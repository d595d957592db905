"""Laws of variants and of the experiments made of them: each differs from the plain task in what it says alone."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from bits import same_bits

from nas import DepthSupernet, load_data
from nas.evaluation import count_right, predict
from nas.methods.bandits import HalvingSampler
from study import runner, settings, tasks
from study.analysis.tables import curves, top1
from study.experiments import EXPERIMENTS, get_experiment
from study.named import Named
from study.recipes import VARIANTS
from study.records import load_record
from study.store import load_tensors
from study.tasks import Task, describe, part_path, read_part, training_data
from study.work import prepare, run_task, without_last_tenth

MADE = [
    name
    for name, experiment in EXPERIMENTS.items()
    if any(task.variant.name for tasks in experiment.tasks("tiny", 0).values() for task in tasks)
]
PLAIN = Task("tiny", 0)
TRAINED_ON = 120  # images: without the last tenth just the 36 steps that halving nine networks takes
# Of other shapes or names, or drawn otherwise.
DRAWN_ANEW = {"half-width", "double-width", "group-norm", "private-statistics", "r0-usual-initialisation"}


@pytest.fixture(scope="module", autouse=True)
def short():
    """Where each network trains alone, the first and the last tell enough; "ten epochs" are three here; few images."""
    digits, few = load_data("digits"), 60
    measured = replace(digits, validation=digits.validation.take(few), test=digits.test.take(few))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tasks, "load_data", lambda name: measured)
        patch.setattr(settings, "ten_epochs", lambda profile: settings.trained_with(profile, epochs=3))
        tiny = settings.trained_with(settings.PROFILES["tiny"], batch_size=6)
        patch.setitem(settings.PROFILES, "tiny", replace(tiny, recalibration=few, train_images=TRAINED_ON))
        for name, experiment in EXPERIMENTS.items():
            if experiment.only is None and any(group.alone for group in experiment.groups.values()):
                ends = experiment.architectures[0], experiment.architectures[-1]
                patch.setitem(EXPERIMENTS, name, replace(experiment, only=ends))
        tasks.training_data.cache_clear()
        yield
    tasks.training_data.cache_clear()


@pytest.fixture(scope="module")
def folder(tmp_path_factory, short):
    """The results of every experiment that has variants, at the smallest profile."""
    root = tmp_path_factory.mktemp("variants")
    runner.run(MADE, "tiny", [0], root=root)
    return root


def record(folder, name):
    return load_record(folder / "tiny" / f"{name}-seed0.json")


def part(folder, task):
    return load_tensors(part_path(runner.parts_folder(folder, "tiny"), task))


def alike(one, other):
    """Have two networks the same weights and statistics, to the bit?"""
    ours, theirs = one.state_dict(), other.state_dict()
    return ours.keys() == theirs.keys() and all(same_bits(ours[name], theirs[name]) for name in ours)


def varied(name):
    return Task("tiny", 0, variant=name)


def test_every_variant_is_wanted_by_an_experiment():
    wanted = {
        task.variant.name for name in MADE for tasks in get_experiment(name).tasks("tiny", 0).values() for task in tasks
    }
    assert wanted - {""} == set(VARIANTS)


@pytest.mark.parametrize("name", MADE)
def test_a_record_holds_counts_of_every_kind(folder, name):
    kinds, experiment = list(record(folder, name)["test"]), get_experiment(name)
    groups = experiment.tasks("tiny", 0)
    assert len(kinds) >= len(groups)
    for group in groups:
        assert any(kind.startswith(group) or group == "supernet" for kind in kinds)
    for kind in kinds:
        assert top1([record(folder, name)], kind).shape == (1, len(experiment.architectures))
        assert len(curves([record(folder, name)], kind)) >= 1


@pytest.mark.parametrize("name", sorted(set(VARIANTS) - DRAWN_ANEW))
def test_a_variant_starts_from_the_plain_task_s_weights(name):
    arch = (3, 3) if VARIANTS[name].start or VARIANTS[name].teacher else None  # those are of networks alone
    assert alike(Task("tiny", 0, arch=arch, variant=name).network(), Task("tiny", 0, arch=arch).network())


def test_momentum_and_private_statistics_change_no_weight(folder):
    """They train to the bits of the plain supernet: only what is kept of the batches differs."""
    plain, slow, private = (
        part(folder, task)["weights"] for task in (PLAIN, varied("low-momentum"), varied("private-statistics"))
    )
    weights = dict(DepthSupernet(width=4).named_parameters())
    assert all(torch.equal(plain[name], slow[name]) for name in weights)
    assert not torch.equal(plain["down.1.running_mean"], slow["down.1.running_mean"])
    assert torch.equal(plain["down.0.weight"], private["downs.0.0.weight"])
    assert torch.equal(plain["head.linear.weight"], private["head.linear.weight"])


@pytest.mark.parametrize("block, depth", [(1, 2), (2, 3)])
def test_a_few_shot_supernet_trains_the_paths_of_one_depth(folder, block, depth):
    task = Task("tiny", 0, share=3, variant=f"block{block}-depth{depth}")
    picks = [entry["picks"] for entry in part(folder, task)["history"]]
    assert {arch[block - 1] for pick in picks for arch in pick} == {depth}
    assert sum(sum(pick.values()) for pick in picks) == PLAIN.steps // 3


def test_the_record_of_a_split_takes_each_subnet_from_the_supernet_that_trained_it(folder):
    right = record(folder, "batch-statistics")["test"]["split-block2-recalculated"]
    for depth in (1, 2, 3):
        own = part(folder, Task("tiny", 0, share=3, variant=f"block2-depth{depth}"))
        counts = count_right(own["test"]["recalculated"], own["labels"])
        places = [depth - 1, 2 + depth, 5 + depth]
        assert [right[place] for place in places] == [counts[place] for place in places]


def test_fine_tuning_starts_from_the_extracted_subnet(folder):
    parts, data = runner.parts_folder(folder, "tiny"), training_data("tiny")
    net, _, sampler = prepare(Task("tiny", 0, arch=(2, 1), variant="fine-tuned"), parts, data, data.train.images)
    supernet = PLAIN.network()
    supernet.load_state_dict(part(folder, PLAIN)["weights"])
    assert sampler is None and net.training
    assert alike(net, supernet.extract((2, 1)))


def test_frozen_children_keep_their_weights_and_graded_ones_move(folder):
    start = part(folder, PLAIN)["weights"]
    tasks = [Task("tiny", 0, arch=(3, 3), share=9, variant=name) for name in ("frozen", "graded")]
    frozen, graded = (part(folder, task)["weights"] for task in tasks)
    assert torch.equal(frozen["stem.0.weight"], start["stem.0.weight"])
    assert torch.equal(frozen["block1.0.0.weight"], start["block1.layers.0.0.weight"])
    assert not torch.equal(frozen["down.0.weight"], start["down.0.weight"])
    assert not torch.equal(graded["stem.0.weight"], start["stem.0.weight"])


def test_held_out_images_are_not_trained_on_and_cost_no_step(folder):
    data = training_data("tiny")
    kept, held_out = without_last_tenth(data)
    assert (len(kept.train), len(held_out)) == (TRAINED_ON - 12, 12)
    assert torch.equal(torch.cat([kept.train.images, held_out.images]), data.train.images)
    parts = runner.parts_folder(folder, "tiny")
    _, lessons, sampler = prepare(varied("halving-held-out"), parts, data, data.train.images)
    assert (len(lessons.train), len(sampler.split)) == (TRAINED_ON - 12, 12)
    _, lessons, sampler = prepare(varied("halving-nine-tenths"), parts, data, data.train.images)  # the control
    assert len(lessons.train) == TRAINED_ON - 12 and isinstance(sampler, HalvingSampler)
    picks = [entry["picks"] for entry in part(folder, varied("halving-held-out"))["history"]]
    assert sum(sum(pick.values()) for pick in picks) == PLAIN.steps


@pytest.mark.parametrize("teacher", ["scratch", "running"])
def test_a_student_is_taught_by_the_ensemble(folder, teacher):
    data, task = training_data("tiny"), Task("tiny", 0, arch=(1, 1), variant=f"distilled-{teacher}")
    _, lessons, _ = prepare(task, runner.parts_folder(folder, "tiny"), data, data.train.images)
    probabilities = lessons.train.labels.exp()
    assert torch.allclose(probabilities.sum(dim=1), torch.ones(TRAINED_ON), atol=1e-5)
    if teacher == "scratch":
        nets = [need.network() for need in task.needs]
        for need, net in zip(task.needs, nets, strict=True):
            net.load_state_dict(part(folder, need)["weights"])
        expected = torch.stack([predict(net, data.train.images).softmax(dim=-1) for net in nets]).mean(dim=0)
        assert torch.allclose(probabilities, expected, atol=1e-5)


def test_a_task_without_what_it_needs_names_it(tmp_path):
    with pytest.raises(FileNotFoundError, match="seed0-supernet-depth3.part is missing: run that task first"):
        run_task(Task("tiny", 0, arch=(1, 1), variant="fine-tuned"), tmp_path)


@pytest.fixture
def tiny_changes_its_images(monkeypatch):
    profile = replace(settings.get_profile("tiny"), augmentation=settings.OTHER_HANDS)
    monkeypatch.setitem(settings.PROFILES, "tiny", profile)


@pytest.mark.usefixtures("tiny_changes_its_images")
@pytest.mark.parametrize("variant", ["halving-held-out", "halving-nine-tenths"])
def test_changed_images_may_give_a_tenth_away_and_rewards_come_from_plain_ones(variant):
    data = training_data("tiny")
    _, lessons, sampler = prepare(Task("tiny", 0, variant=variant), None, data, data.train.images)
    kept, rest = without_last_tenth(data)
    assert len(lessons.train) == len(kept.train) and not isinstance(lessons.train.images, torch.Tensor)
    if variant == "halving-held-out":
        assert torch.equal(sampler.split.images, rest.images)


@pytest.mark.usefixtures("tiny_changes_its_images")
def test_networks_alone_train_on_changed_images_too():
    task, data = Task("tiny", 0, arch=(1, 1)), training_data("tiny")
    _, lessons, _ = prepare(task, None, data, data.train.images)
    assert not isinstance(lessons.train.images, torch.Tensor) and "augmentation" in describe(task)["settings"]


def test_needed_tasks_come_in_the_first_wave():
    student = Task("tiny", 0, arch=(1, 1), variant="distilled-scratch")
    first, then = runner.waves([student, *student.needs])
    assert len(first) == 9 and then == [student]


def test_a_record_says_what_its_groups_did_otherwise(folder):
    groups = record(folder, "collapse")["groups"]
    assert groups["one-epoch"]["settings"] == {"epochs": 1}
    assert groups["half-width"]["settings"] == {"width": 2}
    assert groups["constant-rate"]["settings"] == {"lr": pytest.approx(1e-3), "schedule": "constant"}
    fair = record(folder, "schedules")["groups"]["fair"]
    assert fair["settings"] == {}
    total = [sum(column) for column in zip(*fair["picks"], strict=True)]
    assert sum(total) == PLAIN.steps and max(total) - min(total) <= 1


def test_the_diagnosis_is_of_validation_images(folder):
    matrix = record(folder, "batch-statistics")["diagnosis"]["matrix"]
    most = len(training_data("tiny").validation)
    assert len(matrix) == 9 and all(0 <= right <= most for row in matrix for right in row)


def test_rewards_from_the_tenth_keep_it_out_of_training(folder):
    """There is no variant whose rewards come from images that it trains on."""
    data = training_data("tiny")
    for variant in VARIANTS.values():
        if variant.tenth == "rewards":
            task = Task("tiny", 0, variant=variant)
            _, lessons, sampler = prepare(task, runner.parts_folder(folder, "tiny"), data, data.train.images)
            assert len(lessons.train) + len(sampler.split) == len(data.train)


CHANGES = {
    "sampler": replace(VARIANTS["fair"], sampler=VARIANTS["sandwich"].sampler),
    "option": replace(VARIANTS["fair"], sampler=Named("nas.methods.schedules:FairSampler", {"seed": 1})),
    "settings": replace(VARIANTS["fair"], settings=VARIANTS["one-epoch"].settings),
    "images": replace(VARIANTS["fair"], tenth="nothing"),
    "paths": replace(VARIANTS["fair"], fixed=(1, 2)),
    "measures": replace(VARIANTS["fair"], measures=("batch",)),
}


@pytest.mark.parametrize("changed", CHANGES)
def test_whoever_changes_the_recipe_behind_a_name_gets_no_old_part(folder, tmp_path, capsys, changed):
    made = part_path(runner.parts_folder(folder, "tiny"), varied("fair"))
    path = Path(shutil.copy(made, tmp_path))
    old, task = path.read_bytes(), Task("tiny", 0, variant=CHANGES[changed])
    assert part_path(tmp_path, task) == path
    assert read_part(path, varied("fair")) is not None
    assert read_part(path, task) is None
    assert path.with_name(f"{path.name}.broken-1").read_bytes() == old
    assert "it belongs to another task or other settings" in capsys.readouterr().out
