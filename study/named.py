"""Code by its name, so that what decides a result is data: written down, compared and sent to another process."""

import ast
import hashlib
import sys
from dataclasses import dataclass, field
from functools import cache, lru_cache, partial
from importlib import import_module
from importlib.util import find_spec, resolve_name
from inspect import signature
from pathlib import Path

UNREAD = {"nas", "nas.machine"}  # what the machine decides stands in a part's fingerprint


@dataclass(frozen=True)
class Named:
    """A function or class, "module:name", with options for its calls. Nothing is imported before it is called.

    Calling it, or `found`, raises ValueError for a place where there is nothing.
    """

    place: str
    options: dict = field(default_factory=dict, hash=False)

    @property
    def module(self):
        """The module's name."""
        return self.place.partition(":")[0]

    @property
    def found(self):
        """The function or class itself, with the options bound."""
        module, _, name = self.place.partition(":")
        try:
            found = getattr(import_module(module), name)
        except (ImportError, AttributeError, ValueError) as error:
            raise ValueError(f"{self.place!r} leads nowhere ({error}): write it as 'module:name'") from error
        return partial(found, **self.options) if self.options else found

    def __call__(self, *arguments, **more):
        return self.found(*arguments, **more)

    def takes(self, name):
        """Whether a call has an argument of this name."""
        return name in signature(self.found).parameters


@lru_cache
def digest(modules, alone=frozenset()):
    """A short SHA-256 of these modules with what they import of `nas` and of one's own; `alone`: without imports.

    modules, alone: frozensets of dotted names. Comments and docstrings decide nothing and are left out. Nothing is
    imported: syntax trees say what a module would import.
    """
    read, todo = {}, set(modules | alone)
    while todo:
        name = todo.pop()
        tree, read[name] = parsed(source(name))
        if name not in alone:
            todo |= {each for each in imports(tree, name) if is_own(each) and place(each)} - read.keys() - UNREAD
    return hashlib.sha256(repr(sorted(read.items())).encode()).hexdigest()[:16]


@cache  # most digests are of the same modules
def parsed(text):
    """The syntax tree of a module without comments and docstrings, and the same as text."""
    tree = without_docstrings(ast.parse(text))
    return tree, ast.unparse(tree)


def source(module):
    """The text of a module. ValueError for one without a file, such as a notebook."""
    try:
        return place(module).read_text(encoding="utf-8")
    except (AttributeError, OSError) as error:
        raise ValueError(f"{module!r} is no file: put what a study names into a module of its own") from error


def place(module):
    """The file of a module, or None. Not even the packages around it are imported, as find_spec alone would do."""
    top, *parts = module.split(".")
    spec = found(top)
    if not parts:
        return Path(spec.origin) if spec and str(spec.origin).endswith(".py") else None
    stems = [Path(folder, *parts) for folder in getattr(spec, "submodule_search_locations", None) or ()]
    files = (file for stem in stems for file in (stem.with_name(f"{stem.name}.py"), stem / "__init__.py"))
    return next(filter(Path.is_file, files), None)


def found(top):
    """The spec of a top-level module, or None."""
    try:
        return find_spec(top)
    except (ImportError, ValueError):  # one that runs as a script or a notebook has none
        return None


def is_own(module):
    """Whether it is in `nas`, or neither Python's, nor installed, nor in the study, whose settings a part holds."""
    top = module.partition(".")[0]
    if top in ("nas", "study") or top in sys.stdlib_module_names:
        return top == "nas"
    spec = found(top)
    folders = [*(spec.submodule_search_locations or ()), spec.origin or ""] if spec else []
    return bool(spec) and not any({"site-packages", "dist-packages"} & {*Path(each).parts} for each in folders)


def imports(tree, module):
    """The names that a module's syntax tree imports: modules, their packages, and names that may be modules."""
    package = module if (place(module) or Path()).name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [each.name for each in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = resolve_name("." * node.level + (node.module or ""), package) if node.level else node.module
            names = [base, *(f"{base}.{each.name}" for each in node.names)]
        else:
            continue
        for name in names:
            yield from (name.rsplit(".", up)[0] for up in range(name.count(".") + 1))


def without_docstrings(tree):
    """The tree, changed in place."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node, clean=False):
            del node.body[0]
    return tree
