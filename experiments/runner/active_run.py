"""A run that a worker has to do with, and the attempts of it that are under way there."""

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from ..domain.errors import AssayError
from ..inference.base import EndpointDown, NeedsAttention
from .execution import Execution
from .frozen import FrozenRun
from .shared_models import SharedModel


@dataclass
class ActiveRun:
    """A run this worker has to do with; what its attempts say about the whole run is kept here for the worker to act on.

    `wake` the worker, and let it `forget` a model whose key or address a person has to mend first.
    """

    frozen: FrozenRun
    wake: Callable[[], None]
    forget: Callable[[SharedModel], None]
    executions: dict[int, Execution] = field(default_factory=dict)
    tasks: dict[int, asyncio.Task] = field(default_factory=dict)
    finishing: asyncio.Task | None = None
    failure: str = ""
    #: Why the run is to be paused, until that is stored.
    obstacle: AssayError | None = None
    #: An endpoint that the run waits for has answered.
    may_go_on: bool = False
    #: Language model -> when to look again for attempts, after fewer were free than it could take.
    look_again_at: dict[str, float] = field(default_factory=dict)
    _down: SharedModel | None = None

    @property
    def is_busy(self) -> bool:
        return bool(self.tasks) or (self.finishing is not None and not self.finishing.done())

    def n_left(self, model: SharedModel) -> int:
        """Samples that the attempts under way may still ask this model for together."""
        return sum(execution.n_left for execution in self.executions.values() if execution.model is model)

    def n_attempts(self, model: SharedModel) -> int:
        return sum(execution.model is model for execution in self.executions.values())

    def pause(self) -> None:
        for execution in self.executions.values():
            execution.pause()

    def cancel(self) -> None:
        self.drop(self.tasks)

    def drop(self, attempts: Collection[int]) -> None:
        """Work no longer on these, as far as they are under way here.

        Once each: a second cancel would cut short how an attempt is given back.
        """
        for pk, task in self.tasks.items():
            if pk in attempts and not task.cancelling():
                task.cancel()

    def fail(self, reason: str) -> None:
        self.failure = self.failure or reason

    def hold(self, error: AssayError, model: SharedModel) -> None:
        self.obstacle = self.obstacle or error
        if isinstance(error, EndpointDown):
            self._down = model
        if isinstance(error, NeedsAttention):
            self.forget(model)
        self.pause()
        self.wake()

    def answered(self, model: SharedModel) -> None:
        if self._down is model:
            self._down = None
            self.may_go_on = True
            if isinstance(self.obstacle, EndpointDown):
                self.obstacle = None
            self.wake()
