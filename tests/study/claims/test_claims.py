"""claims.toml keeps to its own vocabulary."""

from study.claims.audit import read_claims

CLAIMS = read_claims()
ROLES = ("as-reported", "mended", "context")


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
