"""python -m teach [PRODUCT ...] [--out build/kit]: make these products, by default all, offline."""

import argparse
import sys
import time
from importlib import import_module
from pathlib import Path

# Modules of this folder, in the order in which they are made, since the bundle packs what is there; and what the page
# for lecturers, book/teach.md, promises of each.
PROMISED = {
    "gallery": (
        "gallery/index.html",
        "gallery.zip",
        *(f"gallery/{kind}/*-{size}.{kind}" for kind in ("svg", "png") for size in ("page", "projector")),
    ),
    "slides": ("slides/index.html", *(f"slides/{deck}_*.html" for deck in range(1, 7))),
    "questions": ("questions/canvas/*.zip", "questions/moodle.gift", "questions/answer-key.pdf"),
    "student": ("student/*_*.ipynb", "student/homework.ipynb", "course/source/homework/homework.ipynb"),
    "pdf": ("book.pdf",),
    "bundle": ("bundle.zip",),
}
PRODUCTS = tuple(PROMISED)
DRAWN = (".png", ".pdf")  # made by Chromium; where there is none, each product says so


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m teach", description=__doc__)
    parser.add_argument("products", nargs="*", metavar="PRODUCT", help=", ".join(PRODUCTS))
    parser.add_argument("--out", type=Path, default=Path("build/kit"))
    options = parser.parse_args(arguments)
    if unknown := set(options.products) - set(PRODUCTS):
        parser.error(f"no product {', '.join(sorted(unknown))}; there are: {', '.join(PRODUCTS)}")
    try:
        options.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        parser.error(f"{error}: choose another folder with --out")
    for name in options.products or PRODUCTS:
        began = time.monotonic()
        try:
            made = import_module(f"teach.{name}").make(options.out)
        except ModuleNotFoundError as error:
            parser.error(f"{name}: {error} (`make kit` installs what it needs)")
        print(f"{name}: {len(made)} files, {size(made):,} kB, {time.monotonic() - began:.0f} s")
    missing = lacking(options.out, options.products or PRODUCTS)
    if missing:
        print("promised to lecturers and not there:", *missing)
    return int(any(not pattern.endswith(DRAWN) for pattern in missing))


def lacking(out, products):
    """The promised files, as patterns, that are not below `out`."""
    return [pattern for name in products for pattern in PROMISED[name] if not any(out.glob(pattern))]


def size(paths):
    """How large files are together, in kB."""
    return sum(path.stat().st_size for path in paths) // 1000


if __name__ == "__main__":
    sys.exit(main())
