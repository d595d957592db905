"""Laws of a variant as data: one that is unknown, or means nothing, is named before anything is trained."""

import pytest

from study.groups import Group
from study.recipes import VARIANTS, Variant, get_variant
from study.tasks import Task


def test_an_unknown_variant_is_named():
    with pytest.raises(ValueError, match="variant 'wild' is unknown: choose one of low-momentum"):
        get_variant("wild")
    with pytest.raises(ValueError, match="variant 'wild' is unknown"):
        Task("tiny", 0, variant="wild")


@pytest.mark.parametrize("field, value", [("tenth", "held-out"), ("tenth", True), ("teacher", "batch")])
def test_a_variant_that_means_nothing_cannot_be_written(field, value):
    with pytest.raises(ValueError, match=f"variant 'odd': {field} is {value!r}, choose one of "):
        Variant("odd", **{field: value})


@pytest.mark.parametrize(
    "one, field",
    [
        (True, {"tenth": "nothing"}), (True, {"tenth": "rewards"}), (True, {"fixed": (1, 2)}),
        (True, {"sampler": VARIANTS["fair"].sampler}), (True, {"network": VARIANTS["group-norm"].network}),
        (False, {"start": True}), (False, {"teacher": "scratch"}),
    ],
)  # fmt: skip
def test_what_a_task_would_pass_over_cannot_be_written(one, field):
    variant, (name,) = Variant("odd", **field), field
    kinds = {True: "a network alone", False: "a supernet"}
    for write in (
        lambda arch: Task("tiny", 0, arch=arch, variant=variant),
        lambda arch: Group((None, variant), alone=arch is not None),
    ):
        with pytest.raises(ValueError, match=f"variant 'odd': {name} means nothing to {kinds[one]}: leave it out"):
            write((1, 1) if one else None)
        write(None if one else (1, 1))
