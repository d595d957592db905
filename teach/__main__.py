"""python -m teach [PRODUCT ...] [--out build/kit]: make these products, by default all, offline."""

import argparse
import time
from importlib import import_module
from pathlib import Path

# Modules of this folder, in the order in which they are made: the bundle packs what is there.
PRODUCTS = ("gallery", "slides", "questions", "student", "pdf", "bundle")


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m teach", description=__doc__)
    parser.add_argument("products", nargs="*", metavar="PRODUCT", help=", ".join(PRODUCTS))
    parser.add_argument("--out", type=Path, default=Path("build/kit"))
    options = parser.parse_args(arguments)
    if unknown := set(options.products) - set(PRODUCTS):
        parser.error(f"no product {', '.join(sorted(unknown))}; there are: {', '.join(PRODUCTS)}")
    for name in options.products or PRODUCTS:
        began = time.monotonic()
        made = import_module(f"teach.{name}").make(options.out)
        print(f"{name}: {len(made)} files, {size(made):,} kB, {time.monotonic() - began:.0f} s")


def size(paths):
    """How large files are together, in kB."""
    return sum(path.stat().st_size for path in paths) // 1000


if __name__ == "__main__":
    main()
