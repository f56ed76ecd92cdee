"""The one writer of a worker: what arrives within a tenth of a second is stored in one transaction."""

import asyncio
import logging
from collections import Counter
from dataclasses import dataclass, field, replace
from math import inf
from time import monotonic

from django.db import IntegrityError, OperationalError

from ..models import Call, Sample
from .caps import Obstacle
from .database import DatabaseThread, passes_by_itself
from .drafts import DraftBoard, Place
from .refusals import NotStored, in_place_of
from .storing import Fact, key_of, pause_runs, store
from .together import take
from .vitals import Tally

log = logging.getLogger(__name__)

FLUSH_SECONDS = 0.1
# A call that wants to leave waits for others only so long.
LEAVING_SECONDS = 0.02
LARGEST_BATCH = 1000
FIRST_RETRY_SECONDS = 0.5
LONGEST_RETRY_SECONDS = 10
# While the server is away; leases run on meanwhile.
LONGEST_RETRY_SECONDS_WHEN_AWAY = 2
# A locked database usually frees itself; a full disk does not, and pauses at once.
FAILURES_BEFORE_PAUSE = 3


@dataclass(frozen=True)
class _Entry:
    run_id: int
    fact: Fact
    stored: asyncio.Future
    arrived_at: float = field(default_factory=monotonic)


class Recorder:
    """Facts in, futures out that resolve once the fact is committed.

    A database that cannot be written loses nothing: the batch is kept and tried again, and the runs it belongs to are
    paused with the reason. `trouble` holds that reason until a write succeeds. `tally` counts what was stored.
    """

    def __init__(self, database: DatabaseThread, drafts: DraftBoard):
        self.trouble = ""
        self.tally = Tally()
        self._database = database
        self._drafts = drafts
        self._entries: list[_Entry] = []
        self._busy_seconds: Counter[int] = Counter()
        self._wake = asyncio.Event()
        self._hurry = asyncio.Event()
        self._closing = False

    async def store_sample(self, row: Sample) -> Sample:
        """The row as it is stored: this one, or the one that was there before under the same journal key."""
        return await self._add(row.run_id, row)

    async def store(self, run_id: int, fact: Fact) -> None:
        """A score, a grade or an attempt's ending."""
        await self._add(run_id, fact)

    async def store_call(self, row: Call) -> Obstacle | None:
        """Before the call leaves: None once its row is stored, or what stands in its way; then it is not stored."""
        stored = self._add(row.run_id, row)
        self._hurry.set()
        return await stored

    def store_soon(self, row: Call) -> None:
        """A call's end. Nobody waits for it; it is stored together with the samples that it brought."""
        self._add(row.run_id, row)

    def add_busy_seconds(self, run_id: int, seconds: float) -> None:
        """Stored along with the next facts."""
        self._busy_seconds[run_id] += seconds

    def drafts_changed(self) -> None:
        self._wake.set()

    async def run(self) -> None:
        """Write until `close`."""
        while not (self._closing and not self._entries):
            await self._wake.wait()
            self._wake.clear()
            if not self._closing:
                await self._wait_for_more()
            await self._flush()

    def close(self) -> None:
        """Let `run` end when everything is stored."""
        self._closing = True
        self._wake.set()
        self._hurry.set()

    def _add(self, run_id: int, fact: Fact) -> asyncio.Future:
        entry = _Entry(run_id, fact, asyncio.get_running_loop().create_future())
        self._entries.append(entry)
        self._wake.set()
        if len(self._entries) >= LARGEST_BATCH:
            self._hurry.set()
        return entry.stored

    async def _wait_for_more(self) -> None:
        try:
            async with asyncio.timeout(FLUSH_SECONDS):
                await self._hurry.wait()
        except TimeoutError:
            return
        if len(self._entries) < LARGEST_BATCH and not self._closing:
            await asyncio.sleep(LEAVING_SECONDS)

    async def _flush(self) -> None:
        entries, self._entries = take(self._entries, LARGEST_BATCH, inf if self._closing else monotonic())
        self._hurry.clear()
        if self._entries:
            self._wake.set()
        drafts = self._drafts.take_due(everything=self._closing)
        if self._drafts.has_changes:
            self._wake.set()
        if entries or drafts:
            busy_seconds, self._busy_seconds = self._busy_seconds, Counter()
            await self._store(entries, drafts, busy_seconds)

    async def _store(self, entries: list[_Entry], drafts: dict[Place, list[dict]], busy_seconds: dict[int, float]) -> None:
        facts = [entry.fact for entry in entries]
        failures, was_overtaken = 0, False
        while True:
            try:
                stored = await self._database.run(store, facts, drafts, busy_seconds)
                break
            except OperationalError as error:
                failures += 1
                longest = LONGEST_RETRY_SECONDS
                if passes_by_itself(error):
                    log.warning("The database is away, trying again (try %d): %s", failures, error)
                    longest = LONGEST_RETRY_SECONDS_WHEN_AWAY
                else:
                    await self._report(error, failures, {entry.run_id for entry in entries} | {run for run, _ in drafts})
                await asyncio.sleep(min(FIRST_RETRY_SECONDS * 2 ** (failures - 1), longest))
            except IntegrityError as error:
                # Another worker stored the same draw in this very moment; looking again finds it.
                if was_overtaken:
                    await self._isolate(entries, error)
                    return
                was_overtaken = True
            except Exception as error:
                await self._isolate(entries, error)
                return
        if self.trouble:
            log.warning("The database can be written again.")
            self.trouble = ""
        if entries:
            now = monotonic()
            self.tally.stored(facts, [now - entry.arrived_at for entry in entries])
        for entry in entries:
            if not entry.stored.done():
                entry.stored.set_result(stored.get(key_of(entry.fact)))

    async def _report(self, error: OperationalError, failures: int, run_ids: set[int]) -> None:
        log.warning("Storing failed (try %d): %s", failures, error)
        no_space = "full" in str(error) or "No space left" in str(error)
        if not no_space and failures < FAILURES_BEFORE_PAUSE:
            return
        cause = "No space left" if no_space else "The database cannot be written"
        self.trouble = f"{cause}: {error}. Nothing finished is lost while the worker runs; mend it, then resume the run."
        try:
            await self._database.run(pause_runs, run_ids, self.trouble)
        except OperationalError as again:
            log.warning("The pause could not be stored either: %s", again)

    async def _isolate(self, entries: list[_Entry], error: Exception) -> None:
        """One fact the database refuses must not take the others down: each is tried alone, and only it is told."""
        if len(entries) > 1:
            for entry in entries:
                await self._store([entry], {}, {})
        elif entries:
            entry = entries[0]
            refused = NotStored(entry.fact, error)
            log.error("%s", refused, exc_info=error, extra={"run": entry.run_id})
            if (instead := in_place_of(entry.fact, str(refused))) is not None:
                await self._store([replace(entry, fact=instead)], {}, {})
            elif not entry.stored.done():
                entry.stored.set_exception(refused)
        else:
            log.error("Drafts cannot be stored", exc_info=error)
