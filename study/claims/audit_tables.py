"""Verdicts as text: the table that a reader cites, and a summary for the start page."""

from contextlib import suppress

import numpy as np

from study.claims.audit import ALPHA, REFUTED, VERDICTS
from study.records import ANY_SEED, load_records

OURS = "laptop"
ROLES = {"as-reported": "as reported", "mended": "statistics recalculated"}
HEADS = ("claim", "settings", "as reported", "estimate", "statistics recalculated", "estimate", "seeds")


def decisive(verdict):
    """The part to show for a verdict: of a refutation the clearest, otherwise the first that does not confirm."""
    if verdict.word == REFUTED:
        return min(verdict.parts, key=lambda part: part.p_refutes)
    return next((part for part in verdict.parts if not part.confirms), verdict.parts[0])


def estimate(part):
    """An estimate with its interval as text; of a count, the number alone."""
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
    return [word(verdict), estimate(decisive(verdict)) + of]


def word(verdict):
    """The word of a verdict with its p-value, where there is one."""
    return f"{verdict.word.removesuffix(' at this budget')}, {p_value(verdict.p)}" if verdict.parts else verdict.word


def p_value(p):
    """ "p = 0.042", or "p < 0.001", with spaces at which no line breaks."""
    return "p\u00a0<\u00a00.001" if p < 0.0005 else f"p\u00a0=\u00a0{p:.3f}"


def report_table(verdicts, claims, ids):
    """Some of the claims in words, with the verdicts at our settings: Markdown, a row per claim, a column per role."""
    mine = {(v.claim, v.role): word(v) for v in verdicts if v.profile == OURS and v.claim in ids}
    asked = [role for role in ROLES if any(role == other for _, other in mine)]
    lines = [["the report claims", *(ROLES[role] for role in asked)], ["---"] * (1 + len(asked))]
    for claim in (claim for claim in claims["claim"] if claim["id"] in ids):
        words = [mine.get((claim["id"], role), "not asked") for role in asked]
        lines.append([f"{claim['id']}. {claim['claim']}", *words])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def knife_edge(verdicts, nearer=0.01):
    """The verdicts at our settings whose p lies so near to 0.05 that one other seed could turn them: Markdown."""
    near = [v for v in verdicts if v.profile == OURS and v.parts and abs(v.p - ALPHA) < nearer]
    lines = []
    for title, holds in (("passed", True), ("missed", False)):
        mine = [f"{v.claim}, {ROLES[v.role]} ({p_value(v.p)})" for v in near if (v.p < ALPHA) == holds]
        lines.append(f"- {title} by a hair: {'; '.join(mine) or 'none'}")
    return "\n".join(lines)


def audit_table(verdicts):
    """All verdicts as a Markdown table, a row per claim and profile, to cite."""
    lines = [f"| {' | '.join(HEADS)} |", "|---" * len(HEADS) + "|"]
    for claim, profile in dict.fromkeys((verdict.claim, verdict.profile) for verdict in verdicts):
        mine = {v.role: v for v in verdicts if (v.claim, v.profile) == (claim, profile)}
        seeds = next((str(v.parts[0].n) for v in mine.values() if v.parts), "")
        row = [claim, profile, *cells(mine["as-reported"]), *cells(mine.get("mended")), seeds]
        lines.append(f"| {' | '.join(row)} |")
    return "\n".join(lines)


def claims_table(claims):
    """The claims in the book's words, each with what is asked of it and what its test can never show: Markdown."""
    told = [[claim[key] for key in ("id", "claim", "estimand", "reason", "never")] for claim in claims["claim"]]
    lines = ["| " + " | ".join(text.replace("|", "\\|") for text in row) + " |" for row in told]
    head = ["| | the report claims | measured | the threshold, and why | never shown here |", "|---|---|---|---|---|"]
    return "\n".join([*head, *lines])


def summary(verdicts, profile=OURS):
    """How many claims have which verdict at one profile, and which: Markdown, by role."""
    lines = []
    for role, title in (("as-reported", "As reported"), ("mended", "With recalculated statistics")):
        mine = [verdict for verdict in verdicts if (verdict.profile, verdict.role) == (profile, role)]
        found = {word: [verdict.claim for verdict in mine if verdict.word == word] for word in VERDICTS}
        told = "; ".join(f"{len(ids)} {word} ({', '.join(ids)})" for word, ids in found.items() if ids)
        lines.append(f"- **{title}**, of {len(mine)} claims: {told}.")
    return "\n".join(lines)


def sentence(verdict):
    """One verdict as a line of text, with the estimate that decides it."""
    told = "; ".join(filter(None, cells(verdict)))
    return f"{verdict.claim} at {verdict.profile}, {ROLES[verdict.role]}: {told}"


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
