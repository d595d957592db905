"""The verdict on every claim, by the rules at the head of claims.toml, from records."""

import hashlib
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy import stats

from study.analysis import rankings, statistics
from study.claims.claim_terms import Evidence, NoRecordError, term_values

SOURCE = Path(__file__).parent / "claims.toml"
FIXED_IN = "14f9187"  # the commit that fixed claims.toml, before any run of several seeds was looked at
DIGEST = "e0d096624b422a4450cf3256c7b388554fca728322ff94562aedbc338e70b3ab"  # SHA-256 of the file there
ALPHA = 0.05
VERDICTS = ("confirmed", "refuted", "undecided at this budget", "no record", "not reproduced at their settings")
CONFIRMED, REFUTED, UNDECIDED, NO_RECORD, NOT_REPRODUCED = VERDICTS


def read_claims(path=SOURCE):
    """The claims file as a dict. ValueError if it is not as it was fixed before the evidence came."""
    if digest(path) != DIGEST:
        raise ValueError(f"{path} is not the file that commit {FIXED_IN} fixed: verdicts rest on that one, restore it")
    return tomllib.loads(Path(path).read_text(encoding="utf-8"))


def digest(path=SOURCE):
    """SHA-256 of the claims file without its `changed` lines: that of the commit, unless something else was altered."""
    lines = Path(path).read_text(encoding="utf-8").splitlines(keepends=True)
    kept = "".join(line for line in lines if not line.startswith("changed = "))
    return hashlib.sha256(kept.encode()).hexdigest()


@dataclass(frozen=True)
class Part:
    """One part of a claim: its name, the estimate with its interval over n seeds, and what that allows.

    p_refutes: p-value, at 0.05, of the refutation, for Holm over the parts; p_confirms: of the confirmation, NaN where
    nothing is tested. A count of pairs has no interval: NaN.
    """

    name: str
    estimate: float
    low: float
    high: float
    n: int
    confirms: bool
    p_refutes: float
    p_confirms: float = np.nan

    @property
    def outcome(self):
        """What this part says by itself."""
        return CONFIRMED if self.confirms else REFUTED if self.p_refutes < ALPHA else UNDECIDED


@dataclass(frozen=True)
class Verdict:
    """The verdict on a claim at one profile in one role ("as-reported" or "mended"), with the parts that carry it."""

    claim: str
    profile: str
    role: str
    word: str
    parts: tuple = ()
    why: str = ""  # where there is no record

    @property
    def p(self):
        """The p-value of the verdict, below 0.05 exactly when it decides; if it does not, the smaller of the two."""
        confirmed = max(part.p_confirms for part in self.parts)
        refuted = float(statistics.holm([part.p_refutes for part in self.parts]).min())
        return {CONFIRMED: confirmed, REFUTED: refuted}.get(self.word, min(confirmed, refuted))


def audit(claims=None, root=None):
    """All verdicts: of every claim, at our settings and its report's own, as reported and mended.

    claims: what read_claims returns, by default those of the book; root: the folder of the records.
    """
    claims = claims or read_claims()
    found = []
    for claim in claims["claim"]:
        own = [] if claim["settings"] == "none" else [claim["settings"]]
        for profile in [claims["headline"], *own]:
            found += [judge(claim, role, profile, claims, root) for role in roles(claim)]
    return found


def roles(claim):
    """The roles in which a claim is judged."""
    return [role for role in ("as-reported", "mended") if any(role in test for test in claim["test"])]


def judge(claim, role, profile, claims, root=None):
    """The Verdict on one claim, by rules 1 to 5.

    ValueError for a role in which the claim is not judged, an unknown profile, or records from which nothing follows,
    such as a tau of nine networks that are all equally good.
    """
    if role not in roles(claim):  # no part at all would pass as "every part confirms"
        raise ValueError(f"{claim['id']} has no test {role!r}: choose one of {', '.join(roles(claim))}")
    if profile not in claims["profiles"]:  # no record at all would pass as "not reproduced"
        raise ValueError(f"profile {profile!r} gives no verdict: choose one of {', '.join(claims['profiles'])}")
    try:
        parts = parts_of(claim, role, profile, claims, root)
    except NoRecordError as error:
        word = NO_RECORD if profile == claims["headline"] else NOT_REPRODUCED
        return Verdict(claim["id"], profile, role, word, why=str(error))
    except ValueError as error:
        raise ValueError(f"{claim['id']}, {role}, at {profile} cannot be judged: {error}") from error
    return Verdict(claim["id"], profile, role, combined(parts), tuple(parts))


def parts_of(claim, role, profile, claims, root=None):
    """The parts of a claim in a role, "context" too. NoRecordError if records are missing for any of them."""
    tests = [test for test in claim["test"] if role in test]
    return [part for test in tests for part in parts_of_test(test, role, Evidence(claims, test, profile, root))]


def find_claim(claims, name):
    """The claim of this id. ValueError, naming the allowed ones, for another."""
    found = {claim["id"]: claim for claim in claims["claim"]}
    if name not in found:
        raise ValueError(f"claim {name!r} is unknown: choose one of {', '.join(found)}")
    return found[name]


def context(claim, claims, root=None):
    """The parts shown beside a claim at our settings, each by itself; tests whose records are missing are left out."""
    found = []
    for test in (test for test in claim["test"] if "context" in test):
        try:
            found += parts_of_test(test, "context", Evidence(claims, test, claims["headline"], root))
        except NoRecordError:
            continue
    return found


def combined(parts):
    """Confirmed if every part is; refuted if any part is, after Holm over all of them; otherwise undecided."""
    if all(part.confirms for part in parts):
        return CONFIRMED
    corrected = statistics.holm([part.p_refutes for part in parts])
    return REFUTED if corrected.min() < ALPHA else UNDECIDED


def parts_of_test(test, role, evidence):
    """One Part; in an "-each" test, one per contrast."""
    (yes, at), (_, against) = *test["confirmed"].items(), *test["refuted"].items()
    terms, name = test[role], " ".join([test["quantity"], *test[role]])
    values = [term_values(term, evidence) for term in terms]
    if test["test"] == "resolved-pairs":
        return [resolved(name, values[0], at, against)]
    if test["test"] == "reversed-pairs":
        return [reversed_pairs(name, *values, at)]
    total = values[0] / -values[1] if test["test"] == "cost-ratio" else sum(values)
    judged = noise if test["test"] == "noise-each" else equivalent if yes == "within" else side
    columns = total.T if total.ndim == 2 else [total]
    labels = contrasts(evidence, terms) if total.ndim == 2 else [""]
    found = [
        judged(f"{name} {label}".strip(), column, yes, at, against)
        for label, column in zip(labels, columns, strict=True)
    ]
    return [within_range(part) if test["quantity"] == "tau" and len(terms) == 1 else part for part in found]


def contrasts(evidence, terms):
    """The names of an "-each" test's contrasts: pairs or networks."""
    if evidence.pairs:
        return [f"{tuple(a)} - {tuple(b)}" for a, b in evidence.pairs]
    records, _ = evidence.records(terms[0].split()[1])
    return [str(tuple(arch)) for arch in records[0]["architectures"]]


def side(name, values, yes, at, against):
    """A mean above or below a threshold: the 95 % interval lies wholly there."""
    mean, low, high, n = statistics.mean_interval(values)

    def p(threshold, above):
        beyond = mean > threshold if above else mean < threshold
        return statistics.paired_difference(values, np.full(n, threshold)).p if beyond else 1.0

    confirms = low > at if yes == "above" else high < at
    return Part(name, mean, low, high, n, confirms, p(against, yes != "above"), p(at, yes == "above"))


def equivalent(name, values, yes, at, against):
    """A mean within a margin: two one-sided tests, so the 90 % interval; refuted if that lies wholly beyond."""
    nothing = np.zeros(len(values))
    mean, low, high, n, p = statistics.equivalence(values, nothing, at, ALPHA)
    beyond = statistics.paired_difference(values, np.full(n, np.sign(mean) * against)).p / 2
    return Part(name, mean, low, high, n, p < ALPHA, beyond if abs(mean) > against else 1.0, p)


def noise(name, values, yes, at, against):
    """A mean in units of the scatter of one seed, within a margin: its exact 95 % interval."""
    nothing = np.zeros(len(values))
    mean, low, high, n = statistics.signal_to_noise(values, nothing)
    p = noise_p(values, against), noise_p(values, at, within=True)
    return Part(name, mean, low, high, n, -at < low and high < at, *p)


def noise_p(values, margin, within=False):
    """1 - the widest level whose interval of statistics.signal_to_noise lies wholly beyond the margin; else 1.

    within: wholly inside it.
    """
    n, t = len(values), stats.ttest_1samp(values, 0).statistic
    law = stats.nct(n - 1, np.array([-margin, margin]) * n**0.5)
    tails = (law.sf(t)[0], law.cdf(t)[1]) if within else (law.sf(t)[1], law.cdf(t)[0])
    return float(min(1, 2 * (max if within else min)(tails)))


def within_range(part):
    """The part with its interval cut to [-1, 1], where every tau lies."""
    return replace(part, low=max(part.low, -1.0), high=min(part.high, 1.0))


def resolved(name, table, at_least, margin):
    """The number of pairs of networks that differ; refuted if every pair is shown to lie within the margin."""
    tests = rankings.pair_tests(table)
    alike = max(statistics.equivalence(table[:, a], table[:, b], margin, ALPHA).p for a, b in tests)
    apart = sorted(p for _, p in tests.values())
    count = sum(p < ALPHA for p in apart)
    return Part(name, count, np.nan, np.nan, len(table), count >= at_least, alike, float(apart[at_least - 1]))


def reversed_pairs(name, first, second, at_least):
    """The number of pairs that both tables resolve, in opposite order; refuted if both resolve all alike."""
    one, other = (set(rankings.resolved_pairs(table, ALPHA)) for table in (first, second))
    count = sum((b, a) in other for a, b in one)
    every = first.shape[1] * (first.shape[1] - 1) // 2
    agree = one == other and len(one) == every
    return Part(name, count, np.nan, np.nan, len(first), count >= at_least, 0.0 if agree else 1.0)
