"""Rewards from images that are kept out of training: the same sampler learns from how well a subnet generalises."""

import torch

from nas import asking, machine
from nas.evaluation import count_right, eval_mode
from nas.methods.remedies import batch_statistics


class HeldOutReward:
    """A learner (nas/methods/bandits.py) whose rewards come from held-out images instead of the training batch.

    It is used in place of `sampler`, whose draws it passes on. Each update answers the next `batch_size` images of
    `split`, in a fixed cycle, with the subnet that has just had its step, and tells the learner the top-1. The
    batch is normalised by its own statistics, as in training, so that a reward differs in its images alone; the
    network is left as it was. split: a Split used for nothing else. precision: "fp32" or "bf16", as in training.
    Raises ValueError for a split with fewer than batch_size images, TypeError or ValueError for anything else.
    """

    def __init__(self, sampler, net, split, batch_size, precision="fp32"):
        right = "HeldOutReward(UCB1Sampler(net.architectures), net, data.validation, 64)"
        asking.network(net, right=right)
        asking.split(split, right)
        asking.choice("precision", precision, ("fp32", "bf16"))
        if isinstance(sampler, type) or not hasattr(sampler, "update"):
            raise TypeError(f"sampler is {asking.named(sampler)}: it must be a sampler that learns, {right}")
        batch_size, images = asking.whole("batch_size", batch_size), len(split.images)
        if batch_size > images:
            raise ValueError(f"batch_size is {batch_size}, the split has {images} images: it must fill one batch")
        self.sampler, self.net, self.split = sampler, net, split
        self.batch_size, self.precision = batch_size, precision
        self.architectures = sampler.architectures
        self.position = 0  # of the next image in the split

    def sample(self):
        """The architecture for the next step."""
        return self.sampler.sample()

    def update(self, arch, reward):
        """Learn from held-out images; `reward`, the top-1 of the training batch, is ignored and not even read."""
        images, labels = self._next_batch()
        with machine.autocast(images.device, self.precision), eval_mode(self.net), batch_statistics(self.net):
            right = count_right(self.net(images, arch), labels)
        self.sampler.update(arch, right / self.batch_size)

    def _next_batch(self):
        device, size = self.split.images.device, len(self.split)
        indices = torch.arange(self.position, self.position + self.batch_size, device=device) % size
        self.position = (self.position + self.batch_size) % size
        return self.split.images[indices], self.split.labels[indices]

    def state_dict(self):
        """All that the next draws and rewards depend on, besides the network."""
        return {"held_out": self._settings(), "position": self.position, "sampler": self.sampler.state_dict()}

    def load_state_dict(self, state):
        """Go on from where `state` was taken. ValueError if that was another kind of sampler or had other settings."""
        if state.get("held_out") != self._settings():
            raise ValueError(
                f"the state has held-out settings {state.get('held_out')}, and this sampler {self._settings()}: "
                "load it into one of the same"
            )
        self.sampler.load_state_dict(state["sampler"])
        self.position = state["position"]

    def _settings(self):
        return {"images": len(self.split), "batch_size": self.batch_size, "precision": self.precision}
