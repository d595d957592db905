"""The numbers that slides say in a sentence, by name; all others stand in what they quote of the chapters."""

from functools import cache

from book._ext.head import version
from study.published import published
from teach import ROOT


@cache
def numbers():
    """{name: value}: what a deck writes as {{ name }} or, with a format, {{ name:.2f }}."""
    alone = 100 * published("scratch")
    return {
        "version": version(ROOT),
        "tables": alone.shape[1],
        "largest_loses": (alone.max() - alone.loc[[(3, 3)]].iloc[0]).max(),
        "lot_loses": (alone.max() - alone.mean()).mean(),
    }
