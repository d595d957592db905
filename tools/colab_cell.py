# Fetches the book's code and records at the commit of this page; installs them and whatever is
# missing. What is here already stays as it is, torch above all. Takes about half a minute.
# Colab opens this page with a GPU where it has one to lend (Runtime > Change runtime type); a CPU will do, more slowly.
import importlib.metadata
import os
import re
import subprocess
import sys
from pathlib import Path

REPOSITORY = ""
COMMIT = ""


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")


def version(package):
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


clone = Path.home() / f"nas-{COMMIT[:12]}"
run("git", "init", "--quiet", clone)
run("git", "-C", clone, "fetch", "--quiet", "--depth", "1", REPOSITORY, COMMIT)
run("git", "-C", clone, "checkout", "--quiet", "--force", "FETCH_HEAD")

# The first half of requirements.txt is what the chapters import; the second builds and tests the book.
lines = (clone / "requirements.txt").read_text().split("# What builds")[0].splitlines()
wanted = [line.split("#")[0].strip() for line in lines if re.match(r"\w", line)]
missing = [line for line in wanted if version(re.match(r"[\w.-]+", line)[0]) is None]
keep = clone / ".git" / "keep.txt"  # so that nothing missing brings another torch with it
keep.write_text("".join(f"{name}=={version(name)}\n" for name in ("torch", "numpy") if version(name)))

pip = (sys.executable, "-m", "pip", "install", "--quiet")
if missing:
    run(*pip, "--constraint", keep, *missing)
run(*pip, "--no-deps", "--editable", clone)

sys.path[:0] = [str(clone), str(clone / "book")]  # this kernel started before the installation
importlib.invalidate_caches()
os.chdir(clone / "book")
gpu = "a GPU" if Path("/dev/nvidia0").exists() else "no GPU: live cells take a few times longer"
print(f"nas at commit {COMMIT[:12]}, torch {version('torch')}, {gpu}")
