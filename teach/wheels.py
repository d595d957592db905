"""python -m teach.wheels [SYSTEM ...] [--dry-run]: the wheels that a laptop without network installs the book from.

A folder a system, all packages of requirements.txt as wheels for one version of Python, torch being a build without
CUDA. The package index has such builds for macOS and Windows. For Linux only PyTorch's own index has them: name it
with --torch-index, as the page "Get started" at pytorch.org gives it for the compute platform CPU. Where that index
cannot be reached, --with-cuda takes the package index's build for Linux: it runs without a GPU too, and weighs some GB.
"""

import argparse
import os
import re
import subprocess
import sys
from pathlib import Path

from nas.methods.files import write_atomically
from teach import ROOT

SYSTEMS = {  # uv's name for it, the tags of the wheels that run there, how its Python is called
    "linux": ("x86_64-manylinux_2_28", [f"manylinux_2_{n}_x86_64" for n in range(28, 16, -1)], ".venv/bin/python"),
    "macos": ("aarch64-apple-darwin", ["macosx_14_0_arm64"], ".venv/bin/python"),
    "windows": ("x86_64-pc-windows-msvc", ["win_amd64"], r".venv\Scripts\python"),
}
LEGACY = ["manylinux2014_x86_64", "manylinux2010_x86_64", "manylinux1_x86_64"]
CUDA = re.compile(r"^(?:nvidia|cuda)-", re.MULTILINE)
CUDA_BUILD = """{system}: {count} wheels, {cuda} of them NVIDIA's, for torch there is the CUDA build: some GB. Either
  name the index of the CPU build   --torch-index https://download.pytorch.org/whl/cpu   (see pytorch.org, Get started)
  or take this one, if a stick holds it; it runs without a GPU as well                    --with-cuda"""
INSTALL = """Install the book on {system} without network. In this folder (Python {version}):

    python -m venv .venv
    {python} -m pip install --no-index --find-links wheels/{system} -r requirements.txt
    {python} -m pip install --no-index --find-links wheels/{system} --no-deps nas

Then, in the folder of the book's code (repository/ in the bundle), a self-test of a minute:

    {python} -m teach.selftest
"""


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m teach.wheels", description=__doc__.split("\n\n")[0])
    parser.add_argument("systems", nargs="*", metavar="SYSTEM", help=", ".join(SYSTEMS))
    parser.add_argument("--out", type=Path, default=Path("build/wheels"))
    parser.add_argument("--python", default="3.12", help="the laptops' version: 3.11, 3.12 (default) or 3.13")
    parser.add_argument(
        "--torch-index", default=os.environ.get("TORCH_INDEX", ""), help="address of CPU builds of torch"
    )
    parser.add_argument("--with-cuda", action="store_true", help="take a CUDA build of torch where there is no other")
    parser.add_argument("--dry-run", action="store_true", help="say which wheels, fetch none")
    options = parser.parse_args(arguments)
    if unknown := set(options.systems) - set(SYSTEMS):
        parser.error(f"no system {', '.join(sorted(unknown))}; there are: {', '.join(SYSTEMS)}")
    failed = [name for name in options.systems or SYSTEMS if not collect(name, options)]
    if not options.dry_run:
        book(options.out)
    return f"wheels: nothing for {', '.join(failed)}; see above" if failed else 0


def collect(system, options):
    """Fetch one system's wheels; whether they are complete."""
    pins, told = resolve(system, options)
    if not pins:
        print(f"{system}: {told}")
        return False
    count = len(pins.splitlines())
    if (cuda := len(CUDA.findall(pins))) and not options.with_cuda:
        print(CUDA_BUILD.format(system=system, count=count, cuda=cuda))
        return False
    torch = next(line for line in pins.splitlines() if line.startswith("torch=="))
    print(f"{system}: {count} wheels for Python {options.python}, {torch}", flush=True)
    return options.dry_run or fetch(system, pins, options)


def resolve(system, options):
    """The versions that a system gets, a line each, and what the resolver said; no versions where it found none."""
    command = ["uv", "pip", "compile", "--quiet", "--no-header", "--no-annotate", "--only-binary", ":all:"]
    command += ["--python-platform", SYSTEMS[system][0], "--python-version", options.python, "requirements.txt"]
    command += ["--index", options.torch_index] if options.torch_index and system == "linux" else []
    # uv supposes an older macOS than that of torch's wheels. It stands beside the Python that runs this.
    environment = {**os.environ, "MACOSX_DEPLOYMENT_TARGET": "14.0"}
    environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), environment.get("PATH", "")])
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    return ("", done.stderr.strip()) if done.returncode else (done.stdout, "")


def fetch(system, pins, options):
    """Download what was resolved. pip alone would ask which packages *this* system needs."""
    folder = options.out / "wheels" / system
    listed = write_atomically(options.out / f"{system}.txt", pins)
    tags = SYSTEMS[system][1] + (LEGACY if system == "linux" else [])
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "--dest", folder]
    command += ["--python-version", options.python, "--implementation", "cp", "--requirement", listed]
    command += [word for tag in tags for word in ("--platform", tag)]
    command += ["--extra-index-url", options.torch_index] if options.torch_index and system == "linux" else []
    fetched = subprocess.run(command, check=False).returncode == 0
    how = INSTALL.format(system=system, version=options.python, python=SYSTEMS[system][2])
    write_atomically(options.out / f"INSTALL-{system}.txt", how)
    return fetched


def book(out):
    """The book's own wheel, which is the same for all systems, and what is to be installed."""
    write_atomically(out / "requirements.txt", (ROOT / "requirements.txt").read_text(encoding="utf-8"))
    for folder in sorted(Path(out, "wheels").glob("*")):
        command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--wheel-dir", folder, ROOT]
        subprocess.run(command, check=True)


if __name__ == "__main__":
    sys.exit(main())
