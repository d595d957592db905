"""Laws of the digest: it knows the code that a task rests on, one's own helpers and needed tasks too, and no other."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from study import named, tasks
from study.named import Named, digest
from study.tasks import Task, code, describe


def test_a_network_that_another_one_learns_from_is_part_of_its_identity(monkeypatch):
    student = Task("tiny", 0, arch=(1, 1), variant="distilled-scratch")
    before = describe(student)
    assert [need["task"]["arch"] for need in before["needs"]] == [need.arch for need in student.needs]
    monkeypatch.setattr(tasks, "digest", lambda modules, alone: "other")
    assert describe(student)["needs"] != before["needs"]


def test_the_digest_knows_the_code_that_decides_and_no_other(tmp_path, monkeypatch):
    """A comment and a docstring change nothing; a number does, in an imported module of `nas` too."""
    monkeypatch.syspath_prepend(tmp_path)
    texts = {
        "plain": "def f():\n    return 1\n",
        "told": '"""A module."""\n\n\ndef f():\n    """One."""\n    return 1  # not 2\n',
        "other": "def f():\n    return 2\n",
        "above": "from nas.seeding import generator\n\n\ndef f():\n    return 1\n",
    }
    found = {}
    for name, text in texts.items():
        Path(tmp_path, "decides.py").write_text(text)
        digest.cache_clear()
        found[name] = digest(frozenset({"decides"})), digest(frozenset(), frozenset({"decides"}))
    assert found["plain"] == found["told"]
    assert len({together for together, _ in found.values()}) == 3
    fair, sandwich = (code(Task("tiny", 0, variant=name)) for name in ("fair", "sandwich"))
    assert fair == sandwich != code(Task("tiny", 0))  # one file holds both samplers
    assert code(Task("tiny", 0, variant="halving")) != code(Task("tiny", 0))


@pytest.mark.parametrize(
    "name", ["data", "training", "evaluation", "supernet", "seeding", "samplers", "methods.remedies"]
)
def test_the_digest_of_a_plain_task_knows_how_it_trains_and_how_it_is_measured(name, monkeypatch):
    before, read = code(Task("tiny", 0)), named.source
    monkeypatch.setattr(named, "source", lambda each: read(each) + "\nX = 1" * (each == f"nas.{name}"))
    digest.cache_clear()
    try:
        assert code(Task("tiny", 0)) != before
    finally:
        digest.cache_clear()


HELPERS = {
    "from helper import f": "helper.py",
    "import helper": "helper.py",
    "def g():\n    import helper as h\n    return h.f()": "helper.py",
    "from middle import g": "helper.py",  # which imports the helper
    "from pack import inner": "pack/inner.py",
    "from pack.inner import f": "pack/inner.py",
    "import pack.inner as p": "pack/__init__.py",
    "from pack import outer": "pack/inner.py",  # from . import inner
    "from pack.outer import f": "pack/deep/last.py",  # from .deep.last import f
    "import nas.seeding as s": "nas.seeding",
    "from nas.methods import bandits": "nas.methods.bandits",
}


@pytest.mark.parametrize("line", HELPERS)
def test_the_digest_knows_one_s_own_helpers_and_imports_none(tmp_path, line):
    """In another process, where nothing is imported yet; a package that raises shows that it never is."""
    texts = {
        "helper.py": "def f():\n    return 1\n", "middle.py": "import torch\nfrom helper import f as g\n",
        "pack/__init__.py": "raise SystemExit('imported')\n", "pack/inner.py": "x = 1\n", "apart.py": "x = 1\n",
        "pack/outer.py": "from . import inner\nfrom .deep.last import f\n", "pack/deep/last.py": "f = 1\n",
        "decides.py": f"import torch\nfrom study.recipes import Variant\n{line}\n",
    }  # fmt: skip
    for name, text in texts.items():
        Path(tmp_path, name).parent.mkdir(exist_ok=True)
        Path(tmp_path, name).write_text(text)
    code = (
        "import sys; from pathlib import Path; from study import named\n"
        "def digest(): named.digest.cache_clear(); return named.digest(frozenset({'decides'}))\n"
        "def changed(name):\n"
        "    if name.startswith('nas.'):\n"
        "        read, named.source = named.source, lambda module: read(module) + 'more = 2\\n' * (module == name)\n"
        "    else:\n"
        f"        path = Path({str(tmp_path)!r}, name); path.write_text(path.read_text() + 'more = 2\\n')\n"
        "    return digest()\n"
        "first = digest(); assert first == digest() == changed('apart.py')\n"
        f"assert first != changed({HELPERS[line]!r})\n"
        "assert not {'torch', 'decides', 'helper', 'pack'} & {*sys.modules}\n"
    )
    paths = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", ""), *sys.path])
    subprocess.run([sys.executable, "-c", code], check=True, env=os.environ | {"PYTHONPATH": paths})


@pytest.mark.parametrize("place", ["nowhere:at_all", "nas.samplers:Wild", "nas.samplers"])
def test_code_that_is_not_there_is_named(place):
    with pytest.raises(ValueError, match=f"'{place}' leads nowhere .*write it as 'module:name'"):
        Named(place)()
