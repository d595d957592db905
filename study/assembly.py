"""How the parts of finished tasks become a record."""

from collections import Counter
from contextlib import suppress
from operator import itemgetter

import torch

from nas import machine
from nas.config import CLASSES
from nas.evaluation import cost_table, count_right
from study.records import SCHEMA, answers_path, load_answers, save_answers, save_record
from study.settings import get_profile
from study.store import save_tensors
from study.tasks import part_path, read_part, recipe_digest, training_data, weights_path, with_weights
from study.together import together


def write_record(experiment, profile, seed, groups, folder, root, known=None):
    """Write the record of one seed from the parts in a folder, and beside it which images its networks get right.

    groups: {group: tasks} to read; known: a record that lacks these and is completed. FileNotFoundError for a part.
    """
    parts = {kind: [read_part(part_path(folder, task), task) for task in group] for kind, group in groups.items()}
    missing = [task.name for kind in groups for task, part in zip(groups[kind], parts[kind], strict=True) if not part]
    if missing:
        raise FileNotFoundError(f"{folder} lacks {', '.join(missing)}: choose --results in a folder that workers share")
    if get_profile(profile).keep_weights and seed == 0:
        keep_weights(root, groups, parts)
    answers = right_answers(experiment, profile, seed, parts)
    if known:
        with suppress(FileNotFoundError):  # the first records have none
            answers = load_answers(known, root) | answers
    save_answers(answers_path(root, experiment.name, profile, seed), answers)
    save_record(build_record(experiment, profile, seed, parts, known), root)


def keep_weights(root, groups, parts):
    """Write the weights of fully trained networks beside the records, for the chapters."""
    for kind in ("supernet", "scratch"):
        for task, part in zip(groups.get(kind, []), parts.get(kind, []), strict=True):
            save_tensors(weights_path(root, task), part["weights"])


def build_record(experiment, profile, seed, parts, known=None):
    """The record, a plain dict, from the parts of an experiment's tasks, grouped as `experiment.tasks` groups them.

    known: a record that lacks these groups and is completed by them.
    """
    tasks, data = {group: experiment.tasks(profile, seed)[group] for group in parts}, training_data(profile)
    if not experiment.full:
        parts = {group: [condensed(part, experiment.told) for part in parts[group]] for group in tasks}
    first, everything = next(iter(parts.values()))[0], [part for group in parts.values() for part in group]
    members = find_kinds(experiment, tasks, parts)
    logits = test_logits(members)
    record = {
        "schema": SCHEMA,
        "experiment": experiment.name,
        "profile": profile,
        "seed": seed,
        "settings": first["identity"]["settings"],
        "data": {"name": data.name, "fingerprint": data.fingerprint}
        | {split: len(getattr(data, split)) for split in ("train", "validation", "test")},
        **networks(experiment, next(iter(tasks.values()))[0]),
        # Right answers on validation after each epoch recorded, a list per epoch, in the architectures' order.
        "validation": {kind: by_epoch(*of) for kind, of in members.items()},
        "loss": {group: losses(tasks[group], parts[group]) for group in tasks},
        "picks": [sum(counts) for counts in zip(*picks(experiment.architectures, first), strict=True)],
        # Right answers on the first training images, as many as there are validation images.
        "training": counts_of(members, "training"),
        # Right answers on the test split, looked at once, after training.
        "test": {kind: count_right(outputs, first["labels"]) for kind, outputs in logits.items()},
        **together(experiment, logits, first["labels"]),
        "seconds": {kind: seconds(parts[kind]) for kind in parts},
        "recipes": {group: recipe_digest(tasks[group]) for group in tasks},  # by which `run` notices a change
        "machine": first["fingerprint"],
        "versions": first["versions"],
        "revision": sorted({f"{part['revision'][0]}{'+' if part['revision'][1] else ''}" for part in everything}),
    }
    epochs = {kind: [e["epoch"] for e in told(found[0][0], measure)] for kind, (measure, found) in members.items()}
    if any(len(numbers) < numbers[-1] for numbers in epochs.values()):  # else all are recorded
        record["epochs"] = epochs
    if first.get("all_training"):  # right answers on training and validation images together
        record["all_training"] = counts_of(members, "all_training")
    record |= by_class(members, data.validation.labels)
    plain = (known or record)["settings"]
    record |= otherwise(experiment, tasks, parts, plain)
    if known:
        return completed(known, record)
    return record | diagnosis(experiment, tasks, first, data)


def counts_of(members, field):
    """{kind: a count for each network} from this field of the parts."""
    return {kind: [pick(part[field][measure]) for part, pick in found] for kind, (measure, found) in members.items()}


def networks(experiment, task):
    """The architectures of a record, and what each costs in the task's profile."""
    net = task.plan.supernet(experiment.space, seed=0)
    costs = cost_table(net.requires_grad_(True))  # weights that are not trained count too
    return {
        "architectures": [list(arch) for arch in experiment.architectures],
        "parameters": [costs[arch][0] for arch in experiment.architectures],
        "multiply_adds": [costs[arch][1] for arch in experiment.architectures],
    }


def right_answers(experiment, profile, seed, parts):
    """{kind: bool (networks, images)}: which test images each network of a record gets right."""
    tasks = {group: experiment.tasks(profile, seed)[group] for group in parts}
    labels = next(iter(parts.values()))[0]["labels"]
    kinds = test_logits(find_kinds(experiment, tasks, parts))
    return {kind: (outputs.argmax(dim=-1) == labels).numpy() for kind, outputs in kinds.items()}


def find_kinds(experiment, tasks, parts):
    """{kind of figure: (its measure, [(part, function that picks the figure)] by architecture)}."""
    found = {}
    for group in tasks:
        members = find_members(experiment.architectures, tasks[group], parts[group])
        for measure in parts[group][0]["test"]:
            found[kind_of(group, measure, tasks[group][0])] = measure, members
    return found


def test_logits(kinds):
    """{kind: logits (networks, N, 10) on the test images}."""
    return {
        kind: torch.stack([pick(part["test"][measure]) for part, pick in members])
        for kind, (measure, members) in kinds.items()
    }


def completed(known, new):
    """A record with the groups of a new one of the same seed added; those from another machine say so."""
    of_the_run = ("settings", "data", "machine", "versions")  # every other dict is by group, or by kind of figure
    by_name = {field for field, value in new.items() if isinstance(value, dict)} - set(of_the_run)
    record = known | {field: known.get(field, {}) | new[field] for field in by_name}
    record["revision"] = sorted({*known["revision"], *new["revision"]})
    if new["machine"] != known["machine"]:
        for group in new["seconds"]:
            record["groups"] = record.get("groups", {})
            record["groups"][group] = record["groups"].get(group, {}) | {"machine": new["machine"]}
    return record


def by_class(members, labels, most=20):
    """Right answers on validation by epoch, architecture and class, of at most `most` epochs, if tasks count them.

    labels: of the validation images; the size of each class is added.
    """
    counted = {kind: of for kind, of in members.items() if all("by_class" in part["history"][0] for part, _ in of[1])}
    if not counted:
        return {}
    longest = max((found[0][0]["history"] for _, found in counted.values()), key=len)
    told = sorted(range(len(longest) - 1, -1, -len(longest) // most))  # the last epoch is among them
    counts = {
        kind: list(
            zip(*[[pick(part["history"][i]["by_class"][measure]) for i in told] for part, pick in found], strict=True)
        )
        for kind, (measure, found) in counted.items()
    }
    images = labels.bincount(minlength=CLASSES).tolist()
    return {"by_class": {"epochs": [longest[i]["epoch"] for i in told], "images": images} | counts}


def condensed(part, most):
    """The part with a history of at most `most` entries, each the last of a stretch of epochs, with its sums.

    A dozen groups with 30 epochs each would not fit a record.
    """
    history = part["history"]
    length = -(-len(history) // most)
    stretches = [history[max(0, end - length) : end] for end in range(len(history), 0, -length)]
    entries = [
        stretch[-1]
        | {field: sum(entry[field] for entry in stretch) for field in ("seconds", "score_seconds")}
        | {"picks": sum((Counter(entry["picks"]) for entry in stretch), Counter())}
        for stretch in reversed(stretches)
    ]
    return part | {"history": entries}


def find_members(architectures, tasks, parts):
    """For each architecture the part of the task that trains it, and a function that picks its figure there."""
    found = []
    for arch in architectures:
        task, part = next(pair for pair in zip(tasks, parts, strict=True) if arch in pair[0].architectures)
        # A supernet is measured on its whole space, whichever paths were trained.
        pick = (lambda figure: figure) if task.arch else itemgetter(task.space.architectures.index(arch))
        found.append((part, pick))
    return found


def kind_of(group, measure, task):
    """What a record calls a group's figures: the plain supernet's by the measure, a network's by the group."""
    if measure == "shared" or (task.arch and measure == "running"):
        return group
    return measure if group == "supernet" else f"{group}-{measure}"


def by_epoch(measure, members):
    """Counts of several networks, a list per epoch."""
    histories = [[pick(entry[measure]) for entry in told(part, measure)] for part, pick in members]
    return [list(counts) for counts in zip(*histories, strict=True)]


def told(part, measure):
    """The entries of a part's history that hold a measure; some measures are taken after the last epoch only."""
    return [entry for entry in part["history"] if measure in entry]


def losses(tasks, parts):
    """Mean training loss of each epoch of a supernet, or of each network's last epoch."""
    if len(tasks) == 1 and tasks[0].arch is None:
        return [round(entry["loss"], 4) for entry in parts[0]["history"]]
    return [round(part["history"][-1]["loss"], 4) for part in parts]


def picks(architectures, part):
    """How often each architecture was trained, by epoch."""
    return [[entry["picks"].get(arch, 0) for arch in architectures] for entry in part["history"]]


def otherwise(experiment, tasks, parts, plain):
    """What variants changed: the settings that differ from the plain ones, and a sampler's picks by epoch."""
    told = {}
    for group, members in tasks.items():
        if members[0].variant.name:
            settings = parts[group][0]["identity"]["settings"]
            told[group] = {"settings": {key: value for key, value in settings.items() if value != plain[key]}}
            if len(members) == 1 and members[0].arch is None:
                told[group]["picks"] = picks(experiment.architectures, parts[group][0])
    return {"groups": told} if told else {}


def diagnosis(experiment, tasks, part, data):
    """What else the experiment records of its first supernet: figures from training and validation images."""
    if experiment.diagnose is None:
        return {}
    task, where = next(iter(tasks.values()))[0], machine.device()
    net = with_weights(task, part["weights"]).to(where, memory_format=torch.channels_last)
    with machine.autocast(where, task.config(where).precision):
        images = data.train.images[: task.plan.recalibration]
        return {"diagnosis": experiment.diagnose(net.eval(), data.validation, images)}


def seconds(parts):
    """Wall time by phase, each a list with one figure per task."""
    fields = {"train": "seconds", "score": "score_seconds"}
    times = {
        phase: [sum(entry[field] for entry in part["history"]) for part in parts] for phase, field in fields.items()
    }
    times["final"] = [part["seconds"]["final"] for part in parts]
    return {phase: [round(time, 1) for time in figures] for phase, figures in times.items()}
