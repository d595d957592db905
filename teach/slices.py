"""The statements of a notebook's cells, the names that each binds and uses, and the few on which code rests."""

import ast
import builtins
import symtable
from dataclasses import dataclass
from functools import cache, cached_property

GIVEN = {*dir(builtins), "In", "Out", "get_ipython", "display", "__file__", "__name__"}  # what a kernel brings


@dataclass(frozen=True)
class Statement:
    """One statement at a cell's top level, with its decorators."""

    text: str

    @cached_property
    def node(self):
        return ast.parse(self.text).body[0]

    @cached_property
    def bound(self):
        """The names that it assigns, defines or imports, or whose parts it sets: `a = 1`, `a[0] = 1`, `a.b = 1`."""
        names = {symbol.get_name() for symbol in self._table.get_symbols() if is_bound(symbol)}
        return frozenset(names | {name for name in map(owner, ast.walk(self.node)) if name})

    @cached_property
    def used(self):
        """The names that it takes from outside, now or when what it defines is called."""
        return frozenset(outer(self._table, top=True) - GIVEN)

    @cached_property
    def changes(self):
        """The object on which it calls a method, for nothing but the effect (`net.eval()`), or None."""
        call = self.node.value if isinstance(self.node, ast.Expr) else None
        method = isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)
        return call.func.value.id if method and isinstance(call.func.value, ast.Name) else None

    @cached_property
    def _table(self):
        return symtable.symtable(self.text, "cell", "exec")


def is_bound(symbol):
    return symbol.is_assigned() or symbol.is_imported()


def owner(node):
    """The variable whose item or attribute is set here, or None."""
    if not isinstance(node, ast.Subscript | ast.Attribute) or not isinstance(node.ctx, ast.Store):
        return None
    while isinstance(node, ast.Subscript | ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def outer(table, top=False):
    """The names that a block of code looks up outside itself."""
    used = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_referenced()}
    if not top:
        used = {name for name in used if table.lookup(name).is_global()}
    within = set().union(*map(outer, table.get_children()))
    own = {symbol.get_name() for symbol in table.get_symbols() if is_bound(symbol)} if top else set()
    return used | {name for name in within if name not in own or name in used}


@cache  # each cell is asked for again and again
def statements(source):
    """The top-level statements of a cell, in order, without what stands between them."""
    lines = source.splitlines()
    return tuple(Statement("\n".join(lines[first_line(node) - 1 : node.end_lineno])) for node in ast.parse(source).body)


def first_line(node):
    return min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", []))])


def written(statements):
    """The statements as source, those that define something set apart by two lines."""
    text = ""
    for before, each in zip([None, *statements], statements, strict=False):
        apart = before and any(isinstance(one.node, ast.FunctionDef | ast.ClassDef) for one in (before, each))
        text += ("\n\n\n" if apart else "\n" if before else "") + each.text
    return text


def used(pieces):
    """The names that these statements take from outside themselves."""
    bound = set().union(*(each.bound for each in pieces))
    return set().union(*(each.used for each in pieces)) - bound


def needed(names, earlier):
    """Those of the earlier statements on which the names rest, in order, and the names that none of them binds."""
    kept, missing = sliced(set(names), earlier)
    late = missing & set().union(*(each.bound for each in earlier))  # a function may use what is bound below it
    return needed({*names, *late}, earlier) if late else (kept, missing)


def sliced(wanted, earlier):
    kept = []
    modules = {name for each in earlier if isinstance(each.node, ast.Import | ast.ImportFrom) for name in each.bound}
    for statement in reversed(earlier):
        binds = statement.bound & wanted
        if binds or statement.changes in wanted - modules:
            kept.append(statement)
            if rebinds(statement, binds):
                wanted -= binds
            wanted |= statement.used
    return kept[::-1], wanted - set().union(*(statement.bound for statement in kept))


def rebinds(statement, names):
    """Whether these names begin anew here, so that what was done to them before does not matter."""
    return bool(names) and not names & statement.used and not any(owner(node) for node in ast.walk(statement.node))
