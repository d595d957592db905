"""Write the copies of the chapters that Colab opens.

    python tools/colab.py OUT --url https://github.com/OWNER/NAME --commit SHA

The deploy job pushes OUT as the branch `colab` of the fork that it runs in, which is where each
page's button leads. A copy is the chapter with one cell before it (colab_cell.py, with the fork's
address and commit) and with links that still lead somewhere from there.
"""

import argparse
import posixpath
import re
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parent.parent
COLAB = "https://colab.research.google.com/github"
TAG = "colab-setup"
# [text](target#part) and ![text](target), where the target is neither an address nor a part only.
LINK = re.compile(r"(?P<image>!?)(?P<text>\[[^\]]*\])\((?P<target>(?![a-z]+:|#|/)[^)\s#]+)(?P<part>#[^)\s]*)?\)")


def setup_cell(url, commit):
    """The first cell: plain Python, so that a test can run it."""
    source = Path(__file__).with_name("colab_cell.py").read_text(encoding="utf-8").strip()
    for name, value in (("REPOSITORY", url), ("COMMIT", commit)):
        source = source.replace(f'{name} = ""', f"{name} = {value!r}")
    return nbformat.v4.new_code_cell(source, id=TAG, metadata={"tags": [TAG]})


def rewrite(book, url, commit, folder="book"):
    """The notebook with the set-up cell before it, absolute links and a GPU asked for; outputs are kept.

    A copy that is rewritten again gets the new address and commit in the place of the old.
    """
    cells = [cell.copy() for cell in book.cells if TAG not in cell.metadata.get("tags", [])]
    for cell in cells:
        if cell.cell_type == "markdown":
            cell.source = LINK.sub(lambda link: absolute(link, url, commit, folder), cell.source)
    metadata = {**book.metadata, "accelerator": "GPU", "colab": {"gpuType": "T4", "provenance": []}}
    return nbformat.from_dict({**book, "metadata": metadata, "cells": [setup_cell(url, commit), *cells]})


def absolute(link, url, commit, folder):
    path = posixpath.normpath(posixpath.join(folder, link["target"]))
    if path.endswith(".ipynb"):
        target = f"{COLAB}/{url.removeprefix('https://github.com/')}/blob/colab/{path}"
    else:
        target = f"{url}/{'raw' if link['image'] else 'blob'}/{commit}/{path}"
    return f"{link['image']}{link['text']}({target}{link['part'] or ''})"


def main():
    parser = argparse.ArgumentParser(description="Write the copies of the chapters that Colab opens.")
    parser.add_argument("out", type=Path, help="folder to write them into, as OUT/book/*.ipynb")
    parser.add_argument("--url", required=True, help="address of the repository, fetched by git")
    parser.add_argument("--commit", required=True, help="commit whose `nas` and records they use")
    arguments = parser.parse_args()
    if not re.fullmatch(r"[0-9a-f]{40}", arguments.commit):
        parser.error(f"--commit {arguments.commit!r}: give all 40 digits, as `git rev-parse HEAD` does")
    folder = arguments.out / "book"
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted(Path(ROOT, "book").glob("*.ipynb")):
        book = rewrite(nbformat.read(path, as_version=4), arguments.url.removesuffix("/"), arguments.commit)
        nbformat.validate(book)
        nbformat.write(book, folder / path.name)
        print(folder / path.name)


if __name__ == "__main__":
    main()
