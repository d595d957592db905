"""Laws of tools/fork_kernel.py: a kernel lives as long as who asked for it, in his folder and environment."""

import os
import signal
import subprocess
import time
from functools import partial
from pathlib import Path

import fork_kernel
import pytest
from jupyter_client import KernelManager

pytestmark = pytest.mark.skipif(not fork_kernel.POSSIBLE, reason="kernels are forked where the platform can, Linux")


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A server that imports next to nothing, with its kernel spec in JUPYTER_PATH."""
    patch = pytest.MonkeyPatch()
    patch.setenv("JUPYTER_PATH", "")
    patch.setenv("NAS_PRELOAD", "ipykernel.kernelapp ipykernel.zmqshell")
    end = fork_kernel.start()
    yield
    end()
    patch.undo()


@pytest.fixture
def kernel(served, tmp_path):
    manager = KernelManager(kernel_name="forked")
    manager.start_kernel(cwd=str(tmp_path), env=os.environ | {"ONLY_HERE": "yes"}, stderr=subprocess.DEVNULL)
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=60)
    yield manager, client
    client.stop_channels()
    if manager.is_alive():
        manager.shutdown_kernel(now=True)


def said(client, code):
    return client.execute_interactive(f"_ = {code}", user_expressions={"it": "_"}, timeout=60, store_history=False)[
        "content"
    ]["user_expressions"]["it"]["data"]["text/plain"]


def gone(pid, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False


def test_a_kernel_has_the_folder_and_the_environment_of_who_asked(kernel, tmp_path):
    _, client = kernel
    assert said(client, "__import__('os').getcwd()") == repr(str(tmp_path))
    assert said(client, "__import__('os').environ['ONLY_HERE']") == "'yes'"
    assert said(client, "'ONLY_HERE' in __import__('os').environ") == "True"
    assert "ONLY_HERE" not in os.environ


def test_who_asked_is_killed_and_takes_the_kernel_along(kernel):
    manager, client = kernel
    pid = int(said(client, "__import__('os').getpid()"))
    assert pid != manager.provisioner.pid
    os.kill(manager.provisioner.pid, signal.SIGKILL)
    assert gone(pid)


def test_a_kernel_that_dies_ends_who_asked(kernel):
    manager, client = kernel
    pid = int(said(client, "__import__('os').getpid()"))
    os.kill(pid, signal.SIGKILL)
    assert gone(pid)
    assert manager.provisioner.process.wait(timeout=20) != 0


def test_an_interrupt_reaches_the_kernel(kernel):
    manager, client = kernel
    asked = client.execute("__import__('time').sleep(60)")
    time.sleep(0.5)
    manager.interrupt_kernel()
    reply = client.get_shell_msg(timeout=30)
    while reply["parent_header"]["msg_id"] != asked:
        reply = client.get_shell_msg(timeout=30)
    assert reply["content"]["ename"] == "KeyboardInterrupt"
    time.sleep(0.5)  # a kernel drops what came in while it failed
    assert said(client, "1 + 1") == "2"


def test_where_the_server_cannot_start_no_kernel_is_waited_for(monkeypatch):
    monkeypatch.setenv("JUPYTER_PATH", "")
    with monkeypatch.context() as patch:
        failing = partial(subprocess.Popen, executable="/bin/false")
        patch.setattr(fork_kernel.subprocess, "Popen", failing)
        end = fork_kernel.start()
    manager = KernelManager(kernel_name="forked")
    manager.start_kernel(stderr=subprocess.DEVNULL)
    assert manager.provisioner.process.wait(timeout=20) == 1
    end()
