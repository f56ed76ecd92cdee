"""How likely a given text is: raw completions that give the prompt back (echo) with the logprob of each of its tokens."""

import asyncio
from collections.abc import Sequence
from itertools import accumulate

from ...domain.errors import PermanentInferenceError
from ...domain.types import Decoding, Message
from ..base import Request
from ..calls import OnCall
from ..scoring import Score
from .backend import OpenAIApi
from .logprobs import Token
from .tries import Member, Tries

#: One token is written and thrown away: some servers take 0 for "no limit".
FIELDS = {"echo": True, "stream": False, "stream_options": None, "logprobs": 1, "max_tokens": 1}


class GivenTexts:
    """Asks about one endpoint's model."""

    def __init__(self, api: OpenAIApi, tries: Tries, name: str):
        self._api = api
        self._tries = tries
        self._name = name

    async def scores(
        self, messages: tuple[Message, ...], continuations: Sequence[str], run: str, attempt: str, on_call: OnCall | None
    ) -> list[Score]:
        """One call for each. Raises as `Tries.ask` does, and PermanentInferenceError if the text is not given back."""
        if "scores_text" not in self._api.capabilities:
            raise PermanentInferenceError(
                f"{self._name} cannot tell how likely a given text is. That takes its option “Raw completions” and a truth "
                "test that saw given texts honoured."
            )
        common = {"run": run, "attempt": attempt, "on_call": on_call}
        asked = [Request(messages, Decoding(), 0, prefix=each, **common) for each in continuations]
        members = [Member(request, fields=FIELDS) for request in asked]
        await asyncio.gather(*(self._tries.ask([member]) for member in members))
        return [self._score(member) for member in members]

    def _score(self, member: Member) -> Score:
        generation = member.answer.result()
        if generation.error:
            raise PermanentInferenceError(generation.error)
        before = self._api.write_out(member.request.messages)
        logprobs = logprobs_within(member.tokens, before, member.request.prefix)
        if not logprobs:
            raise PermanentInferenceError(f"{self._name} did not give the text back, so how likely it is is not known.")
        return Score(logprobs, generation.usage)


def logprobs_within(tokens: Sequence[Token], before: str, text: str) -> tuple[float, ...]:
    """Those of the tokens of `before + text` that reach into `text`; empty if the tokens are not those of this text.

    A token that begins before the text and ends in it counts: it cannot be divided.
    """
    if not tokens:
        return ()
    ends = list(accumulate(len(token.text) for token in tokens))
    starts = [0, *ends[:-1]]
    whole = "".join(token.text for token in tokens)
    if not whole.startswith(before + text):
        # Tokens that are parts of a character, or the beginning of the text, have no text of their own.
        if any(token.offset is None for token in tokens):
            return ()
        starts = [token.offset - tokens[0].offset for token in tokens]
        ends = [*starts[1:], len(before + text) + 1]
        if starts[-1] < len(before + text) - 1:
            return ()
    reaching = [
        token.logprob
        for token, start, end in zip(tokens, starts, ends, strict=True)
        if end > len(before) and start < len(before + text)
    ]
    return tuple(reaching) if None not in reaching else ()
