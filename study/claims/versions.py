"""Version 2 of the claims, judged from the records there are, and beside version 1: as text."""

import tomllib
from pathlib import Path

from study.claims import decide
from study.claims.audit_tables import p_value, word
from study.records import find, load_record, places

SOURCE = Path(decide.__file__).with_name("claims_v2.toml")
NOT_YET = "no record yet"


def read_second():
    """claims_v2.toml as a dict. ValueError where it, or decide.py, is not as fixed before a fresh seed was seen."""
    fixed = find("claims_v2.digest").read_text(encoding="utf-8").strip()
    if decide.digest() != fixed:
        raise ValueError(f"{SOURCE.name} or decide.py is not as it was fixed: version 2 rests on both, restore them")
    return tomllib.loads(SOURCE.read_text(encoding="utf-8"))


def second_verdicts(claims, root=None):
    """All verdicts of version 2, of decide.py, from the records on disk."""
    return decide.decide(claims, records_of(claims, root))


def records_of(claims, root=None):
    """The records of every experiment that a row names, one's own before the book's."""
    found = {}
    for place in reversed(places(root)):
        for row in claims["rows"].values():
            for experiment in row["seeds"]:
                for path in (place / row["profile"]).glob(f"{experiment}-seed*.json"):
                    found[path.parent.name, path.name] = path
    return [load_record(path) for _, path in sorted(found.items())]


def told(verdict):
    """The word of a verdict of version 2 with its p, or that there is no record yet."""
    return NOT_YET if verdict.word == decide.NO_RECORD else f"{verdict.word}, {p_value(verdict.p)}"


def in_row(first, second, claims, row):
    """The claims of one row, with their verdict at our settings in version 1, and there: Markdown, by claim."""
    lines = [f"| the report claims | version 1, at our settings | version 2, {row} |", "|---|---|---|"]
    for claim in (claim for claim in claims["claim"] if row in claim["rows"]):
        name = claim["id"]
        lines.append(f"| {name}. {claim['claim']} | {of_first(first, name)} | {of_second(second, name, row)} |")
    return "\n".join(lines)


def of_first(verdicts, claim, profile="laptop"):
    """What version 1 says of a claim at our settings: as reported; then with recalculated statistics."""
    return "; ".join(word(v) for v in verdicts if (v.claim, v.profile) == (claim, profile)) or "not asked"


def of_second(verdicts, claim, row):
    """What version 2 says of a claim in one row: as reported; then with recalculated statistics."""
    found = [told(verdict) for verdict in verdicts if (verdict.claim, verdict.row) == (claim, row)]
    return NOT_YET if set(found) == {NOT_YET} else "; ".join(found)


def side_by_side(first, second, claims):
    """Every claim of version 2 in its own first row, with version 1 and what was expected: Markdown, by claim."""
    lines = ["| | version 1, seeds 0-4 | version 2, fresh seeds | expected of version 2 |", "|---|---|---|---|"]
    for claim in claims["claim"]:
        name = claim["id"]
        cells = [of_first(first, name), of_second(second, name, claim["rows"][0]), claim["expected"]]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def would_decide(first, claims):
    """What would decide each claim that version 1 leaves undecided in some role: Markdown, by claim."""
    open_ones = [claim for claim in claims["claim"] if "undecided" in of_first(first, claim["id"])]
    rows = [f"| {c['id']}. {c['claim']} | {c['decides']} | {c['expected']} |" for c in open_ones]
    return "\n".join(
        ["| left open by version 1 | what would decide it | expected of version 2 |", "|---|---|---|", *rows]
    )


def decided_since(first, second, claims, row="ours"):
    """The claims that version 1 leaves undecided in some role, and what version 2 says where it can: Markdown."""
    lines = ["| version 1 left open | version 2, on fresh seeds |", "|---|---|"]
    for claim in (claim for claim in claims["claim"] if row in claim["rows"]):
        found = of_second(second, claim["id"], row)
        if "undecided" in of_first(first, claim["id"]) and found != NOT_YET:
            lines.append(f"| {claim['id']}. {claim['claim']} | {found} |")
    return "\n".join(lines)


def outlook(claims, row="ours", role="reported"):
    """{word: claims} as simulated for a row, "open" among the words; role: as reported, or "recalculated"."""
    found = {}
    for claim in (claim for claim in claims["claim"] if row in claim["rows"]):
        several = claim["expected"] if "reported: " in claim["expected"] else f"reported: {claim['expected']}"
        _, known, expected = f"; {several}".partition(f"; {role}: ")
        if known:
            found.setdefault(expected.split()[0].rstrip(":"), []).append(claim["id"])
    return found


def expectation(claims, row="ours"):
    """The outlook as Markdown, a line per word."""
    return "\n".join(f"- **{word}**: {len(ids)} ({', '.join(ids)})" for word, ids in outlook(claims, row).items())


def outcomes(second, claims, role="reported"):
    """{claim: (what came out, what was expected)} where both are known, at our settings; role: see `outlook`."""
    words = {name: word for word, names in outlook(claims, role=role).items() if word != "open" for name in names}
    mine = [v for v in second if (v.row, v.role) == ("ours", role) and v.word != decide.NO_RECORD]
    return {verdict.claim: (verdict.word, words[verdict.claim]) for verdict in mine if verdict.claim in words}


def surprises(second, claims, role="reported"):
    """A line for each claim that came out against what was expected, beneath a line with their number."""
    found = outcomes(second, claims, role)
    against = {name: both for name, both in found.items() if both[0] != both[1]}
    lines = [f"- {name}: {came}, expected {expected}" for name, (came, expected) in against.items()]
    how = "As reported" if role == "reported" else "With recalculated statistics"
    told = f"{how}, {len(found) - len(against)} of {len(found)} came out as expected. Against it:\n"
    return "\n".join([told, *lines])


def arrived(second):
    """{row: (with a verdict, all)}: how many claims of each row have their records."""
    rows = dict.fromkeys(verdict.row for verdict in second)
    claims = {row: {v.claim for v in second if v.row == row} for row in rows}
    there = {row: {v.claim for v in second if v.row == row and v.word != decide.NO_RECORD} for row in rows}
    return {row: (len(there[row]), len(claims[row])) for row in rows}
