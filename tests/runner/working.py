"""A worker in a thread of the test, so that the test can act on the database while it works."""

import asyncio
import threading
from contextlib import contextmanager

from experiments.management.working import new_worker
from experiments.runner.retries import Retries
from experiments.runner.worker import Worker


def work_until_idle(worker: Worker | None = None) -> None:
    """Everything that can be worked on, done."""
    asyncio.run((worker or new_worker(until_idle=True)).run())


@contextmanager
def at_work(worker: Worker | None = None):
    """A worker at work in another thread; it is stopped at the end, and its errors are the test's errors.

    Yields a function that runs a coroutine on the worker's event loop and returns its result.
    """
    worker = worker or new_worker()
    errors: list[BaseException] = []
    loop = asyncio.new_event_loop()

    def work() -> None:
        try:
            loop.run_until_complete(worker.run())
            loop.run_until_complete(loop.shutdown_default_executor())
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield lambda coroutine: asyncio.run_coroutine_threadsafe(coroutine, loop).result(30)
    finally:
        loop.call_soon_threadsafe(worker.stop)
        thread.join(20)
        loop.close()
    assert not errors, errors


def impatient(tries: int = 3) -> Worker:
    """Works until idle and tries failed requests again at once."""
    return new_worker(until_idle=True, retries=Retries(tries=tries, first_seconds=0.001))
