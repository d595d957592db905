"""claims.toml keeps to its own vocabulary, and each check here fails on a broken copy."""

import copy

import pytest

from study.claims import ROLES, problems, read_claims

CLAIMS = read_claims()


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
    "weight nan": lambda c: claim(c, "R0.b")["test"][0].update(mended=["nan scratch mean"]),
    "neither WEIGHT MEASURE OVER": lambda c: claim(c, "R0.b")["test"][0].update(mended=["+1 scratch"]),
    "a list of terms": lambda c: claim(c, "R0.b")["test"][0].update(mended="+1 scratch mean"),
    "wants 1 term": lambda c: claim(c, "R1.e")["test"][0]["as-reported"].append("-1 shared-same all"),
    "wants 2 term": lambda c: claim(c, "R3.b")["test"][0]["mended"].pop(),
    "vocabulary is missing": lambda c: c.pop("vocabulary"),
    "networks is missing": lambda c: c["experiments"]["samplers"].pop("networks"),
    "id is missing": lambda c: c["claim"][0].pop("id"),
    "lacks its 'quantity'": lambda c: c["claim"][0]["test"][0].pop("quantity"),
    "no space of 16": lambda c: c["experiments"]["samplers"].update(networks=16),
    "two or more": lambda c: c["experiments"]["twenty-five-networks"]["seeds"].update(laptop=1),
    "one threshold each": lambda c: c["claim"][0]["test"][0]["confirmed"].update(above=0.0),
    "must be numbers": lambda c: c["claim"][0]["test"][0]["confirmed"].update(within="a little"),
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
