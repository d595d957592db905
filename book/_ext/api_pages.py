"""The API appendix: which names of `nas` it shows, and its docstrings fit for Sphinx.

The docstrings are plain text with `code`: to reStructuredText, full of mistakes.
"""

import ast
import importlib
import inspect
import re
import sys
from collections import namedtuple
from pathlib import Path

from book_text import chapters, module_files, modules_used

CODE = re.compile(r"(`[^`]+`)")
SPECIAL = re.compile(r"([\\*|_<>])")
FIELD = type(namedtuple("Pair", "a").a)


def api(root, _):
    """The appendix as Markdown: a section for `nas`, one for each module in use."""
    sys.path[:0] = [str(root), str(Path(root, "book"))]  # without an install
    nas = importlib.import_module("nas")
    public = [name for name in nas.__all__ if not inspect.ismodule(getattr(nas, name))]
    parts = ["## `nas`", directives("nas", public)]
    for name in modules(root):
        module = importlib.import_module(name)
        members = documented(module)
        above = [f"`{member}`" for member in members if member in public]
        rest = [member for member in members if member not in public]
        parts += [f"## `{name}`", module_text(module)]
        parts += [f"Above: {', '.join(above)}."] * bool(above)
        parts += [directives(name, rest)] * bool(rest)
    return "\n\n".join(parts)


def modules(root):
    """The modules that the chapters' code imports, by name."""
    used = set().union(*(modules_used(chapter.code) for chapter in chapters(root)))
    return sorted(used & module_files(root).keys())


def documented(module):
    """The public functions and classes with a docstring, in the file's order."""
    names = [
        node.name
        for node in ast.parse(inspect.getsource(module)).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
    ]
    return [name for name in names if not name.startswith("_") and getattr(module, name).__doc__]


def module_text(module):
    parts = inspect.getdoc(module).split("\n\n")
    return "\n\n".join(" ".join(part.split()) for part in parts)


def directives(module, names):
    """autodoc's directives for some names of a module, as MyST passes them on."""
    found = importlib.import_module(module)
    lines = ["```{eval-rst}"]
    for name in names:
        kind = "class" if inspect.isclass(getattr(found, name)) else "function"
        lines += [f".. auto{kind}:: {module}.{name}", ""]
    return "\n".join([*lines, "```"])


def as_rst(app, what, name, obj, options, lines):
    """Escape what reStructuredText would read as markup, and show `code` as code."""
    lines[:] = [to_rst(line) for line in "\n".join(lines).split("\n")]


def to_rst(line):
    parts = CODE.split(line)
    parts[::2] = [SPECIAL.sub(r"\\\1", part) for part in parts[::2]]
    # Code with a space at its end would not close.
    parts[1::2] = [f"``{part[1:-1].strip()}``" for part in parts[1::2]]
    return "".join(parts)


def skip(app, what, name, obj, skipped, options):
    """Leave out fields of named tuples: "Alias for field number 0" says nothing."""
    return True if isinstance(obj, FIELD) else None


def settings(app, config):
    config.add_module_names = False
    config.autodoc_member_order = "bysource"
    config.autodoc_default_options = {"members": True}
    config.toc_object_entries = False
    config.autodoc_preserve_defaults = True  # a path is one of the machine that builds
    config.autodoc_inherit_docstrings = False
    # Types in signatures: -n would look for pages of torch, pathlib, ...
    config.nitpick_ignore_regex = [("py:.*", ".*")]


def setup(app):
    app.setup_extension("sphinx.ext.autodoc")
    app.connect("config-inited", settings, priority=400)
    app.connect("autodoc-process-docstring", as_rst)
    app.connect("autodoc-skip-member", skip)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
