"""Laws of the second supernet's doors: a size, path, image or batch that does not fit is refused by name."""

import pytest
import torch

from nas import KernelSupernet, recalibrate, recalibrate_all
from nas.methods.kernels import Embedding
from nas.methods.teaching import per_example_gradients

SIXTY_FOUR = torch.zeros(64, dtype=torch.int64)


@pytest.fixture(params=["same", "none"])
def four(request):
    """A supernet of four networks, untrained, in eval mode, with either padding."""
    return KernelSupernet(4, request.param).eval()


def test_what_does_not_fit_the_embedding_is_refused():
    with pytest.raises(ValueError, match="18 numbers per image do not fit an embedding of 8"):
        Embedding(8)(torch.zeros(1, 2, 3, 3))


def test_there_are_no_batch_statistics_to_recalculate(four, images):
    for recalculate in (lambda: recalibrate(four, (3, 3), images), lambda: recalibrate_all(four, images)):
        with pytest.raises(ValueError, match="no batch normalisation"):
            recalculate()


@pytest.mark.parametrize("padding", ["valid", "", None, 1])
def test_another_padding_is_refused(padding):
    with pytest.raises(ValueError) as caught:
        KernelSupernet(4, padding)
    assert str(caught.value) == f"padding is {padding!r}: choose one of same, none"


@pytest.mark.parametrize("width, error", [(0, ValueError), (-1, ValueError), (2.0, TypeError), (True, TypeError)])
def test_a_width_that_is_no_positive_int_is_refused(width, error):
    with pytest.raises(error, match=rf"width is {width!r}: it must be an int from 1 to"):
        KernelSupernet(width)


@pytest.mark.parametrize("use", ["forward", "extract"])
@pytest.mark.parametrize(
    "arch, error",
    [
        ((3, 4), ValueError), ((3,), ValueError), ((), ValueError), ((3, 3, 3), ValueError), ((1, 1), ValueError),
        ("35", TypeError), (None, TypeError), (3, TypeError), ((3.0, 5), TypeError),
    ],
)  # fmt: skip
def test_an_architecture_outside_the_space_is_refused(four, images, use, arch, error):
    with pytest.raises(error) as caught:
        four(images, arch) if use == "forward" else four.extract(arch)
    assert repr(arch) in str(caught.value)
    assert "choose one of (3, 3), (3, 5), (5, 3), (5, 5)" in str(caught.value)


@pytest.mark.parametrize("route", ["forward", "forward_all", "forward_each", "extracted path of a supernet"])
@pytest.mark.parametrize(
    "bad, error, named",
    [
        (torch.zeros(2, 28, 28), ValueError, "(2, 28, 28)"),
        (torch.zeros(2, 3, 28, 28), ValueError, "(2, 3, 28, 28)"),
        (torch.zeros(2, 1, 8, 8), ValueError, "(2, 1, 8, 8)"),
        (torch.zeros(2, 1, 30, 30), ValueError, "(2, 1, 30, 30)"),
        (torch.zeros(2, 1, 28, 28, dtype=torch.uint8), TypeError, "torch.uint8"),
        ([[0.0]], TypeError, "list"),
    ],
)
def test_images_of_another_shape_or_dtype_are_refused(four, route, bad, error, named):
    ways = {
        "forward": lambda: four(bad, (3, 5)),
        "forward_all": lambda: four.forward_all(bad),
        "forward_each": lambda: four(bad, torch.zeros(2, dtype=torch.int64)),
        "extracted path of a supernet": lambda: four.extract((3, 5))(bad),
    }
    with pytest.raises(error) as caught:
        ways[route]()
    assert named in str(caught.value)
    assert "(N, 1, 28, 28)" in str(caught.value) or "torch.float32" in str(caught.value)


@pytest.mark.parametrize(
    "paths, named",
    [
        (SIXTY_FOUR[:63], "shape (63,)"),
        (SIXTY_FOUR[None], "shape (1, 64)"),
        (SIXTY_FOUR.int(), "torch.int32"),
        (SIXTY_FOUR.float(), "torch.float32"),
        (SIXTY_FOUR.bool(), "torch.bool"),
        (SIXTY_FOUR.index_fill(0, torch.tensor(7), -1), "from -1 to 0"),
        (SIXTY_FOUR.index_fill(0, torch.tensor(7), 4), "from 0 to 4: choose 0 to 3"),
    ],
)
def test_paths_of_another_length_type_or_range_are_refused(four, images, paths, named):
    with pytest.raises(ValueError) as caught:
        four(images, paths)
    assert named in str(caught.value)


@pytest.mark.parametrize("size", [0, 1, 3])
def test_a_batch_smaller_than_the_number_of_paths_is_refused(four, images, size):
    with pytest.raises(ValueError, match=f"a batch of {size} images is smaller than the 4 paths: take 4 or more"):
        per_example_gradients(four, images[:size], SIXTY_FOUR[:size])
