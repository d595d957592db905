"""What a committed chapter must and must not hold: each guard yields one line a fault.

nbval compares outputs; it does not notice a chapter that has none, a cell that is skipped, or a page
that only reads well in one place. These do.
"""

import ast
import re

from chapter_code import bound, rankings_from_digits, shows, tries

WIDGET = "application/vnd.jupyter.widget-view+json"
IGNORED = ("nbval-ignore-output", "NBVAL_IGNORE_OUTPUT")
SKIPPED = ("nbval-skip", "NBVAL_SKIP", "skip-execution", "raises-exception", "NBVAL_RAISES_EXCEPTION")

PATH = re.compile(r"(?<![\w./:<])/(?:home|root|Users|tmp|usr|opt|work|content|var|mnt|private)/\w|\b[A-Z]:\\\w")
ADDRESS = re.compile(r"\b0x[0-9a-f]{6,}")
# MyST's own syntax, which Jupyter, Colab and GitHub show raw: directives, roles, targets, labels.
MYST = re.compile(r"^\s*(?:`{3,}|:{3,})\s*\{|\{[\w:+-]+\}`|^\([\w-]+\)=\s*$|\$\$\s*\([\w-]+\)", re.MULTILINE)
# NumPy's generators whose draws may differ between its versions.
UNPROMISED = re.compile(r"\bdefault_rng\b|\brandom\.Generator\b")
# A result with its unit: it belongs in an output, which is compared.
FIGURE = re.compile(
    r"(?<![\w.$\\])\d{1,3}(?:\.\d+\s?(?:%|points?\b|ms\b|s\b|seconds?\b|minutes?\b)"
    r"|(?:\.\d+)?\s?%\s+(?:top-1|accura\w+|correct|right)\b)"
)


def code_cells(book):
    return [cell for cell in book.cells if cell.cell_type == "code"]


def markdown(book):
    return [cell.source for cell in book.cells if cell.cell_type == "markdown"]


def marked(cell, marks):
    return any(mark in cell.metadata.get("tags", []) or mark in cell.source for mark in marks)


def texts(output):
    """All that an output says in words, as (mime type or stream's name, text)."""
    if output.output_type == "stream":
        yield output.name, output.text
    for mime, text in output.get("data", {}).items():
        if mime.startswith("text/") or mime == "image/svg+xml":
            yield mime, text


def counts_run_from_one(book):
    counts = [cell.execution_count for cell in code_cells(book)]
    if counts != list(range(1, len(counts) + 1)):
        yield f"execution counts are {counts}: run it from top to bottom (make chapters)"


def cells_are_plain_python(book):
    for cell in code_cells(book):
        try:
            ast.parse(cell.source)
        except SyntaxError as error:
            yield f"{error.msg} in {cell.source[:60]!r}: no magics, no shell, no text in a code cell"


def outputs_are_there(book):
    for cell in code_cells(book):
        if not cell.outputs and not marked(cell, IGNORED) and shows(cell.source):
            yield f"no output under {cell.source.splitlines()[-1]!r}"


def nothing_is_skipped(book):
    for cell in code_cells(book):
        if marked(cell, SKIPPED):
            yield f"skipped or allowed to fail: {cell.source[:60]!r}"
        if not cell.source.strip():
            yield "an empty code cell"


def ignored_cells_are_followed_by_an_assertion(book):
    cells = code_cells(book)
    for cell, after in zip(cells, [*cells[1:], None], strict=True):
        if marked(cell, IGNORED) and not (after and "assert " in after.source):
            yield f"output not compared and no assertion in the next cell: {cell.source[:60]!r}"


def no_widget_state(book):
    if "widgets" in book.metadata:
        yield "metadata holds widget state: its page would load scripts from a third party"
    for cell in code_cells(book):
        if any(WIDGET in output.get("data", {}) for output in cell.outputs):
            yield f"a widget's view, blank without its kernel (make chapters drops it): {cell.source[:60]!r}"


def no_version_of_the_kernel(book):
    if "version" in book.metadata.get("language_info", {}):
        yield "metadata.language_info.version changes with every machine (make chapters drops it)"


def no_errors(book):
    for cell in code_cells(book):
        for output in cell.outputs:
            if output.output_type == "error" or output.get("name") == "stderr":
                yield f"{output.get('ename', 'stderr')} under {cell.source[:60]!r}"


def nothing_of_this_machine(book):
    for cell in code_cells(book):
        for output in cell.outputs:
            for _, text in texts(output):
                for found in (PATH.search(text), ADDRESS.search(text)):
                    if found:
                        yield f"{found[0]!r} in the output of {cell.source[:60]!r}"


def figures_have_words(book):
    for cell in code_cells(book):
        page = cell.metadata.get("mystnb", {})
        figure = page.get("figure", {})
        said = {"alt": page.get("image", {}).get("alt"), **{k: figure.get(k) for k in ("caption", "name")}}
        missing = [name for name, text in said.items() if not text]
        if missing and any(mime.startswith("image/") for out in cell.outputs for mime in out.get("data", {})):
            yield f"a figure without {', '.join(missing)} (cell metadata, mystnb): {cell.source[:60]!r}"


def pictures_in_html_have_words(book):
    pages = [text for cell in code_cells(book) for out in cell.outputs for m, text in texts(out) if m == "text/html"]
    for text in [*pages, *markdown(book)]:
        for tag in re.findall(r"<(?:img|svg)\b[^>]*>", text):
            if not re.search(r"\balt=|\baria-label|\baria-hidden", tag):
                yield f"a picture without alt or aria-label: {tag[:60]}"


def details_are_balanced(book):
    for text in markdown(book):
        for tag in ("details", "summary"):
            opened, closed = (len(re.findall(rf"<{slash}{tag}\b", text)) for slash in ("", "/"))
            if opened != closed:
                yield f"{opened} <{tag}>, {closed} </{tag}> in {text[:60]!r}"


def markdown_reads_everywhere(book):
    for text in markdown(book):
        for found in MYST.finditer(text):
            yield f"{found[0].strip()!r} shows raw in Colab and on GitHub: {text[:60]!r}"


def no_results_in_prose(book):
    for text in markdown(book):
        yield from typed_results(text)


def typed_results(text):
    """Results typed into prose, where nothing compares them; code spans and blocks are no prose."""
    prose = re.sub(r"```.*?```|`[^`]*`", "", text, flags=re.DOTALL)
    for found in FIGURE.finditer(prose):
        yield f"{found[0]!r} is typed into prose: print it from a record (a given quantity goes between dollars)"


def one_name_for_one_thing(book):
    """A table says "as trained" and "recalculated" of how a subnet was measured, and nothing else for either."""
    for cell in code_cells(book):
        for output in cell.outputs:
            for heading in re.findall(r"<th>(.*?)</th>", output.get("data", {}).get("text/html", "")):
                if found := re.search(r"\b(?:mended|running)\b(?! statistics)", heading):
                    yield f"a table's {heading!r}: say as trained or recalculated, not {found[0]}"


def no_ranking_from_digits(book):
    yield from rankings_from_digits("\n".join(cell.source for cell in code_cells(book)))


def no_stream_that_may_change(book):
    """NumPy promises the streams of RandomState, not of a Generator (NEP 19): 2.5 draws other binomial numbers."""
    for cell in code_cells(book):
        if not marked(cell, IGNORED) and (found := UNPROMISED.search(cell.source)):
            yield f"{found[0]} in {cell.source[:60]!r}: its numbers change with NumPy; take np.random.RandomState"


def untouched_exercises_are_not_right(book):
    """After Run All, nor when a check then runs again: an answer further down may not stand in for the reader's."""
    cells = code_cells(book)
    for place, cell, check, given in tries(cells):
        said = "".join(text for output in cell.outputs for _, text in texts(output))
        if re.search(r"^\W*right\b", said, re.MULTILINE | re.IGNORECASE):
            yield f"{check} says right to an exercise that nobody tried: {said[:60]!r}"
        for later in cells[place + 1 :]:
            if taken := given & bound(later.source):
                yield f"{sorted(taken)}, which the reader writes for {check}, is bound again: {later.source[:60]!r}"


GUARDS = [
    counts_run_from_one,
    cells_are_plain_python,
    outputs_are_there,
    nothing_is_skipped,
    ignored_cells_are_followed_by_an_assertion,
    no_widget_state,
    no_version_of_the_kernel,
    no_errors,
    nothing_of_this_machine,
    figures_have_words,
    pictures_in_html_have_words,
    details_are_balanced,
    markdown_reads_everywhere,
    no_results_in_prose,
    one_name_for_one_thing,
    no_ranking_from_digits,
    no_stream_that_may_change,
    untouched_exercises_are_not_right,
]
