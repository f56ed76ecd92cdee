"""A treatment turns a rendered prompt into another one and touches nothing else."""

from abc import abstractmethod
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

from ..domain.registry import Options, Registry
from ..domain.types import Message, Question

Unit = Literal["words", "tokens", "sentences"]


@dataclass(frozen=True)
class Cap:
    """The length a treatment asks for."""

    most: int
    unit: Unit

    def __str__(self) -> str:
        return f"{self.most} {self.unit if self.most != 1 else self.unit[:-1]}"


class Treatment(Options):
    """Options are fields. Pure: the same question and seed give the same prompt. The target is out of its reach."""

    name: ClassVar[str]
    label: ClassVar[str]

    #: What the answer's length is held against, where it asks for one.
    cap: ClassVar[Cap | None] = None

    #: Whether it is handed the problem in the run's other prompt variants too, as the question's `alternatives`.
    reads_other_variants: ClassVar[bool] = False

    @property
    def writes_system(self) -> bool:
        """Whether it writes a system message, which not every language model takes."""
        return False

    @property
    def n_companions(self) -> int | None:
        """How many other problems of the run it asks in the same prompt; None where it asks each problem alone."""
        return None

    @property
    def n_demonstrations(self) -> int:
        """How many solved problems it shows; they are drawn from the dataset, the same for all conditions, and not asked."""
        return 0

    @abstractmethod
    def apply(self, question: Question, seed: int) -> Question:
        """The question with other messages, and where these call the choices otherwise, with other labels.

        Raises InvalidInput for a question that it cannot be applied to; planning tries it on every problem.
        """


treatments: Registry[Treatment] = Registry("treatment", "experiments.treatments")


def with_sentence(question: Question, sentence: str) -> Question:
    """The sentence as a paragraph of its own after the user's last message, which stays as it is to the letter."""
    *before, last = question.messages
    return replace(question, messages=(*before, Message(last.role, f"{last.content}\n\n{sentence}")))
