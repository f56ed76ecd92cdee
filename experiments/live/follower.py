"""One task per process and watched run: it reads what is new and hands everybody the same message.

Where PostgreSQL tells that there is news the task waits for that; elsewhere it looks many times a second.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from time import monotonic

from ..reports.changes import Cursor
from ..runner.database import DatabaseThread
from . import render
from .feed import Feed
from .listening import Listener

# Also the shortest time between two looks where there is news all the time.
POLL_SECONDS = 0.15
POLL_SECONDS_WHEN_FINISHED = 1.0
# Word of news may be lost, and some changes nobody tells, such as a worker's silence.
POLL_SECONDS_WHEN_LISTENING = 2.0
RETRY_SECONDS = 1.0
# Messages that wait for one slow reader; ~5 s of a busy run, some hundred kilobytes.
MOST_WAITING = 32

log = logging.getLogger(__name__)
_followers: dict[int, "Follower"] = {}
_listener: Listener | None = None


class Subscription:
    """One reader's place in the fan-out. A reader that falls behind is told to load its page again; memory stays bounded."""

    def __init__(self, follower: "Follower"):
        self._follower = follower
        self._waiting: asyncio.Queue[render.Message] = asyncio.Queue(MOST_WAITING)

    def put(self, message: render.Message) -> None:
        if self._waiting.full():
            while not self._waiting.empty():
                self._waiting.get_nowait()
            message = render.resync(message.cursor)
        self._waiting.put_nowait(message)

    async def messages(self, cursor: Cursor | None) -> AsyncIterator[render.Message]:
        """First what a page at `cursor` has missed, then everything new."""
        caught_up = await self._follower.catch_up(cursor)
        yield caught_up
        while True:
            message = await self._waiting.get()
            if message.cursor.is_ahead_of(caught_up.cursor):
                yield message


class Follower:
    """Follows one run from its first subscriber to its last."""

    def __init__(self, run_id: int):
        self.run_id = run_id
        self.subscriptions: set[Subscription] = set()
        self._database = DatabaseThread(is_mostly_idle=True)
        self._ready = asyncio.Event()
        self._catching_up = asyncio.Lock()
        self._caught_up: dict[Cursor | None, render.Message] = {}
        self._news = asyncio.Event()
        self._task = asyncio.create_task(self._follow(), name=f"follow run {run_id}")

    async def catch_up(self, cursor: Cursor | None) -> render.Message:
        """After a cut many pages come back with the same cursor; they share one message until the next one is sent."""
        await self._ready.wait()
        known = self._caught_up
        async with self._catching_up:
            if cursor not in known:
                known[cursor] = await self._database.run(render.catch_up, self.run_id, cursor)
            return known[cursor]

    def wake(self) -> None:
        """There is news."""
        self._news.set()

    async def _follow(self) -> None:
        try:
            feed = await self._read(Feed, self.run_id)
            self._ready.set()
            while True:
                started = monotonic()
                self._news.clear()
                message = await self._read(feed.next_message)
                if message is not None:
                    self._caught_up = {}
                    for subscription in self.subscriptions:
                        subscription.put(message)
                # At least a moment for everybody else, also when reading takes longer than the period.
                await asyncio.sleep(max(POLL_SECONDS - (monotonic() - started), POLL_SECONDS / 10))
                if not feed.has_more:
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._news.wait(), started + _period(feed.is_finished) - monotonic())
        finally:
            await self._database.close()

    async def _read(self, function: Callable, *arguments):
        """A database that is away for a moment must not end the follower; its cursor has not moved, so nothing is lost."""
        while True:
            try:
                return await self._database.run(function, *arguments)
            except Exception:
                log.exception("Run %s could not be read; trying again in %g s", self.run_id, RETRY_SECONDS)
                await asyncio.sleep(RETRY_SECONDS)

    def stop(self) -> None:
        self._task.cancel()


def _period(is_finished: bool) -> float:
    """Seconds between two looks where no news wakes us."""
    if _listener and _listener.is_listening:
        return POLL_SECONDS_WHEN_LISTENING
    return POLL_SECONDS_WHEN_FINISHED if is_finished else POLL_SECONDS


def _heard(run_id: int | None) -> None:
    for follower in [*_followers.values()] if run_id is None else filter(None, [_followers.get(run_id)]):
        follower.wake()


@asynccontextmanager
async def follow(run_id: int) -> AsyncIterator[Subscription]:
    """Subscribe to the run's messages. The first subscriber starts the follower, the last one stops it."""
    global _listener
    _listener = _listener or Listener(_heard)
    follower = _followers.get(run_id)
    if follower is None:
        follower = _followers[run_id] = Follower(run_id)
    subscription = Subscription(follower)
    follower.subscriptions.add(subscription)
    try:
        yield subscription
    finally:
        follower.subscriptions.discard(subscription)
        if not follower.subscriptions:
            del _followers[run_id]
            follower.stop()
        if not _followers:
            _listener.stop()
            _listener = None


def n_followed_runs() -> int:
    """How many runs this process follows now."""
    return len(_followers)
