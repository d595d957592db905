"""What the `% check:` lines of the questions may use, and whether they hold."""

import math
import re
from functools import cache, partial, reduce
from statistics import fmean

from nas import DepthSupernet
from nas.evaluation import cost_table
from nas.supernet import all_architectures
from study.analysis import rankings, sampling, tables, variance
from study.analysis.published import published
from study.analysis.statistics import holm, paired_difference
from study.records import load_records

ARCHS = all_architectures(3)
NUMBER = re.compile(r"-?\d[\d.]*")
costs = cache(lambda width: cost_table(DepthSupernet(width=width)))


def failures(quiz):
    """A message for each check of a quiz that is not true."""
    return [
        f"{quiz.name}, question {question.number}: {check}"
        for question in quiz.questions
        for check in question.checks
        if not holds(check, question)
    ]


def holds(check, question):
    """Whether an expression is true; `answer` in it is the first number of the right answer."""
    found = NUMBER.search(question.right.text)
    return bool(eval(check, facts() | {"answer": float(found[0]) if found else None}))


@cache
def facts():
    """{name: value}: arithmetic, the nine networks and their costs, statistics, and our records of MNIST."""
    return arithmetic() | recorded()


def arithmetic():
    """What needs no record of ours."""
    return {
        **{name: getattr(math, name) for name in ("ceil", "comb", "log", "sqrt")},
        "span": lambda values: max(values) - min(values),
        "ARCHS": ARCHS,
        "FITS": [arch for arch in ARCHS if sum(arch) <= 4],  # the budget of Chapter 10
        "parameters": lambda arch, width: costs(width)[arch][0],
        "multiply_adds": lambda arch, width: costs(width)[arch][1],
        "parameters_of_nine": lambda: [count for count, _ in costs(16).values()],
        "tau": rankings.tau_b,
        "smallest_significant_tau": rankings.smallest_significant_tau,
        "resolved_pairs": rankings.resolved_pairs,
        "settled_pairs": variance.settled_pairs,
        "holm": holm,
        "paired_difference": paired_difference,
        "published": published,
    }


def recorded():
    """Accuracies in [0, 1] by seed: of the nine, on clothes, tuned, of 25, of ensembles; what a diagnosis counts."""
    names = ("nine-networks", "fine-tuning", "twenty-five-networks", "schedules", "batch-statistics")
    nine, tuning, more, plans, statistics = (load_records(name, "laptop") for name in names)
    fashion = load_records("nine-networks", "fashion")
    return {
        "top1": partial(tables.top1, nine),
        "tuned": partial(tables.top1, tuning),
        "clothes": partial(tables.top1, fashion),
        "larger": partial(tables.top1, more),
        "rows": lambda kind: [row.to_dict() for _, row in tables.top1(tuning, kind, "validation").iterrows()],
        "tau_mean": partial(tau_mean, nine),
        "ensemble": lambda kind: [r["ensemble"][kind]["right"]["probabilities"] / r["data"]["test"] for r in nine],
        "calibration": partial(calibration, nine),
        "gap": partial(gap, plans),
        "diagnosis": lambda *keys: [reduce(lambda found, key: found[key], keys, r["diagnosis"]) for r in statistics],
    }


def calibration(records, kind):
    """(calibration error of an ensemble, mean of its members') by seed."""
    found = [record["ensemble"][kind] for record in records]
    return [(each["calibration"], fmean(each["members_calibration"])) for each in found]


def gap(records, plan):
    """A schedule less uniform sampling: the mean of the nine, recalculated, by seed."""
    mean = {name: tables.top1(records, sampling.kind(name)).mean(axis=1) for name in (plan, "uniform")}
    return paired_difference(mean[plan], mean["uniform"])


def tau_mean(records, kind):
    """Mean over seeds of a ruler's tau with the order from scratch."""
    scratch = tables.top1(records, "scratch")
    if kind == "parameters":
        scores = scratch * 0 + tables.costs(records)["parameters"]
    else:
        scores = tables.top1(records, kind, "validation")
    return rankings.kendall_over_seeds(scores, scratch).interval[0]
