"""Tables for lecturers: minutes of courses and decks (tools/reading.py), and what a number of seeds allows to say."""

import re
from pathlib import Path

import nbformat
from book_text import chapters, reading
from scipy.stats import t as student

MINUTES = 90  # of a lecture
HALF_A_DAY = 240
TOGETHER = "06_comparison"  # the last chapter that a workshop goes through; what is optional comes behind it
OPTIONAL = re.compile(r"\d+[a-z]_")  # a number with a letter: a page that goes further
EXERCISE, SEED = 10, 15  # minutes for solving one, and for everybody's training with the sheet
LECTURE = ("00_why_search", "02_supernet", "06_comparison", "08_batch_statistics")
PUZZLE = "## Nine curves on MNIST"  # the slide of deck 3 from which the lecture shows it
WEEKS = ("01_nas_block", "06_comparison", "08c_other_remedies", "10d_shipping")  # each begins with this chapter
SEEDS = {  # how many: what may be said
    1: "that it happened once: an anecdote, without an interval",
    2: "whether it happened again; the interval excludes next to nothing",
    3: "that a gap is real which is several times the scatter, such as the first row's",
    5: "that a gap larger than the scatter is real, if it was named before",
    10: "the same of a gap a little smaller than the scatter",
    20: "the same of half the scatter; which of several close networks is best, still not",
}


def part(root, number):
    """The chapters' files of a part, "I" or "II", in the order of _toc.yml."""
    found = next(pages for caption, pages in reading.pages(root) if caption.startswith(f"Part {number}:"))
    return [Path(page).name for page in found]


def weeks(root):
    """Parts I and II, cut into four."""
    names = [*part(root, "I"), *part(root, "II")]
    starts = [names.index(name) for name in WEEKS]
    return [names[start:end] for start, end in zip(starts, [*starts[1:], len(names)], strict=True)]


def courses(root):
    """{course: the chapters' files that it goes through, in order}."""
    without_optional = [name for name in part(root, "I") if not OPTIONAL.match(name)]
    return {"lecture": LECTURE, "workshop": without_optional, "weeks": [name for week in weeks(root) for name in week]}


def course(root, name):
    """The table of a course as Markdown: "lecture", "workshop" or "weeks". KeyError for another name."""
    if name == "weeks":
        rows = [(f"week {week}", names) for week, names in enumerate(weeks(root), 1)]
    else:
        rows = [(None, [each]) for each in courses(root)[name]]
    return table(root, rows, "week" if name == "weeks" else "")


def decks(root, _):
    """The table of the decks as Markdown: slides, how many of them ask the room, minutes."""
    lines = ["| deck | slides | that ask the room | minutes |", "|---|--:|--:|--:|"]
    total = [0, 0, 0]
    for path in sorted(Path(root, "teach", "slides").glob("*.md")):
        text = path.read_text(encoding="utf-8")
        counts = [*reading.slides(text), reading.deck_minutes(text)]
        total = [sum(each) for each in zip(total, counts, strict=True)]
        title = text.splitlines()[0].removeprefix("# ")
        lines.append(f"| {path.stem[0]}. {title} | {' | '.join(map(str, counts))} |")
    lines.append(f"| **together** | {' | '.join(f'**{count}**' for count in total)} |")
    return "\n".join(lines)


def plan(root, _):
    """The lecture by the clock, as Markdown: when each deck begins, and what is left for instruments."""
    texts = {path.stem[0]: path.read_text(encoding="utf-8") for path in Path(root, "teach", "slides").glob("*.md")}
    shown = {deck: (texts[deck], "") for deck in "1245"}
    before, puzzle, after = texts["3"].partition(PUZZLE)
    number = 2 + before.count("\n## ")  # the title is slide 1
    shown["3"] = puzzle + after, f", from slide {number}, *{puzzle.removeprefix('## ')}*, on"
    lines, now = ["| minute | what the room sees |", "|--:|---|"], 0
    for deck, (text, where) in sorted(shown.items()):
        lines.append(f"| {now} | deck {deck}{where} |")
        now += reading.deck_minutes(text)
    lines.append(f"| {now} | the end of the slides: {MINUTES - now} minutes are left for the instruments |")
    return "\n".join(lines)


def clock(root, _):
    """The workshop by the clock, as Markdown: when each chapter begins, with an exercise solved, and what is left."""
    known, names = {chapter.name: chapter for chapter in chapters(root)}, part(root, "I")
    lines, now = ["| minute | what the room does |", "|--:|---|"], 0
    for name in names[: names.index(TOGETHER) + 1]:
        lines.append(f"| {now} | {link(known[name])}, and {EXERCISE} minutes for an exercise |")
        now += minutes(root, name)[0] + EXERCISE
        if name.startswith("04_"):
            lines.append(f"| {now} | everybody a seed, {SEED} minutes |")
            now += SEED
    lines.append(f"| {now} | the end: {HALF_A_DAY - now} of {HALF_A_DAY} minutes are left for breaks and delays |")
    return "\n".join(lines)


def seeds(root, _):
    """The table of what n seeds allow to say, as Markdown: the reach of an interval, the least p of a sign test."""
    lines = ["| seeds | the interval reaches | least p of a sign test | what may be said |", "|--:|--:|--:|---|"]
    for n, words in SEEDS.items():
        reach = f"{student.ppf(0.975, n - 1) / n**0.5:.1f}" if n > 1 else "–"
        least = f"{2 * 2.0**-n:.2g}" if n < 11 else "<0.001"
        lines.append(f"| {n} | {reach} | {least} | {words} |")
    return "\n".join(lines)


def table(root, rows, first):
    """A row for each (label or None, chapters), and their sum."""
    known = {chapter.name: chapter for chapter in chapters(root)}
    lines = [f"| {f'{first} | ' if first else ''}chapters | minutes to read | plus the exercises |"]
    lines.append(f"|{'---|' if first else ''}---|--:|--:|")
    total = [0, 0]
    for label, names in rows:
        spent = [sum(each) for each in zip(*(minutes(root, name) for name in names), strict=True)]
        total = [sum(each) for each in zip(total, spent, strict=True)]
        links = ", ".join(link(known[name]) for name in names)
        lines.append(f"| {f'{label} | ' if first else ''}{links} | {spent[0]} | {spent[1]} |")
    lines.append(f"| {'| ' if first else ''}**together** | **{total[0]}** | **{total[1]}** |")
    return "\n".join(lines)


def link(chapter):
    label = chapter.label.replace("Chapter ", "Chapter\u00a0")  # on a phone the column is one word wide
    return f"[{label}]({chapter.name}.ipynb)"


def minutes(root, name):
    """(minutes to read, minutes for the exercises) of a chapter."""
    return reading.minutes(nbformat.read(Path(root, "book", f"{name}.ipynb"), as_version=4))
