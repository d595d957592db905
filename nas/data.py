"""The two datasets of the book as tensors: scikit-learn's digits, which need no download, and MNIST."""

import gzip
import hashlib
import os
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import interpolate

DATASETS = {"digits": "fb8d3afa569683cf", "mnist": "d33e0dc143f91d01"}  # with the fingerprints that records must have
CLASSES = 10


@dataclass(frozen=True)
class Split:
    """Images (N, 1, 28, 28) float32 and labels (N,) int64 from 0 to 9. ValueError or TypeError for anything else."""

    images: Tensor
    labels: Tensor

    def __post_init__(self):
        kinds = [getattr(values, "dtype", type(values).__name__) for values in (self.images, self.labels)]
        if kinds != [torch.float32, torch.int64]:
            raise TypeError(f"images are {kinds[0]}, labels {kinds[1]}: pass tensors, torch.float32 and torch.int64")
        if len(self.images) == 0:
            raise ValueError("the split is empty: pass at least one image")
        if self.images.shape[1:] != (1, 28, 28) or self.labels.shape != self.images.shape[:1]:
            shapes = f"{tuple(self.images.shape)} and {tuple(self.labels.shape)}"
            raise ValueError(f"images and labels have shapes {shapes}: pass (N, 1, 28, 28) and (N,)")
        outside = self.labels[(self.labels < 0) | (self.labels >= CLASSES)]
        if len(outside):
            raise ValueError(f"label {outside[0].item()} is out of range: labels run from 0 to {CLASSES - 1}")

    def __len__(self):
        return len(self.images)

    def take(self, count):
        """The first `count` images."""
        return Split(self.images[:count], self.labels[:count])


@dataclass(frozen=True)
class Dataset:
    """Three splits, the training split's mean and deviation (pixels in [0, 1]), and a fingerprint of the raw pixels."""

    name: str
    train: Split
    validation: Split
    test: Split
    mean: float
    std: float
    fingerprint: str

    def to(self, device):
        """The same data on another device."""
        splits = {
            name: replace(split, images=split.images.to(device), labels=split.labels.to(device))
            for name, split in (("train", self.train), ("validation", self.validation), ("test", self.test))
        }
        return replace(self, **splits)

    def take(self, count):
        """The same data with only the first `count` training images; normalisation stays."""
        return replace(self, train=self.train.take(count))

    def __str__(self):
        sizes = f"{len(self.train):,} training, {len(self.validation):,} validation, {len(self.test):,} test images"
        return f"{self.name}: {sizes}; normalised by mean {self.mean:.4f}, deviation {self.std:.4f}"


def load_data(name="digits"):
    """The dataset "digits" (1,257 / 180 / 360 images) or "mnist" (55,000 / 5,000 / 10,000), stratified, always alike.

    MNIST is read from the folder $NAS_DATA_DIR where that is set, else from ./data, into which it is downloaded if
    absent. Raises ValueError for an unknown name, FileNotFoundError or ValueError for missing or broken files.
    """
    if name == "digits":
        return _prepare(name, *_digits())
    if name == "mnist":
        return _prepare(name, *_mnist())
    raise ValueError(f"dataset {name!r} is unknown: choose one of {', '.join(DATASETS)}")


def _digits():
    """scikit-learn's 1,797 scanned digits, 8x8 in 17 levels; a tenth of them validates and a fifth tests."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    digits = load_digits()
    raw, labels = digits.images.astype(np.uint8), digits.target
    rest, test = train_test_split(np.arange(len(raw)), test_size=360, stratify=labels, random_state=0)
    pixels = torch.from_numpy(raw).float().unsqueeze(1) / 16
    pixels = interpolate(pixels, size=(28, 28), mode="bilinear", align_corners=False)
    return raw, pixels, labels, rest, test, 180


def _mnist():
    """MNIST as its authors split it; 5,000 of the training images are set aside for validation."""
    from torchvision.datasets import MNIST

    with tempfile.TemporaryDirectory() as folder:
        _unpack(_find_mnist(MNIST), Path(folder, "MNIST", "raw"))
        parts = [MNIST(folder, train=train) for train in (True, False)]
    raw = torch.cat([part.data for part in parts])
    labels = torch.cat([part.targets for part in parts]).numpy()
    size = len(parts[0].data)
    return raw.numpy(), raw.unsqueeze(1).float().div_(255), labels, np.arange(size), np.arange(size, len(raw)), 5_000


def _find_mnist(source):
    """MNIST's four .gz files, their checksums verified; what ./data lacks is downloaded if no folder is named."""
    from torchvision.datasets.utils import check_integrity

    named = os.environ.get("NAS_DATA_DIR")
    root = Path(named or "data")
    folders = (root / "MNIST" / "raw", root / "raw", root)
    folder = next((folder for folder in folders if list(folder.glob("*-ubyte.gz"))), folders[0])
    archives = {folder / filename: checksum for filename, checksum in source.resources}
    failure = ""
    if not named and not all(check_integrity(str(path), checksum) for path, checksum in archives.items()):
        try:
            source(root, download=True)
        except (OSError, RuntimeError) as error:
            failure = f", and the download failed ({' '.join(str(error).split())})"
    advice = "set NAS_DATA_DIR to a folder that holds MNIST's four .gz files, or unset it and let them download"
    for path, checksum in archives.items():
        if not path.is_file():
            raise FileNotFoundError(f"{path} is missing{failure}: {advice}")
        if not check_integrity(str(path), checksum):
            raise ValueError(f"{path} is damaged (its MD5 is not {checksum}){failure}: delete it, then {advice}")
    return list(archives)


def _unpack(archives, folder):
    """Unpack beside nothing that is there already: the folder with the .gz files may be read-only."""
    folder.mkdir(parents=True)
    for archive in archives:
        (folder / archive.stem).write_bytes(gzip.decompress(archive.read_bytes()))


def moments(pixels):
    """Mean and standard deviation in float64; in blocks, as MNIST in float64 would be most of a process's memory."""
    blocks = pixels.split(1_000)
    mean = sum(block.double().sum().item() for block in blocks) / pixels.numel()
    squares = sum((block.double() - mean).square().sum().item() for block in blocks)
    return mean, (squares / (pixels.numel() - 1)) ** 0.5


def _prepare(name, raw, pixels, labels, rest, test, validation_size):
    """Set validation images aside, normalise by what is left for training, fingerprint the raw pixels and splits."""
    from sklearn.model_selection import train_test_split

    train, validation = train_test_split(rest, test_size=validation_size, stratify=labels[rest], random_state=0)
    labels = torch.from_numpy(labels).long()
    splits = [Split(pixels[index].contiguous(), labels[index]) for index in (train, validation, test)]
    mean, std = moments(splits[0].images)
    for split in splits:
        split.images.sub_(mean).div_(std)
    digest = hashlib.sha256(raw)
    digest.update(labels.numpy())
    digest.update(np.concatenate([train, validation]))
    return Dataset(name, *splits, mean, std, digest.hexdigest()[:16])
