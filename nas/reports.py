"""What the public reports built otherwise, as far as known, for the profiles that carry their names."""

from nas.blocks import Head
from nas.supernet import DepthSupernet

WINDOW = 7


class WindowHead(Head):
    """The head of R3: a mean over the upper left 7 x 7 positions, then one linear layer.

    R3 pools 12 x 12 positions in windows of 7 x 7; at the usual stride of one window only that one fits.
    """

    def forward(self, x):
        return super().forward(x[:, :, :WINDOW, :WINDOW])


def as_r3(net):
    """The supernet with R3's sizes, 28 -> 26 -> 12: no padding in the stem and `down`, and its pooling. Same weights.

    Returns net, changed in place. ValueError for the supernet of another space.
    """
    if not isinstance(net, DepthSupernet):
        raise ValueError(f"a {type(net).__name__} has no settings of R3: pass a DepthSupernet, or use another profile")
    for layer in (net.stem, net.down):
        layer[0].padding = (0, 0)
    head = WindowHead(net.head.linear.in_features, net.head.linear.out_features)
    head.load_state_dict(net.head.state_dict())
    net.head = head
    return net
