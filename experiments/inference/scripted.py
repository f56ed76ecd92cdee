"""Answers from a script, no model: for tests, demos and what-if runs. The seed alone decides what is said."""

import asyncio
import json
import re
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Annotated, Any

from pydantic import Field

from ..domain.errors import PermanentInferenceError, TransientInferenceError
from ..domain.seeds import derive_seed, rng
from ..domain.types import Decoding, FinishReason, Message, Usage
from .base import Backend, Generation, LanguageModelClient, Request, backends
from .calls import OnCall
from .scoring import Score

_TOKEN = re.compile(r"\s*\S+|\s+")


@backends.register("scripted", label="Scripted answers")
class Scripted(Backend):
    """The request's seed picks one of the answers; at temperature 0 it is the first. A token is a word with its leading space.

    Going on from a prefix, it picks among the answers that begin with it and writes the rest, or nothing where none does: the
    answers are the paths of a tree. A strategy that holds an answer to one text, by a grammar with nothing else, gets that text.
    """

    answers: tuple[str, ...] = Field(
        ("The answer is 7.", "The answer is 12."),
        min_length=1,
        title="Answers",
        description="Each is equally likely; repeat one to make it likelier",
    )
    rules: dict[str, Annotated[tuple[str, ...], Field(min_length=1)]] = Field(
        {}, title="Rules", description="Answers to use instead when the last user message contains this text; first match wins"
    )
    system_rules: dict[str, Annotated[tuple[str, ...], Field(min_length=1)]] = Field(
        {}, title="System rules", description="As rules, when the system message contains this text; they come first"
    )
    seconds_per_token: float = Field(0.0, ge=0, le=60, title="Seconds per token", description="0 answers at once")
    max_in_flight: int = Field(64, ge=1, le=10_000, title="Requests at once", description="Further ones wait their turn")
    transient_failures: float = Field(
        0.0, ge=0, le=1, title="Transient failures", description="Probability that a try fails; the next try draws again"
    )
    permanent_failures: float = Field(
        0.0, ge=0, le=1, title="Permanent failures", description="Probability that a request fails however often it is tried"
    )
    scores_texts: bool = Field(
        False, title="Scores given texts", description="Whether it tells how likely a text is; the words alone decide"
    )

    @property
    def capabilities(self) -> frozenset[str]:
        return frozenset({"logprobs", "continues", "constrains"} | ({"scores_text"} if self.scores_texts else set()))

    def check(self) -> None:
        """A script that its options accepted always works."""

    def fingerprint(self) -> dict[str, Any]:
        return {"backend": self.name, **self.model_dump(mode="json")}

    async def connect(self) -> "ScriptedClient":
        return ScriptedClient(self)


class ScriptedClient(LanguageModelClient):
    """Writes the script's answers word by word."""

    takes = frozenset({"prefix", "grammar"})

    def __init__(self, script: Scripted):
        self.max_in_flight = script.max_in_flight
        self._script = script
        self._turns = asyncio.Semaphore(script.max_in_flight)
        self._tries: Counter[int] = Counter()

    async def _generate(self, request: Request, on_text: Callable[[str], None] | None) -> Generation:
        submitted = time.monotonic()
        async with self._turns:
            self._fail_if_drawn(request)
            tokens, finish_reason, stop_string = _write(self._answer(request), request.decoding)
            first_at = await self._stream(tokens, on_text)
        return Generation(
            text="".join(tokens),
            finish_reason=finish_reason,
            stop_string=stop_string,
            usage=Usage(prompt_tokens=_n_prompt_tokens(request), completion_tokens=len(tokens)),
            token_logprobs=tuple(rng("logprobs", *_identity(request)).uniform(-2, 0, len(tokens)).tolist()),
            seconds_to_first_token=first_at - submitted,
            seconds=time.monotonic() - submitted,
        )

    async def logprobs_of(
        self,
        messages: tuple[Message, ...],
        continuations: Sequence[str],
        *,
        run: str = "",
        attempt: str = "",
        on_call: OnCall | None = None,
    ) -> list[Score]:
        if not self._script.scores_texts:
            return await super().logprobs_of(messages, continuations, run=run, attempt=attempt, on_call=on_call)
        words = tuple(message.content for message in messages)
        return [Score(tuple(rng("given", *words, text).uniform(-2, 0, _n_tokens(text)).tolist())) for text in continuations]

    async def aclose(self) -> None:
        """Nothing is held."""

    def _answer(self, request: Request) -> str:
        if request.decoding.grammar:
            return _only_text(request.decoding.grammar)
        asked = next((message.content for message in reversed(request.messages) if message.role == "user"), "")
        told = next((message.content for message in request.messages if message.role == "system"), "")
        rules = ((self._script.system_rules, told), (self._script.rules, asked))
        found = (known for given, said in rules for text, known in given.items() if text in said)
        answers = next(found, self._script.answers)
        rests = [answer.removeprefix(request.prefix) for answer in answers if answer.startswith(request.prefix)] or [""]
        if request.decoding.temperature == 0:
            return rests[0]
        return rests[derive_seed("answer", *_identity(request)) % len(rests)]

    def _fail_if_drawn(self, request: Request) -> None:
        identity = _identity(request)
        if rng("permanent", *identity).random() < self._script.permanent_failures:
            raise PermanentInferenceError(f"The script refuses this request for good (seed {request.seed}).")
        name = derive_seed(*identity)
        if rng("transient", *identity, self._tries[name]).random() < self._script.transient_failures:
            self._tries[name] += 1
            raise TransientInferenceError(f"The script fails try {self._tries[name]} (seed {request.seed}).")
        del self._tries[name]

    async def _stream(self, tokens: list[str], on_text: Callable[[str], None] | None) -> float:
        """Hand out the text as it grows and return the moment of the first token."""
        first_at = 0.0
        written = ""
        for token in tokens:
            await asyncio.sleep(self._script.seconds_per_token)
            first_at = first_at or time.monotonic()
            written += token
            if on_text:
                on_text(written)
        return first_at or time.monotonic()


def _write(answer: str, decoding: Decoding) -> tuple[list[str], FinishReason, str]:
    """The answer's tokens after stop strings and the token limit, why it ended, and the stop string if one ended it."""
    ends = [(at, stop) for stop in decoding.stop if stop and (at := answer.find(stop)) >= 0]
    end, stop_string = min(ends, default=(len(answer), ""))
    tokens = _TOKEN.findall(answer[:end])
    if len(tokens) > decoding.max_tokens:
        return tokens[: decoding.max_tokens], FinishReason.LENGTH, ""
    return tokens, FinishReason.STOP, stop_string


def _only_text(grammar: Sequence[str]) -> str:
    """The text that a grammar of one quoted text allows. Raises PermanentInferenceError for any other grammar."""
    rule, _, quoted = "\n".join(grammar).partition(" ::= ")
    try:
        text = json.loads(quoted)
    except ValueError:
        text = None
    if rule != "root" or not isinstance(text, str):
        raise PermanentInferenceError('A script follows no grammar but one of a single text, such as root ::= "A".')
    return text


def _identity(request: Request) -> tuple[object, ...]:
    return request.seed, *((message.role, message.content) for message in request.messages)


def _n_prompt_tokens(request: Request) -> int:
    return sum(map(_n_tokens, (*(message.content for message in request.messages), request.prefix)))


def _n_tokens(text: str) -> int:
    return len(_TOKEN.findall(text))
