"""Which committed files a chapter reads, found in its code: for the page that lists them."""

import ast
from itertools import product

from study.records import SHIPPED

RECORDS, WEIGHTS = ("study.records", "load_records"), ("nas", "trained")
# What reads a file without naming it, by where it is defined; "" stands for whatever else is imported from a module.
READERS = {
    ("nas", "lookup"): "tabular.csv",
    ("study", "searching"): "tabular.csv",
    ("study.analysis.searching", ""): "tabular.csv",
    ("study.analysis.tabular", ""): "tabular.csv",
    ("study.analysis.published", "published"): "published.toml",
    ("study.analysis.published", "TABLES"): "published.toml",
    ("study.analysis.published", "WIDTHS"): "published.toml",
    ("study.analysis.published", "rerun_of_r3"): "r3_published_code.toml",
    ("study.analysis.published", "RERUN"): "r3_published_code.toml",
    ("study.analysis.published", ""): "census.toml",
    ("kit", "nine"): "weights, page",
    ("kit", "bench"): "benchmark/cpu.json",
    ("kit.bench", ""): "benchmark/cpu.json",
    ("study.claims.audit", "judge"): "the records that a claim names",
    ("study.claims.audit", "audit"): "the records that all claims name",
}


def reads(code):
    """The files in results/ that Python code reads, as sorted texts such as "nine-networks, laptop"."""
    tree = ast.parse(code)
    imported = dict(imports(tree))
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    found = {READERS.get(of, READERS.get((of[0], ""))) for name, of in imported.items() if name in used}
    found |= {path for node in ast.walk(tree) if (path := shipped(node))}
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
        origin = imported.get(call.func.id)
        if origin not in (RECORDS, WEIGHTS):
            continue
        given = [values(argument, tree) for argument in call.args]
        if origin == RECORDS and len(given) < 3:  # the third is a folder of the reader's
            pairs = product(given[0], given[0]) if isinstance(call.args[0], ast.Starred) else product(*given)
            found |= {", ".join(pair) for pair in recorded().intersection(pairs)}
        if origin == WEIGHTS:
            profiles = given[0] if given else {"quick"}
            found |= {f"weights, {profile}" for profile in profiles if (SHIPPED / profile / "weights").is_dir()}
    return sorted(found - {None})


def imports(tree):
    """(name here, (module, name there)) of everything that is imported from a module and not defined anew."""
    anew = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    for node in (each for each in ast.walk(tree) if isinstance(each, ast.ImportFrom)):
        for each in node.names:
            if (here := each.asname or each.name) not in anew:
                yield here, (node.module, each.name)


def shipped(node):
    """ "latency/cpu.json" of the expression SHIPPED / "latency" / "cpu.json", else ""."""
    parts = []
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and isinstance(node.right, ast.Constant):
        node, parts = node.left, [str(node.right.value), *parts]
    whole = isinstance(node, ast.Name) and node.id == "SHIPPED" and parts
    return "/".join(parts) if whole and (SHIPPED / "/".join(parts)).is_file() else ""


def values(node, tree):
    """The texts that an expression may stand for: its own, and those of whatever its names were given in the code."""
    bound, given, names = list(bindings(tree)), [node], set()
    for each in given:  # which grows
        new = {part.id for part in ast.walk(each) if isinstance(part, ast.Name)} - names
        names |= new
        given += [value for name, value in bound if name in new] if new else []
    parts = [part.value for each in given for part in ast.walk(each) if isinstance(part, ast.Constant)]
    return {part for part in parts if isinstance(part, str)}


def bindings(tree):
    """(name, expression) of each assignment and loop, and of each argument in a call of a function defined here."""
    functions = {node.name: node.args.args for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            yield from ((name, node.value) for name in stored(node.targets))
        elif isinstance(node, ast.For | ast.comprehension):
            yield from ((name, node.iter) for name in stored([node.target]))
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") in functions:
            names = [argument.arg for argument in functions[node.func.id]]
            yield from zip(names, node.args, strict=False)


def stored(targets):
    return {each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name)}


def recorded():
    """{(experiment, profile)} of all committed records."""
    return {(path.name.rpartition("-seed")[0], path.parent.name) for path in SHIPPED.glob("*/*-seed*.json")}
