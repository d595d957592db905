"""claims.toml: the claims of R0, R1 and R3 and the tests that judge them, checked against its own vocabulary."""

import inspect
import tomllib
from math import isfinite
from pathlib import Path

from study import rankings, statistics

SOURCE = Path(__file__).parent / "claims.toml"
IDS = {f"R0.{x}" for x in "abcde"} | {f"R1.{x}" for x in "abcdef"}
IDS |= {f"R3.{x}" for x in ("H1", "H2", "H3", "H4", *"abcd")}
TEXTS = ("claim", "estimand", "reason", "never", "settings", "report")
ROLES = ("as-reported", "mended", "context")
COUNT = {4: "four", 9: "nine", 25: "25"}
NO_RECORD_NEEDED = ("parameters", "multiply-adds")
TERMS = {"cost-ratio": 2, "resolved-pairs": 1, "reversed-pairs": 2}  # of other tests any number is added up
SECTIONS = ("headline", "profiles", "experiments", "vocabulary", "pairs", "claim")
OF_EXPERIMENT = ("networks", "seeds", "measures")
OF_TEST = ("experiment", "test", "quantity", "confirmed", "refuted")


def read_claims(path=SOURCE):
    """The claims file as a dict. ValueError, a line a fault, for an unknown test, record, measure or word."""
    claims = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    found = problems(claims)
    if found:
        raise ValueError(f"{Path(path).name} breaks its own rules, mend it there:\n" + "\n".join(found))
    return claims


def problems(claims):
    """Everything wrong with a parsed claims.toml, one sentence each."""
    found = gaps(claims)
    if found:  # the rest would stumble over them
        return found
    found = [f"{i}: missing" for i in IDS - {c["id"] for c in claims["claim"]}]
    found += [f"{c['id']}: unknown claim" for c in claims["claim"] if c["id"] not in IDS]
    found += ["a claim stands twice"] * (len({c["id"] for c in claims["claim"]}) < len(claims["claim"]))
    for name, experiment in claims["experiments"].items():  # never quick: its images are too few
        unknown = set(experiment["seeds"]) - set(claims["profiles"]) | {"quick"} & set(claims["profiles"])
        found += [f"{name}: no verdict from profile {profile}" for profile in unknown]
        found += [f"{name}: seeds must be two or more, not {n}" for n in experiment["seeds"].values() if n < 2]
        found += [f"{name}: no space of {n} networks" for n in {experiment["networks"]} - set(COUNT)]
    for name, kind in claims["vocabulary"]["tests"].items():
        found += [f"test {name}: {p}" for p in problems_of_kind(kind)]
    for claim in claims["claim"]:
        found += [f"{claim['id']}: {p}" for p in problems_of_claim(claim, claims)]
        for test in claim["test"]:
            found += [f"{claim['id']}: {p}" for p in problems_of_test(test, claims)]
    return found


def gaps(claims):
    """What a parsed claims.toml lacks, one sentence each."""
    found = [f"{name} is missing" for name in SECTIONS if name not in claims]
    for name, experiment in claims.get("experiments", {}).items():
        found += [f"experiment {name}: {field} is missing" for field in OF_EXPERIMENT if field not in experiment]
    for claim in claims.get("claim", []):
        name = claim.get("id", "a claim")
        found += [f"{name}: {field} is missing" for field in ("id", "test") if field not in claim]
        for test in claim.get("test", []):
            found += [f"{name}: a test lacks its {field!r}" for field in OF_TEST if field not in test]
            found += [f"{name}: {role} must be a list of terms" for role in ROLES if not are_texts(test.get(role, []))]
    return found


def are_texts(terms):
    """Is it a list of strings?"""
    return isinstance(terms, list) and all(isinstance(term, str) for term in terms)


def problems_of_kind(kind):
    """What is wrong with a kind of test: its statistic must be a public function with these arguments."""
    function = getattr(statistics, kind["statistic"], None) or getattr(rankings, kind["statistic"], None)
    if kind["statistic"].startswith("_") or not inspect.isfunction(function):
        return [f"study.statistics, with study.rankings, has no {kind['statistic']}"]
    unknown = set(kind["arguments"]) - set(inspect.signature(function).parameters)
    return [f"{kind['statistic']} takes no argument {name}" for name in unknown]


def problems_of_claim(claim, claims):
    """What is wrong with a claim's own fields, and with the seeds that its verdict would rest on."""
    for field in TEXTS:
        if not claim.get(field):
            yield f"field {field} is missing or empty"
    for field in set(claim) - {"id", "test", "changed", *TEXTS}:
        yield f"unknown field {field}"
    if not claim["id"].startswith(claim.get("report", "") + "."):
        yield "id and report differ"
    settings = claim.get("settings")
    if settings != "none" and settings not in set(claims["profiles"]) - {claims["headline"]}:
        yield f"settings {settings!r} is no profile of a report"
    judged = [claims["experiments"].get(t["experiment"]) for t in claim["test"] if "as-reported" in t]
    if not judged:
        yield "no test as-reported, so nothing gives a verdict"
    for experiment in filter(None, judged):
        if experiment["seeds"].get(claims["headline"], 0) < 5:
            yield "judged by fewer than 5 seeds"
        if settings != "none" and experiment["seeds"].get(settings, 0) < 3:
            yield f"no 3 seeds at {settings}"
        if COUNT.get(experiment["networks"], "") not in claim.get("never", "").lower():
            yield "`never` does not say how few networks these are"


def problems_of_test(test, claims):
    """What is wrong with one test: unknown words, terms, bounds or pairs."""
    words, kind = claims["vocabulary"], claims["vocabulary"]["tests"].get(test["test"])
    if kind is None:
        return [f"unknown test {test['test']}"]
    if test["experiment"] not in claims["experiments"]:
        return [f"unknown experiment {test['experiment']}"]
    known = {"experiment", "test", "quantity", "pairs", "least_epochs", "confirmed", "refuted", *ROLES}
    found = [f"unknown field {field}" for field in set(test) - known]
    found += [f"unknown quantity {test['quantity']}"] * (test["quantity"] not in words["quantities"])
    special = {"tau": "tau", "tau-equivalence": "tau", "cost-ratio": "seconds"}.get(test["test"])
    if test["quantity"] != special and (special or test["quantity"] in ("tau", "seconds")):
        found.append(f"test {test['test']} cannot take {test['quantity']}")
    found += ["no terms in any role"] * (not any(test.get(role) for role in ROLES))
    if test["test"] in TERMS:
        most = TERMS[test["test"]]
        found += [
            f"{role}: {test['test']} wants {most} term(s)" for role in ROLES if len(test.get(role, "-" * most)) != most
        ]
    for term in [term for role in ROLES for term in test.get(role, [])]:
        found += [f"term {term!r}: {p}" for p in problems_of_term(term, test, kind, claims)]
    return [*found, *problems_of_bounds(test, kind), *problems_of_pairs(test, claims)]


def problems_of_term(term, test, kind, claims):
    """What is wrong with a term: its form, weight, measures, and what it is taken over."""
    if not 3 <= len(term.split()) <= 4:
        yield "neither WEIGHT MEASURE OVER nor WEIGHT MEASURE against MEASURE"
        return
    experiment, (weight, *words) = claims["experiments"][test["experiment"]], term.split()
    measures, over = words[::2], words[1]
    try:
        if float(weight) == 0 or not isfinite(float(weight)):
            yield f"weight {weight}"
    except ValueError:
        yield f"weight {weight!r} is no number"
    for measure in measures:
        if measure not in (*experiment["measures"], *NO_RECORD_NEEDED):
            yield f"{test['experiment']} does not measure {measure}"
    if over not in kind["over"] or (over == "against") != (len(words) == 3):
        yield f"a test {test['test']} cannot take {' '.join(words[1:])!r}"
    if over == "against" and rankings.smallest_significant_tau(experiment["networks"]) is None:
        yield f"no tau of {experiment['networks']} networks can ever differ from chance"


def problems_of_bounds(test, kind):
    """What is wrong with the two thresholds: no interval may confirm and refute."""
    if [len(test["confirmed"]), len(test["refuted"])] != [1, 1]:
        yield "confirmed and refuted have one threshold each"
        return
    (yes, x), (no, y) = *test["confirmed"].items(), *test["refuted"].items()
    if not (isinstance(x, int | float) and isinstance(y, int | float)):
        yield f"thresholds {x!r} and {y!r}: both must be numbers"
        return
    if kind["bounds"].get(yes) != no:
        yield f"{yes} confirms and {no} refutes: not of this test"
    elif (yes == "above" and y > x) or (yes == "below" and y < x):
        yield "the thresholds overlap: an interval could confirm and refute"
    elif yes == "within" and not 0 < x <= y:
        yield "the margin must be positive and the refuting one no smaller"
    elif yes == "at_least" and not (x >= 1 and y > 0):
        yield "at least one pair, and a positive margin"


def problems_of_pairs(test, claims):
    """What is wrong with the pairs of networks that a test names."""
    terms = [term for role in ROLES for term in test.get(role, [])]
    if any(t.endswith(" pairs") for t in terms) != bool(test.get("pairs")):
        yield "`pairs` and terms over pairs go together"
    sizes = {9: (1, 2, 3), 25: (1, 2, 3, 4, 5), 4: (3, 5)}
    choices = sizes.get(claims["experiments"][test["experiment"]]["networks"], ())
    for name in test.get("pairs", []):
        for first, second in claims["pairs"].get(name, [[None, None]]):
            if first == second or not set(first or [None]) | set(second or [None]) <= set(choices):
                yield f"pair {first}, {second} of {name} is no pair of this experiment's networks"
