"""A strategy spends compute on one question. It never sees the target, the database or a backend."""

from abc import abstractmethod
from typing import ClassVar

from ..domain.lab import Lab
from ..domain.registry import Options, Registry
from ..domain.types import Outcome, Question


class Strategy(Options):
    """Options are fields; `needs` names the capabilities a language model must have, such as "logprobs".

    `is_pool` says that its answers are independent draws of one prompt, so that every k up to N can be read from them.
    `uses_oracle` says that it is told whether an answer is right: what it reaches is an upper bound and is labelled so.
    """

    name: ClassVar[str]
    label: ClassVar[str]
    needs: ClassVar[frozenset[str]] = frozenset()
    is_pool: ClassVar[bool] = False
    uses_oracle: ClassVar[bool] = False

    @property
    @abstractmethod
    def samples_per_attempt(self) -> int:
        """The number of texts, those of judges not counted, that an attempt takes at most or as a rule; for progress."""

    @property
    def samples_at_once(self) -> int:
        """How many of them it asks for together, at most; so many attempts are worked on that the model is kept busy."""
        return self.samples_per_attempt

    @property
    def verifiers_used(self) -> frozenset[str]:
        """Names of the verifiers it asks for scores; the run must have them."""
        return frozenset()

    @abstractmethod
    async def solve(self, question: Question, lab: Lab) -> Outcome:
        """Deterministic given the seeds and what came back: replay after a crash depends on it."""


strategies: Registry[Strategy] = Registry("strategy", "experiments.strategies")
