"""A strategy spends compute on one question. It never sees the target, the database or a backend."""

from abc import abstractmethod
from typing import ClassVar

from ..domain.lab import Lab
from ..domain.registry import Options, Registry
from ..domain.types import Outcome, Question


class Strategy(Options):
    """Options are fields; `needs` names the capabilities a language model must have, such as "logprobs"."""

    name: ClassVar[str]
    label: ClassVar[str]
    needs: ClassVar[frozenset[str]] = frozenset()

    @property
    @abstractmethod
    def samples_per_attempt(self) -> int:
        """The number of samples an undisturbed attempt ends with, for progress and estimates."""

    @abstractmethod
    async def solve(self, question: Question, lab: Lab) -> Outcome:
        """Deterministic given the seeds and what came back: replay after a crash depends on it."""


strategies: Registry[Strategy] = Registry("strategy", "experiments.strategies")
