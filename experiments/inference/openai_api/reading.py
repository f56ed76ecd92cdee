"""One answer as it arrives, chunk by chunk or whole, in the dialects that OpenAI-compatible endpoints speak."""

import math
from dataclasses import dataclass, field
from typing import Any

from ...domain.types import FinishReason, Usage
from .faults import Fault, broken, from_body
from .limits import Ending
from .thinking import split_thoughts

_STOPPED = {"stop", "eos", "eos_token", "end_turn", "stop_sequence"}
_CUT_OFF = {"length", "max_tokens", "model_length", "max_output_tokens"}


@dataclass
class Reading:
    """What has arrived so far. `take` accepts both the chunks of a stream and a whole response."""

    secret: str = ""
    reason: str = ""  # why it ended, in the endpoint's word
    stop_reason: Any = None  # what vLLM says stopped it: a stop string, or a token's id
    usage: Usage | None = None
    refusal: str = ""
    n_deltas: int = 0
    has_choices: bool = False
    logprobs: list[float] | None = None
    _content: list[str] = field(default_factory=list)
    _reasoning: list[str] = field(default_factory=list)

    def take(self, chunk: Any) -> bool:
        """True if text arrived. Raises Fault for an error in an answer's clothes."""
        if not isinstance(chunk, dict):
            raise broken("it sent something that is no answer")
        if chunk.get("error"):
            raise from_body(chunk, self.secret)
        if isinstance(chunk.get("usage"), dict):
            self.usage = _usage(chunk["usage"])
        choices = chunk.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices else None
        if not isinstance(choice, dict) or choice.get("index", 0) != 0:
            return False
        self.has_choices = True
        self.reason = choice.get("finish_reason") or self.reason
        self.stop_reason = choice.get("stop_reason") or self.stop_reason
        self._take_logprobs(choice.get("logprobs"))
        said = choice.get("delta") or choice.get("message")
        return self._take_said(said) if isinstance(said, dict) else False

    def texts(self) -> tuple[str, str]:
        """(reasoning, answer) so far."""
        thought, answer = split_thoughts("".join(self._content))
        return "".join(self._reasoning) or thought, answer

    def finish_reason(self, max_tokens: int) -> FinishReason:
        """Raises Fault where the end is no answer's end. Without the endpoint's word, its token count tells."""
        if self.reason == "content_filter":
            raise Fault("its content filter stopped the answer", Ending.FINE, may_cost=True)
        if self.reason == "error":
            raise broken("it broke off the answer with an error")
        if self.reason in ("tool_calls", "function_call") and not self._content:
            raise Fault("it called a tool instead of answering", Ending.FINE, may_cost=True)
        counted = self.usage.completion_tokens if self.usage else self.n_deltas
        cut_off = self.reason in _CUT_OFF or (not self.reason and counted >= max_tokens)
        return FinishReason.LENGTH if cut_off else FinishReason.STOP

    @property
    def is_known_reason(self) -> bool:
        return self.reason in _STOPPED | _CUT_OFF

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

    def _take_logprobs(self, logprobs: Any) -> None:
        entries = logprobs.get("content") if isinstance(logprobs, dict) else None
        for entry in entries or ():
            value = entry.get("logprob") if isinstance(entry, dict) else None
            if isinstance(value, int | float) and math.isfinite(value):
                self.logprobs = self.logprobs or []
                self.logprobs.append(float(value))


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
    """None for counts that cannot be: missing, negative, or nothing read."""
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
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
