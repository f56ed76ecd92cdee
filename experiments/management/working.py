"""A worker with everything it is handed, for the commands that run one."""

import asyncio
import signal
from functools import lru_cache

from experiments.reports.findings import FindingsRefresher
from experiments.runner.worker import Worker

# A refresher remembers what it has read of its run; a few are enough for the runs that are live at once.
_refresher = lru_cache(maxsize=8)(FindingsRefresher)


def new_worker(**options) -> Worker:
    """`options` are the worker's own."""
    return Worker(lambda run_id: _refresher(run_id).refresh(), **options)


def stop_on_signals(worker: Worker) -> None:
    """Ctrl-C and SIGTERM end the worker cleanly. Call it on the event loop."""
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, worker.stop)
