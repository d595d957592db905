"""Training images as other hands might have drawn them: shifted, turned, slanted, scaled, thinner or thicker."""

from dataclasses import dataclass, replace
from functools import partial

import torch
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample, max_pool2d

from nas.seeding import generator


def drawn_by_hand(images, source, *, turn, slant, scale, shift, width):
    """Images (N, 1, H, W), each changed by a little; the draws come from the generator `source`.

    Each amount is uniform from minus to plus what is passed. turn: radians; slant: columns a row; scale: a share of
    the width and, drawn apart, of the height; shift: pixels to the side and down; width: pixels that strokes gain or
    lose on each side, at most 1. Where an image moves in from outside, its edge goes on: it should be background.
    """
    size = len(images)

    def uniform(largest):
        return largest * (2 * torch.rand(size, generator=source) - 1)

    angle, change = uniform(turn), uniform(width).view(size, 1, 1, 1).to(images.device)
    turned = torch.stack([angle.cos(), -angle.sin(), angle.sin(), angle.cos()], dim=1).view(size, 2, 2)
    slanted = torch.stack([1 + uniform(scale), uniform(slant), torch.zeros(size), 1 + uniform(scale)], dim=1)
    # Positions run from -1 to 1 over the image, so a pixel is 2 / W of them.
    shifted = torch.stack([uniform(shift), uniform(shift)], dim=1).view(size, 2, 1) * 2 / images.shape[-1]
    maps = torch.cat([turned @ slanted.view(size, 2, 2), shifted], dim=2).to(images.device)
    grid = affine_grid(maps, images.shape, align_corners=False)
    return with_strokes(grid_sample(images, grid, padding_mode="border", align_corners=False), change)


def with_strokes(images, change):
    """Images (N, 1, H, W) whose bright strokes are wider, or for `change` below 0 narrower, by |change| <= 1 pixels."""
    wide, narrow = max_pool2d(images, 3, stride=1, padding=1), -max_pool2d(-images, 3, stride=1, padding=1)
    return images + change.abs() * (torch.where(change > 0, wide, narrow) - images)


@dataclass(frozen=True)
class ChangedImages:
    """Images that change(images, generator) alters whenever a batch is taken, images[batch], by a tensor of indices.

    The generator comes from the indices, so that a run that was stopped draws the same changes when it goes on.
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
    """The dataset with training images that are new each time, by `drawn_by_hand` and these amounts; others stay."""
    images = ChangedImages(data.train.images, partial(drawn_by_hand, **amounts))
    return replace(data, train=replace(data.train, images=images))
