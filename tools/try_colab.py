"""Run one chapter's copy for Colab where there is torch and little else, as on Colab.

    python tools/try_colab.py book/03_sampler.ipynb

The repository is this clone's HEAD over file://. Takes minutes and 6 GB of disk, given back at the
end; run by `make try-colab`, not by `make test`.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
from colab import rewrite
from nbclient import NotebookClient
from notebooks import asked_for

ROOT = Path(__file__).resolve().parent.parent
TRIAL = ROOT / ".cache" / "colab-trial"
PYTHON = TRIAL / "venv" / "bin" / "python"
UV = Path(sys.executable).with_name("uv")


def main(chapter):
    shutil.rmtree(TRIAL, ignore_errors=True)
    (TRIAL / "home").mkdir(parents=True)
    subprocess.run([UV, "venv", "--quiet", "--seed", TRIAL / "venv"], check=True)
    subprocess.run([UV, "pip", "install", "--quiet", "--python", PYTHON, "torch", "ipykernel"], check=True)
    before = packages()
    run(chapter)
    after = packages()
    changed = [line for line in before if line not in after]
    print(f"{chapter}: ran in full; {len(after) - len(before)} packages installed, changed: {changed or 'none'}")
    shutil.rmtree(TRIAL)
    shutil.rmtree(ROOT / ".cache" / "uv", ignore_errors=True)
    return bool(changed)


def packages():
    listed = subprocess.run([PYTHON, "-m", "pip", "freeze"], check=True, capture_output=True, text=True)
    return listed.stdout.splitlines()


def run(chapter):
    """Execute the rewritten chapter with the bare environment's kernel, in an empty home."""
    kernel = [PYTHON, "-m", "ipykernel", "install", "--prefix", TRIAL / "kernels", "--name", "bare"]
    subprocess.run(kernel, check=True, capture_output=True)
    head = subprocess.run(["git", "-C", ROOT, "rev-parse", "HEAD"], check=True, capture_output=True, text=True)
    os.environ.update(HOME=str(TRIAL / "home"), JUPYTER_PATH=str(TRIAL / "kernels/share/jupyter"))
    book = rewrite(nbformat.read(chapter, as_version=4), ROOT.as_uri(), head.stdout.strip())
    place = {"metadata": {"path": str(TRIAL / "home")}}
    NotebookClient(
        book, timeout=600, kernel_name="bare", resources=place, extra_arguments=["--log-level=ERROR"]
    ).execute()
    print(book.cells[0].outputs[0].text.strip())


if __name__ == "__main__":
    sys.exit(main(asked_for(sys.argv[1:])[0]))
