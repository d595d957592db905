"""What is wrong with the wording of claims_v2.toml: can decide.py read it? It decides nothing itself."""

from math import isfinite

from study.claims import decide

OVERS = ("networks", "mean", "sum", "largest", "chosen", "ensemble", "mean-curve", "one", "against")
PART_FIELDS = {"quantity", "terms", "contrasts", "pooled", "noise", "worth", "rows", *decide.TESTS}
CLAIM_FIELDS = {"id", "claim", "estimand", "reason", "never", "decides", "expected", "rows", "part"}


def problems(claims):
    """What is wrong with the claims, a sentence each; empty if they can be decided."""
    found = []
    for claim in claims["claim"]:
        found += [f"{claim.get('id')}: no field {field}" for field in sorted(CLAIM_FIELDS - set(claim))]
        found += [
            f"{claim.get('id')}: unknown field {field}" for field in sorted(set(claim) - CLAIM_FIELDS - {"changed"})
        ]
        found += [f"{claim.get('id')}: unknown row {row}" for row in claim.get("rows", []) if row not in claims["rows"]]
        for part in claim.get("part", []):
            found += [f"{claim.get('id')}: {problem}" for problem in problems_of(part, claims)]
    return found


def problems_of(part, claims):
    """What is wrong with one part."""
    yield from (f"unknown field {field}; known are {sorted(PART_FIELDS)}" for field in sorted(set(part) - PART_FIELDS))
    bounds = [name for name in decide.TESTS if name in part]
    if len(bounds) != 1:
        yield f"a part has one of {decide.TESTS}, not {bounds}"
        return
    bound = part[bounds[0]]
    if bounds[0] in ("within", "differ") and not bound > 0:
        yield f"margin {bound}: it must be above 0"
    worth = part.get("worth", bound)
    if (bounds[0] == "above" and worth < bound) or (bounds[0] == "below" and worth > bound) or not isfinite(worth):
        yield f"worth {worth} lies on the wrong side of {bound}"
    if part["quantity"] not in decide.QUANTITIES:
        yield f"unknown quantity {part['quantity']}; known are {sorted(decide.QUANTITIES)}"
    over_networks = [term.split()[2:3] == ["networks"] for term in part["terms"]]
    contrasts = part.get("contrasts")
    if not part["terms"] or any(over_networks) != all(over_networks) or any(over_networks) != (contrasts is not None):
        yield "terms over networks and `contrasts` go together"
    if contrasts and contrasts.removeprefix("mean ") not in ("each", "all pairs", *claims["pairs"]):
        yield f"unknown contrasts {contrasts!r}; known are each, all pairs, {', '.join(claims['pairs'])}"
    if part.get("pooled") and contrasts in (None, "each"):
        yield "a pooled error is of differences between networks"
    if "differ" in part and not (part.get("pooled") and contrasts == "all pairs"):
        yield "`differ` compares all pairs with a pooled error"
    measures = set().union(*(claims["rows"][row]["measures"] for row in claims["rows"]), decide.RULERS)
    for term in part["terms"]:
        yield from problems_of_term(term, part["quantity"], measures)


def problems_of_term(term, quantity, measures):
    """What is wrong with a term, "WEIGHT MEASURE OVER" or "WEIGHT MEASURE against MEASURE"."""
    weight, *words = term.split()
    if len(words) not in (2, 3) or words[1] not in OVERS or (words[1] == "against") != (len(words) == 3):
        yield f"term {term!r} is neither WEIGHT MEASURE OVER nor WEIGHT MEASURE against MEASURE; OVER is one of {OVERS}"
        return
    if (words[1] == "against") != (quantity == "tau"):
        yield f"term {term!r}: `against` and the quantity tau go together"
    if words[1] == "mean-curve" and quantity not in decide.OF_CURVES:
        yield f"term {term!r}: only {', '.join(decide.OF_CURVES)} can be taken of a mean curve"
    try:
        float(weight)
    except ValueError:
        yield f"term {term!r}: weight {weight!r} is no number"
    for measure in words[::2]:
        if measure not in measures:
            yield f"term {term!r}: unknown measure {measure}; known are {', '.join(sorted(measures))}"
