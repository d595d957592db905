"""Processes of their own, for what a test cannot do here."""

import multiprocessing

WAY = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"


def child(target, *arguments):
    """A process that has begun to run target(*arguments).

    It is not forked from this one, which may have threads by now, whose locks a fork would keep. Where it can be, it is
    forked from one that has imported torch alone, and computed nothing; each that is spawned would import it anew.
    """
    context = multiprocessing.get_context(WAY)
    context.set_forkserver_preload(["torch._dynamo"])  # torch, and what its first optimiser imports: seconds
    process = context.Process(target=target, args=arguments)
    process.start()
    return process
