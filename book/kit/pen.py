"""A digit drawn by hand, as strokes of points, made into a picture like MNIST's.

A stroke is an array (n, 2) of points x, y in units of the pad's side, from 0 to 1, y downwards. The pad in the page,
book/_static/play/pad.js, does the same sums in the same order, so both give the same picture.
"""

import re
from itertools import pairwise

import numpy as np
import torch
from torch.nn.functional import interpolate

SIZE, FINE = 28, 8  # pixels per side; each is 8 x 8 dots, whose share of ink is its value
LONGEST, MIDDLE = 20, 14  # MNIST's own: the longest side of the ink, and the index of its centre of mass
PEN = 2.2  # pixels: how wide MNIST's strokes are on average
BETWEEN = 8  # pieces of the curve from one point to the next
SCANNED = 3.6  # pixels: how wide the strokes of scikit-learn's digits are, which fill the picture: 0.305 of it is ink
STEPS = 999  # a coordinate as text is a number of three digits
WRITTEN = re.compile(r"(?:^|[#&:]drawn=)((?:\d{6})+(?:-(?:\d{6})+)*)(?:&|$)")


def picture(strokes, pen=PEN, centred=True):
    """The picture (28, 28), float64 from 0 to 1, of strokes drawn with a round pen of `pen` pixels.

    centred: as MNIST's authors did it (LeCun et al. 1998, section III.A), the ink is scaled to 20 pixels at its
    longest side and moved by whole pixels until its centre of mass lies at index 14. Otherwise the pad is the picture.
    ValueError for no point, a dot, or a pen that is not above 0 and below 20 pixels.
    """
    if not 0 < pen < LONGEST:
        raise ValueError(f"pen is {pen}: its width must be above 0 and below {LONGEST} pixels")
    if centred:
        return centre(sized(strokes, pen, LONGEST)) / FINE**2
    return ink([smooth(stroke) * SIZE for stroke in some(strokes)], pen) / FINE**2


def image_for(data, strokes):
    """The image (1, 1, 28, 28) of strokes, drawn and normalised as those of a Dataset of digits.

    scikit-learn's digits fill their picture, in 8 x 8 pixels. ValueError for Fashion-MNIST, no point, or a dot.
    """
    if data.name == "fashion":
        raise ValueError("data is 'fashion', which holds no digits: pass 'digits' or 'mnist'")
    if data.name == "digits":
        coarse = torch.from_numpy(sized(strokes, SCANNED, SIZE) / FINE**2)[None, None].float()
        coarse = interpolate(coarse, size=(8, 8), mode="area")
        pixels = interpolate(coarse, size=(SIZE, SIZE), mode="bilinear", align_corners=False)
    else:
        pixels = torch.from_numpy(picture(strokes))[None, None].float()
    return (pixels - data.mean) / data.std


def read(text):
    """Strokes from the text that the pad in the page writes, or from an address of the page that holds it.

    ValueError for any other text.
    """
    found = WRITTEN.search(text.strip())
    if not found:
        raise ValueError(f"{text[:40]!r} is no drawing: draw on the pad in the page and press “copy for Jupyter” there")
    numbers = [[int(digits) for digits in re.findall(r"\d{3}", stroke)] for stroke in found[1].split("-")]
    return [np.array(stroke).reshape(-1, 2) / STEPS for stroke in numbers]


def some(strokes):
    """The strokes as a list. ValueError for none."""
    if not len(strokes):
        raise ValueError("nothing is drawn: pass one stroke or more")
    return list(strokes)


def sized(strokes, pen, longest):
    """How many dots of each pixel are ink, (28, 28), of strokes whose longest side is scaled to `longest` pixels."""
    strokes = [smooth(stroke) for stroke in some(strokes)]
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    if (high - low).max() == 0:
        raise ValueError("the drawing is a dot: it cannot be scaled to the size of a digit")
    scale = (longest - pen) / (high - low).max()
    return ink([(stroke - (low + high) / 2) * scale + SIZE / 2 for stroke in strokes], pen)


def smooth(stroke):
    """A curve through the points of a stroke, ((n - 1) * BETWEEN + 1, 2) points: Catmull & Rom 1974, ends doubled."""
    points = np.asarray(stroke, dtype=np.float64).reshape(-1, 2)
    padded = np.concatenate([points[:1], points, points[-1:]])
    a, b, c, d = (padded[start : start + len(points) - 1, None] for start in range(4))
    t = np.arange(BETWEEN).reshape(1, -1, 1) / BETWEEN
    curve = b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))
    return np.concatenate([curve.reshape(-1, 2), points[-1:]])


def ink(strokes, pen):
    """How many of the 8 x 8 dots of each pixel a round pen blackens, (28, 28), on its way along strokes in pixels."""
    black = np.zeros((SIZE * FINE, SIZE * FINE), dtype=bool)
    radius = pen * FINE / 2
    for stroke in strokes:
        dots = np.concatenate([stroke[:1], stroke]) * FINE  # the first twice: a stroke of one point is a dot
        for start, end in pairwise(dots):
            blacken(black, start, end, radius)
    return black.reshape(SIZE, FINE, SIZE, FINE).sum(axis=(1, 3))


def blacken(black, start, end, radius):
    """Blacken the dots whose centre is at most `radius` from the line between two points."""
    low = np.clip(np.floor(np.minimum(start, end) - radius), 0, len(black)).astype(int)
    high = np.clip(np.ceil(np.maximum(start, end) + radius), 0, len(black)).astype(int)
    x, y = np.arange(low[0], high[0]) + 0.5, np.arange(low[1], high[1])[:, None] + 0.5
    across, down = end - start
    length = across * across + down * down
    along = np.clip(((x - start[0]) * across + (y - start[1]) * down) / (length or 1), 0, 1)
    aside, above = start[0] + along * across - x, start[1] + along * down - y
    black[low[1] : high[1], low[0] : high[0]] |= aside * aside + above * above <= radius * radius


def centre(dots):
    """The picture moved by whole pixels so that its centre of mass lies nearest to index 14; what leaves it is lost."""
    places, moved = np.arange(SIZE), np.zeros_like(dots)
    shifts = [int(np.floor(MIDDLE - (dots.sum(axis=axis) * places).sum() / dots.sum() + 0.5)) for axis in (1, 0)]
    into = tuple(slice(max(0, shift), SIZE + min(0, shift)) for shift in shifts)
    out_of = tuple(slice(max(0, -shift), SIZE - max(0, shift)) for shift in shifts)
    moved[into] = dots[out_of]
    return moved
