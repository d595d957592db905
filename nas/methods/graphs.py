"""CUDA graphs: on a GPU a step this small costs more to launch than to compute, so each path's step is launched whole.

The plain twin is nas.training.gradients; a reader who trains on a CPU may skip this file.
"""

import torch

from nas import asking


class GraphedGradients:
    """Loss and gradients of one training step, captured once per architecture as a CUDA graph, then replayed.

    Called as (images, labels, arch) with batches of one shape, it returns (loss, logits) and leaves a gradient in every
    parameter on the path, None in all others: what `gradients(net, images, labels, arch, precision)` does, by the same
    kernels. The optimiser stays outside, so that it steps the path's parameters alone and takes any learning rate. The
    graphs share one pool of memory, as only one runs at a time. ValueError for a batch of another shape.
    Source: Nguyen et al. 2021, "Accelerating PyTorch with CUDA Graphs".
    """

    def __init__(self, net, gradients, precision):
        self.net, self.gradients, self.precision = net, gradients, precision
        self.images = self.labels = self.pool = None
        self.graphs = {}

    def __call__(self, images, labels, arch=None):
        if self.images is None:
            self.images, self.labels = images.clone(), labels.clone()
        if images.shape != self.images.shape:
            raise ValueError(f"images have shape {tuple(images.shape)}: these graphs take {tuple(self.images.shape)}")
        self.images.copy_(images)
        self.labels.copy_(labels)
        if arch not in self.graphs:
            self.graphs[arch] = self.record(arch)
        replay, (loss, logits, *found) = self.graphs[arch]
        replay()
        for parameter, gradient in zip(self.net.parameters(), found, strict=True):
            parameter.grad = gradient
        return loss.clone(), logits

    def record(self, arch):
        """(replay, [loss, logits, each parameter's gradient or None]) of one path; the net is left as it was."""
        before = [buffer.clone() for buffer in self.net.buffers()]

        def work():
            loss, logits = self.gradients(self.net, self.images, self.labels, arch, self.precision)
            return [loss, logits, *(parameter.grad for parameter in self.net.parameters())]

        replay, results, self.pool = capture(work, self.pool)
        for buffer, value in zip(self.net.buffers(), before, strict=True):
            buffer.copy_(value)  # the warm-up went through the batch normalisations
        return replay, results


def capture(work, pool=None):
    """Record work() as a CUDA graph; returns (replay, the tensors that each replay fills, the memory pool)."""
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):  # libraries set themselves up on the first calls, which a graph must not contain
        for _ in range(3):
            work()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph, pool=pool):
        results = work()
    return graph.replay, results, graph.pool()


def graphed(compute):
    """`compute`, a function like nas.training.gradients, replayed as CUDA graphs, for `nas.train` to use in its place.

    It serves one training of one network, on a GPU. ValueError for images elsewhere.
    """
    if compute is None:
        raise TypeError("compute is None: pass the function to record, e.g. graphed(nas.training.gradients)")
    asking.function("compute", compute, "net", "images", "labels")
    engine = None

    def replayed(net, images, labels, arch=None, precision="fp32"):
        nonlocal engine
        if images.device.type != "cuda":
            raise ValueError(f"CUDA graphs need a GPU, the images are on {images.device}: pass `compute` itself there")
        if engine is None:
            engine = GraphedGradients(net, compute, precision)
        return engine(images, labels, arch)

    return replayed
