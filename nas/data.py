"""The datasets of the book as tensors: scikit-learn's digits, which need no download, MNIST and Fashion-MNIST."""

import gzip
import hashlib
import os
import tempfile
import zlib
from contextlib import suppress
from dataclasses import dataclass, replace
from http.client import HTTPException
from itertools import count
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import interpolate

from nas import asking, machine
from nas.config import DATASETS

# The files of MNIST and of Fashion-MNIST; for each data set, torchvision's folder and the SHA-256 of each content.
FILES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")
SOURCES = {
    "mnist": (
        "MNIST",
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    ),
    "fashion": (
        "FashionMNIST",
        "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
        "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
        "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
        "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
    ),
}


@dataclass(frozen=True)
class Split:
    """Images (N, 1, 28, 28) float32, finite, and labels (N,) int64 from 0 to 9. ValueError or TypeError if not."""

    images: Tensor
    labels: Tensor

    def __post_init__(self):
        images = asking.held(self.images)
        kinds = [isinstance(values, Tensor) and values.dtype for values in (images, self.labels)]
        if kinds != [torch.float32, torch.int64]:
            came = f"images are {asking.named(images)}, labels {asking.named(self.labels)}"
            raise TypeError(f"{came}: pass tensors, torch.float32 and torch.int64")
        if images.shape[1:] != (1, 28, 28) or self.labels.shape != images.shape[:1]:
            shapes = f"{tuple(images.shape)} and {tuple(self.labels.shape)}"
            raise ValueError(f"images and labels have shapes {shapes}: pass (N, 1, 28, 28) and (N,)")
        if len(images) == 0:
            raise ValueError("images are empty: the split needs at least one")
        asking.images(images)
        asking.classes("labels", asking.tensor("labels", self.labels, "Split(images, labels)", floating=False))

    def __len__(self):
        return len(self.images)

    def take(self, count):
        """The first `count` images."""
        count = asking.whole("count", count, 0)
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
        """The same data on another device. TypeError or ValueError for an unknown or absent one."""
        device = machine.known(device)
        try:
            torch.empty(0, device=device)
        except (RuntimeError, AssertionError, NotImplementedError) as error:
            raise ValueError(f"device is {str(device)!r}, but torch finds none here: pass machine.device()") from error
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
        return f"{self.name}: {sizes}; mean {self.mean:.4f}, deviation {self.std:.4f}"


def load_data(name="digits"):
    """The dataset "digits" (1,257 / 180 / 360 images), "mnist" or "fashion" (55,000 / 5,000 / 10,000).

    MNIST and Fashion-MNIST are read from the folder $NAS_DATA_DIR where that is set, else from ./data, into which they
    are downloaded if absent. The splits are always the same, and stratified. Raises ValueError for an unknown name
    or files with other contents, FileNotFoundError for missing ones.
    """
    asking.choice("dataset", name, [*DATASETS])
    from sklearn.model_selection import train_test_split

    raw, pixels, labels, rest, test, size = _digits() if name == "digits" else _images(name)
    train, validation = train_test_split(rest, test_size=size, stratify=labels[rest], random_state=0)
    labels = torch.from_numpy(labels).long()
    splits = [Split(pixels[index].contiguous(), labels[index]) for index in (train, validation, test)]
    mean, std = moments(splits[0].images)  # of what is left for training
    for split in splits:
        split.images.sub_(mean).div_(std)
    digest = hashlib.sha256(raw)
    digest.update(labels.numpy())
    digest.update(np.concatenate([train, validation]))
    return Dataset(name, *splits, mean, std, digest.hexdigest()[:16])


def _digits():
    """scikit-learn's 1,797 scanned digits, 8x8 in 17 levels; 180 are for validation and 360 for testing."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    digits = load_digits()
    raw, labels = digits.images.astype(np.uint8), digits.target
    rest, test = train_test_split(np.arange(len(raw)), test_size=360, stratify=labels, random_state=0)
    pixels = torch.from_numpy(raw).float().unsqueeze(1) / 16
    pixels = interpolate(pixels, size=(28, 28), mode="bilinear", align_corners=False)
    return raw, pixels, labels, rest, test, 180


def _images(name):
    """MNIST or Fashion-MNIST as their authors split them; 5,000 of the training images are set aside for validation."""
    headers = (16, 8, 16, 8)  # bytes before the images and the labels
    values = [np.frombuffer(content, np.uint8, offset=skip) for content, skip in zip(_find(name), headers, strict=True)]
    raw = np.concatenate(values[::2]).reshape(-1, 28, 28)
    labels = np.concatenate(values[1::2]).astype(np.int64)
    size = len(values[1])
    pixels = torch.from_numpy(raw).unsqueeze(1).float().div_(255)
    return raw, pixels, labels, np.arange(size), np.arange(size, len(raw)), 5_000


def _find(name):
    """The contents of a dataset's four FILES, unpacked if they are packed; what ./data lacks is downloaded.

    A file is known by the SHA-256 of its content, however packed; no content already there is changed or deleted.
    """
    kind, *sums = SOURCES[name]
    named, found = os.environ.get("NAS_DATA_DIR"), []
    try:
        root = Path(named or "data").expanduser()
    except RuntimeError as error:
        raise ValueError(f"NAS_DATA_DIR={named!r}: {error}") from error
    folders = (root / kind / "raw", root / "raw", root)
    for file, wanted in zip(FILES, sums, strict=True):
        (content, others), failure = _look(folders, file, wanted), ""
        if content is None and not named:
            content, failure = _download(kind, file, wanted, folders[0])
        if content is None:
            advice = f"set NAS_DATA_DIR to a folder that holds {kind}/raw with its four files"
            advice += ", or unset it to download them" if named else ", or try again with a network"
            if not others:
                raise FileNotFoundError(f"{folders[0] / file}.gz is missing{failure}: {advice}")
            reason = f"it is cut, or of another data set (the SHA-256 of its content is not {wanted}){failure}"
            raise ValueError(f"{others[0]} is not {kind}'s {file}: {reason}; leave it where it is, and {advice}")
        found.append(content)
    return found


def _look(folders, file, wanted):
    """(content of the first copy of a file with the wanted SHA-256, or None; the wrong copies)."""
    others = []
    for path in (folder / name for folder in folders for name in (f"{file}.gz", file)):
        with suppress(OSError, EOFError, zlib.error):
            others += [path] * path.is_file()
            content = path.read_bytes()
            packed = content.startswith(b"\x1f\x8b")  # as a gzip file begins, whatever its name says
            content = gzip.decompress(content) if packed else content
            if hashlib.sha256(content).hexdigest() == wanted:
                return content, others
    return None, others


def _download(kind, file, wanted, folder):
    """(content of a file downloaded into the folder, or None; why not). A wrong copy is set aside."""
    import torchvision.datasets
    from torchvision.datasets.utils import download_url

    source = getattr(torchvision.datasets, kind)
    sums = dict(source.resources)
    failure = ""
    for mirror in source.mirrors:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=folder, prefix=".download-") as fresh:
                download_url(f"{mirror}{file}.gz", fresh, f"{file}.gz", sums[f"{file}.gz"])
                content, _ = _look([Path(fresh)], file, wanted)
                target = folder / f"{file}.gz"
                if target.exists() and _look([folder], file, wanted)[0] is None:  # another process may have been faster
                    kept = next(path for n in count(1) if not (path := folder / f"{file}.gz.broken-{n}").exists())
                    target.rename(kept)
                    print(f"{target} was not {kind}'s; kept as {kept.name}, and downloaded anew")
                Path(fresh, f"{file}.gz").replace(target)
                return content, ""
        except (OSError, RuntimeError, HTTPException) as error:  # no network, no permission, no space left
            failure = f", and the download from {mirror} failed ({' '.join(str(error).split())})"
    return None, failure


def moments(pixels):
    """Mean and standard deviation in float64; in blocks, as MNIST in float64 would be most of a process's memory."""
    blocks = pixels.split(1_000)
    mean = sum(block.double().sum().item() for block in blocks) / pixels.numel()
    squares = sum((block.double() - mean).square().sum().item() for block in blocks)
    return mean, (squares / (pixels.numel() - 1)) ** 0.5
