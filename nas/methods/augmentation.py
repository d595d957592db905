"""Training images as other hands might have drawn them: moved, turned, slanted, stretched, bent, thinner or thicker."""

from dataclasses import dataclass, replace
from functools import partial

import torch
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample, interpolate, max_pool2d

from nas import asking
from nas.seeding import generator

MOST = {"scale": 0.99, "width": 1}  # at scale 1 an image could vanish; of the others, more than 100 is a mistake


def amount(name, value):
    """The amount of a change, from 0 to its limit. TypeError or ValueError, naming it, otherwise."""
    most = MOST.get(name, 100)
    if not 0 <= (value := asking.number(name, value)) <= most:
        raise ValueError(f"{name} is {value}: it must lie between 0 and {most}")
    return value


def drawn_by_hand(images, source, *, turn, slant, scale, stretch, shift, bend, width):
    """Images (N, 1, H, W), each changed a little; the draws come from the generator `source`.

    Each change is uniform from minus to plus the amount passed. turn: radians; slant: columns per row; scale: a share
    of the size; stretch: the logarithm of the change of width over height, with the area kept; shift: pixels to the
    side and down; bend: pixels by which parts of the image move on their own, see `bends`; width: pixels that strokes
    gain or lose on each side, at most 1. Pixels from outside repeat the image's edge, which should be background.
    Errors: see `amount`; TypeError for a source that is not a generator.
    """
    if not isinstance(source, torch.Generator):  # None would draw from the global one
        raise TypeError(f"source is {asking.named(source)}: it must be a torch.Generator, e.g. generator('changes', 0)")
    asking.tensor("images", images, "drawn_by_hand(data.train.images, source, turn=0.1, ...)")
    turn, slant, scale, stretch = (
        amount("turn", turn),
        amount("slant", slant),
        amount("scale", scale),
        amount("stretch", stretch),
    )
    shift, bend, width, size = amount("shift", shift), amount("bend", bend), amount("width", width), len(images)

    def uniform(largest):
        return largest * (2 * torch.rand(size, generator=source, device="cpu") - 1)

    angle, larger, wider = uniform(turn), 1 + uniform(scale), torch.exp(uniform(stretch) / 2)
    change = uniform(width).view(size, 1, 1, 1).to(images.device)
    turned = torch.stack([angle.cos(), -angle.sin(), angle.sin(), angle.cos()], dim=1).view(size, 2, 2)
    slanted = torch.stack([1 / wider, uniform(slant), torch.zeros_like(wider), wider], dim=1).view(size, 2, 2)
    # Positions run from -1 to 1 over the image, so a pixel is 2 / W wide.
    pixel = 2 / images.shape[-1]
    shifted = torch.stack([uniform(shift), uniform(shift)], dim=1).view(size, 2, 1) * pixel
    maps = torch.cat([turned @ slanted / larger.view(size, 1, 1), shifted], dim=2).to(images.device)
    grid = affine_grid(maps, images.shape, align_corners=False)
    grid = grid + pixel * bend * bends(images, source)
    return with_strokes(grid_sample(images, grid, padding_mode="border", align_corners=False), change)


def bends(images, source):
    """A smooth field (N, H, W, 2) of moves to the side and down, drawn from -1 to 1 at 5 x 5 points of the image.

    With points 7 pixels apart, a digit's loop opens or closes while strokes stay strokes: the elastic distortions of
    Simard, Steinkraus & Platt 2003, drawn on a coarse grid, not smoothed.
    """
    drawn = 2 * torch.rand(len(images), 2, 5, 5, generator=source, device="cpu") - 1
    smooth = interpolate(drawn.to(images.device), images.shape[-2:], mode="bicubic", align_corners=True)
    return smooth.permute(0, 2, 3, 1)


def with_strokes(images, change):
    """Images (N, 1, H, W) whose bright strokes are wider, or for `change` below 0 narrower, by |change| <= 1 pixels."""
    wide, narrow = max_pool2d(images, 3, stride=1, padding=1), -max_pool2d(-images, 3, stride=1, padding=1)
    return images + change.abs() * (torch.where(change > 0, wide, narrow) - images)


@dataclass(frozen=True)
class ChangedImages:
    """Images that change(images, generator) alters whenever a batch, images[a tensor of indices], is taken.

    The generator is seeded by the indices, so that a stopped run draws the same changes when it resumes.
    """

    images: Tensor
    change: callable

    def __len__(self):
        return len(self.images)

    def __getitem__(self, batch):
        return self.change(self.images[batch], generator("changes", *batch.tolist()))

    def __getattr__(self, name):
        if name not in ("device", "dtype", "shape"):
            raise AttributeError(f"images that change have no {name}: they can be taken by the batch")
        return getattr(self.images, name)


def changed(data, amounts):
    """The dataset with training images that `drawn_by_hand` changes anew each time, by these amounts; others stay."""
    if not asking.fits(drawn_by_hand, "images", "source", **amounts):
        raise TypeError(
            f"amounts name {', '.join(map(str, amounts))}: name turn, slant, scale, stretch, shift, bend, width"
        )
    images = ChangedImages(data.train.images, partial(drawn_by_hand, **amounts))
    return replace(data, train=replace(data.train, images=images))
