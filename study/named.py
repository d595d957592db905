"""Code by its name, so that what decides a result is data: written down, compared and sent to another process."""

import ast
import hashlib
from dataclasses import dataclass, field
from functools import lru_cache, partial
from importlib import import_module
from importlib.util import find_spec
from inspect import signature
from pathlib import Path

UNREAD = {"nas", "nas.machine"}  # what the machine decides stands in a part's fingerprint


@dataclass(frozen=True)
class Named:
    """A function or class, "module:name", with options for its calls. Nothing is imported before it is called.

    Calling it, or `found`, raises ValueError for a place where nothing stands.
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
    """SHA-256, in short, of these modules and all of `nas` that they import, and of `alone`, without what those import.

    modules, alone: frozensets of dotted names. Comments and docstrings decide nothing and are left out.
    """
    read, todo = {}, set(modules | alone)
    while todo:
        name = todo.pop()
        tree = ast.parse(source(name))
        read[name] = ast.unparse(without_docstrings(tree))
        if name not in alone:
            todo |= {each for each in imports(tree) if each.partition(".")[0] == "nas"} - read.keys() - UNREAD
    return hashlib.sha256(repr(sorted(read.items())).encode()).hexdigest()[:16]


def source(module):
    """The text of a module. ValueError for one that is no file, such as a notebook."""
    try:
        return Path(find_spec(module).origin).read_text(encoding="utf-8")
    except (ImportError, AttributeError, ValueError, OSError) as error:
        raise ValueError(f"{module!r} is no file: put what a study names into a module of its own") from error


def imports(tree):
    """The modules that a syntax tree names in `from ... import ...`, also as `from nas import machine`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names if node.module == "nas")


def without_docstrings(tree):
    """The tree, changed in place."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node, clean=False):
            del node.body[0]
    return tree
