"""python -m teach.selftest: does this computer run the book? One minute, no network; says ok, or what is missing."""

import importlib
import sys
import time

PACKAGES = ["torch", "torchvision", "numpy", "scipy", "pandas", "sklearn", "matplotlib", "ipywidgets", "dask", "tqdm"]
TOOLS = ["jupyterlab", "ipykernel", "nbval", "jupyter_book"]
BETTER_THAN_GUESSING = 0.3  # one answer in ten is right by luck


def main():
    failed = 0
    for step in (python, packages, records, learning, kernel):
        began = time.monotonic()
        try:
            told = step()
        except Exception as error:  # whatever it is, the other steps are tried too
            failed += 1
            told = f"FAILED: {type(error).__name__}: {error}"
        print(f"{step.__name__}: {told} ({time.monotonic() - began:.0f} s)", flush=True)
    print(f"not ok: {failed} of 5 steps failed" if failed else "ok: this computer runs the book")
    return bool(failed)


def python():
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        raise RuntimeError(f"{sys.version.split()[0]} is installed; Python 3.11, 3.12 or 3.13 is needed")
    return sys.version.split()[0]


def packages():
    """What the chapters import must import; what opens and tests them must be there."""
    for name in PACKAGES:
        importlib.import_module(name)
    if missing := [name for name in TOOLS if importlib.util.find_spec(name) is None]:
        raise ModuleNotFoundError(f"{', '.join(missing)}: pip install -r requirements.txt")
    return f"torch {importlib.import_module('torch').__version__}"


def records():
    from study.records import load_records

    found = load_records("nine-networks", "laptop")
    return f"{len(found)} seeds of nine-networks"


def learning():
    """Train a small supernet on the digits for five epochs; all nine must beat guessing once recalculated."""
    from nas import DepthSupernet, TrainConfig, UniformSampler, evaluate, load_data, recalibrate, train

    data = load_data("digits")
    net = DepthSupernet(width=8)
    train(net, data, TrainConfig(epochs=5, batch_size=32), sampler=UniformSampler(net.architectures, seed=0))
    images = data.train.images[:500]
    worst = min(evaluate(recalibrate(net, arch, images), data.validation) for arch in net.architectures)
    if worst < BETTER_THAN_GUESSING:
        raise RuntimeError(f"the worst of nine networks is right on {worst:.0%} of the digits, no better than guessing")
    return f"nine networks trained, the worst is right on {worst:.0%}"


def kernel():
    """Run one line in the kernel that JupyterLab would start."""
    import nbformat
    from nbclient import NotebookClient

    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("import nas; print(nas.__name__)")])
    NotebookClient(book, timeout=60, kernel_name="python3", extra_arguments=["--log-level=ERROR"]).execute()
    return f"a notebook imports {book.cells[0].outputs[0].text.strip()}"


if __name__ == "__main__":
    sys.exit(main())
