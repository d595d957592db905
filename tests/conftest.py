"""Fixtures shared by the laws: the digits, a supernet that has been trained a little, and guarded generators.

Each imports what it needs: the process that hands the tests out reads this file too, and runs none of them.
"""

import os
import random
from contextlib import contextmanager
from copy import deepcopy

import pytest


@pytest.fixture(scope="session")
def digits():
    """The whole dataset: 1,257 / 180 / 360 images."""
    from nas import load_data

    return load_data("digits")


@pytest.fixture(scope="session")
def few(digits):
    """The same with 256 training images: 8 steps an epoch at batch 32."""
    return digits.take(256)


@pytest.fixture(scope="session")
def _trained(few):
    from nas import DepthSupernet, TrainConfig, UniformSampler, train

    net = DepthSupernet(width=4)
    train(net, few, TrainConfig(epochs=2, batch_size=32), sampler=UniformSampler(net.architectures))
    return net.eval()


@pytest.fixture
def net(_trained):
    """A supernet of width 4 after 16 steps of shared training, in eval mode; each test gets a copy of its own."""
    return deepcopy(_trained)


@pytest.fixture
def images(digits):
    """64 validation images."""
    return digits.validation.images[:64]


@pytest.fixture
def undisturbed():
    """A context that fails if a global generator (torch's, numpy's or Python's) is used inside it."""
    import numpy
    import torch

    def states():
        name, keys, *rest = numpy.random.get_state()  # noqa: NPY002 (the legacy generator is the one to guard)
        return torch.get_rng_state().tolist(), (name, keys.tolist(), rest), random.getstate()

    @contextmanager
    def guard():
        before = states()
        yield
        assert states() == before, "a global generator was used"

    return guard


@pytest.fixture
def disturb():
    """Use every global generator: what comes after must not depend on it."""
    import numpy
    import torch

    def draw(times=3):
        for _ in range(times):
            torch.rand(5)
            numpy.random.rand(5)  # noqa: NPY002
            random.random()

    return draw


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """The results folder of a small run that nothing disturbed; not to be changed."""
    from small_run import small_run

    folder = tmp_path_factory.mktemp("finished")
    small_run(folder)
    return folder


@pytest.fixture(scope="session")
def expected(finished):
    """The figures of its record."""
    from small_run import figures

    return figures(finished / "tiny" / "four-networks-seed0.json")


@pytest.fixture
def copy(finished, tmp_path):
    """A folder with all parts of the run, but no record."""
    from small_run import parts

    folder = tmp_path / "results"
    (folder / ".parts" / "tiny").mkdir(parents=True)
    for path in parts(finished):
        os.link(path, folder / ".parts" / "tiny" / path.name)
    return folder


@pytest.fixture
def trained(monkeypatch):
    """Names of the tasks that are trained from here on, in this process."""
    from study import work

    names, train = [], work.train

    def spy(net, data, config, *arguments, **options):
        names.append(options["checkpoint"].path.stem)
        return train(net, data, config, *arguments, **options)

    monkeypatch.setattr(work, "train", spy)
    return names


@pytest.fixture
def world(tmp_path):
    """write(seed, running=..., ...): writes a record of chosen counts; `write.root` is the folder of the records."""
    from claim_world import writer

    return writer(tmp_path)
