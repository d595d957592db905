"""Verdicts as text: the table that a reader cites, and a summary for the start page."""

from contextlib import suppress

import numpy as np

from study.audit import REFUTED, VERDICTS
from study.records import ANY_SEED, load_records

HEADS = ("claim", "settings", "as reported", "estimate", "statistics recalculated", "estimate", "seeds")


def decisive(verdict):
    """The part to show for a verdict: of a refutation the clearest, otherwise the first that does not confirm."""
    if verdict.word == REFUTED:
        return min(verdict.parts, key=lambda part: part.p_refutes)
    return next((part for part in verdict.parts if not part.confirms), verdict.parts[0])


def estimate(part):
    """An estimate with its interval as text; of a count the number alone."""
    if np.isnan(part.low):
        return f"{part.estimate:.0f} pairs"
    return f"{part.estimate:+.2f} [{part.low:+.2f}, {part.high:+.2f}]"


def cells(verdict):
    """The verdict and, where there is one, the estimate that decides it, with the number of parts that confirm."""
    if verdict is None:
        return ["", ""]
    if not verdict.parts:
        return [verdict.word, ""]
    passed = sum(part.confirms for part in verdict.parts)
    of = f", {passed} of {len(verdict.parts)} parts" if len(verdict.parts) > 1 else ""
    return [verdict.word, estimate(decisive(verdict)) + of]


def audit_table(verdicts):
    """All verdicts as a Markdown table, a row a claim and profile: to read and to cite."""
    lines = [f"| {' | '.join(HEADS)} |", "|---" * len(HEADS) + "|"]
    for claim, profile in dict.fromkeys((verdict.claim, verdict.profile) for verdict in verdicts):
        mine = {v.role: v for v in verdicts if (v.claim, v.profile) == (claim, profile)}
        seeds = next((str(v.parts[0].n) for v in mine.values() if v.parts), "")
        row = [claim, profile, *cells(mine["as-reported"]), *cells(mine.get("mended")), seeds]
        lines.append(f"| {' | '.join(row)} |")
    return "\n".join(lines)


def claims_table(claims):
    """The claims in the book's words, each with what its test can never show: Markdown."""
    rows = [f"| {claim['id']} | {claim['claim']} | {claim['never']} |" for claim in claims["claim"]]
    return "\n".join(["| | the report claims | never shown here |", "|---|---|---|", *rows])


def summary(verdicts, profile="laptop"):
    """How many claims have which verdict at one profile, and which: Markdown, a line a role."""
    lines = []
    for role, title in (("as-reported", "As reported"), ("mended", "With recalculated statistics")):
        mine = [verdict for verdict in verdicts if (verdict.profile, verdict.role) == (profile, role)]
        found = {word: [verdict.claim for verdict in mine if verdict.word == word] for word in VERDICTS}
        told = "; ".join(f"{len(ids)} {word} ({', '.join(ids)})" for word, ids in found.items() if ids)
        lines.append(f"- **{title}**, of {len(mine)} claims: {told}.")
    return "\n".join(lines)


def sentence(verdict):
    """One verdict as a line of text, with the estimate that decides it."""
    word, figures = cells(verdict)
    return f"{verdict.claim} at {verdict.profile}, {verdict.role}: {word} {figures}".rstrip()


def further_seeds(claims, root=None):
    """Seeds on record at our settings beyond those that a verdict takes, {experiment: [seed]}; they alter none."""
    found, profile = {}, claims["headline"]
    wanted = {name: experiment["seeds"][profile] for name, experiment in claims["experiments"].items()}
    wanted |= {"long-samplers": wanted["samplers"]}  # the same with more epochs, under a name of its own
    for name, least in wanted.items():
        with suppress(FileNotFoundError):
            seeds = [record["seed"] for record in load_records(name, profile, root, ANY_SEED)]
            found[name] = [seed for seed in seeds if seed >= least]
    return {name: seeds for name, seeds in found.items() if seeds}
