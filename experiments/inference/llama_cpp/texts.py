"""From what was asked to what the scheduler writes."""

from typing import Any, Protocol

import numpy as np

from .adjustments import Adjustments
from .prompts import Prompts
from .protocol import Ask, Refused
from .sampler import Sampler
from .scheduler import Text
from .text import TextWriter


class Vocabulary(Protocol):
    """The part of `native.Model` that texts need."""

    n_vocab: int


class Texts:
    """Builds texts for one loaded model."""

    def __init__(self, vocabulary: Vocabulary, prompts: Prompts):
        self._vocabulary = vocabulary
        self._prompts = prompts

    def from_ask(self, ask: Ask) -> Text:
        """The text to be written or read. Raises Refused, or ValueError for a prompt that cannot be tokenised."""
        decoding = ask.decoding
        self._check_token_ids(decoding)
        prompt = self._prompts.tokens(ask.messages)
        given = [] if ask.given is None else self._prompts.continuation(ask.given)
        return Text(
            id=ask.id,
            run=ask.run,
            attempt=ask.attempt,
            prompt=np.concatenate((prompt, np.array(given[:-1], np.int32))),
            max_new_tokens=decoding["max_tokens"],
            sampler=_sampler(ask.seed, decoding),
            writer=TextWriter(tuple(stop for stop in decoding["stop"] if stop)),
            stop_tokens=frozenset(decoding["stop_tokens"]),
            given=given,
            n_tops=ask.top_logprobs,
            wants_entropy=ask.entropy,
        )

    def _check_token_ids(self, decoding: dict[str, Any]) -> None:
        highest = max((*decoding["stop_tokens"], *map(int, decoding["logit_bias"])), default=0)
        if highest >= self._vocabulary.n_vocab:
            raise Refused(
                f"There is no token {highest:,}: this model's tokens are numbered from 0 to {self._vocabulary.n_vocab - 1:,}. "
                "Correct the stop tokens or the logit bias."
            )


def _sampler(seed: int, decoding: dict[str, Any]) -> Sampler:
    adjustments = Adjustments(decoding)
    filters = {name: decoding[name] for name in ("top_p", "top_k", "min_p")}
    return Sampler(seed, decoding["temperature"], **filters, adjustments=None if adjustments.are_neutral else adjustments)
