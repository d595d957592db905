"""Seven findings of Chapters 6 and 6c, as they are asked of other data (6d) and of other settings (6e)."""

import numpy as np

from study.analysis.rankings import kendall_over_seeds
from study.analysis.statistics import log_odds
from study.analysis.tables import costs, top1


def top1_at(records, end, kind, split="test"):
    """What tables.top1 gives, of the groups whose names end with `end`, such as "0.3": those of another setting."""
    if end:
        kind = f"supernet-{end}-{kind}" if kind in ("running", "recalculated") else f"{kind}-{end}"
    return top1(records, kind, split)


def findings(records, end=""):
    """{finding: (a, b)}, each a value by seed: the finding says that a is larger.

    records: of all nine networks, at the setting whose groups end with `end`.
    """
    return of_sharing(records, end) | of_scratch(records, end)


def of_sharing(records, end=""):
    """The findings for which no network is trained from scratch.

    Collapse and cure are compared in log-odds, since accuracies as trained are bounded and skewed.
    """
    kinds = ("running", "recalculated", "short")
    ran, mended, short = (top1_at(records, end, kind) for kind in kinds)
    first = [arch for arch in ran if arch[0] == 1]
    rest = [arch for arch in ran if arch[0] > 1]
    return {
        "collapse: other rows, first row": odds(records, ran[rest], ran[first]),
        "cure: first row recalculated, as trained": odds(records, mended[first], ran[first]),
        "points: recalculated, short trainings": points(mended, short),
        "points: (2, 2), (1, 3) recalculated": points(mended[[(2, 2)]], mended[[(1, 3)]]),
    }


def of_scratch(records, end=""):
    """The findings that need the networks from scratch: tau is that of validation accuracies with theirs on test."""
    alone = top1_at(records, end, "scratch")
    ran = top1_at(records, end, "running", "validation")
    mended = top1_at(records, end, "recalculated", "validation")
    count = alone * 0 + costs(records)["parameters"]
    by_ran, by_mended, by_count = (tau_with(x, alone) for x in (ran, mended, count))
    return {
        "points: (1, 3), (2, 2) from scratch": points(alone[[(1, 3)]], alone[[(2, 2)]]),
        "tau: recalculated, as trained": (by_mended, by_ran),
        "tau: parameters, recalculated": (by_count, by_mended),
    }


def points(*tables):
    """The mean of each table's networks, by seed, in percent."""
    return tuple(100 * shares.mean(axis=1) for shares in tables)


def odds(records, *tables):
    """The mean of each table's networks, by seed, as log-odds of the test images."""
    images = records[0]["data"]["test"]
    return tuple(log_odds(images * shares.mean(axis=1), images) for shares in tables)


def tau_with(scores, truth):
    """Kendall's tau of scores with the truth, on each seed."""
    return np.array(kendall_over_seeds(scores, truth).values)
