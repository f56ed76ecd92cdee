"""The language models a worker has loaded, each one shared by all runs that ask it."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field

from ..domain.errors import TransientInferenceError
from ..inference.base import Backend, LanguageModelClient
from ..inference.memory import MemoryPlan, n_free_bytes
from ..inference.standing import EndpointStanding
from .crowd import Crowd
from .retries import Retries
from .turns import Turns

#: A model that takes memory here is unloaded after nobody used it for this long.
IDLE_SECONDS = 300.0


async def _nothing() -> None:
    """All that is needed for connecting is here."""


@dataclass(eq=False)
class SharedModel:
    """A connected language model, the turns at asking it and the memory it was granted; None for one that takes none here."""

    client: LanguageModelClient
    turns: Turns
    plan: MemoryPlan | None = None
    #: As `Backend.queue` names it.
    queue: str = ""
    n_users: int = 0
    used_at: float = field(default_factory=time.monotonic)

    @property
    def n_bytes_to_come(self) -> int:
        """Memory that was granted and is not taken yet, or taken only in pages that the system counts as available."""
        return max(0, self.plan.n_bytes - self.client.n_bytes_taken()) if self.plan and self.plan.is_bound else 0


class SharedModels:
    """Connects at the first question, keeps the connection, and forgets one that failed so that a later run tries anew.

    Models that take memory here are loaded one after the other. Where a new one does not fit, those nobody uses go, the
    least recently used first; if all are in use, it waits for one.
    """

    def __init__(
        self,
        retries: Retries,
        free_bytes: Callable[[], int] = n_free_bytes,
        idle_seconds: float = IDLE_SECONDS,
        before_connecting: Callable[[], Awaitable[None]] = _nothing,
    ):
        self._retries = retries
        self._before_connecting = before_connecting
        self._free_bytes = free_bytes
        self._idle_seconds = idle_seconds
        self._crowd = Crowd()
        self._connecting: dict[str, asyncio.Task[SharedModel]] = {}
        self._forgotten: list[asyncio.Task[SharedModel]] = []
        self._closing: set[asyncio.Task[None]] = set()
        self._loading = asyncio.Lock()
        self._left = asyncio.Event()

    def get(self, backend: Backend, when_ready: Callable[[], None], beside: frozenset[str] = frozenset()) -> SharedModel | None:
        """The connected model, or None while it is loading. Raises the InferenceError with which loading ended.

        Models of the identities in `beside` are needed at the same time: they do not make room for this one.
        """
        key = backend.identity()
        task = self._connecting.get(key)
        if task is None:
            task = self._connecting[key] = asyncio.create_task(self._connect(backend, beside))
            task.add_done_callback(lambda _: when_ready())
        if not task.done():
            return None
        if task.exception():
            del self._connecting[key]
        return task.result()

    def has(self, backend: Backend) -> bool:
        """Whether the model is connected or on its way."""
        return backend.identity() in self._connecting

    def standings(self) -> list[EndpointStanding]:
        """Of the endpoints behind the connected models, each once."""
        found = {each.name: each for model in self._connected() if (each := model.client.standing())}
        return list(found.values())

    def get_together(self, backends: Iterable[Backend], when_ready: Callable[[], None]) -> list[SharedModel] | None:
        """The connected models, or None until all of them are. Raises as `get` does."""
        wanted = list(backends)
        identities = frozenset(backend.identity() for backend in wanted)
        found = [self.get(backend, when_ready, identities) for backend in wanted]
        return None if None in found else found

    @contextmanager
    def in_use(self, model: SharedModel):
        """Inside, the model is not unloaded."""
        model.n_users += 1
        try:
            yield
        finally:
            model.n_users -= 1
            model.used_at = time.monotonic()
            self._left.set()

    def share(self, crowd: Crowd) -> None:
        """Keep to this process's part of what endpoints allow, among so many that ask them."""
        self._crowd = crowd
        for model in self._connected():
            model.client.share(crowd.n_asking(model.queue))

    def forget(self, model: SharedModel) -> None:
        """Connect anew for the next run that asks; those that still use it may go on until `aclose`."""
        for key, task in list(self._connecting.items()):
            if _result(task) is model:
                self._forgotten.append(self._connecting.pop(key))

    def unload_idle(self) -> None:
        """Begin to unload what nobody used for a while."""
        for model in self._unused():
            if time.monotonic() - model.used_at > self._idle_seconds:
                closing = asyncio.create_task(self._unload(model))
                self._closing.add(closing)
                closing.add_done_callback(self._closing.discard)

    async def _connect(self, backend: Backend, beside: frozenset[str]) -> SharedModel:
        await self._before_connecting()
        plan = await asyncio.to_thread(backend.memory_plan)
        if plan is None:
            return await self._connect_patiently(backend, None)
        async with self._loading:
            await self._make_room(plan, beside)
            return await self._connect_patiently(backend, plan)

    async def _connect_patiently(self, backend: Backend, plan: MemoryPlan | None) -> SharedModel:
        failures = 0
        while True:
            try:
                client = await backend.connect()
                model = SharedModel(client, Turns(client.max_in_flight), plan, backend.queue)
                client.share(self._crowd.n_asking(model.queue))
                return model
            except TransientInferenceError:
                failures += 1
                if failures >= self._retries.tries:
                    raise
                await asyncio.sleep(self._retries.pause_seconds(failures))

    async def _make_room(self, plan: MemoryPlan, beside: frozenset[str]) -> None:
        """Until the plan fits, or nothing more could be given up: then connecting refuses it with the figures."""
        while plan.is_bound and plan.n_bytes > self._n_free():
            others = [model for model in self._connected(beside) if model.plan and model.plan.is_bound]
            if plan.n_bytes > self._free_bytes() + sum(model.client.n_bytes_taken() for model in others):
                return
            self._left.clear()
            if unused := [model for model in self._unused() if model in others]:
                await self._unload(min(unused, key=lambda model: model.used_at))
            elif others:
                await self._left.wait()
            else:
                return

    def _n_free(self) -> int:
        return self._free_bytes() - sum(model.n_bytes_to_come for model in self._connected())

    def _connected(self, but: frozenset[str] = frozenset()) -> list[SharedModel]:
        return [model for key, task in self._connecting.items() if key not in but and (model := _result(task))]

    def _unused(self) -> list[SharedModel]:
        return [model for model in self._connected() if model.plan and not model.n_users]

    async def _unload(self, model: SharedModel) -> None:
        self._connecting = {key: task for key, task in self._connecting.items() if _result(task) is not model}
        await model.client.aclose()

    async def aclose(self) -> None:
        for task in self._connecting.values():
            task.cancel()
        ended = await asyncio.gather(*self._connecting.values(), *self._forgotten, return_exceptions=True)
        await asyncio.gather(*(each.client.aclose() for each in ended if isinstance(each, SharedModel)), *self._closing)


def _result(task: asyncio.Task[SharedModel]) -> SharedModel | None:
    """The model, if it is connected."""
    return task.result() if task.done() and not task.cancelled() and not task.exception() else None
