"""What a chapter's code does, read from its source alone: shows a value, ranks networks, binds a name, asks a check."""

import ast
import symtable

from study.settings import PROFILES

# What orders networks, or prices a choice of one; and the profiles whose records can carry that: digits has 360 test
# images, so that an accuracy there has a standard error of about a point, more than most differences.
RANKINGS = {
    "kendall", "kendall_over_seeds", "kendalltau", "spearmanr", "rank", "rankdata", "noise_ceiling", "resolved_pairs",
    "ordered_pairs", "top_k_hits", "regrets", "points_lost", "picks_within", "budget_slider",
}  # fmt: skip
MAY_RANK = {profile.name for profile in PROFILES.values() if profile.dataset != "digits"}


def shows(source):
    """Whether a cell surely has an output: it prints, or ends in a bare name, number or operation."""
    statements = statements_of(source)
    expressions = [node.value for node in statements if isinstance(node, ast.Expr)]
    if any(isinstance(e, ast.Call) and ast.unparse(e.func) in ("print", "display") for e in expressions):
        return True
    last = statements[-1] if statements and not source.rstrip().endswith(";") else None
    return isinstance(last, ast.Expr) and not isinstance(last.value, ast.Call | ast.Await)


def rankings_from_digits(source):
    """Records of digits, or of a profile that the text does not name, loaded in a file that ranks networks."""
    try:
        calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    except SyntaxError:
        return
    if RANKINGS.isdisjoint(map(called, calls)):
        return
    for call in calls:
        profile = [*call.args[1:2], *(keyword.value for keyword in call.keywords if keyword.arg == "profile")]
        named = {value.value for value in profile if isinstance(value, ast.Constant)}
        if called(call) in ("load_record", "load_records") and not named & MAY_RANK:
            yield f"{ast.unparse(call)} in a file that ranks networks: only {sorted(MAY_RANK)} have the images for that"


def called(call):
    """The name of the function or method that a call calls."""
    return getattr(call.func, "attr", getattr(call.func, "id", None))


def tries(cells):
    """(place, cell, name of the check, names handed to it) where a chapter first shows what a check says."""
    seen = set()
    for place, cell in enumerate(cells):
        for statement in statements_of(cell.source):
            calls = [node for node in ast.walk(statement) if isinstance(node, ast.Call)]
            for call in calls if isinstance(statement, ast.Expr) else ():
                name = called(call)
                if name and name.startswith("check_") and name not in seen:
                    seen.add(name)
                    nodes = [node for given in call.args for node in ast.walk(given)]
                    yield place, cell, name, {node.id for node in nodes if isinstance(node, ast.Name)}


def statements_of(source):
    """The statements of a cell; none if it is no Python, which is for another guard to say."""
    try:
        return ast.parse(source).body
    except SyntaxError:
        return []


def bound(source):
    """The names that a cell assigns, defines or imports at its top level."""
    names = symtable.symtable(source, "cell", "exec").get_symbols() if statements_of(source) else ()
    return {name.get_name() for name in names if name.is_assigned() or name.is_imported()}
