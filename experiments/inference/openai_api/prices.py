"""Money: what tokens cost, and how many tokens a text may be where nobody counted them."""

import math
from dataclasses import dataclass

from ...domain.types import Message, Usage

# Role, separators and the opening of the answer, in the chat templates of common models.
_TOKENS_AROUND_A_MESSAGE = 16
_BYTES_PER_TOKEN = 4


@dataclass(frozen=True)
class Prices:
    """Per million tokens. Reasoning tokens are part of the output, cached ones part of the input."""

    input: float = 0.0
    cached_input: float | None = None
    output: float = 0.0

    def cost(self, usage: Usage) -> float:
        cached_price = self.input if self.cached_input is None else self.cached_input
        fresh = usage.prompt_tokens - usage.cached_tokens
        return (fresh * self.input + usage.cached_tokens * cached_price + usage.completion_tokens * self.output) / 1e6


def likely_tokens(text: str) -> int:
    """About as many tokens as the text has: a token of English is about four bytes."""
    return math.ceil(len(text.encode()) / _BYTES_PER_TOKEN)


def likely_prompt_tokens(messages: tuple[Message, ...]) -> int:
    return sum(likely_tokens(message.content) + _TOKENS_AROUND_A_MESSAGE // 4 for message in messages)


def most_usage(messages: tuple[Message, ...], max_tokens: int, n: int = 1) -> Usage:
    """What a call for `n` answers can use at most: no token is shorter than a byte."""
    prompt = sum(len(message.content.encode()) + _TOKENS_AROUND_A_MESSAGE for message in messages)
    return Usage(prompt_tokens=prompt, completion_tokens=n * max_tokens)
