"""One homework of up to six tasks that build things, put together from the chapters' exercises.

Students read it without the chapters beside it, so LEAD says what a task takes from the text around its exercise.
"""

import ast
import sys

from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from teach import BOOK
from teach.copies import asked, bare, tested, unfolded
from teach.exercises import HEADING, exercises, judged, mark, solution, withheld
from teach.slices import Statement, needed, statements, used, written
from teach.variants import chapter

sys.path.append(str(BOOK / "_ext"))

from courses import courses  # it lies beside the pages, which need it without this package

TASKS = {
    "02_supernet-1": "A supernet's forward",
    "03_sampler-1": "A sampler, used in training",
    "04_shared_training-1": "The training loop",
    "how_we_measure-1": "A paired interval",
    "07_ensembling-1": "An ensemble",
    "08_batch_statistics-1": "The recalculation",
}
LEAD = {
    "02_supernet-1": """
A supernet holds all its subnets in one set of layers. A path goes through the stem, the first layers of block 1,
`down`, the first layers of block 2 and the head. `arch` says how many layers of each block it takes: $(1, 3)$ is one
layer of block 1 and three of block 2, unless the task says otherwise.
""",
    "04_shared_training-1": """
In shared training a step moves the weights of the paths that it draws, and no others. The network comes in train mode,
`net(images, arch)` gives logits, `batches` is a list of pairs `(images, labels)`, and the loss is `cross_entropy`. A
layer that no drawn path uses has no gradient in that step: `None`, neither zero nor what an earlier step left there.
""",
    "how_we_measure-1": """
Two methods ran with the same seeds. `a` and `b` hold their accuracies, one value for each seed, in the same order. The
interval reaches $t \\cdot s / \\sqrt{n}$ to either side of the mean of the $n$ differences. $s$ is their sample
standard deviation (over $n - 1$), and $t$ is Student's, two-sided, with $n - 1$ degrees of freedom, at a level of
95 % unless the task names another.
""",
    "07_ensembling-1": """
The members of an ensemble answer together, by one of two averages. `"probabilities"`: softmax of each member, then the
mean. `"logits"`: the mean of the logits, then softmax.
""",
    "08_batch_statistics-1": """
After shared training the running averages of batch normalisation fit no single path. A recalculation forgets them and
takes the mean of the statistics of some batches instead, all batches counting alike unless the task says otherwise. No
weight moves.
""",
}
COUNTS = ("One task", "Two tasks", "Three tasks", "Four tasks", "Five tasks", "Six tasks")
INTRODUCTION = """# Homework: a one-shot search, piece by piece

{count}, {points} points. Each has a cell for your answer and, below it, a cell that says whether you changed
anything. The tests that give points are run later. Where a task has a set-up cell, run it again when you come back to
the task. Before you hand in, run everything from top to bottom. Write in the cells that begin with `# Exercise`, and
keep the others, and the name of the file, as they are."""


def homework(variant=0, tasks=tuple(TASKS)):
    """The homework of these tasks with answers and tests between markers, but without its set-up cell."""
    cells, points = [], 0
    for number, name in enumerate(tasks, start=1):
        book, exercise = found(name, variant)
        cells += task(book, exercise, f"Task {number}. {TASKS[name]}")
        points += exercise.points
    said = INTRODUCTION.format(count=COUNTS[len(tasks) - 1], points=points)
    cells.insert(0, new_markdown_cell(said, id="introduction"))
    return new_notebook(cells=cells, metadata=book.metadata)


def selected(text):
    """The names of tasks that somebody typed: "1,3,5", in that order, or a course, which takes those of its chapters.

    "" takes all. ValueError for anything else, or for a task twice.
    """
    known, numbered = courses(BOOK.parent), {str(number): name for number, name in enumerate(TASKS, start=1)}
    if text in known:
        return tuple(name for name in TASKS if name.rsplit("-", 1)[0] in known[text])
    numbers = [each.strip() for each in text.split(",")] if text else list(numbered)
    if len(set(numbers)) != len(numbers) or not numbered.keys() >= set(numbers):
        listed = "; ".join(f"{number} {TASKS[name]}" for number, name in numbered.items())
        wanted = f"numbers such as 1,3,5, or one of {', '.join(known)}"
        raise ValueError(f"tasks {text!r}: give {wanted}. There are: {listed}")
    return tuple(numbered[number] for number in numbers)


def found(name, variant=0):
    """An exercise by its name, with the chapter in which it stands."""
    stem = name.rsplit("-", 1)[0]
    book = chapter(stem, variant)
    mark(book, stem)
    return book, next(each for each in exercises(book, stem) if each.name == name)


def task(book, exercise, title):
    """The cells of one task: its text, what it takes from its chapter, the student's cell, the test."""
    answer, test = solution(book, exercise), judged(book, exercise)
    stub = statements(book.cells[exercise.stub].source)
    before = visible(book, exercise)
    setup, _ = needed(used([*stub, *answer]), before)
    more, _ = needed(used(test) - set(exercise.given), before)
    hidden = [each for each in more if each not in setup]
    cells = [book.cells[place] for place in (exercise.text, exercise.stub, exercise.test)]
    text, yours, last = (bare(cell, cell.source) for cell in cells)
    text.source = f"## {title}\n{LEAD.get(exercise.name, '')}\n{wanted(text.source, exercise)}"
    yours.source = asked(yours.source, exercise, answer)
    last.source = tested(exercise, [*hidden, *test])
    prepared = written([without(each, stub) for each in setup])
    before = [new_code_cell(f"# Set-up of this task\n{prepared}", id=f"{yours.id}-set-up")] if setup else []
    return [text, *before, yours, last]


def without(statement, stub):
    """A class that the student's extends, less the methods that he is to write; anything else as it is."""
    classes = [each.node for each in stub if isinstance(each.node, ast.ClassDef)]
    methods = {part.name for one in classes if extends(one, statement.node) for part in functions(one)}
    lines = statement.text.splitlines()
    for part in functions(statement.node) if methods else []:
        if part.name in methods and part.name != "__init__":
            lines[part.lineno - 1 : part.end_lineno] = [None] * (part.end_lineno - part.lineno + 1)
    return Statement("\n".join(line for line in lines if line is not None).rstrip())


def extends(one, other):
    return isinstance(other, ast.ClassDef) and other.name in {ast.unparse(base) for base in one.bases}


def functions(node):
    return [part for part in node.body if isinstance(part, ast.FunctionDef)]


def visible(book, exercise):
    """The statements above an exercise that students see: of no check, no answer and no other exercise's cell."""
    gone = {*withheld(book), *(each.stub for each in exercises(book, exercise.name))}
    cells = [cell for place, cell in enumerate(book.cells[: exercise.stub]) if place not in gone]
    return [each for cell in cells if cell.cell_type == "code" for each in statements(cell.source)]


def wanted(text, exercise):
    """What a text asks for: from this exercise's heading on, as a sentence that needs no page above it."""
    heading = next(each for each in HEADING.finditer(text) if each[1] == exercise.name.rsplit("-", 1)[1])
    words = unfolded(text[heading.start() :], everything=True).split("**", 2)[2].strip()
    words = words.removeprefix("Without looking back, ")
    return words[0].upper() + words[1:]
