"""Laws of the offline laptop: no CUDA build by mistake, lines for each system, a self-test that can fail."""

import re
from pathlib import Path

import pytest

from teach import selftest, wheels


@pytest.fixture
def resolved(monkeypatch):
    """Sets what the resolver finds for each system."""

    def say(**pins):
        monkeypatch.setattr(wheels, "resolve", lambda system, _: (pins.get(system, ""), "no network"))

    return say


def test_a_dry_run_names_what_each_system_gets_and_fetches_nothing(resolved, tmp_path, capsys):
    resolved(macos="numpy==2.0\ntorch==2.14.0", windows="colorama==0.4\nnumpy==2.0\ntorch==2.14.0")
    assert wheels.main(["macos", "windows", "--dry-run", "--out", str(tmp_path)]) == 0
    assert "macos: 2 wheels for Python 3.12, torch==2.14.0" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []


def test_a_build_with_cuda_and_a_failure_are_said(resolved, capsys):
    resolved(linux="nvidia-cublas==13\ntorch==2.14.0")
    assert "nothing for linux, windows" in wheels.main(["linux", "windows", "--dry-run"])
    out = capsys.readouterr().out
    assert "linux: 2 wheels, 1 of them NVIDIA's" in out and "windows: no network" in out
    assert "--torch-index https://" in out and "--with-cuda" in out  # the two ways on
    assert wheels.main(["linux", "--dry-run", "--with-cuda"]) == 0
    assert "linux: 2 wheels for Python 3.12, torch==2.14.0" in capsys.readouterr().out


def test_an_unknown_system_is_answered_with_the_known(capsys):
    with pytest.raises(SystemExit):
        wheels.main(["beos"])
    assert "no system beos; there are: linux, macos, windows" in capsys.readouterr().err


@pytest.mark.parametrize("system", wheels.SYSTEMS)
def test_what_is_fetched_is_for_that_system_and_comes_with_its_lines(system, resolved, tmp_path, monkeypatch):
    resolved(**{system: "torch==2.14.0"})
    called = []
    monkeypatch.setattr(
        wheels.subprocess,
        "run",
        lambda command, **_: called.append(list(map(str, command))) or type("Done", (), {"returncode": 0}),
    )
    Path(tmp_path, "wheels", system).mkdir(parents=True)
    assert wheels.main([system, "--out", str(tmp_path), "--torch-index", "https://example.org/cpu"]) == 0
    download, own = called
    platforms = [download[place + 1] for place, word in enumerate(download) if word == "--platform"]
    assert platforms and all(tag in wheels.SYSTEMS[system][1] + wheels.LEGACY for tag in platforms)
    assert ("--extra-index-url" in download) == (system == "linux")
    assert own[-1] == str(wheels.ROOT)  # the book's own wheel
    told = Path(tmp_path, f"INSTALL-{system}.txt").read_text(encoding="utf-8")
    assert ("Scripts" in told) == (system == "windows") and f"--find-links wheels/{system}" in told
    assert Path(tmp_path, "requirements.txt").exists() and not re.search(r"[{}]", told)


def test_the_self_test_says_what_failed_and_goes_on(monkeypatch, capsys):
    def kernel():
        raise RuntimeError("no kernel")

    for name in ("packages", "records", "learning"):
        monkeypatch.setattr(selftest, name, selftest.python)
    monkeypatch.setattr(selftest, "kernel", kernel)
    assert selftest.main() == 1
    out = capsys.readouterr().out
    assert "kernel: FAILED: RuntimeError: no kernel" in out and "not ok: 1 of 5 steps" in out
    monkeypatch.setattr(selftest, "kernel", selftest.python)
    assert selftest.main() == 0 and "ok: this computer" in capsys.readouterr().out


def test_the_self_test_s_networks_learn_the_digits(monkeypatch):
    assert "nine networks trained" in selftest.learning()
    monkeypatch.setattr("nas.train", lambda *_, **__: None)
    with pytest.raises(RuntimeError, match="no better than guessing"):
        selftest.learning()


def test_a_package_that_is_missing_is_named(monkeypatch):
    monkeypatch.setattr(selftest, "PACKAGES", [])
    monkeypatch.setattr(selftest, "TOOLS", ["no_such_tool"])
    with pytest.raises(ModuleNotFoundError, match="no_such_tool: pip install"):
        selftest.packages()
