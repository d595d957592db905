"""What a check calls right comes from the module, a record or a computation, not from a word or figure in the check."""

import ast
import builtins

import pytest

from teach.exercises import exercises
from teach.variants import chapter, stems

CHANGES = ("append", "add", "update", "extend")


def outside(node, known):
    """The names in an expression that stand for something from elsewhere; `known`: {local name: its own such names}."""
    names = [each for each in ast.walk(node) if isinstance(each, ast.Name)]
    bound = {each.id for each in names if isinstance(each.ctx, ast.Store)}
    free = {each.id for each in names} - bound - set(dir(builtins))
    return set().union(*(known.get(name, {name}) for name in free))


def bindings(tree):
    """(name, expression that it comes from) of whatever is assigned, looped over, changed or defined."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AugAssign | ast.NamedExpr):
            targets, value = (node.targets if isinstance(node, ast.Assign) else [node.target]), node.value
        elif isinstance(node, ast.For):
            changed = [each for each in ast.walk(node) if isinstance(each, ast.Attribute) and each.attr in CHANGES]
            added = [each.target for each in ast.walk(node) if isinstance(each, ast.AugAssign)]
            targets, value = [node.target, *(each.value for each in changed), *added], node
        else:
            continue
        for target in targets:
            yield from ((each.id, value) for each in ast.walk(target) if isinstance(each, ast.Name))


def sources(tree, function):
    """{name: names from elsewhere} of a check's arguments, its own names, and the functions beside it in its cell.

    A function that counts, in a loop, computes its answer: it counts as elsewhere.
    """
    known = {argument.arg: set() for argument in function.args.args}
    for helper in tree.body:
        counts = any(isinstance(each, ast.For | ast.While | ast.comprehension) for each in ast.walk(helper))
        if isinstance(helper, ast.FunctionDef) and helper is not function and not counts:
            local = {argument.arg: set() for argument in helper.args.args}
            local |= {name: set() for name, _ in bindings(helper)}
            known[helper.name] = outside(ast.Module(helper.body, []), local | known)
    own = list(bindings(function))
    known |= {name: set() for name, _ in own}
    for _ in own:  # until nothing changes: a name may come from a later line, in a loop
        before = {name: set(found) for name, found in known.items()}
        for name, value in own:
            known[name] |= outside(value, known)
        if known == before:
            break
    return known


def says_right(node):
    return isinstance(node, ast.Constant) and node.value == "right"


def bare(source, name):
    """The comparisons by which a check says "right" and in which nothing comes from outside the check."""
    tree = ast.parse(source)
    function = next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name)
    known, values = sources(tree, function), dict(bindings(function))
    found = []
    for node in ast.walk(function):
        chosen = isinstance(node, ast.IfExp) and any(map(says_right, (node.body, node.orelse)))
        block = isinstance(node, ast.If) and any(isinstance(x, ast.Return) and says_right(x.value) for x in node.body)
        if chosen or block:
            test = values.get(node.test.id, node.test) if isinstance(node.test, ast.Name) else node.test
            compared = [each for each in ast.walk(test) if isinstance(each, ast.Compare)]
            found += [ast.unparse(each) for each in compared or [node.test] if not outside(each, known)]
    return found


@pytest.mark.parametrize("stem", stems())
def test_no_check_has_the_right_answer_as_a_literal(stem):
    book = chapter(stem)
    found = {each.name: bare(book.cells[each.test].source, each.check) for each in exercises(book, stem)}
    assert {name: conditions for name, conditions in found.items() if conditions} == {}


@pytest.mark.parametrize(
    ("said", "refused"),
    [
        ('return "right" if word == "no" else "not yet"', True),
        ('right = abs(float(word) - 1 / 7) < 0.005\n    return "right" if right else "not yet"', True),
        (
            'right = {"a", "b"}\n    missing = len(right - set(word))\n    return "not yet" if missing else "right"',
            True,
        ),
        ('if word == "b" and measured() > 60:\n        return "right"\n    return "not yet"', True),
        ('return "right" if word == helper(2) else "not yet"', True),
        ('wrong = [k for k in word if k != measured()]\n    return "not yet" if wrong else "right"', False),
        ('return "right" if word == max(records) else "not yet"', False),
    ],
)
def test_a_literal_is_found(said, refused):
    source = f"def helper(n):\n    return n + 1\n\n\ndef check_1(word):\n    {said}\n"
    assert bool(bare(source, "check_1")) is refused
