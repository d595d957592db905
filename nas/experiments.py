"""The experiments: which tasks each needs, and how their parts become a record."""

from dataclasses import dataclass
from itertools import combinations, product

import torch
from torch.nn.functional import nll_loss

from nas.costs import cost_table
from nas.ensemble import AVERAGES, calibration_error, ensemble
from nas.evaluation import count_right
from nas.profiles import get_profile
from nas.results import SCHEMA
from nas.supernet import DepthSupernet
from nas.tasks import Task, training_data


@dataclass(frozen=True)
class Experiment:
    """A supernet of depths 1 to `depth` and, beside it, its subnets trained alone.

    alone: "scratch", each for the profile's epochs, and "short", all together at the cost of the supernet; or neither.
    """

    name: str
    question: str
    depth: int
    alone: tuple = ("scratch", "short")

    @property
    def architectures(self):
        """All architectures of the space, in the supernet's order."""
        return tuple(product(range(1, self.depth + 1), repeat=2))

    def tasks(self, profile, seed):
        """The tasks of one record: {"supernet": [task], and for each kind in `alone` one an architecture}."""
        shares = {"scratch": 1, "short": self.depth**2}
        alone = {
            kind: [Task(profile, seed, arch=arch, share=shares[kind]) for arch in self.architectures]
            for kind in self.alone
        }
        return {"supernet": [Task(profile, seed, depth=self.depth)]} | alone

    def record(self, profile, seed, parts):
        """The record, a plain dict, from the parts of all tasks, grouped as `tasks` groups them."""
        supernet, labels = parts["supernet"][0], parts["supernet"][0]["labels"]
        costs = cost_table(DepthSupernet(get_profile(profile).width, self.depth))
        alone = {kind: [part["history"] for part in parts[kind]] for kind in self.alone}
        logits = dict(supernet["test"])
        for kind in alone:
            logits[kind] = torch.stack([part["test"]["running"] for part in parts[kind]])
        history, picks = supernet["history"], [entry["picks"] for entry in supernet["history"]]
        data = training_data(profile)
        everything = [part for kind in parts for part in parts[kind]]
        # The 300 pairs of 25 networks and their calibration one by one would fill a record.
        small = len(self.architectures) <= 9
        paired = [kind for kind in ("recalculated", "scratch") if small and kind in logits]
        return {
            "schema": SCHEMA,
            "experiment": self.name,
            "profile": profile,
            "seed": seed,
            "settings": supernet["identity"]["settings"],
            "data": {"name": data.name, "fingerprint": data.fingerprint}
            | {split: len(getattr(data, split)) for split in ("train", "validation", "test")},
            "architectures": [list(arch) for arch in self.architectures],
            "parameters": [costs[arch][0] for arch in self.architectures],
            "multiply_adds": [costs[arch][1] for arch in self.architectures],
            # Right answers on validation after each epoch, a list an epoch, in the order of the architectures.
            "validation": {kind: [entry[kind] for entry in history] for kind in ("running", "recalculated")}
            | {kind: by_epoch(histories, "running") for kind, histories in alone.items()},
            "loss": {"supernet": [round(entry["loss"], 4) for entry in history]}
            | {kind: [round(entries[-1]["loss"], 4) for entries in histories] for kind, histories in alone.items()},
            "picks": [sum(pick.get(arch, 0) for pick in picks) for arch in self.architectures],
            # Right answers on the first training images, as many as there are validation images.
            "training": supernet["training"]
            | {kind: [part["training"]["running"] for part in parts[kind]] for kind in alone},
            # Right answers on the test split, looked at once, after training.
            "test": {kind: count_right(members, labels) for kind, members in logits.items()},
            "ensemble": {kind: ensemble_figures(members, labels, small) for kind, members in logits.items()},
            "pairs": {kind: discordant_pairs(logits[kind], labels) for kind in paired},
            "seconds": {kind: seconds(parts[kind]) for kind in parts},
            "machine": supernet["fingerprint"],
            "versions": supernet["versions"],
            "revision": sorted({f"{part['revision'][0]}{'+' if part['revision'][1] else ''}" for part in everything}),
        }


def by_epoch(histories, kind):
    """Counts of several networks, one history each, as one list an epoch."""
    return [list(counts) for counts in zip(*([entry[kind] for entry in history] for history in histories), strict=True)]


def seconds(parts):
    """Wall time of tasks by phase, a list with one figure a task each."""
    fields = {"train": "seconds", "score": "score_seconds"}
    times = {
        phase: [sum(entry[field] for entry in part["history"]) for part in parts] for phase, field in fields.items()
    }
    times["final"] = [part["seconds"]["final"] for part in parts]
    return {phase: [round(time, 1) for time in figures] for phase, figures in times.items()}


def ensemble_figures(logits, labels, each=True):
    """Right answers of the ensemble for each average; log-likelihood and calibration of it and, if asked, of each."""
    together = {average: ensemble(logits, average) for average in AVERAGES}
    members = logits.softmax(dim=-1) if each else ()
    return {
        "right": {average: count_right(probabilities, labels) for average, probabilities in together.items()},
        "nll": round(negative_log_likelihood(together["probabilities"], labels), 4),
        "calibration": round(calibration_error(together["probabilities"], labels), 4),
        "members_nll": [round(negative_log_likelihood(member, labels), 4) for member in members],
        "members_calibration": [round(calibration_error(member, labels), 4) for member in members],
    }


def negative_log_likelihood(probabilities, labels):
    """Mean of -log p(label), in nats; probabilities are held above 1e-12 so that one certain error is not infinite."""
    return nll_loss(probabilities.clamp(min=1e-12).log(), labels).item()


def discordant_pairs(logits, labels):
    """For each pair of networks: [images only the first gets right, images only the second gets right]."""
    right = logits.argmax(dim=-1) == labels
    return [
        [int((right[a] & ~right[b]).sum()), int((right[b] & ~right[a]).sum())]
        for a, b in combinations(range(len(right)), 2)
    ]


EXPERIMENTS = {
    experiment.name: experiment
    for experiment in (
        Experiment("nine-networks", "Can one supernet tell which of nine networks is best?", depth=3),
        Experiment(
            "twenty-five-networks", "Does the answer hold for depths to 5, where a ranking carries more?", depth=5
        ),
        Experiment(
            "shared-stage", "What do nine networks reach with shared weights, at other settings?", depth=3, alone=()
        ),
    )
}


def get_experiment(name):
    """The experiment of this name. Raises ValueError, naming the allowed ones, for another."""
    if name not in EXPERIMENTS:
        raise ValueError(f"experiment {name!r} is unknown: choose one of {', '.join(EXPERIMENTS)}")
    return EXPERIMENTS[name]
