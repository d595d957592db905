"""claims.toml keeps to its own vocabulary, and each check here fails on a broken copy."""

import copy
import inspect
import tomllib
from pathlib import Path

import pytest

from nas import statistics

CLAIMS = tomllib.loads((Path(__file__).parents[1] / "claims.toml").read_text(encoding="utf-8"))
IDS = {f"R0.{x}" for x in "abcde"} | {f"R1.{x}" for x in "abcdef"}
IDS |= {f"R3.{x}" for x in ("H1", "H2", "H3", "H4", *"abcd")}
TEXTS = ("claim", "estimand", "reason", "never", "settings", "report")
ROLES = ("as-reported", "mended", "context")
COUNT = {4: "four", 9: "nine", 25: "25"}
NO_RECORD_NEEDED = ("parameters", "multiply-adds")


def problems(claims):
    """Everything wrong with a parsed claims.toml, one sentence each."""
    found = [f"{i}: missing" for i in IDS - {c["id"] for c in claims["claim"]}]
    found += [f"{c['id']}: unknown claim" for c in claims["claim"] if c["id"] not in IDS]
    found += ["a claim stands twice"] * (len({c["id"] for c in claims["claim"]}) < len(claims["claim"]))
    for name, experiment in claims["experiments"].items():  # never quick: its images are too few
        unknown = set(experiment["seeds"]) - set(claims["profiles"]) | {"quick"} & set(claims["profiles"])
        found += [f"{name}: no verdict from profile {profile}" for profile in unknown]
    for name, kind in claims["vocabulary"]["tests"].items():
        found += [f"test {name}: {p}" for p in problems_of_kind(kind)]
    for claim in claims["claim"]:
        found += [f"{claim['id']}: {p}" for p in problems_of_claim(claim, claims)]
        for test in claim["test"]:
            found += [f"{claim['id']}: {p}" for p in problems_of_test(test, claims)]
    return found


def problems_of_kind(kind):
    function = getattr(statistics, kind["statistic"], None)
    if kind["statistic"].startswith("_") or not inspect.isfunction(function):
        return [f"nas.statistics has no {kind['statistic']}"]
    unknown = set(kind["arguments"]) - set(inspect.signature(function).parameters)
    return [f"{kind['statistic']} takes no argument {name}" for name in unknown]


def problems_of_claim(claim, claims):
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
        if COUNT[experiment["networks"]] not in claim.get("never", "").lower():
            yield "`never` does not say how few networks these are"


def problems_of_test(test, claims):
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
    for term in [term for role in ROLES for term in test.get(role, [])]:
        found += [f"term {term!r}: {p}" for p in problems_of_term(term, test, kind, claims)]
    return [*found, *problems_of_bounds(test, kind), *problems_of_pairs(test, claims)]


def problems_of_term(term, test, kind, claims):
    experiment, (weight, *words) = claims["experiments"][test["experiment"]], term.split()
    measures = [words[0], words[2]] if len(words) == 3 else [words[0]]
    over = words[1] if len(words) > 1 else None
    try:
        if float(weight) == 0:
            yield "weight 0"
    except ValueError:
        yield f"weight {weight!r} is no number"
    for measure in measures:
        if measure not in (*experiment["measures"], *NO_RECORD_NEEDED):
            yield f"{test['experiment']} does not measure {measure}"
    if over not in kind["over"] or (over == "against") != (len(words) == 3):
        yield f"a test {test['test']} cannot take {' '.join(words[1:])!r}"
    if over == "against" and statistics.smallest_significant_tau(experiment["networks"]) is None:
        yield f"no tau of {experiment['networks']} networks can ever differ from chance"


def problems_of_bounds(test, kind):
    (yes, x), (no, y) = *test["confirmed"].items(), *test["refuted"].items()
    if kind["bounds"].get(yes) != no:
        yield f"{yes} confirms and {no} refutes: not of this test"
    elif (yes == "above" and y > x) or (yes == "below" and y < x):
        yield "the thresholds overlap: an interval could confirm and refute"
    elif yes == "within" and not 0 < x <= y:
        yield "the margin must be positive and the refuting one no smaller"
    elif yes == "at_least" and not (x >= 1 and y > 0):
        yield "at least one pair, and a positive margin"


def problems_of_pairs(test, claims):
    terms = [term for role in ROLES for term in test.get(role, [])]
    if any(t.endswith(" pairs") for t in terms) != bool(test.get("pairs")):
        yield "`pairs` and terms over pairs go together"
    sizes = {9: (1, 2, 3), 25: (1, 2, 3, 4, 5), 4: (3, 5)}
    choices = sizes[claims["experiments"][test["experiment"]]["networks"]]
    for name in test.get("pairs", []):
        for first, second in claims["pairs"].get(name, [[None, None]]):
            if first == second or not set(first or [None]) | set(second or [None]) <= set(choices):
                yield f"pair {first}, {second} of {name} is no pair of this experiment's networks"


def test_the_claims_are_sound():
    assert problems(CLAIMS) == []


def test_no_word_of_the_vocabulary_is_unused():
    tests = [t for c in CLAIMS["claim"] for t in c["test"]]
    terms = [term.split() for t in tests for role in ROLES for term in t.get(role, [])]
    words = CLAIMS["vocabulary"]
    assert {t["test"] for t in tests} == set(words["tests"])
    assert {t["quantity"] for t in tests} == set(words["quantities"])
    assert {t[2] for t in terms} - {"against"} | {"all"} == set(words["over"])
    assert {t["experiment"] for t in tests} == set(CLAIMS["experiments"])
    assert {name for t in tests for name in t.get("pairs", [])} == set(CLAIMS["pairs"])


def test_every_claim_measured_with_running_statistics_is_also_mended():
    for claim in CLAIMS["claim"]:
        for test in claim["test"]:
            if "-running" in " ".join(test.get("as-reported", [])):
                expected = [term.replace("-running", "-recalculated") for term in test["as-reported"]]
                assert test["mended"] == expected, claim["id"]


def test_pairs_called_equal_in_cost_are():
    for first, second in CLAIMS["pairs"]["swapped"] + CLAIMS["pairs"]["example-of-r3"]:
        assert sum(first) == sum(second)
    for block, name in enumerate(["one-more-in-block-1", "one-more-in-block-2"]):
        for first, second in CLAIMS["pairs"][name]:
            assert first[block] == second[block] + 1 and first[1 - block] == second[1 - block]
        assert len({str(pair) for pair in CLAIMS["pairs"][name]}) == 6


def claim(claims, name):
    return next(c for c in claims["claim"] if c["id"] == name)


BREAKS = {
    "missing": lambda c: c["claim"].pop(),
    "unknown claim": lambda c: c["claim"][0].update(id="R0.z"),
    "twice": lambda c: c["claim"].append(c["claim"][0]),
    "has no": lambda c: c["vocabulary"]["tests"]["tau"].update(statistic="bootstrap"),
    "has no _array": lambda c: c["vocabulary"]["tests"]["tau"].update(statistic="_array"),
    "takes no argument": lambda c: c["vocabulary"]["tests"]["tau"].update(arguments={"seed": 1}),
    "field never": lambda c: c["claim"][3].pop("never"),
    "field reason": lambda c: c["claim"][3].update(reason=""),
    "id and report": lambda c: c["claim"][0].update(report="R1"),
    "settings": lambda c: c["claim"][0].update(settings="laptop"),
    "nothing gives a verdict": lambda c: claim(c, "R0.b")["test"][0].pop("as-reported"),
    "fewer than 5": lambda c: c["experiments"]["samplers"]["seeds"].update(laptop=4),
    "no 3 seeds": lambda c: c["experiments"]["nine-networks"]["seeds"].update({"as-r0": 2}),
    "how few networks": lambda c: c["claim"][0].update(never="One family only."),
    "unknown test": lambda c: c["claim"][0]["test"][0].update(test="anova"),
    "unknown experiment": lambda c: c["claim"][0]["test"][0].update(experiment="ten-networks"),
    "unknown field threshold": lambda c: c["claim"][0].update(threshold=1),
    "profile tiny": lambda c: c["experiments"]["twenty-five-networks"]["seeds"].update(tiny=9),
    "profile quick": lambda c: c["profiles"].update(quick="digits"),
    "unknown field threshhold": lambda c: c["claim"][0]["test"][0].update(threshhold=1),
    "unknown quantity": lambda c: claim(c, "R0.b")["test"][0].update(quantity="loss"),
    "cannot take tau": lambda c: claim(c, "R0.b")["test"][0].update(quantity="tau"),
    "cannot take points": lambda c: claim(c, "R3.b")["test"][0].update(quantity="points"),
    "no terms": lambda c: claim(c, "R1.c")["test"][0].pop("as-reported"),
    "weight 0": lambda c: claim(c, "R0.b")["test"][0].update(mended=["0 scratch mean"]),
    "no number": lambda c: claim(c, "R0.b")["test"][0].update(mended=["one scratch mean"]),
    "does not measure": lambda c: claim(c, "R0.b")["test"][0].update(mended=["+1 distilled mean"]),
    "cannot take 'each'": lambda c: claim(c, "R0.b")["test"][0].update(mended=["+1 scratch each"]),
    "cannot take ''": lambda c: claim(c, "R0.b")["test"][0].update(mended=["+1 scratch"]),
    "ever differ from chance": lambda c: c["experiments"]["nine-networks"].update(networks=4),
    "not of this test": lambda c: c["claim"][0]["test"][0].update(refuted={"below": 0.1}),
    "overlap": lambda c: claim(c, "R0.b")["test"][0].update(refuted={"below": 0.1}),
    "margin": lambda c: claim(c, "R0.a")["test"][0].update(refuted={"outside": 0.1}),
    "at least one": lambda c: claim(c, "R0.d")["test"][0].update(confirmed={"at_least": 0}),
    "go together": lambda c: claim(c, "R3.H2")["test"][0].pop("pairs"),
    "is no pair": lambda c: c["pairs"]["swapped"].append([[1, 4], [4, 1]]),
    "pair None": lambda c: claim(c, "R3.H2")["test"][0].update(pairs=["unheard-of"]),
}


@pytest.mark.parametrize("words", BREAKS)
def test_a_broken_copy_is_caught(words):
    broken = copy.deepcopy(CLAIMS)
    BREAKS[words](broken)
    assert any(words in problem for problem in problems(broken)), problems(broken)
