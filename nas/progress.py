"""One progress bar over all tasks, in units of their cost, that also reads well in a log file."""

import os
import sys

from tqdm import tqdm


class ProgressBar:
    """Use it in a `with` block: advance(task, steps) as a task goes on, finish(task) when it has ended.

    workers(): how many tasks can run at this moment; a worker has one whenever one is left.
    """

    def __init__(self, tasks, workers=lambda: 1):
        self.count, self.done, self.shown, self.workers = len(tasks), 0, {}, workers
        self.live = sys.stderr.isatty()
        self.sink = sys.stderr if self.live else open(os.devnull, "w")  # noqa: SIM115 (closed on exit)
        self.bar = tqdm(
            total=sum(task.cost() for task in tasks) or 1,
            file=self.sink,
            bar_format="{desc}{percentage:3.0f} % |{bar:20}| {elapsed} elapsed, {remaining} left",
        )
        self.refresh()

    def advance(self, task, steps):
        """A running task has taken so many more steps."""
        self._add(task, steps * task.cost() / task.steps)
        self.refresh()

    def finish(self, task):
        """A task has ended; where nobody watches, say so in a line of its own."""
        self._add(task, task.cost() - self.shown.get(task, 0))
        self.done += 1
        self.refresh()
        if not self.live:
            print(f"{task.profile} {task.name}: {self.bar}", file=sys.stderr, flush=True)

    def refresh(self):
        """Show how many tasks run, and the time that has gone by."""
        running = min(self.workers(), self.count - self.done)
        self.bar.set_description_str(f"{self.done} of {self.count} tasks done, {running} running, ")

    def _add(self, task, amount):
        self.shown[task] = self.shown.get(task, 0) + amount
        self.bar.update(amount)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.bar.close()
        if not self.live:
            self.sink.close()
