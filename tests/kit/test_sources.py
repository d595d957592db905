"""What a chapter reads is found in its code: names that are passed on, defaults, folders, and what only looks alike."""

import nbformat
import notebooks
import pytest

from kit.sources import reads

IMPORTS = "from nas import trained\nfrom study.records import SHIPPED, load_records\n"


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ('load_records("nine-networks", "laptop")', ["nine-networks, laptop"]),
        (
            'for p in ("quick", "laptop"):\n    load_records("nine-networks", p)',
            ["nine-networks, laptop", "nine-networks, quick"],
        ),
        ('def f(name):\n    load_records(name, "laptop")\n\n\nf("collapse")', ["collapse, laptop"]),
        (
            'pair = ("collapse", "laptop"), ("samplers", "laptop")\n[load_records(*w) for w in pair]',
            ["collapse, laptop", "samplers, laptop"],
        ),
        ('load_records("nine-networks", "laptop", folder)', []),
        ("trained(depth=3)", ["weights, quick"]),
        ('trained("page", depth=3)', ["weights, page"]),
        ("def trained(seed):\n    pass\n\n\ntrained(3)", []),
        ('(SHIPPED / "latency" / "cpu.json").read_text()', ["latency/cpu.json"]),
        ("from kit.bench import record\nrecord", ["benchmark/cpu.json"]),
        ("from study.analysis.published import gaps, published\ngaps, published", ["census.toml", "published.toml"]),
        ("from study.analysis.published import gaps, published\ngaps()", ["census.toml"]),
    ],
)
def test_what_code_reads(code, found):
    assert reads(IMPORTS + code) == found


def test_chapters_that_say_little_in_their_code_read_what_they_read():
    def of(stem):
        cells = nbformat.read(notebooks.BOOK / f"{stem}.ipynb", as_version=4).cells
        return reads("\n\n".join(cell.source for cell in cells if cell.cell_type == "code"))

    assert of("02_supernet") == ["weights, page", "weights, quick"]  # the pad, the explorer
    assert of("13b_limits") == ["benchmark/cpu.json"]
    assert of("add_your_own") == []
    assert "latency/cpu.json" in of("10d_shipping") and "shared-stage, laptop-fp32" in of("13_speed")
    assert {"shared-stage, full", "kernel-batch, laptop", "kernel-steps, laptop"} < set(of("12_claims_audited"))
