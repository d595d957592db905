"""What a chapter shows besides figures: the module's own source, sentences with computed numbers, values for pages."""

import ast
import inspect
import sys
import textwrap
from dataclasses import dataclass
from html import escape
from itertools import groupby
from numbers import Integral, Real
from pathlib import Path

import pandas as pd
from IPython.display import HTML, Markdown, display

from kit.markup import table as scrolling

COLUMNS = 92  # that a listing has where a page is 1,280 pixels wide
DOCUMENTED = ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef
GLUE = "application/papermill.record/"  # where myst-nb looks for glued values


def show(*objects):
    """Display the source of functions, classes or modules of this book as Markdown, one block of Python for each file.

    The code is that of the file; wide docstrings are filled anew.
    Raises TypeError for no object, or one that is not defined in `nas`, `study` or `kit`.
    """
    if not objects:
        raise TypeError("nothing to show: pass functions, classes or modules of nas")
    parts = []
    for name, group in groupby(objects, key=module_of):
        source = "\n\n\n".join(textwrap.dedent(inspect.getsource(member)).strip("\n") for member in group)
        parts.append(f"From `{file_of(name)}`:\n\n```python\n{narrowed(source)}\n```")
    display(Markdown("\n\n".join(parts)))


def narrowed(source):
    """Python source with the docstrings filled anew that are wider than a page: a file has more columns."""
    lines = source.split("\n")
    parts = [node for node in ast.walk(ast.parse(source)) if isinstance(node, DOCUMENTED) and ast.get_docstring(node)]
    for text in sorted((node.body[0] for node in parts), key=lambda text: -text.lineno):  # so that numbers stay true
        lines[text.lineno - 1 : text.end_lineno] = filled(lines[text.lineno - 1 : text.end_lineno])
    return "\n".join(lines)


def filled(lines):
    """The lines of a docstring, each paragraph wrapped anew that is wider than COLUMNS."""
    indent = " " * (len(lines[0]) - len(lines[0].lstrip()))
    around = {"initial_indent": indent, "subsequent_indent": indent}
    for between, group in groupby(lines, key=lambda line: line.strip() in ("", '"""')):
        paragraph = list(group)
        if between or max(map(len, paragraph)) <= COLUMNS:
            yield from paragraph
        else:
            words = " ".join(line.strip() for line in paragraph)
            yield from textwrap.wrap(words, COLUMNS, break_on_hyphens=False, **around)


def module_of(member):
    """The name of the book's module in which an object is defined."""
    name = member.__name__ if inspect.ismodule(member) else getattr(member, "__module__", "")
    shown = inspect.isfunction(member) or inspect.isclass(member) or inspect.ismodule(member)
    ours = name in sys.modules and (name.startswith(("nas.", "study.", "kit.")) or beside(name))
    if not shown or not ours:
        raise TypeError(f"{member!r} is not defined in nas: pass functions, classes or modules such as nas.supernet")
    return name


def beside(name):
    """Whether a module stands beside the chapters, as capstone does."""
    file = getattr(sys.modules[name], "__file__", None)
    return file is not None and Path(file).resolve().parent == Path(__file__).resolve().parents[1]


def file_of(name):
    """The path of a module from the repository's root."""
    return f"{'' if name.startswith(('nas.', 'study.')) else 'book/'}{name.replace('.', '/')}.py"


def say(text, **values):
    """Display Markdown text, with values in its braces: say("It gains {gain:.1f} points.", gain=difference).

    A value with an interval (a tuple of mean, low, high, ...) becomes "1.5 [0.3, 2.7]". Without values the text stands
    as it is. Raises KeyError for braces without a value.
    """
    spoken = {name: Spoken(value) if isinstance(value, tuple) else value for name, value in values.items()}
    display(Markdown(text.format(**spoken) if values else text))


@dataclass(frozen=True)
class Spoken:
    """A mean with its interval, as a sentence says it."""

    interval: tuple

    def __format__(self, spec):
        mean, low, high = (format(number, spec) for number in self.interval[:3])
        return f"{mean} [{low}, {high}]"


def table(frame, label, digits=2):
    """A frame as HTML with its figures right-aligned under each other; where it is too wide, it says that it scrolls.

    label: what a screen reader calls it. digits: decimals of all but whole numbers.
    """
    titles = [" ".join(map(str, filter(None, frame.index.names))), *map(str, frame.columns)]
    names = [" ".join(map(str, name)) if isinstance(frame.index, pd.MultiIndex) else str(name) for name in frame.index]
    columns = [[escape(written(value, digits)) for value in column] for _, column in frame.items()]
    return HTML(scrolling(titles, [[escape(name), *row] for name, *row in zip(names, *columns, strict=True)], label))


def written(value, digits):
    """A number with its thousands set apart and `digits` decimals, or any other value as text."""
    if isinstance(value, Integral):
        return f"{value:,}"
    return f"{value:,.{digits}f}" if isinstance(value, Real) else str(value)


def glue(name, value):
    """Keep a value under a name, so that .md pages can quote it: {glue:text}`chapter.ipynb::name:.2f`."""
    # The page reads the text back as a Python literal: bare 15,625 would come out as a pair.
    display({GLUE + "text/plain": repr(value)}, raw=True, metadata={"scrapbook": {"name": name, "mime_prefix": GLUE}})
