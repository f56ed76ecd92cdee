"""How a worker takes attempts: as many as keep each language model busy, and each run its share of them."""

import asyncio
import contextlib
import logging
import math
import time
from collections.abc import Callable

from ..domain.errors import AssayError
from ..inference.base import Backend, NeedsAttention
from ..inference.memory import DoesNotFit
from . import claiming
from .active_run import ActiveRun
from .database import DatabaseThread
from .execution import Claimed, Equipment, Execution
from .offers import Everything, Permits
from .shared_models import SharedModel, SharedModels

log = logging.getLogger(__name__)

# Attempts become free again only where a worker stopped or a lease ran out.
NONE_FREE_SECONDS = 1.0
# Attempts are claimed ahead for this many times what a language model takes at once, so that it never runs dry.
CLAIM_AHEAD = 2
# The next attempt begins while the last samples of the one before are stored and graded.
FEWEST_ATTEMPTS = 2


class Taking:
    """`ended(run_id)` is told of each attempt that has ended, and `wake` of each model that has been loaded."""

    def __init__(
        self,
        models: SharedModels,
        offers: Everything | Permits,
        equipment: Equipment,
        database: DatabaseThread,
        lease_seconds: float,
        wake: Callable[[], None],
        ended: Callable[[int], None],
    ):
        self._models = models
        self._offers = offers
        self._equipment = equipment
        self._database = database
        self._lease_seconds = lease_seconds
        self._wake = wake
        self._ended = ended

    async def take(self, active: ActiveRun, wanting: list[ActiveRun]) -> None:
        """Claim attempts of the run and begin them; `wanting` are all runs that may ask the models. What stands in the
        way is left on the run. Raises DatabaseError."""
        for name, backend in active.frozen.backends.items():
            conditions = active.frozen.conditions_of(name)
            weight = self._offers.weight(active.frozen.pk, name)
            if not conditions or not weight:
                continue
            keys = [each.key for each in conditions]
            needed = {each: active.frozen.backends[each] for each in (name, *sorted(active.frozen.judges - {name}))}
            if not all(map(self._models.has, needed.values())) and not await self._database.run(
                claiming.has_open_attempts, active.frozen.pk, keys
            ):
                self._offers.claimed(active.frozen.pk, name, (), was_last=True)
                continue  # nothing is left to ask these models, which may have been unloaded meanwhile
            try:
                connected = self._models.get_together(needed.values(), self._wake)
            except (NeedsAttention, DoesNotFit) as error:
                active.obstacle = error
                return
            except AssayError as error:
                active.failure = f"“{'” with “'.join(needed)}” cannot be used: {error}"
                return
            if connected is None:
                continue
            models = dict(zip(needed, connected, strict=True))
            model = models[name]
            weights = sum(self._offers.weight(*each) for each in _askers(backend, wanting))
            room = CLAIM_AHEAD * model.client.max_in_flight * weight / weights - active.n_left(model)
            fitting = math.ceil(room / max(each.strategy.samples_at_once for each in conditions))
            limit = max(fitting, FEWEST_ATTEMPTS - active.n_attempts(model))
            if limit > 0 and time.monotonic() >= active.look_again_at.get(name, 0):
                await self._claim(active, name, keys, limit, models)

    async def _claim(
        self, active: ActiveRun, name: str, conditions: list[str], limit: int, models: dict[str, SharedModel]
    ) -> None:
        run_id, me = active.frozen.pk, self._equipment.worker_id
        with self._models.in_use(models[name]):
            claimed = await self._database.run(claiming.claim, run_id, me, conditions, limit, self._lease_seconds)
            if len(claimed) < limit:
                active.look_again_at[name] = time.monotonic() + NONE_FREE_SECONDS
            for each in claimed:
                self._execute(each, active, models)
            self._offers.claimed(run_id, name, [each.attempt.pk for each in claimed], was_last=len(claimed) < limit)

    def _execute(self, claimed: Claimed, active: ActiveRun, models: dict[str, SharedModel]) -> None:
        pk = claimed.attempt.pk
        if pk in active.tasks:
            return  # its lease ran out while this worker could not renew it, and nobody else took it

        def ended(task: asyncio.Task) -> None:
            del active.executions[pk], active.tasks[pk]
            using.close()
            self._ended(active.frozen.pk)
            if not task.cancelled() and task.exception():
                log.error("Attempt %s could not be ended", pk, exc_info=task.exception())

        using = contextlib.ExitStack()
        for model in models.values():
            using.enter_context(self._models.in_use(model))
        active.executions[pk] = Execution(claimed, active.frozen, models, self._equipment, active)
        active.tasks[pk] = asyncio.create_task(active.executions[pk].perform())
        active.tasks[pk].add_done_callback(ended)


def _askers(backend: Backend, runs: list[ActiveRun]) -> list[tuple[int, str]]:
    """The runs that ask this backend, each by the name it has there."""
    return [(run.frozen.pk, name) for run in runs for name, each in run.frozen.backends.items() if each == backend]
