"""Decides the claims of claims_v2.toml: all of the code that does, and nothing of the book's own module.

The head of claims_v2.toml tells the rules. Records are plain dicts (their JSON, parsed), claims the parsed TOML. What
`digest` says of both files was fixed before a fresh seed was looked at; neither may change afterwards.
"""

import hashlib
from collections import namedtuple
from functools import partial
from itertools import combinations
from pathlib import Path

import numpy as np
from scipy import special, stats

ALPHA = 0.05
CONFIRMED, REFUTED, UNDECIDED, NO_RECORD = "confirmed", "refuted", "undecided", "no record"
ROLES = ("reported", "recalculated")
TESTS = ("above", "below", "within", "differ")
RULERS = {"parameters": "parameters", "multiply-adds": "multiply_adds"}
FILES = ("decide.py", "claims_v2.toml")

# table: (seeds, columns); weights: (contrasts, columns); names: of the contrasts
Sample = namedtuple("Sample", "table weights names")
# one contrast: its estimate with its interval, and the two p-values of the rules
Contrast = namedtuple("Contrast", "name estimate low high p_confirms p_refutes")
# p: of the word, or where undecided the smaller of the two; seeds: how many
Verdict = namedtuple("Verdict", "claim row role word p contrasts seeds why")


class NoRecordError(LookupError):
    """A seed, a kind or an epoch that a part needs is not on record."""


def digest(folder=None):
    """SHA-256 of this file and claims_v2.toml together, byte for byte but for `changed = ` lines of the claims."""
    folder, found = Path(folder or Path(__file__).parent), hashlib.sha256()
    for name in FILES:
        lines = (folder / name).read_bytes().splitlines(keepends=True)
        found.update(b"".join(line for line in lines if not line.startswith(b"changed = ")))
    return found.hexdigest()


# ---------------------------------------------------------------------------------------------- verdicts


def decide(claims, records):
    """The Verdict on every claim, in each of its rows and roles, from records in any order, others among them.

    words.problems tells what is wrong with other claims than those fixed. ValueError where a figure is undefined.
    """
    return [
        judge(claim, row, role, claims, records)
        for claim in claims["claim"]
        for row in claim["rows"]
        for role in roles(claim)
    ]


def roles(claim):
    """ROLES, or only the first where nothing in the claim depends on how a subnet is evaluated."""
    both = any("-reported" in term for part in claim["part"] for term in part["terms"])
    return ROLES if both else ROLES[:1]


def judge(claim, row, role, claims, records):
    """The Verdict on one claim in one row and role."""
    parts = [part for part in claim["part"] if row in part.get("rows", claim["rows"])]
    try:
        samples = [sample_of(part, role, row, claims, records) for part in parts]
    except NoRecordError as error:
        return Verdict(claim["id"], row, role, NO_RECORD, 1.0, (), 0, str(error))
    word, p, contrasts = combine(parts, samples)
    return Verdict(claim["id"], row, role, word, p, contrasts, min(len(sample.table) for sample in samples), "")


def combine(parts, samples):
    """(word, p, contrasts) by rules 3 to 6: every part must be confirmed; one refutation, after Holm, refutes."""
    tested = [test(part, sample) for part, sample in zip(parts, samples, strict=True)]
    confirms, refutes = [], []
    for part, found in zip(parts, tested, strict=True):
        yes, no = [c.p_confirms for c in found], [c.p_refutes for c in found]
        # One pair that differs is enough, and Tukey has looked at all of them; no pair may differ to refute it.
        confirms.append(min(yes) if "differ" in part else max(yes))
        refutes += [max(no)] if "differ" in part else no
    p_confirmed, p_refuted = float(max(confirms)), float(holm(refutes).min())
    word = CONFIRMED if p_confirmed < ALPHA else REFUTED if p_refuted < ALPHA else UNDECIDED
    p = {CONFIRMED: p_confirmed, REFUTED: p_refuted, UNDECIDED: min(p_confirmed, p_refuted)}[word]
    return word, p, tuple(contrast for found in tested for contrast in found)


def holm(p_values):
    """Holm's step-down p-values: running maximum of (m - rank) p, at most 1 (Holm 1979)."""
    p = np.asarray(p_values, dtype=float)
    order = np.argsort(p)
    stepped = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)).clip(max=1)
    return stepped[np.argsort(order)]


# ------------------------------------------------------------------------------------------- one part's test


def test(part, sample):
    """The Contrasts of one part."""
    seeds = len(sample.table)
    estimate, error, freedom = estimates(sample.table, sample.weights, part.get("pooled", False))
    shift = np.sqrt(seeds) if part.get("noise") else None
    confirms, refutes = p_values(part, estimate, error, freedom, sample.table.shape[1], shift)
    level = 0.90 if "within" in part or "differ" in part else 0.95
    shown, low, high = interval(estimate, error, freedom, level, shift)
    return [Contrast(*values) for values in zip(sample.names, shown, low, high, confirms, refutes, strict=True)]


def estimates(table, weights, pooled):
    """Estimate and standard error of every contrast of column means, and the error's degrees of freedom.

    Own error: the scatter of the contrast over seeds, n - 1. Pooled: randomised blocks, value = seed + network +
    error with one variance for all, (n - 1)(k - 1); the weights must then add to 0 (Montgomery, Design and Analysis of
    Experiments, section 4.1).
    """
    n, k = table.shape
    estimate = weights @ table.mean(0)
    if not pooled:
        return estimate, (table @ weights.T).std(axis=0, ddof=1) / np.sqrt(n), n - 1
    residual = table - table.mean(0) - table.mean(1, keepdims=True) + table.mean()
    freedom = (n - 1) * (k - 1)
    return estimate, np.sqrt((residual**2).sum() / freedom * (weights**2).sum(1) / n), freedom


def p_values(part, estimate, error, freedom, columns, shift=None):
    """The p-values that confirm and that refute each contrast."""

    def above(x):
        return one_sided(estimate, error, freedom, x, shift)

    def below(x):
        return one_sided(-estimate, error, freedom, -x, shift)

    def two_sided(p):
        return np.minimum(1.0, 2 * p)

    if "above" in part:
        return two_sided(above(part["above"])), two_sided(below(part.get("worth", part["above"])))
    if "below" in part:
        return two_sided(below(part["below"])), two_sided(above(part.get("worth", part["below"])))
    margin = part.get("within", part.get("differ"))
    alike = np.maximum(below(margin), above(-margin))  # two one-sided tests (Schuirmann 1987)
    if "within" in part:
        return alike, np.minimum(above(margin), below(-margin))
    return tukey(estimate, error, freedom, columns), alike


def one_sided(estimate, error, freedom, x, shift=None):
    """p that the true value is above x: Student's t; with a shift (sqrt(n)), x is in units of one seed's scatter."""
    with np.errstate(divide="ignore", invalid="ignore"):
        if shift is None:
            p = stats.t.sf((estimate - x) / error, freedom)
        else:
            p = stats.nct.sf(estimate / error, freedom, x * shift)
    beyond = estimate > (x if shift is None else 0)
    return np.where(error > 0, p, np.where(beyond, 0.0, 1.0))  # without any scatter: the limits


def tukey(estimate, error, freedom, columns):
    """p that a pair of columns differs, over all pairs: studentised range (Tukey 1953); error: of a difference."""
    with np.errstate(divide="ignore", invalid="ignore"):
        p = stats.studentized_range.sf(np.abs(estimate) / error * np.sqrt(2), columns, freedom)
    return np.where(error > 0, p, np.where(estimate != 0, 0.0, 1.0))


def interval(estimate, error, freedom, level, shift=None):
    """Estimate, low and high; with a shift, in units of one seed's scatter (Cumming & Finch 2001)."""
    tail = (1 - level) / 2
    if shift is None:
        half = stats.t.ppf(1 - tail, freedom) * error
        return estimate, estimate - half, estimate + half
    t = estimate / error
    return t / shift, special.nctdtrinc(freedom, 1 - tail, t) / shift, special.nctdtrinc(freedom, tail, t) / shift


# ------------------------------------------------------------------------------------- from records to a sample


def sample_of(part, role, row, claims, records):
    """What a part measures in one row and role, as a Sample. NoRecordError where records are missing."""
    terms = [term.replace("-reported", f"-{role}") for term in part["terms"]]
    scale = "log-odds" if any("-reported" in term for term in terms) else "points"
    look = Look(row, claims, records)
    table = np.array(sum(look.values(term, part["quantity"], scale) for term in terms), dtype=float)
    if not np.isfinite(table).all():
        raise ValueError(
            f"{part['quantity']} of {terms} in {row}: undefined on a seed, such as the tau of equal figures"
        )
    if "contrasts" not in part:
        return Sample(table[:, None], np.ones((1, 1)), (" ".join([part["quantity"], *terms]),))
    return Sample(table, *weights_of(part["contrasts"], look.architectures, claims["pairs"]))


def weights_of(contrasts, architectures, pairs):
    """Weights and names of "each" network, "all pairs", each pair of a name under [pairs], or the "mean" of those."""
    if contrasts == "each":
        return np.eye(len(architectures)), tuple(map(str, architectures))
    name = contrasts.removeprefix("mean ")
    chosen = list(combinations(architectures, 2)) if name == "all pairs" else pairs[name]
    weights = np.zeros((len(chosen), len(architectures)))
    for line, (first, second) in zip(weights, chosen, strict=True):
        line[architectures.index(tuple(first))] += 1
        line[architectures.index(tuple(second))] -= 1
    if name != contrasts:
        return weights.mean(0, keepdims=True), (contrasts,)
    return weights, tuple(f"{tuple(first)} - {tuple(second)}" for first, second in chosen)


class Look:
    """Looks up what a term is worth on every seed of a row."""

    def __init__(self, row, claims, records):
        self.row, self.name, self.records, self.architectures = claims["rows"][row], row, records, None

    def find(self, measure, check=True):
        """The records of a measure, by seed, and the kind under which they hold it."""
        if measure not in self.row["measures"]:
            raise NoRecordError(f"{self.name} has no {measure}")
        experiment, kind = self.row["measures"][measure]
        first, last = self.row["seeds"][experiment]
        places = (experiment, self.row["profile"])
        found = [r for r in self.records if (r["experiment"], r["profile"]) == places and first <= r["seed"] <= last]
        found.sort(key=lambda record: record["seed"])
        if [record["seed"] for record in found] != list(range(first, last + 1)):
            raise NoRecordError(
                f"{experiment} at {self.row['profile']}: not one record for each of seeds {first}-{last}"
            )
        if check and not all(kind in record["test"] for record in found):
            raise NoRecordError(f"{experiment} at {self.row['profile']} holds no {kind}")
        orders = {tuple(map(tuple, record["architectures"])) for record in found} | {self.architectures or ()}
        if len(orders - {()}) != 1:
            raise ValueError(f"{experiment} lists other networks than the records it is compared with")
        self.architectures = (orders - {()}).pop()
        return found, kind

    def values(self, term, quantity, scale):
        """(seeds,), or (seeds, networks) of a term over "networks": its weight times what it measures."""
        weight, measure, over, *against = term.split()
        if over == "against":
            return float(weight) * self.taus(measure, *against)
        found, kind = self.find(measure, check=quantity not in ("log-seconds", "picks-in-block-2"))
        if quantity == "epochs-to-winner":
            return float(weight) * np.array([epochs_to_winner(r["validation"][kind], self.winners()) for r in found])
        figures = [reduce(record, kind, quantity, over, scale) for record in found]
        return float(weight) * np.array(figures)

    def taus(self, measure, against):
        """Kendall's tau-b of every seed: a ruler, or last validation counts, with the test counts of `against`."""
        truth, kind = self.find(against)
        if measure in RULERS:
            scores = [record[RULERS[measure]] for record in truth]
        else:
            found, own = self.find(measure)
            scores = [record["validation"][own][-1] for record in found]
        return np.array([stats.kendalltau(s, r["test"][kind]).statistic for s, r in zip(scores, truth, strict=True)])

    def winners(self):
        """The networks whose mean scratch accuracy comes within 0.1 points of the best: a set of columns."""
        found, kind = self.find("scratch")
        means = np.mean([points(r["test"][kind], r["data"]["test"]) for r in found], axis=0)
        return set(np.flatnonzero(means >= means.max() - 0.1 - 1e-9))


def reduce(record, kind, quantity, over, scale):
    """A quantity of one record: of every network, or one number as `over` says."""
    if quantity == "log-seconds":
        group = record["seconds"].get(kind)
        if not group:
            raise NoRecordError(f"{record['experiment']} timed no {kind}")
        return np.log(sum(map(sum, group.values())))
    if quantity == "picks-in-block-2":
        return picks_in_block_2(record, kind)
    images = record["data"]["test"]
    if over == "ensemble":
        if kind not in record["ensemble"]:
            raise NoRecordError(f"{record['experiment']} holds no ensemble of {kind}")
        return SCALES[scale](record["ensemble"][kind]["right"]["probabilities"], images)
    if over == "chosen":
        last = np.array(record["validation"][kind][-1])
        return SCALES[scale](record["test"][kind], images)[last == last.max()].mean()
    if quantity in OF_CURVES:
        curve = points(curve_of(record, kind), record["data"]["validation"])
        figures = OF_CURVES[quantity](curve.mean(1, keepdims=True) if over == "mean-curve" else curve)
    else:
        figures = OF_RECORDS[quantity](record, kind, scale)
    return {"mean": np.mean, "sum": np.sum, "largest": np.max, "mean-curve": np.sum}.get(over, np.asarray)(figures)


# --------------------------------------------------------------------------------------------- quantities


def points(right, images):
    """Right answers in percent."""
    return 100 * np.asarray(right, dtype=float) / images


def log_odds(right, images):
    """log((right + 1/2) / (wrong + 1/2)): without bounds, also where all are right (Anscombe 1956)."""
    right = np.asarray(right, dtype=float)
    return np.log((right + 0.5) / (images - right + 0.5))


SCALES = {"points": points, "log-odds": log_odds}


def curve_of(record, kind):
    """Right answers on validation after every epoch: (epochs, networks). NoRecordError if some are left out."""
    told = record.get("epochs", {}).get(kind)
    if told is not None and list(told) != list(range(1, len(told) + 1)):
        raise NoRecordError(f"{record['experiment']} does not tell every epoch of {kind}")
    return np.array(record["validation"][kind], dtype=float)


def accuracy(record, kind, scale):
    """Test accuracy after the last epoch."""
    return SCALES[scale](record["test"][kind], record["data"]["test"])


def first_epoch(record, kind, scale):
    """Validation accuracy after the first epoch, always as log-odds."""
    return log_odds(curve_of(record, kind)[0], record["data"]["validation"])


def rise(record, kind, scale):
    """Rise of the validation accuracy from the first epoch to the last, always as log-odds."""
    curve = log_odds(curve_of(record, kind), record["data"]["validation"])
    return curve[-1] - curve[0]


def gap(record, kind, scale):
    """Accuracy on training images minus that on test images; of the former, as many as there are for validation."""
    trained, data = record["training"][kind], record["data"]
    return SCALES[scale](trained, data["validation"]) - SCALES[scale](record["test"][kind], data["test"])


def share(record, kind, scale, blocks):
    """Share of the nine networks' variance, in log-odds on validation, that the depths of these blocks explain."""
    figures = log_odds(record["validation"][kind][-1], record["data"]["validation"])
    away, between = figures - figures.mean(), 0.0
    for depths in np.array(record["architectures"]).T[blocks]:
        between += sum(away[depths == depth].mean() ** 2 for depth in depths)
    return between / (away**2).sum()


def picks_in_block_2(record, kind):
    """Share of all training steps that went to the networks of the greatest depth in block 2."""
    if kind not in record.get("groups", {}):
        raise NoRecordError(f"{record['experiment']} does not tell the picks of {kind}")
    picks = np.sum(record["groups"][kind]["picks"], axis=0)
    depths = np.array(record["architectures"])[:, 1]
    return picks[depths == depths.max()].sum() / picks.sum()


def peak_epoch(curve):
    """The epoch, from 1, of each curve's highest value, the first if several."""
    return curve.argmax(0) + 1.0


def epochs_to_level(curve):
    """Epochs until each curve first reaches 0.5 points below its end, on a straight line between epochs; at least 1."""

    def of(line):
        target = line[-1] - 0.5
        after = int(np.argmax(line >= target))
        return 1.0 if after == 0 else after + (target - line[after - 1]) / (line[after] - line[after - 1])

    return np.array([of(line) for line in curve.T])


def acceleration(curve):
    """Each curve's largest rise in one epoch beyond the rise in the epoch before, in points."""
    return np.diff(curve, 2, axis=0).max(0)


def epochs_to_winner(counts, winners):
    """The first epoch from which on every leader by validation is a winner; last + 1 if never."""
    led = [set(np.flatnonzero(np.array(row) == max(row))) <= winners for row in counts]
    return float(len(led) - led[::-1].index(False) + 1 if False in led else 1)


OF_CURVES = {"peak-epoch": peak_epoch, "epochs-to-level": epochs_to_level, "acceleration": acceleration}
OF_RECORDS = {"accuracy": accuracy, "first-epoch": first_epoch, "rise": rise, "gap": gap}
OF_RECORDS |= {"share-of-block-2": partial(share, blocks=[1]), "share-of-both": partial(share, blocks=[0, 1])}
QUANTITIES = (*OF_CURVES, *OF_RECORDS, "tau", "log-seconds", "picks-in-block-2", "epochs-to-winner")
