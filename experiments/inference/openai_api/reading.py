"""A call's answers as they arrive, chunk by chunk or whole, in the dialects that OpenAI-compatible endpoints speak."""

from dataclasses import dataclass, field
from typing import Any

from ...domain.types import FinishReason, Usage
from .faults import Fault, broken, from_body
from .limits import Ending
from .logprobs import Token, tokens_of
from .prices import likely_tokens
from .thinking import split_thoughts

_CUT_OFF = {"length", "max_tokens", "model_length", "max_output_tokens"}
# More than a database's whole number holds, and a thousand times what any model reads.
_MOST_TOKENS = 2**31 - 1


@dataclass(eq=False)
class Choice:
    """One answer, as much of it as has arrived. `tokens` are there where logprobs came with them."""

    reason: str = ""  # why it ended, in the endpoint's word
    stop_reason: Any = None  # what vLLM says stopped it: a stop string, or a token's id
    refusal: str = ""
    n_deltas: int = 0
    first_token_at: float | None = None
    tokens: list[Token] = field(default_factory=list)
    _content: list[str] = field(default_factory=list)
    _reasoning: list[str] = field(default_factory=list)

    def take(self, told: dict[str, Any]) -> bool:
        """True if text arrived."""
        self.reason = told.get("finish_reason") or self.reason
        self.stop_reason = told.get("stop_reason") or self.stop_reason
        self.tokens += tokens_of(told.get("logprobs"))
        said = told.get("delta") or told.get("message") or {"content": told.get("text")}
        return self._take_said(said) if isinstance(said, dict) else False

    def texts(self) -> tuple[str, str]:
        """(reasoning, answer) so far."""
        thought, answer = split_thoughts("".join(self._content))
        return "".join(self._reasoning) or thought, answer

    def finish_reason(self, max_tokens: int, n_tokens: int) -> FinishReason:
        """Raises Fault where the end is no answer's end. Without the endpoint's word, the number of tokens tells."""
        if self.reason == "content_filter":
            raise Fault("its content filter stopped the answer", Ending.FINE, may_cost=True)
        if self.reason == "error":
            raise broken("it broke off the answer with an error", is_cut=True)
        if self.reason in ("tool_calls", "function_call") and not self._content:
            raise Fault("it called a tool instead of answering", Ending.FINE, may_cost=True)
        cut_off = self.reason in _CUT_OFF or (not self.reason and n_tokens >= max_tokens)
        return FinishReason.LENGTH if cut_off else FinishReason.STOP

    @property
    def scored_tokens(self) -> list[Token]:
        """Those with a logprob."""
        return [token for token in self.tokens if token.logprob is not None]

    @property
    def n_likely_tokens(self) -> int:
        """About how many were written: as many as have a logprob, else as many as pieces came or its length suggests."""
        return len(self.scored_tokens) or max(self.n_deltas, sum(map(likely_tokens, self.texts())))

    def _take_said(self, said: dict[str, Any]) -> bool:
        content, thoughts = _parts(said.get("content"))
        reasoning = thoughts or said.get("reasoning_content") or said.get("reasoning")
        if isinstance(said.get("refusal"), str):
            self.refusal += said["refusal"]
        if isinstance(reasoning, str) and reasoning:
            self._reasoning.append(reasoning)
        if content:
            self._content.append(content)
        arrived = bool(content or (isinstance(reasoning, str) and reasoning))
        self.n_deltas += arrived
        return arrived


@dataclass
class Reading:
    """What has arrived of a call that asked for `n` answers. `take` accepts the chunks of a stream and a whole response."""

    secret: str = ""
    n: int = 1
    usage: Usage | None = None
    choices: dict[int, Choice] = field(default_factory=dict)  # by place, those of which something came

    def take(self, chunk: Any) -> list[Choice]:
        """Those to which text arrived. Raises Fault for an error in an answer's clothes."""
        if not isinstance(chunk, dict):
            raise broken("it sent something that is no answer")
        if chunk.get("error"):
            raise from_body(chunk, self.secret)
        if isinstance(chunk.get("usage"), dict):
            self.usage = _usage(chunk["usage"])
        told = chunk.get("choices")
        grown = []
        for one in told if isinstance(told, list) else ():
            place = one.get("index", 0) if isinstance(one, dict) else None
            if isinstance(place, int) and 0 <= place < self.n:
                choice = self.choices.setdefault(place, Choice())
                if choice.take(one):
                    grown.append(choice)
        return grown

    @property
    def first(self) -> Choice:
        return self.choices.get(0) or Choice()

    @property
    def all_ended(self) -> bool:
        """Whether the endpoint gave a reason for the end of every answer asked for."""
        return len(self.choices) == self.n and all(choice.reason for choice in self.choices.values())

    def written(self) -> list[int]:
        """Tokens of each answer: as many as have logprobs or as pieces came, where that adds up to the usage, else a guess."""
        choices = [self.choices.get(place, Choice()) for place in range(self.n)]
        for counts in ([len(choice.scored_tokens) for choice in choices], [choice.n_deltas for choice in choices]):
            if self.usage and 0 < sum(counts) == self.usage.completion_tokens:
                return counts
        return [choice.n_likely_tokens for choice in choices]

    @property
    def has_text(self) -> bool:
        return any(any(choice.texts()) for choice in self.choices.values())

    @property
    def n_deltas(self) -> int:
        return sum(choice.n_deltas for choice in self.choices.values())

    @property
    def n_characters(self) -> int:
        return sum(len(choice.texts()[1]) for choice in self.choices.values())

    @property
    def first_token_at(self) -> float | None:
        return min((choice.first_token_at for choice in self.choices.values() if choice.first_token_at), default=None)

    def finish_reason(self, place: int, max_tokens: int) -> FinishReason:
        """As `Choice.finish_reason`; the usage tells the tokens of a single answer."""
        choice = self.choices[place]
        counted = self.usage.completion_tokens if self.usage and self.n == 1 else choice.n_deltas
        return choice.finish_reason(max_tokens, counted)


def _parts(content: Any) -> tuple[str, str]:
    """(text, thoughts) of a message's content, which is a text or, in some dialects, a list of typed parts."""
    if isinstance(content, str):
        return content, ""
    if not isinstance(content, list):
        return "", ""
    parts = [part for part in content if isinstance(part, dict)]
    text = "".join(part["text"] for part in parts if part.get("type") == "text" and isinstance(part.get("text"), str))
    thoughts = "".join(_parts(part.get("thinking"))[0] for part in parts if part.get("type") == "thinking")
    return text, thoughts


def _usage(told: dict[str, Any]) -> Usage | None:
    """None for counts that cannot be: missing, negative, nothing read, or more than any call can hold."""
    prompt, completion = _count(told.get("prompt_tokens")), _count(told.get("completion_tokens"))
    if not prompt or completion is None:
        return None
    cached = _count(_detail(told, "prompt_tokens_details", "cached_tokens")) or _count(told.get("prompt_cache_hit_tokens"))
    reasoning = _count(_detail(told, "completion_tokens_details", "reasoning_tokens"))
    return Usage(prompt, min(cached or 0, prompt), completion, min(reasoning or 0, completion))


def _detail(told: dict[str, Any], group: str, name: str) -> Any:
    details = told.get(group)
    return details.get(name) if isinstance(details, dict) else None


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST_TOKENS else None
