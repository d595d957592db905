"""The house: which way imports go, what is imported and when; nothing computes before the threads are set."""

import ast
import subprocess
import sys
from itertools import chain
from pathlib import Path

import nbformat
import pytest
from chapter_guards import UNPROMISED

ROOT = Path(__file__).resolve().parents[1]
PLACES = {
    "nas": "nas",
    "nas.methods": "nas/methods",
    "study": "study",
    "study.analysis": "study/analysis",
    "study.claims": "study/claims",
    "kit": "book/kit",
    "teach": "teach",
}
FLOORS = tuple(PLACES)  # each may import itself and what stands above it
FOREIGN = {"scipy", "pandas", "matplotlib", "ipywidgets", "dask", "distributed", "IPython"}
UNIX = {"fcntl", "grp", "posix", "pwd", "resource", "termios"}  # modules that Windows lacks
HANDS_ON = ("nas", "nas.__main__", "study.command")  # lead further: `nas.lookup`, `nas.trained`, `python -m nas`


def modules():
    """{dotted name: syntax tree} of every module in the house."""
    found = {}
    for package in ("nas", "study", "book/kit", "teach"):
        for path in sorted(Path(ROOT, package).rglob("*.py")):
            name = (
                ".".join(path.relative_to(ROOT).with_suffix("").parts).removeprefix("book.").removesuffix(".__init__")
            )
            found[name] = ast.parse(path.read_text(encoding="utf-8"))
    return found


MODULES = modules()


def imported(tree):
    """The dotted names that a syntax tree imports anywhere, as `from a import b` both a and a.b."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "a relative import"
            yield from (node.module, *(f"{node.module}.{alias.name}" for alias in node.names))


def floor(name):
    """The floor on which a module stands; None for one from elsewhere."""
    return next((each for each in reversed(FLOORS) if f"{name}.".startswith(f"{each}.")), None)


def inside(name, tree):
    """The modules of the house that this one imports."""
    own = {each for each in imported(tree) if each in MODULES}
    return own - {each for each in own if any(other.startswith(f"{each}.") for other in own)} - {name}


def test_imports_go_one_way():
    for name in MODULES.keys() - set(HANDS_ON):
        own, found = FLOORS.index(floor(name)), set(imported(MODULES[name]))
        above = {each for each in found if floor(each) and FLOORS.index(floor(each)) > own}
        foreign = {"tests", "capstone"} | (set() if floor(name) == "teach" else {"tools", "teach"})
        assert above | {each for each in found if each.split(".")[0] in foreign} == set(), name


def test_what_hands_on_leads_to_the_study_and_no_further():
    for name in HANDS_ON:
        assert {floor(each) for each in imported(MODULES[name])} <= {None, *FLOORS[:4]}


def test_there_are_no_circles():
    left = {name: inside(name, tree) - set(HANDS_ON) for name, tree in MODULES.items() if name not in HANDS_ON}
    while free := [name for name, needs in left.items() if not needs & left.keys()]:
        for name in free:
            del left[name]
    assert not left, f"circles among {sorted(left)}"


def test_the_subject_needs_no_tools_of_the_study():
    for name, tree in MODULES.items():
        used = {each.split(".")[0] for each in imported(tree)} & FOREIGN
        if floor(name) == "nas":
            assert not used, name
        if floor(name) == "nas.methods":  # ThompsonSampler and its like ask scipy for a quantile, when they draw
            assert not used & {each.split(".")[0] for each in chain(*map(imported, at_top(tree)))}, name
            assert used <= {"scipy"}, name


def at_top(tree):
    return [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]


def test_no_draw_rests_on_a_stream_that_numpy_may_change():
    """Nor do the pages, which compare what they print; see no_stream_that_may_change in chapter_guards.py."""
    assert [name for name, tree in MODULES.items() if UNPROMISED.search(ast.unparse(tree))] == []


def test_no_module_and_no_tool_needs_unix():
    """A tool may use what Windows lacks behind a `try` or inside a function, never as it is imported."""
    tools = {path.name: ast.parse(path.read_text(encoding="utf-8")) for path in Path(ROOT, "tools").glob("*.py")}
    assert len(tools) > 10
    needed = {name: UNIX & set(imported(ast.Module(at_top(tree), []))) for name, tree in (MODULES | tools).items()}
    assert {name: found for name, found in needed.items() if found} == {}


def test_whatever_computes_has_set_the_number_of_threads():
    """`nas.machine` sets it as it is imported, and whatever imports torch imports it, directly or through another."""
    reached = {"nas.machine"}
    while more := {name for name, tree in MODULES.items() if inside(name, tree) & reached} - reached:
        reached |= more
    computing = {
        name for name, tree in MODULES.items() if floor(name) in ("nas", "nas.methods") and "torch" in imported(tree)
    }
    assert computing <= reached


def test_what_a_call_does_not_need_is_not_imported():
    steps = (
        ("nas", ("matplotlib", "ipywidgets", "sklearn", "IPython")),
        ("kit.widgets, kit.page", ("matplotlib", "ipywidgets")),
        ("kit.charts", ("matplotlib.pyplot", "ipywidgets")),
    )
    code = ["import sys"]
    for modules, absent in steps:
        code += [f"import {modules}", f"print([name for name in {absent!r} if name in sys.modules])"]
    done = subprocess.run([sys.executable, "-c", "\n".join(code)], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["[]"] * len(steps)


@pytest.mark.parametrize("path", sorted(Path(ROOT, "book").glob("*.ipynb")), ids=lambda path: path.stem)
def test_chapters_import_what_is_there(path):
    code = [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    trees = [ast.parse(source) for source in code]
    assert not any(floor(name) == "teach" for name in chain(*map(imported, trees)))  # it is made of chapters
    for node in chain(*map(ast.walk, trees)):
        if isinstance(node, ast.ImportFrom) and node.module.split(".")[0] in ("nas", "study", "kit", "benchmarks"):
            assert node.module in MODULES
