"""A run that a worker has to do with, and the attempts of it that are under way there."""

import asyncio
from dataclasses import dataclass, field

from .execution import Execution
from .frozen import FrozenRun
from .shared_models import SharedModel


@dataclass
class ActiveRun:
    """A run this worker has to do with."""

    frozen: FrozenRun
    executions: dict[int, Execution] = field(default_factory=dict)
    tasks: dict[int, asyncio.Task] = field(default_factory=dict)
    finishing: asyncio.Task | None = None
    failure: str = ""
    #: Language model -> when to look again for attempts, after fewer were free than it could take.
    look_again_at: dict[str, float] = field(default_factory=dict)

    @property
    def is_busy(self) -> bool:
        return bool(self.tasks) or (self.finishing is not None and not self.finishing.done())

    def n_left(self, model: SharedModel) -> int:
        """Samples still to come from this model in the attempts under way."""
        return sum(execution.n_left for execution in self.executions.values() if execution.model is model)

    def n_attempts(self, model: SharedModel) -> int:
        return sum(execution.model is model for execution in self.executions.values())

    def pause(self) -> None:
        for execution in self.executions.values():
            execution.pause()

    def cancel(self) -> None:
        """Once each: a second cancel would cut short how an attempt is given back."""
        for task in self.tasks.values():
            if not task.cancelling():
                task.cancel()
