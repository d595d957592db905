"""Plans for choosing a network: stages that measure the candidates left and keep the best, what they cost and lose.

A plan is a tuple of stages (kind, keep): (("running", 3), ("fine-tuned", 1)) measures all candidates inside the
supernet, trains the best three on, and takes the best of these. Scores are {kind: frame (seed, architecture)}, higher
is better; a kind that starts with one of SHARED needs a supernet.
"""

import pandas as pd

from nas.statistics import points_lost

SHARED = ("running", "recalculated", "fine-tuned")


def within(multiply_adds, limit):
    """The architectures that cost at most `limit` multiply-adds, a list. ValueError if there is none.

    multiply_adds: of one image, a series over architectures.
    """
    fits = [arch for arch, cost in multiply_adds.items() if cost <= limit]
    if not fits:
        raise ValueError(
            f"no network costs at most {limit:,} multiply-adds: the cheapest costs {multiply_adds.min():,}"
        )
    return fits


def top_k(scores, k, candidates):
    """The k candidates with the highest scores {architecture: score}, best first; of equals the earlier candidate.

    All of them, in this order, where there are no more than k. ValueError for no candidates, a candidate without a
    score, or k that is no whole number above 0.
    """
    candidates = list(candidates)
    if not candidates:
        raise ValueError("the candidate set is empty: pass at least one architecture, or raise the limit")
    if unscored := [arch for arch in candidates if arch not in scores]:
        raise ValueError(f"candidates {unscored} have no score: choose among {list(scores.keys())}")
    if type(k) is not int or k < 1:
        raise ValueError(f"k is {k!r}: it must be a whole number, 1 or more")
    return sorted(candidates, key=lambda arch: -scores[arch])[:k]


def decide(plan, scores, candidates):
    """The architecture that a plan takes, and its measurements, a list of (kind, [architectures measured]).

    scores: {kind: {architecture: score}} of one seed. ValueError for a plan without stages or one that does not end
    with a single network, a kind without scores, and as for top_k.
    """
    if not plan or plan[-1][1] != 1:
        raise ValueError(f"the plan is {plan!r}: its last stage must keep 1, as in (('running', 3), ('fine-tuned', 1))")
    left, measured = list(candidates), []
    for kind, keep in plan:
        if kind not in scores:
            raise ValueError(f"the plan measures {kind!r}: there are scores of {', '.join(scores)}")
        measured.append((kind, left))
        left = top_k(scores[kind], keep, left)
    return left[0], measured


def units(measured, shares, multiply_adds):
    """The price of measurements in units: steps x multiply-adds, where training the supernet of the space costs 1.

    measured: as `decide` returns it. shares: {kind: what each network measured trains, in steps of the supernet}, 0
    for a look at weights that are there. multiply_adds: a series over all architectures of the space. The supernet is
    paid for once, however many stages look at it. ValueError for a kind that shares do not hold.
    """
    if unpriced := {kind for kind, _ in measured} - shares.keys():
        raise ValueError(f"no price for {', '.join(sorted(unpriced))}: shares hold {', '.join(shares)}")
    price = multiply_adds / multiply_adds.mean()
    supernet = any(kind.startswith(SHARED) for kind, _ in measured)
    return float(supernet) + sum(shares[kind] * sum(price[arch] for arch in members) for kind, members in measured)


def outcomes(plan, scores, truth, shares, multiply_adds, limit=None):
    """What a plan takes, costs and loses, a frame with a row a seed: takes, measured, units, lost.

    truth: scratch top-1 in [0, 1], a frame (seed, architecture). limit: only networks of at most so many multiply-adds
    are candidates; None: all. lost: points against the best candidate, which the other seeds name (see
    nas.statistics.regret; it may come out negative). ValueError as for within, decide and units.
    """
    candidates = within(multiply_adds, multiply_adds.max() if limit is None else limit)
    # One candidate leaves nothing to lose, and points_lost wants two columns.
    lost = points_lost(truth[candidates], images=1) if len(candidates) > 1 else [[0.0]] * len(truth)
    rows = []
    for seed, losses in zip(truth.index, lost, strict=True):
        takes, measured = decide(plan, {kind: table.loc[seed] for kind, table in scores.items()}, candidates)
        rows.append((takes, measured, units(measured, shares, multiply_adds), losses[candidates.index(takes)]))
    return pd.DataFrame(rows, index=truth.index, columns=["takes", "measured", "units", "lost"])
