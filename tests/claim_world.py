"""A small world for the audit: records whose counts a test chooses, in a folder of their own."""

import json

from study.claims.audit import find_claim, judge, read_claims
from study.claims.claim_terms import Evidence
from study.records import RESULTS

CLAIMS = read_claims()


def record(seed, counts, experiment="nine-networks", profile="laptop"):
    """A record whose kinds hold these counts of 9 networks, {kind: (validation by epoch, test)}, of 1,000 images."""
    template = json.loads((RESULTS / "laptop" / "nine-networks-seed0.json").read_text())
    template |= {"seed": seed, "experiment": experiment, "profile": profile}
    template["data"] |= {"validation": 1_000, "test": 1_000}
    template["validation"] = {kind: [list(row) for row in curve] for kind, (curve, _) in counts.items()}
    template["test"] = {kind: list(test) for kind, (_, test) in counts.items()}
    template["training"] = {}
    return template


def writer(folder):
    """write(seed, running=..., ...): writes a record; `write.root` is the folder of the records."""

    def write(seed, experiment="nine-networks", profile="laptop", **kinds):
        made = record(seed, {kind: as_curve(figures) for kind, figures in kinds.items()}, experiment, profile)
        path = folder / profile / f"{experiment}-seed{seed}.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(made))
        return made

    write.root = folder
    return write


def as_curve(figures):
    """(curve, test) from nine counts that stay the same, or as given."""
    return figures if isinstance(figures, tuple) else ([figures] * 3, figures)


def nine(first, others=900):
    return [first, *[others + place for place in range(8)]]


def evidence(test, root):
    return Evidence(CLAIMS, test, "laptop", root)


def word(name, role="as-reported", root=None, profile="laptop", claims=CLAIMS):
    return judge(find_claim(claims, name), role, profile, claims, root).word
