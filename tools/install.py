"""Make .venv with all that the book needs, once; say in one line why where that cannot be done.

Run by tools/install.sh. Only the standard library, since nothing is installed yet.
A stamp inside .venv says what was installed and is written last: without it .venv is half made.
"""

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from lock import lock

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "installed"
LOG = ROOT / ".cache" / "install.log"
NEEDED_GB = 7  # .venv takes 5.9 GB with the CUDA build of torch that Linux gets, plus room to work

CAUSES = {
    r"No space left|Disk quota": "the disk is full",
    r"ConnectionError|ConnectTimeout|error sending request|dns error|timed out|Max retries|"
    r"Connection refused|Network is unreachable": "the package registry cannot be reached",
    r"No solution found": "the package registry has no versions that fit requirements.txt",
}


def main():
    with lock("install"):
        place, packages = fingerprint()
        done = STAMP.read_text().splitlines() if STAMP.exists() else []
        if done == [place, packages]:
            return
        STAMP.unlink(missing_ok=True)
        LOG.unlink(missing_ok=True)
        if done[:1] != [place] or not Path(VENV, "bin", "python").exists():
            create()
        install()
        STAMP.write_text(f"{place}\n{packages}\n")


def fingerprint():
    """What .venv is bound to (Python's version, this folder), and what is to be installed in it."""
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    contents = [Path(ROOT, name).read_bytes() for name in ("requirements.txt", "pyproject.toml")]
    return f"{version} {ROOT}", hashlib.sha256(b"\0".join(contents)).hexdigest()


def create():
    for module in ("venv", "ensurepip"):
        if importlib.util.find_spec(module) is None:
            fail(
                f"{sys.executable} has no module {module}; install it "
                "(Debian, Ubuntu: apt install python3-venv) or choose another: make PYTHON=..."
            )
    shutil.rmtree(VENV, ignore_errors=True)
    free = shutil.disk_usage(ROOT).free / 1e9
    if free < NEEDED_GB:
        fail(f"{NEEDED_GB} GB of disk are needed, {free:.1f} GB are free in {ROOT}")
    print(f"install: filling .venv, {NEEDED_GB - 1} GB, once (log: .cache/install.log)", flush=True)
    # Of the Python behind this one, which may itself be the .venv just removed.
    run(getattr(sys, "_base_executable", sys.executable), "-m", "venv", VENV)
    run(VENV / "bin/python", "-m", "pip", "install", "--no-cache-dir", "--retries", "1", "uv")


def install():
    index = {} if "UV_DEFAULT_INDEX" in os.environ else pip_index()
    cache = ROOT / ".cache" / "uv"
    try:
        run(
            *(VENV / "bin/uv", "pip", "install", "--python", VENV / "bin/python"),
            *("-r", "requirements.txt", "-e", ".", "--overrides", "tools/left_out.txt"),
            # Bytecode: else, where PYTHONDONTWRITEBYTECODE is set, each process compiles torch anew, for ten seconds.
            env={**index, "UV_CACHE_DIR": str(cache), "UV_LINK_MODE": "hardlink", "UV_COMPILE_BYTECODE": "1"},
        )
    finally:
        shutil.rmtree(cache, ignore_errors=True)  # hard links: what .venv holds stays


def pip_index():
    """The mirror that pip is set to use, if any: uv does not read pip's settings."""
    command = [VENV / "bin/python", "-m", "pip", "config", "get", "global.index-url"]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    url = os.environ.get("PIP_INDEX_URL") or found.stdout.strip()
    return {"UV_DEFAULT_INDEX": url} if url else {}


def run(*command, env=None):
    """Run a command with its output in the log; a failure becomes one line with the likely cause."""
    with LOG.open("a") as log:
        print("$", *command, file=log, flush=True)
        env = {**os.environ, **(env or {})}
        code = subprocess.run(command, stdout=log, stderr=log, cwd=ROOT, env=env, check=False)
    if code.returncode:
        text = LOG.read_text(errors="replace")
        causes = [cause for pattern, cause in CAUSES.items() if re.search(pattern, text)]
        fail(f"{causes[0] if causes else 'it failed'}; the whole story is in .cache/install.log")


def fail(message):
    raise SystemExit(f"install: {message}")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        fail("stopped; the next call starts again")
    except OSError as error:
        fail(f"{error}")
