"""Laws of what the reports built otherwise."""

import subprocess
import sys

import pytest
import torch

from nas.methods.kernels import KernelSupernet
from nas.supernet import DepthSupernet
from study.builds import as_r3
from study.recipes import depths_to
from study.settings import get_profile


def test_r3_has_its_sizes_and_the_same_weights(images):
    plain, net = DepthSupernet(width=4).eval(), as_r3(DepthSupernet(width=4)).eval()
    assert {name: value.tolist() for name, value in plain.state_dict().items()} == {
        name: value.tolist() for name, value in net.state_dict().items()
    }
    sizes = []
    for layer in (net.stem, net.block1, net.down, net.block2):
        layer.register_forward_hook(lambda layer, args, output: sizes.append(tuple(output.shape[-2:])))
    with torch.no_grad():
        net(images, (1, 2))
    assert sizes == [(26, 26), (26, 26), (12, 12), (12, 12)]


def test_r3_pools_the_upper_left_window(images):
    net = as_r3(DepthSupernet(width=4)).eval()
    x = torch.randn(2, 8, 12, 12)
    outside = x.clone()
    outside[:, :, 7:], outside[:, :, :, 7:] = 5, 5
    with torch.no_grad():
        assert torch.equal(net.head(x), net.head(outside))
        pooled = torch.nn.functional.avg_pool2d(x, 7).flatten(1)
        assert torch.allclose(net.head(x), net.head.linear(pooled), atol=1e-6)


@pytest.mark.parametrize("arch", [(1, 1), (3, 2)])
def test_an_extracted_subnet_of_r3_is_the_path(images, arch):
    net = get_profile("as-r3").supernet(depths_to(3), seed=0).eval()
    assert net.stem[0].out_channels == 32
    with torch.no_grad():
        assert torch.equal(net.extract(arch)(images), net(images, arch))
        place = net.architectures.index(arch)
        assert torch.allclose(net.forward_all(images)[place], net(images, arch), atol=1e-5)


def test_r3_is_of_the_first_space():
    with pytest.raises(ValueError, match=r"a KernelSupernet has no settings of R3: pass a DepthSupernet"):
        as_r3(KernelSupernet(width=4))


def test_experiments_recipes_and_settings_are_read_without_torch():
    code = "import sys, study.experiments, study.executors, study.settings; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
