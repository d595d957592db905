"""The plain loop that the engine is measured against: what most tutorials write, with nothing slowed on purpose."""

import torch
from torch.nn.functional import cross_entropy
from torch.optim import AdamW
from torch.utils.data import DataLoader
from torchvision.datasets import MNIST
from torchvision.transforms import ToTensor


class Images(MNIST):
    """Images in memory behind torchvision's own MNIST.__getitem__, with ToTensor: as MNIST, without its files."""

    def __init__(self, pixels, labels):
        self.data, self.targets = pixels, labels
        self.transform, self.target_transform = ToTensor(), None


def loader(pixels, labels, batch_size=128, shuffle=True):
    """torchvision images through a DataLoader in this process."""
    return DataLoader(Images(pixels, labels), batch_size, shuffle=shuffle, num_workers=0, drop_last=shuffle)


def train_epoch(net, batches, paths, device):
    """One step per path, float32, NCHW, the loss read after every step; returns the mean loss."""
    net.train()
    optimizer, total = AdamW(net.parameters(), lr=1e-2), 0.0
    for (images, labels), arch in zip(batches, paths, strict=False):
        images, labels = images.to(device), labels.to(device)
        loss = cross_entropy(net(images, arch), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
    return total / len(paths)


def evaluate_each(net, batches, device):
    """Top-1 of every subnet with running statistics, one pass over the images for each."""
    net.eval()
    accuracies = {}
    with torch.no_grad():
        for arch in net.architectures:
            right = seen = 0
            for images, labels in batches:
                images, labels = images.to(device), labels.to(device)
                right += (net(images, arch).argmax(dim=1) == labels).sum().item()
                seen += len(labels)
            accuracies[arch] = right / seen
    return accuracies
