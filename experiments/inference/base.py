"""What every backend offers. Nobody outside `inference/` knows which one answers."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from ..domain.registry import Options, Registry
from ..domain.types import Decoding, FinishReason, Message, Usage
from . import request_log


@dataclass(frozen=True)
class Request:
    """One text to be written. `run` shares the engine fairly, `attempt` keeps one prompt's samples together.

    `key` is the journal's name of this draw (request hash, occurrence): it makes the request log readable.
    """

    messages: tuple[Message, ...]
    decoding: Decoding
    seed: int
    run: str = ""
    attempt: str = ""
    key: tuple[str, int] = ("", 0)


@dataclass(frozen=True)
class Generation:
    """What came back. Times are wall-clock seconds from submission; logprobs as in `domain.types.Sample`."""

    text: str
    finish_reason: FinishReason
    usage: Usage
    token_logprobs: tuple[float, ...] | None = None
    seconds_to_first_token: float = 0.0
    seconds: float = 0.0


class LanguageModelClient(ABC):
    """A language model ready to be asked, shared by all runs of one worker."""

    #: How many requests it is worth handing over at once; more would only wait inside.
    max_in_flight: int

    async def generate(self, request: Request, on_text: Callable[[str], None] | None = None) -> Generation:
        """One text. `on_text` is called on the event loop with the text written so far, several times a second.

        Raises TransientInferenceError or PermanentInferenceError. Cancelling the task frees the model's slot at once.
        """
        request_log.append(request.attempt, request.key, request.seed)
        return await self._generate(request, on_text)

    @abstractmethod
    async def _generate(self, request: Request, on_text: Callable[[str], None] | None) -> Generation:
        """The backend's own part of `generate`."""

    @abstractmethod
    async def aclose(self) -> None:
        """Give back memory, processes and connections."""


class Backend(Options):
    """Options of one kind of backend; what a stored language model is made of."""

    name: ClassVar[str]
    label: ClassVar[str]

    @property
    @abstractmethod
    def capabilities(self) -> frozenset[str]:
        """What strategies and verifiers may `need`, such as "logprobs"."""

    @abstractmethod
    def check(self) -> None:
        """Raise InvalidInput or PermanentInferenceError if this cannot work (no such file, not a GGUF). Quick, loads nothing."""

    @abstractmethod
    def fingerprint(self) -> dict[str, Any]:
        """What exactly will answer (file hash, quantisation, parameters, engine version), frozen into every run."""

    @abstractmethod
    async def connect(self) -> LanguageModelClient:
        """Load or reach the model."""


backends: Registry[Backend] = Registry("backend", "experiments.inference")
