"""Node, for the laws of what the pages' scripts compute."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

PLAY = Path(__file__).resolve().parent.parent / "book" / "_static" / "play"
NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="Node is not installed: the pages' scripts cannot be run")


def run_script(code, value=None):
    """What `code`, the body of a function of `value` and `need(name)`, returns, both by way of JSON."""
    head = f"const need = name => require({json.dumps(str(PLAY))} + '/' + name + '.js');"
    read = "const value = JSON.parse(require('fs').readFileSync(0));"
    words = [NODE, "-e", f"{head} {read} process.stdout.write(JSON.stringify((() => {{ {code} }})()))"]
    done = subprocess.run(words, input=json.dumps(value), capture_output=True, text=True, timeout=300)
    assert not done.returncode, done.stderr
    return json.loads(done.stdout)
