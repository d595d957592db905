"""The second supernet: two layers, in each a choice between a 3x3 and a 5x5 convolution, and no batch normalisation."""

from copy import deepcopy
from itertools import product

import torch
from torch import nn
from torch.nn import functional

from nas import asking
from nas.blocks import MOST_CHANNELS, check_images
from nas.seeding import seeded
from nas.supernet import member

KERNELS = (3, 5)
PADDINGS = ("same", "none")
FOUR = tuple(product(KERNELS, repeat=2))
HIDDEN = 256


class KernelLayer(nn.Module):
    """One of two convolutions, ReLU, 2x2 max pooling: (N, in, H, W) -> (N, out, H', W').

    H' is H / 2 with padding "same" and (H - kernel + 1) / 2 with "none", rounded down.
    """

    def __init__(self, in_channels, out_channels, padding):
        super().__init__()
        same = asking.choice("padding", padding, PADDINGS) == "same"
        margins = {kernel: kernel // 2 if same else 0 for kernel in KERNELS}
        self.convs = nn.ModuleDict(
            {str(kernel): nn.Conv2d(in_channels, out_channels, kernel, padding=margins[kernel]) for kernel in KERNELS}
        )

    def forward(self, x, kernel):
        return functional.max_pool2d(self.conv(kernel)(x).relu(), 2)

    def conv(self, kernel):
        """The convolution of this size. TypeError or ValueError for a kernel that is not one of KERNELS."""
        return self.convs[str(asking.choice("kernel", asking.whole("kernel", kernel), KERNELS))]

    def extract(self, kernel):
        """The path of this kernel as an ordinary nn.Sequential with its own copy of the convolution."""
        return nn.Sequential(deepcopy(self.conv(kernel)), nn.ReLU(), nn.MaxPool2d(2))


class FirstLayer(nn.Sequential):
    """An extracted path's first layer; it refuses anything that is not an image, as nas.blocks.Stem does."""

    def forward(self, x):
        check_images(x, self[0].weight.dtype)
        return super().forward(x)


class Embedding(nn.Module):
    """Flatten (N, C, H, W) to (N, size), padded with zeros at the end. ValueError if C * H * W exceeds size."""

    def __init__(self, size):
        super().__init__()
        self.size = size

    def forward(self, x):
        x = x.flatten(1)
        if x.shape[1] > self.size:
            raise ValueError(f"{x.shape[1]} numbers per image do not fit an embedding of {self.size}: make it larger")
        return functional.pad(x, (0, self.size - x.shape[1]))


class KernelHead(nn.Sequential):
    """Hidden layer, ReLU, logits: (N, size) -> (N, 10)."""

    def __init__(self, size, classes=10):
        super().__init__(nn.Linear(size, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, classes))

    def forward(self, x):
        # Logits in full precision, as in nas.blocks.Head.
        hidden = self[1](self[0](x))
        with torch.autocast(x.device.type, enabled=False):
            return self[2](hidden.to(self[2].weight.dtype))

    def narrowed(self, size):
        """A copy that reads the first `size` numbers only."""
        head = deepcopy(self)
        weight = self[0].weight
        head[0].in_features = size
        head[0].weight = nn.Parameter(weight.detach()[:, :size].clone(), weight.requires_grad)
        return head


class KernelSupernet(nn.Module):
    """Four networks in one; an architecture (k1, k2) of kernel sizes 3 and 5 picks a path for one call.

    width: channels of both layers. padding: "same" keeps an image's size in each convolution, so that all paths end in
    7 x 7; "none" lets it shrink, and a path that ends in 4 x 4 is padded with zeros to the 5 x 5 of the largest.
    seed: as in DepthSupernet, whose interface it shares. ValueError for another padding.
    """

    measures = ("shared",)  # no batch statistics to choose between

    def __init__(self, width=32, padding="same", seed=0):
        super().__init__()
        width = asking.whole("width", width, most=MOST_CHANNELS)
        self.padding = asking.choice("padding", padding, PADDINGS)
        self.architectures = FOUR
        # How many numbers a path gives the head per image.
        self.sizes = {arch: width * self.side(arch) ** 2 for arch in FOUR}
        with seeded("weights", asking.seed(seed)):
            self.layer1 = KernelLayer(1, width, padding)
            self.layer2 = KernelLayer(width, width, padding)
            self.embedding = Embedding(max(self.sizes.values()))
            self.head = KernelHead(self.embedding.size)

    def side(self, arch):
        """Height and width of the images after the second layer of a path."""
        side = 28
        for kernel in arch:
            side = (side if self.padding == "same" else side - kernel + 1) // 2
        return side

    @property
    def name(self):
        """What this space is called in records and file names."""
        return f"kernels-{self.padding}"

    def check(self, arch):
        """The architecture, if it is in the space. TypeError or ValueError, naming the allowed ones, if not."""
        return member(arch, self.architectures, f"choose one of {', '.join(map(str, self.architectures))}")

    def forward(self, x, arch):
        """Logits (N, 10) for images x (N, 1, 28, 28) of the subnet `arch`, or of one per image: see forward_each."""
        if isinstance(arch, torch.Tensor):
            return self.forward_each(x, arch)
        k1, k2 = self.check(arch)
        check_images(x, self.head[0].weight.dtype)
        return self.head(self.embedding(self.layer2(self.layer1(x, k1), k2)))

    def forward_all(self, x):
        """Logits of all subnets, (4, N, 10): each common prefix is computed once."""
        check_images(x, self.head[0].weight.dtype)
        first = [self.layer1(x, kernel) for kernel in KERNELS]
        return torch.stack([self.head(self.embedding(self.layer2(x1, kernel))) for x1 in first for kernel in KERNELS])

    def forward_each(self, x, paths):
        """Logits (N, 10), each image through a path of its own: paths (N,) int64, indices into `architectures`.

        The images of a path go through it together, and a path that no image takes gets no gradient, not even zero.
        ValueError for paths of another shape, type or range.
        """
        check_images(x, self.head[0].weight.dtype)
        if paths.shape != x.shape[:1] or paths.dtype != torch.int64:
            raise ValueError(
                f"paths are {paths.dtype} of shape {tuple(paths.shape)}: pass int64 of shape ({len(x)},), one per image"
            )
        if len(paths) and not (paths.min() >= 0 and paths.max() < len(self.architectures)):
            raise ValueError(f"paths go from {paths.min()} to {paths.max()}: choose 0 to {len(self.architectures) - 1}")
        logits = torch.empty(len(x), self.head[2].out_features, dtype=self.head[2].weight.dtype, device=x.device)
        for place in paths.unique().tolist():
            mine = (paths == place).nonzero().squeeze(1)
            logits = logits.index_copy(0, mine, self(x[mine], self.architectures[place]))
        return logits

    def extract(self, arch):
        """The subnet `arch` as an ordinary nn.Module, model(x) -> (N, 10), with copies of its weights.

        Its head reads only the path's own numbers, not the zeros of the padding; the subnet inherits the mode.
        """
        k1, k2 = self.check(arch)
        model = nn.Sequential()
        model.add_module("layer1", FirstLayer(*self.layer1.extract(k1)))
        model.add_module("layer2", self.layer2.extract(k2))
        model.add_module("flatten", nn.Flatten())
        model.add_module("head", self.head.narrowed(self.sizes[k1, k2]))
        return model.train(self.training)
