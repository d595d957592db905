"""Run chapters and write their outputs back, less everything that differs from run to run.

    python tools/run_chapters.py [book/03_sampler.ipynb ...]

A chapter that fails is left as it was. One kernel at a time, in book/, as `make test` does it.
"""

import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from notebooks import asked_for

from nas.methods.files import write_atomically

ROOT = Path(__file__).resolve().parent.parent
WIDGET = "application/vnd.jupyter.widget-view+json"


def main(names):
    sys.path.insert(0, str(ROOT))
    import fork_kernel

    import conftest  # noqa: F401  (the environment of the tests is that of the chapters)

    end = fork_kernel.start() if fork_kernel.POSSIBLE else None
    failed = 0
    for path in asked_for(names):
        start = time.monotonic()
        try:
            run(path, "forked" if end else "python3")
        except (CellExecutionError, OSError) as error:  # the second: a clone that cannot be written to
            print(f"{path.name}: left as it was\n{error}", file=sys.stderr)
            failed += 1
        else:
            print(f"{path.name}: {time.monotonic() - start:.0f} s", flush=True)
    if end:
        end()
    return failed


def run(path, kernel="python3"):
    """Execute one notebook from top to bottom and replace the file at once."""
    book = nbformat.read(path, as_version=4)
    NotebookClient(
        book,
        timeout=900,  # seconds a cell: live on MNIST the slowest takes minutes on a busy machine
        startup_timeout=300,  # the first kernels wait until what they are forked from has imported everything
        kernel_name=kernel,
        record_timing=False,
        extra_arguments=["--log-level=ERROR"],
        coalesce_streams=True,  # else their number depends on how fast they came
        resources={"metadata": {"path": str(path.resolve().parent)}},
    ).execute()
    normalise(book)
    write_atomically(path, nbformat.writes(book).rstrip("\n") + "\n")
    if path.stem == "index":  # README.md shows its picture too
        write_atomically(path.with_name("overview.svg"), first_picture(book))


def first_picture(book):
    """The bytes of the first SVG among a notebook's outputs."""
    outputs = [out.get("data", {}) for cell in book.cells for out in cell.get("outputs", [])]
    return next(data["image/svg+xml"] for data in outputs if "image/svg+xml" in data).encode()


def normalise(book):
    """Drop the kernel's version and all that a live widget leaves behind: random names and states."""
    book.metadata.pop("widgets", None)
    book.metadata.get("language_info", {}).pop("version", None)
    book.metadata["kernelspec"] = {
        "display_name": "Python 3",
        "language": "python",
        "name": "python3",
    }
    for cell in book.cells:
        if cell.cell_type == "code":
            # A widget that brings a page of its own leaves that; any other leaves nothing.
            data = [out.get("data", {}) for out in cell.outputs]
            blank = [WIDGET in each and "text/html" not in each for each in data]
            cell.outputs = [out for out, nothing in zip(cell.outputs, blank, strict=True) if not nothing]
            for each in data:
                each.pop(WIDGET, None)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
