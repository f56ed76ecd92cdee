"""From what was asked to what the scheduler writes or reads."""

from typing import Any, Protocol

import numpy as np

from .adjustments import Adjustments
from .beginnings import Beginning, Pieces
from .decodings import rules_for, wrong_token_id
from .prompts import Prompts
from .protocol import Ask, Refused
from .running import Text
from .sampler import Constraint, Sampler
from .text import TextWriter


class Vocabulary(Protocol):
    """The part of `native.Model` that texts need."""

    n_vocab: int
    pieces: Pieces

    def piece(self, token: int) -> bytes: ...

    def grammar(self, rules: str) -> Constraint: ...


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
        begun = self._prompts.continuation(ask.prefix)
        # The last token of what is there already is taken back and written again.
        begun, taken_back = begun[:-1], begun[-1:]
        given = self._given(ask)
        return Text(
            id=ask.id,
            run=ask.run,
            attempt=ask.attempt,
            prompt=np.concatenate((prompt, np.array([*begun, *given[:-1]], np.int32))),
            max_new_tokens=decoding["max_tokens"],
            sampler=self._sampler(ask.seed, decoding, begun),
            writer=TextWriter(tuple(stop for stop in decoding["stop"] if stop)),
            condition=ask.condition,
            stop_tokens=frozenset(decoding["stop_tokens"]),
            beginning=self._beginning(taken_back),
            given=given,
            n_tops=ask.top_logprobs,
            wants_entropy=ask.entropy,
        )

    def _beginning(self, taken_back: list[int]) -> Beginning | None:
        owed = b"".join(map(self._vocabulary.piece, taken_back))
        return Beginning(self._vocabulary.pieces, owed) if owed else None

    def _given(self, ask: Ask) -> list[int]:
        if ask.given is None:
            return []
        if isinstance(ask.given, list):
            self._check_ids(ask.given)
            given = ask.given
        else:
            given = self._prompts.continuation(ask.given)
        if not given:
            raise Refused("A text to be scored is empty. Give at least one character.")
        return given

    def _sampler(self, seed: int, decoding: dict[str, Any], written: list[int]) -> Sampler:
        adjustments = Adjustments(decoding)
        return Sampler(
            seed,
            decoding["temperature"],
            decoding["top_p"],
            decoding["top_k"],
            decoding["min_p"],
            None if adjustments.are_neutral else adjustments,
            self._constraint(decoding, written),
        )

    def _constraint(self, decoding: dict[str, Any], written: list[int]) -> Constraint | None:
        """The grammar, advanced by the tokens that are there already: it holds for the answer as a whole."""
        if not (rules := rules_for(decoding["grammar"], decoding["json_schema"])):
            return None
        grammar = self._vocabulary.grammar(rules)
        for token in written:
            if not grammar.allows(token):
                raise Refused("The answer as it begins already does not fit the grammar. Correct one of them.")
            grammar.accept(token)
        return grammar

    def _check_token_ids(self, decoding: dict[str, Any]) -> None:
        self._check_ids([*decoding["stop_tokens"], *map(int, decoding["logit_bias"])])

    def _check_ids(self, ids: list[int]) -> None:
        if complaint := wrong_token_id(ids, self._vocabulary.n_vocab):
            raise Refused(complaint)
