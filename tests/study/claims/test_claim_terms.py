"""What a term of claims.toml is worth, by hand."""

import numpy as np
import pytest
from claim_world import evidence, nine

from study.claims.claim_terms import epochs_to_level, largest_acceleration, peak_epoch, seconds, term_values


def test_curves_by_hand():
    curve = np.array([90.0, 98.0, 99.0, 99.2, 99.2])
    assert peak_epoch(curve) == 4
    assert epochs_to_level(curve) == pytest.approx(2.7)  # 98.7 lies 0.7 of the way from epoch 2 to 3
    assert epochs_to_level(np.array([90.0, 98.6, 99.0])) == pytest.approx(1 + 8.5 / 8.6)
    assert epochs_to_level(np.array([98.9, 99.0])) == 1.0
    assert largest_acceleration(np.array([10.0, 20.0, 25.0, 60.0])) == pytest.approx(30.0)


def test_seconds_are_training_and_evaluation():
    made = {"seconds": {"scratch": {"train": [1.0, 2.0], "score": [0.5, 0.5], "final": [0.25, 0.25]}}}
    assert seconds(made, "scratch") == 4.5


def test_terms_over_networks_by_hand(world):
    for seed in range(5):
        world(seed, scratch=nine(800 + seed))
    test = {"experiment": "nine-networks", "test": "difference", "quantity": "points"}
    mean = [(800 + seed + sum(range(900, 908))) / 90 for seed in range(5)]
    assert term_values("+1 scratch mean", evidence(test, world.root)) == pytest.approx(mean)
    assert term_values("-1 scratch largest", evidence(test, world.root)) == pytest.approx([-90.7] * 5)
    assert term_values("-0.5 scratch sum", evidence(test, world.root)) == pytest.approx([-4.5 * x for x in mean])
    pairs = test | {"pairs": ["example-of-r3"]}  # (1, 3) is the third, (2, 2) the fifth
    assert term_values("+1 scratch pairs", evidence(pairs, world.root)) == pytest.approx([-0.2] * 5)
    each = test | {"test": "difference-each", "pairs": ["swapped"]}
    assert term_values("+1 scratch pairs", evidence(each, world.root)).shape == (5, 3)


def test_chosen_is_picked_on_validation_and_valued_on_test(world):
    for seed in range(5):
        world(seed, "samplers", running=([nine(0)] * 2 + [nine(999)], nine(500)))
    test = {"experiment": "samplers", "test": "difference", "quantity": "points"}
    assert term_values("+1 uniform-running chosen", evidence(test, world.root)) == pytest.approx([50.0] * 5)


def test_epochs_to_winner_counts_from_when_the_leader_stays(world):
    truth = nine(999)
    for seed in range(5):
        curve = [nine(999), nine(0), *[nine(999)] * (8 if seed else 7), *([nine(907)] if not seed else [])]
        world(seed, "long-samplers", running=(curve, truth))
        world(seed, scratch=truth)
    test = {"experiment": "samplers", "test": "difference", "quantity": "epochs-to-winner", "least_epochs": 10}
    found = term_values("+1 uniform-running one", evidence(test, world.root))
    assert found.tolist() == [11, 3, 3, 3, 3]  # on seed 0 a tie for the lead at the end: never


def test_taus_take_validation_against_test(world):
    falling = list(range(909, 900, -1))
    for seed in range(5):
        world(seed, scratch=([falling] * 3, list(range(901, 910))), running=([falling] * 3, falling))
    test = {"experiment": "nine-networks", "test": "tau", "quantity": "tau"}
    assert term_values("+1 shared-running against scratch", evidence(test, world.root)).tolist() == [-1] * 5
