"""One model of one endpoint, ready to be asked."""

from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from ...domain.errors import PermanentInferenceError
from ...domain.types import Message
from ..base import Generation, LanguageModelClient, Request
from ..calls import OnCall
from ..scoring import Score
from ..standing import EndpointStanding
from .backend import OpenAIApi
from .gathering import Gathering
from .given_texts import GivenTexts
from .http import Http
from .limits import Gate, LimitSettings, gate_for
from .tries import Member, Tries


class OpenAIApiClient(LanguageModelClient):
    """Every sample is a call of its own with its own seed, unless the truth test saw that several may share one."""

    retries_itself = True

    def __init__(self, api: OpenAIApi):
        self._api = api
        self._name = f"“{api.model}” at {urlsplit(api.base_url).netloc}"
        self._http = Http(api, api.key())
        self.max_in_flight = _worth_handing_over(api, 1)
        settings = LimitSettings(
            max_concurrency=api.max_concurrency,
            requests_per_minute=api.requests_per_minute,
            tokens_per_minute=api.tokens_per_minute,
            failures_allowed=api.failures_before_pause,
            pause_seconds=api.pause_seconds,
            longest_wait_seconds=api.longest_wait_seconds,
        )
        self.gate: Gate = gate_for(api.base_url, api.model, settings, self._name)
        self._tries = Tries(api, self._http, self.gate, self._name, api.key())
        self._given_texts = GivenTexts(api, self._tries, self._name)
        self._gathering = Gathering(api.n_per_call, self._tries.ask)
        self.takes = api.takes

    def share(self, n: int) -> None:
        self.gate.share(n)
        self.max_in_flight = _worth_handing_over(self._api, n)

    async def aclose(self) -> None:
        await self._http.close()

    def standing(self) -> EndpointStanding:
        return self.gate.standing()

    async def _generate(self, request: Request, on_text: Callable[[str], None] | None) -> Generation:
        if request.top_logprobs > self._api.n_likeliest:
            raise PermanentInferenceError(
                f"{self._name} tells the {self._api.n_likeliest} likeliest tokens, not {request.top_logprobs}."
            )
        member = Member(request, on_text)
        name, _ = request.key
        if name and self._api.n_per_call > 1 and self._tries.honours_n:
            return await self._gathering.join((request.run, request.attempt, name), member)
        await self._tries.ask([member])
        return member.answer.result()

    async def logprobs_of(
        self,
        messages: tuple[Message, ...],
        continuations: Sequence[str],
        *,
        run: str = "",
        attempt: str = "",
        on_call: OnCall | None = None,
    ) -> list[Score]:
        return await self._given_texts.scores(messages, continuations, run, attempt, on_call)


def _worth_handing_over(api: OpenAIApi, n_sharing: int) -> int:
    """Those that wait for their next try leave room for others."""
    return 2 * max(1, round(api.max_concurrency / n_sharing)) * api.n_per_call
