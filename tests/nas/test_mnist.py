"""Laws of MNIST's files: their contents decide, they are read where they lie, and no other data takes their place."""

import gzip
import hashlib
import socket
from contextlib import suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import numpy as np
import pytest
import torch
from torchvision.datasets import MNIST, utils

from nas import data, load_data

SETS = {"train": 5_100, "t10k": 40}


def labels(count):
    return np.arange(count, dtype=np.uint8) % 10


def idx(array):
    """An array in MNIST's file format: magic number with type and dimensions, sizes, bytes."""
    header = bytes([0, 0, 8, array.ndim]) + b"".join(size.to_bytes(4, "big") for size in array.shape)
    return gzip.compress(header + array.tobytes(), compresslevel=1)


@pytest.fixture
def files(monkeypatch):
    """{name: content} of a small stand-in for MNIST, which torchvision is told the checksums of; no mirror answers."""
    content = {}
    for name, count in SETS.items():
        images = np.repeat(labels(count) * 25, 28 * 28).reshape(count, 28, 28)
        content[f"{name}-images-idx3-ubyte.gz"] = idx(images)
        content[f"{name}-labels-idx1-ubyte.gz"] = idx(labels(count))
    resources = [(name, hashlib.md5(content[name]).hexdigest()) for name, _ in MNIST.resources]
    monkeypatch.setattr(MNIST, "resources", resources)
    monkeypatch.setattr(MNIST, "mirrors", ["http://127.0.0.1:9/"])
    sums = {name[:-3]: hashlib.sha256(gzip.decompress(packed)).hexdigest() for name, packed in content.items()}
    monkeypatch.setitem(data.SOURCES, "mnist", ("MNIST", *sums.values()))
    return content


@pytest.fixture
def folder(files, tmp_path, monkeypatch):
    """A folder that NAS_DATA_DIR names, laid out as torchvision does."""
    raw = tmp_path / "named" / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for name, content in files.items():
        (raw / name).write_bytes(content)
    monkeypatch.setenv("NAS_DATA_DIR", str(tmp_path / "named"))
    monkeypatch.chdir(tmp_path)
    return raw


@pytest.fixture
def mirror(folder, monkeypatch):
    """A web server on this machine that torchvision downloads from; yields the paths that were asked for."""
    asked = []

    class Handler(SimpleHTTPRequestHandler):
        def log_request(self, *_):
            asked.append(self.path)

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=folder)) as server:
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        monkeypatch.setattr(MNIST, "mirrors", [f"http://127.0.0.1:{server.server_port}/"])
        yield asked
        server.shutdown()


def listing(root):
    return sorted((path.relative_to(root), path.stat().st_mtime_ns) for path in root.rglob("*"))


@pytest.mark.parametrize("layout", ["MNIST/raw", "raw", "."])
def test_a_read_only_folder_with_nothing_but_archives_is_enough(folder, tmp_path, monkeypatch, layout):
    root = tmp_path / "other"
    (root / layout).parent.mkdir(parents=True, exist_ok=True)
    folder.rename(root / layout)
    monkeypatch.setenv("NAS_DATA_DIR", str(root))
    before = listing(tmp_path)
    for path in (root, root / layout):
        path.chmod(0o555)  # no hindrance to root, hence the listings
    data = load_data("mnist")
    for path in (root, root / layout):
        path.chmod(0o755)
    assert listing(tmp_path) == before
    assert [len(split) for split in (data.train, data.validation, data.test)] == [100, 5_000, 40]
    assert torch.equal(data.test.labels, torch.from_numpy(labels(40)).long())  # the authors' own test split, in order
    pixels = data.test.images * data.std + data.mean
    assert torch.allclose(pixels, data.test.labels.view(-1, 1, 1, 1) * 25 / 255, atol=1e-6)


@pytest.mark.parametrize("name", ["train-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"])
def test_a_missing_file_is_named(folder, name):
    (folder / name).unlink()
    with pytest.raises(FileNotFoundError) as caught:
        load_data("mnist")
    assert f"{folder / name} is missing: set NAS_DATA_DIR" in str(caught.value)
    assert "unset it to download" in str(caught.value)


DAMAGE = {
    "truncated": lambda whole: whole[:-20],
    "another byte": lambda whole: whole[:-1] + bytes([whole[-1] ^ 1]),
    "empty": lambda whole: b"",
    "another data set's": lambda whole: idx(labels(7)),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_file_of_other_contents_is_named_kept_and_not_read(folder, damage):
    path = folder / "train-labels-idx1-ubyte.gz"
    broken = DAMAGE[damage](path.read_bytes())
    path.write_bytes(broken)
    with pytest.raises(ValueError) as caught:
        load_data("mnist")
    assert f"{path} is not MNIST's train-labels-idx1-ubyte" in str(caught.value)
    assert "leave it where it is, and set NAS_DATA_DIR" in str(caught.value)
    assert "delete" not in str(caught.value)
    assert path.read_bytes() == broken


def test_it_matters_what_a_file_holds_and_not_how_it_was_packed(folder, files):
    """Unpacked, packed again with a name in its header, or both with the archive cut: all are right."""
    wanted = load_data("mnist")
    for place, (name, packed) in enumerate(files.items()):
        content = gzip.decompress(packed)
        (folder / name).write_bytes(packed[:-9] if place == 0 else gzip.compress(content, 6, mtime=place))
        if place < 2:
            (folder / name[:-3]).write_bytes(content)
        if place == 1:
            (folder / name).unlink()
    found = load_data("mnist")
    assert found.fingerprint == wanted.fingerprint
    assert torch.equal(found.train.images, wanted.train.images)


def test_a_named_folder_without_mnist_is_an_error_and_downloads_nothing(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("NAS_DATA_DIR", str(tmp_path / "absent"))
    monkeypatch.setattr(data, "_download", lambda *_: pytest.fail("it tried to download"))
    with pytest.raises(FileNotFoundError, match=r"absent/MNIST/raw/train-images-idx3-ubyte\.gz is missing"):
        load_data("mnist")
    assert not (tmp_path / "absent").exists()


def test_a_download_that_fails_says_so_in_one_line(folder, tmp_path, monkeypatch):
    monkeypatch.delenv("NAS_DATA_DIR")
    with pytest.raises(FileNotFoundError) as caught:
        load_data("mnist")
    message = str(caught.value)
    assert message.startswith("data/MNIST/raw/train-images-idx3-ubyte.gz is missing, and the download from http")
    assert "127.0.0.1" in message
    assert "set NAS_DATA_DIR" in message
    assert "\n" not in message
    assert not [path for path in (tmp_path / "data").rglob("*") if path.is_file()]


@pytest.mark.usefixtures("folder")
def test_a_place_that_takes_no_file_says_so_in_one_line(tmp_path, monkeypatch):
    """As in a clone that is read-only, or on a full disk."""
    monkeypatch.delenv("NAS_DATA_DIR")
    (tmp_path / "data").write_text("a file where a folder should be")
    with pytest.raises(FileNotFoundError, match=r"images-idx3-ubyte\.gz is missing, .* failed \(.*'data.*set NAS_DATA"):
        load_data("mnist")
    assert (tmp_path / "data").read_text() == "a file where a folder should be"


@pytest.mark.parametrize("unpacked", [False, True], ids=["archives", "archives and unpacked files"])
@pytest.mark.parametrize("left, fetched", [("nothing", 4), ("two files", 2), ("a truncated file", 4)])
def test_what_data_lacks_is_downloaded(files, mirror, tmp_path, monkeypatch, capsys, left, fetched, unpacked):
    """Also after a download that was stopped in the middle, and beside files that are unpacked; and once only."""
    monkeypatch.delenv("NAS_DATA_DIR")
    raw = tmp_path / "data" / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for name in list(files)[: 2 if left == "two files" else 0]:
        (raw / name).write_bytes(files[name])
        if unpacked:
            (raw / name[:-3]).write_bytes(gzip.decompress(files[name]))
    cut = files["train-images-idx3-ubyte.gz"][:99]
    if left == "a truncated file":
        (raw / "train-images-idx3-ubyte.gz").write_bytes(cut)
    assert len(load_data("mnist").train) == 100
    assert len(set(mirror)) == fetched
    mirror.clear()
    assert len(load_data("mnist").train) == 100
    assert mirror == []
    assert all((raw / name).read_bytes() == content for name, content in files.items())
    kept = [path for path in raw.iterdir() if ".broken-" in path.name]
    assert [path.read_bytes() for path in kept] == ([cut] if left == "a truncated file" else [])
    assert ("kept as" in capsys.readouterr().out) == bool(kept)


@pytest.mark.parametrize(
    "answer", [b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>log in</html>", b"hello\r\n", b""]
)
@pytest.mark.usefixtures("folder")
def test_what_a_captive_portal_answers_is_one_line_and_leaves_no_file(tmp_path, monkeypatch, answer):
    monkeypatch.delenv("NAS_DATA_DIR")
    with socket.create_server(("127.0.0.1", 0)) as server:

        def portal():
            with suppress(OSError):  # until the server is closed
                while True:
                    caller, _ = server.accept()
                    with caller:
                        caller.recv(9_999)
                        caller.sendall(answer)

        Thread(target=portal, daemon=True).start()
        monkeypatch.setattr(MNIST, "mirrors", [f"http://127.0.0.1:{server.getsockname()[1]}/"])
        with pytest.raises(
            FileNotFoundError, match=r"^data/MNIST/raw/train-images.* download from http.* failed \(.*NAS"
        ):
            load_data("mnist")
    assert not [path for path in (tmp_path / "data").rglob("*") if path.is_file()]


def test_two_that_download_at_once_keep_one_good_copy(files, mirror, tmp_path, monkeypatch, capsys):
    """A file that another process has just put there is neither set aside nor called broken."""
    monkeypatch.delenv("NAS_DATA_DIR")
    raw, download = tmp_path / "data" / "MNIST" / "raw", utils.download_url

    def overtaken(url, folder, name, sum_):
        download(url, folder, name, sum_)
        (raw / name).write_bytes(files[name])

    monkeypatch.setattr(utils, "download_url", overtaken)
    assert len(load_data("mnist").train) == 100
    assert {path.name: path.read_bytes() for path in raw.iterdir()} == files
    assert "kept as" not in capsys.readouterr().out


def test_a_file_may_be_packed_or_not_whatever_its_name_says(folder, files):
    """As browsers leave it that unpack what they load down, and keep its name."""
    expected = load_data("mnist").fingerprint
    first, second = sorted(files)[:2]
    (folder / first).write_bytes(gzip.decompress(files[first]))
    (folder / second).rename(folder / second.removesuffix(".gz"))
    assert load_data("mnist").fingerprint == expected


def test_the_home_of_nobody_is_one_line(monkeypatch):
    monkeypatch.setenv("NAS_DATA_DIR", "~nobody-of-this-name")
    with pytest.raises(ValueError, match="^NAS_DATA_DIR='~nobody-of-this-name': .*$"):
        load_data("mnist")
