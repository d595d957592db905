"""What a chapter shows besides figures: the module's own source, sentences with computed numbers, values for pages."""

import inspect
import sys
from itertools import groupby
from textwrap import dedent

from IPython.display import Markdown, display

GLUE = "application/papermill.record/"  # where myst-nb looks for glued values


def show(*objects):
    """Display the source of functions, classes or modules of this book, one block of Python for each file, as Markdown.

    Raises TypeError for no object, or one that is not defined in `nas`, `study` or `kit`.
    """
    if not objects:
        raise TypeError("nothing to show: pass functions, classes or modules of nas")
    parts = []
    for name, group in groupby(objects, key=module_of):
        source = "\n\n\n".join(dedent(inspect.getsource(member)).strip("\n") for member in group)
        parts.append(f"From `{file_of(name)}`:\n\n```python\n{source}\n```")
    display(Markdown("\n\n".join(parts)))


def module_of(member):
    """The name of the book's module in which an object is defined."""
    name = member.__name__ if inspect.ismodule(member) else getattr(member, "__module__", "")
    shown = inspect.isfunction(member) or inspect.isclass(member) or inspect.ismodule(member)
    if not shown or not name.startswith(("nas.", "study.", "kit.")) or name not in sys.modules:
        raise TypeError(f"{member!r} is not defined in nas: pass functions, classes or modules such as nas.supernet")
    return name


def file_of(name):
    """The path of a module from the repository's root."""
    return f"{'book/' if name.startswith('kit.') else ''}{name.replace('.', '/')}.py"


def say(text):
    """Display Markdown text: sentences and tables whose numbers the cell has computed."""
    display(Markdown(text))


def glue(name, value):
    """Keep a value under a name, so that .md pages can quote it: {glue:text}`chapter.ipynb::name:.2f`."""
    # The page reads the text back as a Python literal: bare 15,625 would come out as a pair.
    display({GLUE + "text/plain": repr(value)}, raw=True, metadata={"scrapbook": {"name": name, "mime_prefix": GLUE}})
