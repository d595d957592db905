"""How many operators a piece of work calls, and how many bytes they touch: counts, the same on every machine."""

from collections import Counter

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves


class Calls(TorchDispatchMode):
    """Use it in a `with` block: `names` counts the operators called inside, `bytes` those read and written.

    Views, which move nothing, are left out.
    """

    def __init__(self):
        super().__init__()
        self.names, self.bytes = Counter(), 0

    def __torch_dispatch__(self, operator, types, args=(), kwargs=None):
        result = operator(*args, **(kwargs or {}))
        if not operator.is_view:
            self.names[operator.overloadpacket.__name__] += 1
            leaves = tree_leaves((args, kwargs, result))
            self.bytes += sum(x.nbytes for x in leaves if isinstance(x, torch.Tensor))
        return result
