"""What every backend offers. Nobody outside `inference/` knows which one answers."""

import json
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple, Self

from ..domain.errors import InvalidInput, PermanentInferenceError, TransientInferenceError
from ..domain.registry import Options, Registry
from ..domain.types import Continuation, Decoding, FinishReason, Message, Usage
from . import request_log
from .calls import OnCall
from .memory import MemoryPlan
from .scoring import RankedChoice, Reward, Score, ranking
from .standing import EndpointStanding


@dataclass(frozen=True)
class Request:
    """One text to be written. `run` shares the engine fairly, `attempt` keeps one prompt's samples together.

    Texts of one `condition` of a run are taken to become about as long as each other.
    `key` is the journal's name of this draw (request hash, occurrence): it makes the request log readable.
    `on_call` keeps the ledger of a paid endpoint; backends that cost nothing do not call it.
    """

    messages: tuple[Message, ...]
    decoding: Decoding
    seed: int
    run: str = ""
    attempt: str = ""
    condition: str = ""
    key: tuple[str, int] = ("", 0)
    on_call: OnCall | None = field(default=None, compare=False)
    prefix: str = ""  # how the answer begins already; what is written goes on from here and does not repeat it
    top_logprobs: int = 0  # how many of the likeliest tokens to tell at each position
    entropy: bool = False


class TokenChance(NamedTuple):
    """A token that might have been written, and the natural log of its probability. Half a character reads as U+FFFD."""

    token: int
    text: str
    logprob: float


@dataclass(frozen=True)
class Generation:
    """What came back. Times are wall-clock seconds from submission; tokens and logprobs as in `domain.types.Sample`.

    `top_logprobs` (likeliest first), `entropies` and, told with them, `self_certainties` describe, where they were asked for,
    the distribution before all filters at the position of each token, and so have the length of `token_logprobs`. The last
    two are in nats and over the whole vocabulary; self-certainty is the divergence of the model's distribution from the
    uniform one, KL(U || p) = -mean(log(V p)) (Kang, Zhao, Song 2025).

    A text that failed for good has finish_reason FAILED, no text, and says why in `error`.
    """

    text: str
    finish_reason: FinishReason
    usage: Usage
    stop_string: str = ""  # which of the stop strings ended it, where one did and the backend tells
    tokens: tuple[int, ...] | None = None
    token_logprobs: tuple[float, ...] | None = None
    top_logprobs: tuple[tuple[TokenChance, ...], ...] | None = None
    entropies: tuple[float, ...] | None = None
    self_certainties: tuple[float, ...] | None = None
    seconds_to_first_token: float = 0.0
    seconds: float = 0.0
    error: str = ""
    reasoning: str = ""  # what was thought before the answer, where it is shown at all
    refusal: str = ""  # the model's words where it says through its own channel that it will not answer
    endpoint_finish_reason: str = ""  # as the endpoint put it: "content_filter", "tool_calls", ...
    request_id: str = ""  # the endpoint's own name for the call that was answered
    usage_is_estimated: bool = False
    n_calls: int = 1  # tries that left, the failed ones included; 0 where another sample of the same call counts them
    cost: float = 0.0  # of all tries, in the currency of the prices; of a shared call this text's part
    seed_sent: int | None = None  # what a remote endpoint was told; samples of one call share it
    choice: int = 0  # the place among the answers of its call


class EndpointDown(TransientInferenceError):
    """Nobody is asked for a while because call after call failed. `retry_at`, seconds since 1970, is when asking makes sense."""

    def __init__(self, message: str, retry_at: float):
        super().__init__(message)
        self.retry_at = retry_at


class NeedsAttention(PermanentInferenceError):
    """Every further request would fail the same way until a person acts: the key, the account's credit, the model's name."""


class TokenCount(NamedTuple):
    """How many tokens a prompt has for a language model, or about how many."""

    n: int
    is_exact: bool


# A token of English is about four bytes, and a turn's role and separators a few tokens.
_BYTES_PER_TOKEN = 4
_TOKENS_AROUND_A_MESSAGE = 4


#: Options of `Decoding` that every backend honours or speaks up about by itself.
_PLAIN_DECODING = frozenset({"temperature", "top_p", "top_k", "min_p", "max_tokens", "stop"})
_EXTRAS_OF_REQUESTS = ("prefix", "top_logprobs", "entropy")


class LanguageModelClient(ABC):
    """A language model ready to be asked, shared by all runs of one worker."""

    #: Further options of `Decoding` and `Request` that this one honours; a request that sets another is refused.
    takes: frozenset[str] = frozenset()

    #: True where a TransientInferenceError means that trying again has been tried already.
    retries_itself: bool = False

    #: How many requests it is worth handing over at once; more would only wait inside.
    max_in_flight: int

    async def generate(self, request: Request, on_text: Callable[[str], None] | None = None) -> Generation:
        """One text. `on_text` is called on the event loop with the text written so far, several times a second.

        Raises TransientInferenceError or PermanentInferenceError. Cancelling the task frees the model's slot at once.
        """
        self._refuse_what_is_not_taken(request)
        request_log.append(request.attempt, request.key, request.seed)
        return await self._generate(request, on_text)

    def _refuse_what_is_not_taken(self, request: Request) -> None:
        extras = {name for name in _EXTRAS_OF_REQUESTS if getattr(request, name)}
        if missing := (_further_options(request.decoding) | extras) - self.takes:
            raise PermanentInferenceError(_not_taken(missing))

    async def logprobs_of(
        self,
        messages: tuple[Message, ...],
        continuations: Sequence[Continuation],
        *,
        run: str = "",
        attempt: str = "",
        on_call: OnCall | None = None,
    ) -> list[Score]:
        """How likely the answer is to begin with each of the continuations, in their order; what they share is computed once.

        Token ids can be given to a model that tells those of its own texts. `on_call` as in `Request`. Backends with the
        capability "scores_text" can; the others raise PermanentInferenceError.
        """
        raise PermanentInferenceError("This language model cannot tell how likely a given text is. Choose a local model.")

    async def reward_of(
        self, messages: tuple[Message, ...], *, run: str = "", attempt: str = "", on_call: OnCall | None = None
    ) -> Reward:
        """What the last message is worth. Backends with the capability "rates_texts" can; the others raise."""
        raise PermanentInferenceError("This language model does not rate texts. Choose a reward model.")

    async def rank(
        self, messages: tuple[Message, ...], choices: Sequence[str], *, run: str = "", attempt: str = ""
    ) -> list[RankedChoice]:
        """The choices, likeliest beginning of the answer first. Needs the capability "scores_text"."""
        return ranking(choices, await self.logprobs_of(messages, choices, run=run, attempt=attempt))

    @abstractmethod
    async def _generate(self, request: Request, on_text: Callable[[str], None] | None) -> Generation:
        """The backend's own part of `generate`."""

    def standing(self) -> EndpointStanding | None:
        """How its endpoint stands; None for a model that has none, or whose endpoint nobody keeps books on."""
        return None

    def share(self, n: int) -> None:  # noqa: B027  (most have no limits that several machines would have to share)
        """So many worker processes ask the same endpoint: keep to this one's part of its limits."""

    def n_bytes_taken(self) -> int:
        """Memory of this machine that is the model's own by now; 0 for one that is not computed here."""
        return 0

    @abstractmethod
    async def aclose(self) -> None:
        """Give back memory, processes and connections."""


#: Awaited during a truth test with the rows so far, the number of steps done, and that of all.
OnStep = Callable[[list[dict[str, Any]], int, int], Awaitable[None]]


class Backend(Options):
    """Options of one kind of backend; what a stored language model is made of."""

    name: ClassVar[str]
    label: ClassVar[str]

    #: False for one that only rates texts which others wrote.
    writes: ClassVar[bool] = True

    #: A remote one can list its models, takes the truth test, and its option `model` says which of them is asked.
    is_remote: ClassVar[bool] = False

    @property
    @abstractmethod
    def capabilities(self) -> frozenset[str]:
        """What strategies and verifiers may `need`, such as "logprobs"."""

    @property
    def takes(self) -> frozenset[str]:
        """Options of `Decoding` and `Request` that its client honours beyond those that every one does."""
        return frozenset()

    def check_decoding(self, decoding: Decoding) -> None:
        """Raise InvalidInput if nothing can be written with these options. May take a second, loads no weights."""
        if missing := _further_options(decoding) - self.takes:
            raise InvalidInput(_not_taken(missing))

    @abstractmethod
    def check(self) -> None:
        """Raise InvalidInput or PermanentInferenceError if this cannot work (no such file, not a GGUF). Quick, loads nothing."""

    @abstractmethod
    def fingerprint(self) -> dict[str, Any]:
        """What exactly will answer (file hash, quantisation, parameters, engine version), frozen into every run."""

    def about_file(self) -> dict[str, str]:
        """What the model's own file says about it, for reading; empty where there is none. Raises InvalidInput if damaged."""
        return {}

    def measurements(self) -> dict[str, Any]:
        """How this machine was found to compute it fastest, for reading; empty where nothing was measured."""
        return {}

    def calibrate(self, report: Callable[[str], None], although_busy: bool = False) -> None:
        """Find and remember what `measurements` tells; takes up to a minute of all cores. `report` hears of each trial.

        Raises InvalidInput where there is nothing to measure or other work would falsify it, InferenceError if nothing ran.
        """
        raise InvalidInput(f"“{self.label}” is not computed on this machine, so there is nothing to measure.")

    def told(self, truth: dict[str, Any] | None) -> Self:
        """This backend, knowing what its truth test found; one that takes no such test stays as it is."""
        return self

    def identity(self) -> str:
        """Equal for backends that may share one connection."""
        return json.dumps([self.name, self.model_dump(mode="json")], sort_keys=True)

    @property
    def n_per_call(self) -> int:
        """How many samples of one prompt a call may bring."""
        return 1

    def way_of_asking(self) -> str:
        """How several samples of one prompt are asked for, and why, as a sentence; empty where there is only one way."""
        return ""

    @property
    def queue(self) -> str:
        """Of the work that asks this, where queues part it: a machine that can ask one can ask all that share its queue."""
        return self.name

    @property
    def files(self) -> tuple[str, ...]:
        """Names in the model library of what a machine must have to ask this; empty where any machine can."""
        return ()

    def memory_plan(self) -> MemoryPlan | None:
        """What `connect` will take of this machine's memory; None where nothing to speak of is loaded here."""
        return None

    def count_tokens(self, messages: tuple[Message, ...]) -> TokenCount:
        """The prompt's length. May take a second, loads no weights; an estimate where the vocabulary is not here.

        Raises InvalidInput where the messages are no prompt for the model.
        """
        n = sum(-(-len(each.content.encode()) // _BYTES_PER_TOKEN) + _TOKENS_AROUND_A_MESSAGE for each in messages)
        return TokenCount(n, is_exact=False)

    def consent_needed(self) -> str:
        """Why an administrator has to allow this before it is saved, as a sentence; empty if nothing needs consent."""
        return ""

    def note(self) -> str:
        """What is worth telling who saves this, though nothing is wrong with it; empty if nothing is. May take seconds."""
        return ""

    def give_consent(self) -> None:
        """Allow what `consent_needed` names. Whoever calls this has made sure that an administrator asks for it."""

    @classmethod
    def usual_params(cls, params: dict[str, Any]) -> dict[str, Any]:
        """What a form fills in by itself once an option marked `fills_in` has been chosen."""
        return {}

    async def list_models(self) -> list[str]:
        """Names of the models that can be asked, where `is_remote`. Raises InvalidInput or InferenceError."""
        raise InvalidInput(f"“{self.label}” has no list of models.")

    async def truth_test(self, note: OnStep | None = None) -> dict[str, Any]:
        """What the endpoint honours, as plain JSON data, where `is_remote`. Costs calls. Raises AssayError."""
        raise InvalidInput(f"“{self.label}” needs no truth test: only remote endpoints do.")

    @abstractmethod
    async def connect(self) -> LanguageModelClient:
        """Load or reach the model. Raises InferenceError if it cannot be, DoesNotFit for want of memory."""


def _further_options(decoding: Decoding) -> set[str]:
    return set(decoding.model_dump(exclude_defaults=True)) - _PLAIN_DECODING


def _not_taken(names: set[str]) -> str:
    fields = Decoding.model_fields
    titles = (fields[name].title if name in fields else name.replace("_", " ") for name in sorted(names))
    listed = ", ".join(f"“{title}”" for title in titles)
    return f"This language model does not take {listed}. Leave the default or choose another model."


backends: Registry[Backend] = Registry("backend", "experiments.inference")
