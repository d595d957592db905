"""The numbers that slides say in a sentence, by name; all others stand in what they quote of the chapters."""

from functools import cache

from study.published import published
from study.records import load_records
from study.tables import top1


def whole(kind, split="test"):
    """Top-1 in percent of the nine networks at the laptop profile, a row a seed."""
    return 100 * top1(load_records("nine-networks", "laptop"), kind, split)


@cache
def numbers():
    """{name: value}: what a deck writes as {{ name }} or, with a format, {{ name:.2f }}."""
    alone = 100 * published("scratch")
    return {
        "tables": alone.shape[1],
        "largest_loses": (alone.max() - alone.loc[[(3, 3)]].iloc[0]).max(),
        "lot_loses": (alone.max() - alone.mean()).mean(),
    }
