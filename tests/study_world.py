"""Records that claims_v2 can be decided from, with means and scatter that a test chooses."""

from itertools import product

import numpy as np

NINE, FOUR = list(product((1, 2, 3), repeat=2)), list(product((3, 5), repeat=2))
PARAMETERS = [16794, 26074, 35354, 19130, 28410, 37690, 21466, 30746, 40026]
IMAGES = {"train": 55_000, "validation": 5_000, "test": 10_000}
STEADY = {"test": 98.0, "curve": (90.0, 95.0, 98.0), "training": 98.5}
SLOW = {"test": 99.0, "curve": (90, 92, 94, 96, 97, 98, 98.5, 98.7, 98.9, 99.0), "training": 99.5}
RUNS = ("running", "recalculated")
BATCHES = ("shared-128", "shared-4096", "scratch-128", "scratch-4096")
KINDS = {
    "nine-networks": (NINE, STEADY, (*RUNS, "scratch", "short"), range(5, 25)),
    "kernel-choice": (FOUR, SLOW, ("shared-none", "scratch-none", "shared-same"), range(5, 14)),
    "long-samplers": (NINE, SLOW, (*RUNS, *(f"epsilon-greedy-{kind}" for kind in RUNS)), range(5, 15)),
    "kernel-steps": ([(3, 3)], SLOW, ("shared-softmax", "scratch-softmax"), range(3)),
    "kernel-batch": (FOUR, STEADY, (*BATCHES, "shared-per-example-4096"), range(5)),
}  # fmt: skip


def world(changes=None, scatter=0.02, random=0):
    """All records of rows ours and as-r1.

    changes: {(experiment, kind, field): percent}: of every network, or as the shape says; fields test, curve (epochs,
    networks), training; and ("nine-networks", group, "seconds"), ("nine-networks", kind, "ensemble"),
    ("long-samplers", "", "leaders"): the network that leads on each seed. scatter: of every figure, in points; of one
    measure alone: {(experiment, kind, field): points}.
    """
    stream = np.random.RandomState(random)
    changes, found = changes or {}, []
    for experiment, (networks, usual, kinds, seeds) in KINDS.items():

        def draw(kind, field, experiment=experiment, networks=networks, usual=usual):
            key = (experiment, kind, field)
            value = np.asarray(changes.get(key, usual.get(field, 98.0)), dtype=float)
            if field == "curve" and value.ndim == 1:
                value = np.repeat(value[:, None], len(networks), 1)
            if field in ("test", "training"):
                value = np.broadcast_to(value, len(networks))
            width = scatter.get(key, 0.02) if isinstance(scatter, dict) else scatter
            images = IMAGES["test" if field in ("test", "ensemble") else "validation"]
            noisy = value + width * stream.standard_normal(value.shape)
            return np.rint(np.clip(noisy, 1, 100) / 100 * images).astype(int).tolist()

        for seed in seeds:
            times = {g: changes.get((experiment, g, "seconds"), 50.0) for g in ("supernet", "scratch")}
            steps = picks(changes.get((experiment, "", "leaders"), [8]), seed)
            record = {"experiment": experiment, "profile": "laptop", "seed": seed, "data": IMAGES}
            record |= {"architectures": [list(arch) for arch in networks], "parameters": PARAMETERS[: len(networks)]}
            for name, field in (("validation", "curve"), ("test", "test"), ("training", "training")):
                record[name] = {kind: draw(kind, field) for kind in kinds}
            record["ensemble"] = {kind: {"right": {"probabilities": draw(kind, "ensemble")}} for kind in RUNS}
            record["seconds"] = {
                g: {"train": [time * np.exp(scatter_of_time(scatter, stream))]} for g, time in times.items()
            }
            record["groups"] = {"epsilon-greedy": {"picks": [steps]}}
            found.append(record)
    return found


def scatter_of_time(scatter, stream):
    """The logarithm of a time's scatter: half of it or so where everything scatters widely."""
    wide = not isinstance(scatter, dict) and scatter > 1
    return (1.0 if wide else 0.01) * stream.standard_normal()


def picks(leaders, seed):
    """Steps that the nine networks get where one of them leads, another one by seed."""
    given = np.full(9, 10)
    given[leaders[seed % len(leaders)]] = 360
    return given.tolist()
