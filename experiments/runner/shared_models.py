"""The language models a worker has loaded, each one shared by all runs that ask it."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass

from ..domain.errors import TransientInferenceError
from ..inference.base import Backend, LanguageModelClient
from .retries import Retries
from .turns import Turns


@dataclass(frozen=True)
class SharedModel:
    """A connected language model and the turns at asking it."""

    client: LanguageModelClient
    turns: Turns


class SharedModels:
    """Connects at the first question, keeps the connection, and forgets one that failed so that a later run tries anew."""

    def __init__(self, retries: Retries):
        self._retries = retries
        self._connecting: dict[str, asyncio.Task[SharedModel]] = {}
        self._forgotten: list[asyncio.Task[SharedModel]] = []

    def get(self, backend: Backend, when_ready: Callable[[], None]) -> SharedModel | None:
        """The connected model, or None while it is loading. Raises the InferenceError with which loading ended."""
        key = json.dumps([backend.name, backend.model_dump(mode="json")], sort_keys=True)
        task = self._connecting.get(key)
        if task is None:
            task = self._connecting[key] = asyncio.create_task(self._connect(backend))
            task.add_done_callback(lambda _: when_ready())
        if not task.done():
            return None
        if task.exception():
            del self._connecting[key]
        return task.result()

    def forget(self, model: SharedModel) -> None:
        """Connect anew for the next run that asks; those that still use it may go on until `aclose`."""
        for key, task in list(self._connecting.items()):
            if task.done() and not task.cancelled() and not task.exception() and task.result() is model:
                self._forgotten.append(self._connecting.pop(key))

    async def _connect(self, backend: Backend) -> SharedModel:
        failures = 0
        while True:
            try:
                client = await backend.connect()
                return SharedModel(client, Turns(client.max_in_flight))
            except TransientInferenceError:
                failures += 1
                if failures >= self._retries.tries:
                    raise
                await asyncio.sleep(self._retries.pause_seconds(failures))

    async def aclose(self) -> None:
        for task in self._connecting.values():
            task.cancel()
        ended = await asyncio.gather(*self._connecting.values(), *self._forgotten, return_exceptions=True)
        await asyncio.gather(*(each.client.aclose() for each in ended if isinstance(each, SharedModel)))
