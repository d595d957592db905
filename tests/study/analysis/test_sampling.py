"""Laws of the samplers' tables, on records small enough to work out by hand: four networks, three seeds."""

from math import inf

import numpy as np
import pandas as pd
import pytest
from scipy.stats import kendalltau, ttest_rel

from study.analysis import sampling as st
from study.analysis.statistics import holm
from study.analysis.tables import epochs

ARCHS = [(1, 1), (1, 2), (2, 1), (2, 2)]
SEEDS, IMAGES, STEPS = (0, 1, 4), 1_000, 30
RNG = np.random.default_rng(0)


def counts():
    return RNG.integers(900, 1_000, 4).tolist()


def epoch_picks():
    return RNG.multinomial(STEPS // 2, [0.1, 0.2, 0.3, 0.4]).tolist()


def record(seed):
    kinds = ["running", "recalculated", *(f"{name}-{which}" for name in "ab" for which in ("running", "recalculated"))]
    return {
        "seed": seed,
        "architectures": [list(arch) for arch in ARCHS],
        "multiply_adds": [10, 20, 30, 40],
        "data": {"validation": IMAGES, "test": IMAGES},
        "settings": {"lr": 1},
        "picks": [6, 9, 8, 7],
        "groups": {name: {"picks": [epoch_picks(), epoch_picks()], "settings": {}} for name in "ab"},
        "validation": {kind: [counts(), counts()] for kind in kinds},
        "test": {kind: counts() for kind in kinds},
    }


RECORDS = [record(seed) for seed in SEEDS]
COLUMNS = pd.Index(ARCHS, tupleize_cols=False)
TRUTH = pd.DataFrame(RNG.integers(950, 999, (3, 4)) / IMAGES, index=list(SEEDS), columns=COLUMNS)


def test_the_plain_supernet_is_uniform_sampling_and_comes_first():
    assert st.samplers(RECORDS) == ["uniform", "a", "b"]
    assert [st.kind("uniform"), st.kind("a"), st.kind("a", "running")] == [
        "recalculated",
        "a-recalculated",
        "a-running",
    ]


def test_picks_are_summed_over_epochs_and_shares_over_seeds():
    assert st.picks(RECORDS, "uniform").to_numpy().tolist() == [[6, 9, 8, 7]] * 3
    for one, row in zip(RECORDS, st.picks(RECORDS, "b").to_numpy().tolist(), strict=True):
        first, second = one["groups"]["b"]["picks"]
        assert row == [x + y for x, y in zip(first, second, strict=True)]
    shares = st.shares(RECORDS)
    assert list(shares.index) == ["uniform", "a", "b"]
    assert shares.loc["a"].tolist() == pytest.approx((st.picks(RECORDS, "a").sum() / (3 * STEPS)).tolist())


def test_every_measure_by_brute_force():
    measured = st.measure(RECORDS, TRUTH)
    assert set(measured) == set(st.MEASURES)
    for name in ("uniform", "a", "b"):
        for place, one in enumerate(RECORDS):
            kind, seed = st.kind(name), one["seed"]
            validation, test = one["validation"][kind][-1], one["test"][kind]
            choice, truth = int(np.argmax(validation)), TRUTH.to_numpy()
            steps = st.picks(RECORDS, name).to_numpy()[place]
            elsewhere = np.delete(truth, place, 0).sum(axis=0)
            expected = {
                "nine": sum(test) / 40,
                "shared": test[choice] / 10,
                "scratch": 100 * truth[place, choice],
                "favourite": 100 * truth[place, int(np.argmax(steps))],
                "regret": 100 * (truth[place, int(np.argmax(elsewhere))] - truth[place, choice]),
                "tau": kendalltau(validation, truth[place]).statistic,
                "work": sum(steps * np.array([10, 20, 30, 40])) / (60 + 180 + 240 + 280),
            }
            found = {measure: frame.loc[seed, name] for measure, frame in measured.items()}
            assert found == pytest.approx(expected), name


def test_a_difference_is_the_paired_t_test_and_all_rows_are_corrected_together():
    frame = pd.DataFrame({"uniform": [1.0, 2.0, 4.0], "a": [2.0, 3.5, 4.5], "b": [1.0, 1.5, 4.4]}, index=list(SEEDS))
    table = st.against(frame)
    assert list(table.index) == ["a", "b"]
    p = [ttest_rel(frame[name], frame["uniform"]).pvalue for name in ("a", "b")]
    assert table["p"].tolist() == pytest.approx(p)
    assert table["holm"].tolist() == pytest.approx(holm(p).tolist())
    assert table.loc["a", "mean"] == pytest.approx(1.0)
    assert table.loc["a", "low"] < 1.0 < table.loc["a", "high"]
    assert list(st.against(frame, "a").index) == ["uniform", "b"]


def test_one_seed_settles_nothing():
    measured = st.measure(RECORDS[:1], TRUTH.iloc[:1])
    table = st.against(measured["scratch"])
    assert (table["low"] == -inf).all() and (table["high"] == inf).all() and (table["holm"] == 1).all()
    assert (measured["regret"] >= 0).all(axis=None)  # from this very run's best


def part(one, name):
    """The record of an experiment with one sampler, the plain supernet, and its own view of nothing else."""
    kinds = ("running", "recalculated", f"{name}-running", f"{name}-recalculated")
    fields = {field: {kind: one[field][kind] for kind in kinds} for field in ("validation", "test")}
    return one | fields | {"groups": {name: one["groups"][name]}}


def test_experiments_with_one_plain_supernet_join_to_one_table():
    a, b = ([part(one, name) for one in RECORDS] for name in "ab")
    joined = st.join(a, b)
    for measure, frame in st.measure(RECORDS, TRUTH).items():
        pd.testing.assert_frame_equal(frame, st.measure(joined, TRUTH)[measure])
    assert [one["seed"] for one in st.join(a, b[1:])] == [1, 4]
    assert a == [part(one, "a") for one in RECORDS]  # unchanged


def test_joined_records_keep_which_epochs_each_told():
    a, b = ([part(one, name) for one in RECORDS] for name in "ab")
    (first, *_) = st.join([one | {"epochs": {"a-running": [10, 20]}} for one in a], b)
    assert epochs(first, "a-running") == [10, 20]
    assert epochs(first, "b-running") == list(range(1, len(first["validation"]["b-running"]) + 1))


def test_other_plain_supernets_or_seeds_do_not_join():
    a, b = ([part(one, name) for one in RECORDS] for name in "ab")
    with pytest.raises(ValueError, match=r"no seed is in all experiments: they have \[\[0\], \[1, 4\]\]"):
        st.join(a[:1], b[1:])
    for field, other in (("settings", {"lr": 2}), ("picks", [0, 0, 0, 30]), ("test", b[1]["test"])):
        with pytest.raises(ValueError, match="the plain supernets of seed 0 differ: run one of the experiments again"):
            st.join(a, [b[0] | {field: other}])


def test_what_does_not_belong_together_is_refused():
    with pytest.raises(ValueError, match=r"truth is of seeds \[0, 1\]: pass the scratch accuracies"):
        st.measure(RECORDS, TRUTH.iloc[:2])
    with pytest.raises(ValueError, match="sampler 'fair' is unknown: choose one of uniform, a, b"):
        st.against(st.measure(RECORDS, TRUTH)["tau"], "fair")
