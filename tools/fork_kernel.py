"""Kernels forked from one process that has imported everything: a chapter's kernel is there in a tenth of a second.

    python tools/fork_kernel.py serve NUMBER               # of an open socket: imports once, forks for whoever asks
    python tools/fork_kernel.py ask SOCKET -f CONNECTION   # stands for the kernel: ends with it, and takes it along

conftest.py starts the first and writes a kernel spec whose command is the second. Starting a kernel costs ten seconds
of imports, and there are thirty. A forked kernel has seen imports alone: no number was drawn, no thread was started.
"""

import gc
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

POSSIBLE = sys.platform == "linux"
PRELOADED = os.environ.get("NAS_PRELOAD") or (
    "ipykernel.kernelapp ipykernel.zmqshell ipykernel.inprocess matplotlib.pyplot matplotlib_inline.backend_inline "
    "ipywidgets pandas scipy.stats sklearn.datasets torchvision torch nas nas.methods study study.records "
    "study.analysis.tables study.analysis.choosing kit kit.charts kit.page kit.play kit.widgets"
)


def start():
    """Start the process that kernels are forked from and name it in a kernel spec, "forked"; returns what ends it."""
    folder = tempfile.TemporaryDirectory(prefix="kernels-")
    path = os.path.join(folder.name, "socket")
    spec = Path(folder.name, "kernels", "forked", "kernel.json")
    spec.parent.mkdir(parents=True)
    command = [sys.executable, "-S", __file__, "ask", path, "-f", "{connection_file}"]
    spec.write_text(json.dumps({"argv": command, "display_name": "forked", "language": "python"}))
    os.environ["JUPYTER_PATH"] = os.pathsep.join([folder.name, *filter(None, [os.environ.get("JUPYTER_PATH")])])
    with socket.socket(socket.AF_UNIX) as listener:  # here: whoever asks while the server still imports waits
        listener.bind(path)
        listener.listen(64)
        number = listener.fileno()
        command = [sys.executable, __file__, "serve", str(number)]
        server = subprocess.Popen(command, stdin=subprocess.PIPE, pass_fds=[number])

    def end():
        server.stdin.close()
        server.wait()
        folder.cleanup()

    return end


def serve(number):
    """Import, listen, fork; a kernel is killed as soon as its asker is gone."""
    import importlib

    for name in PRELOADED.split():
        try:
            importlib.import_module(name)
        except ModuleNotFoundError as error:  # a part that moved costs time, nothing else
            print(f"{sys.argv[0]}: {error}", file=sys.stderr)
    gc.collect()
    gc.freeze()  # else the collector touches, and so copies, every page
    listener = socket.socket(fileno=int(number))
    kernels = {}  # {the asker's connection: its kernel's process}
    with selectors.DefaultSelector() as chosen:
        chosen.register(listener, selectors.EVENT_READ)
        chosen.register(sys.stdin, selectors.EVENT_READ)  # closed when the tests end, however they end
        while True:
            ready = [key.fileobj for key, _ in chosen.select(timeout=0.1)]
            for source in ready:
                if source is sys.stdin:
                    for pid in kernels.values():
                        os.kill(pid, signal.SIGKILL)
                    os._exit(0)  # libraries that were frozen complain of leaks
                if source is listener:
                    connection = listener.accept()[0]
                    kernels[connection] = fork(connection, listener)
                    chosen.register(connection, selectors.EVENT_READ)
                else:  # it passes an interrupt on; nothing to read: it was killed
                    sent = signal.SIGINT if received(source) else signal.SIGKILL
                    if sent == signal.SIGKILL:
                        chosen.unregister(source)
                    os.kill(kernels[source], sent)
            reap(kernels, chosen)


def received(connection):
    """What an asker sent; nothing if it is gone, however that came."""
    try:
        return connection.recv(16)
    except ConnectionError:
        return b""


def fork(connection, listener):
    """One kernel in the folder and the environment of the one who asked; returns its process number."""
    asked = json.loads(connection.makefile().readline())
    if pid := os.fork():
        return pid
    try:
        os.setsid()  # an interrupt of the tests is the asker's to pass on
        listener.close()
        os.chdir(asked["folder"])
        os.environ.clear()
        os.environ.update(asked["environment"])
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nowhere, stream)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        sys.path[0] = ""
        sys.argv = ["ipykernel_launcher", *asked["arguments"]]
        from ipykernel.kernelapp import IPKernelApp

        IPKernelApp.launch_instance(sys.argv[1:])
    finally:
        os._exit(0)


def reap(kernels, chosen):
    """Tell each asker how its kernel ended."""
    for connection, pid in list(kernels.items()):
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            del kernels[connection]
            if connection.fileno() in chosen.get_map():
                chosen.unregister(connection)
                connection.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
            connection.close()


def ask(path, arguments):
    """Have a kernel forked, and end as it ends."""
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.connect(path)
    except ConnectionRefusedError:
        print(f"{__file__}: the server has ended, see what it said", file=sys.stderr)
        return 1
    request = {"folder": os.getcwd(), "environment": dict(os.environ), "arguments": arguments}
    connection.sendall(json.dumps(request).encode() + b"\n")
    signal.signal(signal.SIGINT, lambda *_: connection.sendall(b"interrupt"))
    try:
        return int(connection.makefile().readline() or 1)
    except ConnectionError:  # an interrupt crossed the kernel's end
        return 1


if __name__ == "__main__":
    _, role, place, *rest = sys.argv
    sys.exit(serve(place) if role == "serve" else ask(place, rest))
