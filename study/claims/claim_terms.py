"""What a term of claims.toml, such as "-1 scratch mean", is worth on every seed: computed from records."""

import numpy as np

from study.analysis import tables
from study.analysis.rankings import kendall_over_seeds
from study.records import load_records

RULERS = {"parameters": "parameters", "multiply-adds": "multiply_adds"}  # measures that need no training
KINDS = {"shared-running": "running", "shared-recalculated": "recalculated", "short-scratch": "short"}
KINDS |= {"uniform-running": "running", "uniform-recalculated": "recalculated"}  # others are called as in the records
GROUPS = {"shared-running": "supernet", "shared-recalculated": "supernet", "short-scratch": "short"}
LEVEL = 0.5  # points below a curve's end at which it counts as converged


class NoRecordError(LookupError):
    """The records that a test needs, seeds 0 to n - 1, are not there."""


class Evidence:
    """The records that one test of claims.toml may use at one profile: seeds 0 to n - 1 of its experiment.

    claims: from study.claims.audit.read_claims; test: one of its tests; root: the folder of the records.
    """

    def __init__(self, claims, test, profile, root=None):
        self.test, self.profile, self.root = test, profile, root
        self.own = profile != claims["headline"]
        self.seeds = claims["experiments"][test["experiment"]]["seeds"].get(profile)
        self.pairs = [pair for name in test.get("pairs", []) for pair in claims["pairs"][name]]
        self.order = None  # of the architectures, the same in all records of a test: columns are compared by place

    def experiment(self, measure):
        """The name under which the records of a measure are stored."""
        name = self.test["experiment"]
        if name == "samplers":
            plain = "long-samplers" if "least_epochs" in self.test else "samplers"
            return "nine-networks" if measure == "scratch" else plain
        # At a report's own settings only the supernet is trained.
        return "shared-stage" if name == "nine-networks" and self.own else name

    def records(self, measure):
        """A measure's records, and the kind that holds it there. NoRecordError where seeds or kind are missing.

        ValueError if they order their architectures differently from another measure of the same test.
        """
        name, kind = self.experiment(measure), KINDS.get(measure, measure).removeprefix("ensemble-")
        if self.seeds is None:
            raise NoRecordError(f"{self.test['experiment']} has no seeds for {self.profile}")
        command = f"`python -m nas run {name} --profile {self.profile} --seeds 0-{self.seeds - 1}` makes them"
        try:
            found = load_records(name, self.profile, self.root)
        except FileNotFoundError as error:
            raise NoRecordError(f"no records of {name}: {command}") from error
        found = [record for record in found if record["seed"] < self.seeds]
        if [record["seed"] for record in found] != list(range(self.seeds)):
            raise NoRecordError(f"too few records of {name}: {command}")
        if measure not in RULERS and not all(kind in record["validation"] for record in found):
            raise NoRecordError(f"{name} at {self.profile} holds no {kind}")
        borrowed = self.test["experiment"] == "samplers" and measure == "scratch"  # of which only the end counts
        least = 0 if borrowed or measure in RULERS else self.test.get("least_epochs", 0)
        if least and min(epochs_told(record, kind) for record in found) < least:
            raise NoRecordError(f"{name} at {self.profile} tells fewer than {least} epochs, one after another")
        order = tables.architectures(found)
        if self.order not in (None, order):
            raise ValueError(f"{name} lists other networks than the records it is compared with, or in another order")
        self.order = order
        return found, kind

    def places(self, records):
        """The pairs as columns: (first, second) each."""
        order = tables.architectures(records)
        return [tuple(order.index(tuple(arch)) for arch in pair) for pair in self.pairs]


def epochs_told(record, kind):
    """How many epochs in a row, from the first, a record holds: some hold only every third, say."""
    told = tables.epochs(record, kind)
    return next((place for place, epoch in enumerate(told) if epoch != place + 1), len(told))


def term_values(term, evidence):
    """One weighted term: (seeds,), or (seeds, contrasts) in an "-each" test or over "all"."""
    weight, measure, over, *against = term.split()
    if over == "against":
        return float(weight) * taus(measure, against[0], evidence)
    return float(weight) * reduced(measure, over, evidence)


def reduced(measure, over, evidence):
    """A measure in the test's quantity, over networks as the term says."""
    quantity = evidence.test["quantity"]
    records, kind = evidence.records(measure)
    if quantity == "seconds":
        group = GROUPS.get(measure, measure)
        if not all(group in record["seconds"] for record in records):
            raise NoRecordError(f"{evidence.experiment(measure)} at {evidence.profile} timed no {group}")
        return np.array([seconds(record, group) for record in records])
    if quantity == "epochs-to-winner":
        return epochs_to_winner(records, kind, evidence)
    if measure.startswith("ensemble-"):
        if not all(kind in record["ensemble"] for record in records):
            raise NoRecordError(f"{evidence.experiment(measure)} at {evidence.profile} holds no ensemble of {kind}")
        return ensemble_points(records, kind)
    if over == "chosen":
        return chosen_points(records, kind)
    if over == "mean" and quantity in CURVES:
        return of_curves(quantity, tables.curves(records, kind).mean(axis=1).to_frame())[:, 0]
    return over_networks(networks(quantity, records, kind), over, evidence, records)


def over_networks(values, over, evidence, records):
    """(seeds, networks) -> the values that a term over them means."""
    if over == "pairs":
        pairs = np.stack([values[:, a] - values[:, b] for a, b in evidence.places(records)], axis=1)
        return pairs if evidence.test["test"].endswith("-each") else pairs.mean(axis=1)
    return {"mean": values.mean(1), "sum": values.sum(1), "largest": values.max(1)}.get(over, values)


def networks(quantity, records, kind):
    """The quantity of every network on every seed: (seeds, networks)."""
    if quantity == "points":
        return 100 * tables.top1(records, kind).to_numpy()
    curves = tables.curves(records, kind)
    if quantity == "first-epoch-points":
        return 100 * curves.xs(1, level="epoch").to_numpy()
    return of_curves(quantity, curves)


def of_curves(quantity, frame):
    """CURVES[quantity] of every curve of a frame of shares in [0, 1] (seed and epoch, network): (seeds, networks)."""
    groups = (100 * group.to_numpy().T for _, group in frame.groupby(level="seed"))
    return np.array([[CURVES[quantity](curve) for curve in curves] for curves in groups], dtype=float)


def peak_epoch(curve):
    """The epoch, from 1, of a curve's highest value, the first if several."""
    return int(np.argmax(curve)) + 1


def epochs_to_level(curve):
    """Epochs until a curve first reaches LEVEL points below its end, between epochs on a straight line; at least 1."""
    target = curve[-1] - LEVEL
    after = int(np.argmax(curve >= target))
    if after == 0:
        return 1.0  # before the first epoch's end nothing was measured
    return after + (target - curve[after - 1]) / (curve[after] - curve[after - 1])


def largest_acceleration(curve):
    """The largest rise in one epoch beyond the rise in the epoch before, in the unit of the curve."""
    return float(np.diff(curve, 2).max())


CURVES = {"peak-epoch": peak_epoch, "epochs-to-level": epochs_to_level, "largest-acceleration": largest_acceleration}


def seconds(record, group):
    """Wall time of a group's training and evaluation; a supernet is evaluated both ways within one time."""
    return sum(map(sum, record["seconds"][group].values()))


def ensemble_points(records, kind):
    """Test accuracy, in percent, of the ensemble by the mean of probabilities, which is the book's."""
    return np.array([100 * r["ensemble"][kind]["right"]["probabilities"] / r["data"]["test"] for r in records])


def chosen_points(records, kind):
    """Test accuracy, in percent, of the network with most right answers on validation; tied ones: their mean."""
    validation = tables.top1(records, kind, "validation").to_numpy()
    test = 100 * tables.top1(records, kind).to_numpy()
    best = validation == validation.max(axis=1, keepdims=True)
    return np.array([row[mask].mean() for row, mask in zip(test, best, strict=True)])


def epochs_to_winner(records, kind, evidence):
    """The first epoch from which validation's leader stays the best from scratch over the other seeds.

    Last + 1 if never. Tied winners: any. Tied leaders must all be winners, as in rankings.top_k_hits.
    """
    scratch = np.array([record["test"]["scratch"] for record in evidence.records("scratch")[0]])
    found = []
    for seed, record in enumerate(records):
        elsewhere = np.delete(scratch, seed, 0).sum(0)
        winners = set(np.flatnonzero(elsewhere == elsewhere.max()))
        leaders = [set(np.flatnonzero(row == np.max(row))) for row in map(np.array, record["validation"][kind])]
        led = [lead <= winners for lead in leaders]
        found.append(len(led) - led[::-1].index(False) + 1 if False in led else 1)
    return np.array(found, dtype=float)


def taus(measure, against, evidence):
    """tau-b of each seed: last validation counts of a measure, or a ruler, with test counts of another."""
    truth, kind = evidence.records(against)
    table = np.array([record["test"][kind] for record in truth])
    if measure in RULERS:
        return np.array(kendall_over_seeds(table, truth[0][RULERS[measure]]).values)
    records, own = evidence.records(measure)
    scores = [record["validation"][own][-1] for record in records]
    return np.array(kendall_over_seeds(scores, table).values)
