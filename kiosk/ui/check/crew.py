"""Looks at screens on every core: a few processes, each with a studio of its own; findings come in order."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from typing import Final

from kiosk.ui.check.run import Looked, Task

BATCH: Final = 8  # tasks that travel together: under a second of work
WORKERS_MAX: Final = 8  # each holds the fonts and a window

Look = Callable[[Sequence[Task]], list[Looked]]
"""A function of a module: it is called in another process."""


@contextmanager
def crew() -> Iterator[Executor]:
    """Worker processes, one a core. Whatever ends the work early ends them at once."""
    cores = len(os.sched_getaffinity(0))
    spawn = multiprocessing.get_context("spawn")  # a forked copy of an open window breaks
    pool = ProcessPoolExecutor(min(cores, WORKERS_MAX), mp_context=spawn, initializer=_enlist)
    try:
        yield pool
    except BaseException:
        for worker in multiprocessing.active_children():
            worker.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def looked_at(pool: Executor, look: Look, tasks: Sequence[Task]) -> Iterator[Looked]:
    """What `look` sees of each task, in the order of the tasks."""
    batches = [tasks[i : i + BATCH] for i in range(0, len(tasks), BATCH)]
    for seen in pool.map(look, batches):
        yield from seen


def _enlist() -> None:
    """In a worker: the terminal's Ctrl-C is for the parent, its own end comes with SIGTERM or the parent's death."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ["SDL_NO_SIGNAL_HANDLERS"] = "1"  # SDL would make a window event of SIGTERM, and nobody reads events here
    threading.Thread(target=_outlive_nobody, daemon=True).start()


def _outlive_nobody() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
