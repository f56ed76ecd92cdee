"""The worker: takes attempts of all runs by lease, keeps the language models busy, and survives what its runs do not."""

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import Callable, Collection
from functools import partial

from django.db import DatabaseError

from ..domain import log_context
from ..domain.errors import AssayError
from ..graders.isolation import GradingPool
from ..inference import key_files
from ..models import Attempt, Run
from . import allocation, claiming, presence
from .active_run import ActiveRun
from .crowd import crowd
from .database import DatabaseThread
from .desks import Desks
from .drafts import DraftBoard
from .execution import Equipment
from .frozen import FrozenRun
from .offers import Everything, Permit, Permits
from .recording import Recorder
from .refreshing import FindingsRefresh
from .retries import PATIENT, Retries
from .shared_models import SharedModels
from .taking import Taking
from .vitals import Peak, vitals_of, watch_loop

log = logging.getLogger(__name__)

IDLE_POLL_SECONDS = 0.3
BUSY_POLL_SECONDS = 0.1
STOP_SECONDS = 1.5


class Worker:
    """`refresh_findings(run_id)` brings a run's findings up to date; it is handed in by the command.

    `offers` say what it may claim: everything, unless Celery places the work.
    """

    def __init__(
        self,
        refresh_findings: Callable[[int], None],
        *,
        until_idle: bool = False,
        lease_seconds: float = presence.LEASE_SECONDS,
        retries: Retries = PATIENT,
        offers: Everything | Permits | None = None,
    ):
        self.database = DatabaseThread()
        self._findings = FindingsRefresh(refresh_findings)
        self._until_idle = until_idle
        self._lease_seconds = lease_seconds
        self._retries = retries
        self.offers = offers or Everything()
        self._models = SharedModels(retries, before_connecting=partial(self.database.run, key_files.refresh))
        self._lag = Peak()
        self._runs: dict[int, ActiveRun] = {}
        self._wake = asyncio.Event()
        self._strays = presence.Strays()
        self._stopping = False
        #: For other threads: the worker has its row.
        self.registered = threading.Event()
        self._last_step = time.monotonic()

    @property
    def pk(self) -> int:
        """Of its row, once it is registered."""
        return self._me.pk

    @property
    def is_stopping(self) -> bool:
        return self._stopping

    def stop(self) -> None:
        """Ask `run` to end within about two seconds; what is being generated is drawn again by the next worker."""
        self._stopping = True
        self._wake.set()

    def take(self, permit: Permit) -> None:
        """Claim what a batch allows. Call it on the event loop of `run`, with `Permits` as its offers."""
        self.offers.add(permit)
        if active := self._runs.get(permit.run_id):
            active.look_again_at.pop(permit.language_model, None)
        self._wake.set()

    def take_errand(self, kind: str, pk: int) -> None:
        """The same for what waits beside the runs."""
        self.offers.want(kind, pk)
        self._wake.set()

    async def run(self) -> None:
        """Work until `stop`, or with `until_idle` until no run can be worked on."""
        self._me = await self.database.run(presence.register)
        self._models.share(await self.database.run(crowd))
        self.registered.set()
        log_context.add(worker=self._me.pk)
        await self.database.run(presence.release_dead, self._me)
        await self.database.run(claiming.clear_stale_drafts)
        grading = GradingPool()
        self._drafts = DraftBoard(self._me.pk)
        self._recorder = Recorder(self.database, self._drafts)
        equipment = Equipment(self._me.pk, self._recorder, self._drafts, grading, self._retries)
        self._desks = Desks(self._models, equipment, self.database, self._lease_seconds)
        self._taking = Taking(
            self._models, self.offers, equipment, self.database, self._lease_seconds, self._wake.set, self._attempt_ended
        )
        try:
            async with asyncio.TaskGroup() as group:
                writing = group.create_task(self._recorder.run())
                watching = group.create_task(watch_loop(self._lag))
                beating = group.create_task(self._beat())
                await self._work()
                await self._let_go(writing)
                beating.cancel()
                watching.cancel()
        finally:
            await self._desks.aclose()
            await self._models.aclose()
            await grading.aclose()
            # A worker that cannot say goodbye is found dead by the next one.
            with contextlib.suppress(DatabaseError):
                await self.database.run(presence.leave, self._me)
            await self.database.close()

    async def _work(self) -> None:
        while not self._stopping:
            try:
                await self._go_on_where_answered()
                held = [*self._runs, *self.offers.runs()]
                states = await self.database.run(claiming.states_of_runs, held, self.offers.takes_all)
                self._follow(states)
                await self._feed(held, states)
                await self._desks.look(self.offers)
                is_idle = not self._runs and not self._desks.is_busy
                if self._until_idle and is_idle and not await self.database.run(claiming.any_paused_for_a_while):
                    return
            except DatabaseError as error:
                log.warning("The database did not answer, trying again: %s", error)
            self._findings.start_due()
            self._models.unload_idle()
            self._count_busy_seconds()
            await self._wait()

    async def _wait(self) -> None:
        is_busy = self._desks.is_scoring or any(active.tasks for active in self._runs.values())
        try:
            async with asyncio.timeout(BUSY_POLL_SECONDS if is_busy else IDLE_POLL_SECONDS):
                await self._wake.wait()
        except TimeoutError:
            pass
        self._wake.clear()

    def _follow(self, states: dict[int, str]) -> None:
        """Do with the runs in hand what their state asks for."""
        for run_id, active in list(self._runs.items()):
            state = states.get(run_id)
            if state == Run.State.PAUSED or self._recorder.trouble:
                active.obstacle = None
                active.pause()
            elif state not in (Run.State.QUEUED, Run.State.RUNNING):
                active.cancel()
            is_over = state not in (Run.State.QUEUED, Run.State.RUNNING)
            if is_over and not active.is_busy and not self._findings.is_outdated(run_id):
                del self._runs[run_id]

    async def _feed(self, held: list[int], states: dict[int, str]) -> None:
        """Claim attempts for every run that may be worked on, so that each has its share of every language model."""
        workable = [run_id for run_id, state in states.items() if state in (Run.State.QUEUED, Run.State.RUNNING)]
        for run_id in {*held} - {*workable}:
            self.offers.drop(run_id, self._under_way(run_id))
        if self._recorder.trouble:
            return
        if not self.offers.takes_all:
            workable = [run_id for run_id in self.offers.runs() if run_id in workable]
        for run_id in workable:
            if run_id not in self._runs:
                await self._take_up(run_id)
        wanting = [self._runs[run_id] for run_id in workable if run_id in self._runs]
        for active in wanting:
            if not active.failure and not active.obstacle:
                try:
                    await self._taking.take(active, wanting)
                except DatabaseError:
                    raise
                except Exception as error:
                    active.failure = _as_bug(active.frozen.pk, error)
            if active.failure:
                active.cancel()
                await self.database.run(claiming.fail_run, active.frozen.pk, active.failure)
            elif active.obstacle:
                await self.database.run(claiming.hold_run, active.frozen.pk, active.obstacle)
                active.obstacle = None
            elif active.tasks:
                self.offers.settle(active.frozen.pk, active.tasks)
            elif active.is_busy:
                continue  # it is being finished
            elif await self.database.run(claiming.has_open_attempts, active.frozen.pk):
                self.offers.settle(active.frozen.pk, active.tasks)
            else:
                await self._go_on_or_finish(active)

    async def _go_on_or_finish(self, active: ActiveRun) -> None:
        """No attempt is left: an adaptive study may ask for more."""
        try:
            has_more = await self.database.run(allocation.next_round, active.frozen.pk)
        except DatabaseError:
            raise
        except Exception as error:
            active.failure = _as_bug(active.frozen.pk, error)
            return
        if has_more:
            active.look_again_at.clear()
            self._wake.set()
        else:
            active.finishing = asyncio.create_task(self._finish(active.frozen.pk))

    async def _go_on_where_answered(self) -> None:
        for run_id, active in self._runs.items():
            if active.may_go_on:
                await self.database.run(claiming.resume_by_itself, run_id)
                active.may_go_on = False

    async def _take_up(self, run_id: int) -> None:
        try:
            self._runs[run_id] = ActiveRun(await self.database.run(_load, run_id), self._wake.set, self._models.forget)
        except DatabaseError:
            raise
        except AssayError as error:
            await self.database.run(claiming.fail_run, run_id, str(error))
        except Exception as error:
            await self.database.run(claiming.fail_run, run_id, _as_bug(run_id, error))

    def _under_way(self, run_id: int) -> Collection[int]:
        active = self._runs.get(run_id)
        return active.tasks if active else ()

    def _attempt_ended(self, run_id: int) -> None:
        self._findings.mark(run_id)
        self._wake.set()

    async def _finish(self, run_id: int) -> None:
        await self._findings.refresh(run_id)
        try:
            await self.database.run(claiming.finish_run, run_id)
        except DatabaseError as error:
            log.warning("Run %s could not be completed, trying again: %s", run_id, error)
        self._wake.set()

    def _count_busy_seconds(self) -> None:
        now = time.monotonic()
        for run_id, active in self._runs.items():
            if active.tasks:
                self._recorder.add_busy_seconds(run_id, now - self._last_step)
        self._last_step = now

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self._lease_seconds / 6)
            try:
                vitals = vitals_of(self._lag, self._recorder.tally, self._recorder.trouble, self._models.standings())
                under_way = {pk for active in self._runs.values() for pk in active.tasks}
                in_hand = {Attempt: under_way} | self._desks.in_hand
                held = await self.database.run(presence.beat, self._me, self._lease_seconds, vitals, in_hand)
                await self.database.run(self._strays.give_up, self._me, in_hand)
                for active in self._runs.values():
                    active.drop(under_way - held)
                self._models.share(await self.database.run(crowd))
            except DatabaseError as error:
                log.warning("The heartbeat could not be stored: %s", error)

    async def _let_go(self, writing: asyncio.Task) -> None:
        """Give every attempt back and let the writer end, unless the database is stuck."""
        tasks = self._desks.close()
        for active in self._runs.values():
            active.cancel()
            tasks += [*active.tasks.values(), *([active.finishing] if active.finishing else [])]
        if tasks:
            await asyncio.wait(tasks, timeout=STOP_SECONDS)
        self._recorder.close()
        await asyncio.wait([writing], timeout=STOP_SECONDS)
        writing.cancel()
        self.offers.close()


def _as_bug(run_id: int, error: Exception) -> str:
    """A short note for the user; the traceback goes to the log."""
    log.error("Run %s cannot be worked on", run_id, exc_info=error)
    return f"An error in the program stopped the run ({type(error).__name__}: {error}). The log has the details."


def _load(run_id: int) -> FrozenRun:
    return FrozenRun(Run.objects.get(pk=run_id))
