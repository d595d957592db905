"""What "equal to the bit" means in these tests, and which tensors of a supernet a path uses."""


def same_bits(a, b):
    """Equal shape, type and bytes (so 0.0 differs from -0.0), whatever the memory format."""
    alike = a.shape == b.shape and a.dtype == b.dtype
    return alike and a.detach().cpu().numpy().tobytes() == b.detach().cpu().numpy().tobytes()


def snapshot(module):
    """A copy of every parameter and buffer, by name."""
    return {name: tensor.detach().clone() for name, tensor in module.state_dict().items()}


def changed(before, after):
    """Names of the tensors whose bits differ between two snapshots."""
    assert before.keys() == after.keys()
    return {name for name in before if not same_bits(before[name], after[name])}


def on_path(names, arch):
    """The names of a supernet's tensors that the path `arch` uses, read off the names alone."""
    depth = dict(zip(("block1", "block2"), arch, strict=True))

    def used(name):
        part, *rest = name.split(".")
        return part not in depth or int(rest[1]) < depth[part]

    return {name for name in names if used(name)}


def storages(module):
    """Addresses of the memory that a module's parameters and buffers lie in."""
    return {tensor.untyped_storage().data_ptr() for tensor in module.state_dict().values()}


def without_times(history):
    """A training history without what differs from run to run."""
    return [{key: value for key, value in entry.items() if "seconds" not in key} for entry in history]


class Always:
    """A sampler that takes the given architectures in turn, and remembers its rewards."""

    def __init__(self, *architectures):
        self.architectures, self.count, self.rewards = architectures, 0, []

    def sample(self):
        self.count += 1
        return self.architectures[(self.count - 1) % len(self.architectures)]

    def update(self, arch, reward):
        self.rewards.append((arch, float(reward)))

    def state_dict(self):
        return {"count": self.count}

    def load_state_dict(self, state):
        self.count = state["count"]
