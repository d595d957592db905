"""What claims_v2 should decide, by simulation from the seeds that were known when it was written (0 to 4).

Each part's table of those seeds gives means and covariances; fresh seeds are drawn from the normal law with these, as
many as the row wants, and decided by decide.combine. The known seeds are taken as the truth, so that the shares tell
what to expect if they are typical; their own error is left out.
"""

import json
import sys
import tomllib
from copy import deepcopy
from pathlib import Path

import numpy as np

from study.claims import decide

FOLDER = Path(__file__).parent
KNOWN, ENOUGH = 5, 0.8
TRIALS, TRIALS_OF_TUKEY = 400, 40  # the law of the studentised range takes a second for 36 pairs


def known(claims):
    """The claims with seeds 0-4 in place of the fresh ones of row "ours"."""
    claims = deepcopy(claims)
    claims["rows"]["ours"]["seeds"] = {name: [0, KNOWN - 1] for name in claims["rows"]["ours"]["seeds"]}
    return claims


def simulate(parts, samples, seeds, random):
    """{word: share of trials} if fresh tables scatter as the known ones do. seeds: how many per part."""
    words, trials = [], TRIALS_OF_TUKEY if any("differ" in part for part in parts) else TRIALS
    for _ in range(trials):
        drawn = [draw(sample, n, random) for sample, n in zip(samples, seeds, strict=True)]
        words.append(decide.combine(parts, drawn)[0])
    return {word: words.count(word) / trials for word in (decide.CONFIRMED, decide.REFUTED, decide.UNDECIDED)}


def draw(sample, seeds, random):
    """A Sample of `seeds` seeds, normal, with the mean and covariance of the known table."""
    centred = sample.table - sample.table.mean(0)
    mixing = random.standard_normal((seeds, len(centred))) / np.sqrt(len(centred) - 1)
    return sample._replace(table=sample.table.mean(0) + mixing @ centred)


def fresh_seeds(part, row):
    """How many fresh seeds a part of a row has: those of the experiment of its first term."""
    measure = part["terms"][0].split()[1]
    if measure in decide.RULERS:
        measure = part["terms"][0].split()[3]
    first, last = row["seeds"][row["measures"][measure][0]]
    return last - first + 1


def main():
    """Print for every claim in row "ours", role by role, the outcome on seeds 0-4 and the shares of outcomes."""
    claims = tomllib.loads((FOLDER / "claims_v2.toml").read_text(encoding="utf-8"))
    records = [json.loads(path.read_text()) for path in sorted(Path(sys.argv[1]).glob("laptop/*-seed[0-4].json"))]
    before = known(claims)
    for claim in before["claim"]:
        if "ours" not in claim["rows"]:
            continue
        parts = [part for part in claim["part"] if "ours" in part.get("rows", claim["rows"])]
        seeds = [fresh_seeds(part, claims["rows"]["ours"]) for part in parts]
        for role in decide.roles(claim):
            samples = [decide.sample_of(part, role, "ours", before, records) for part in parts]
            shares = simulate(parts, samples, seeds, np.random.RandomState(0))
            expected = next((word for word, share in shares.items() if share >= ENOUGH), "open")
            now, p, _ = decide.combine(parts, samples)
            told = ", ".join(f"{word} {share:.2f}" for word, share in shares.items())
            print(f"{claim['id']:6} {role:12} {expected:10} ({told}); seeds 0-4: {now}, p = {p:.3f}", flush=True)


if __name__ == "__main__":
    main()
