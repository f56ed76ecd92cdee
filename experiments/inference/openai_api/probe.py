"""The truth test: ask an endpoint small things and record what it really honours, whatever its documentation says."""

import asyncio
import time
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

from ...domain.errors import TransientInferenceError
from ..base import NeedsAttention, OnStep
from .asker import Asker
from .backend import OpenAIApi
from .checks import CHECKS
from .http import Http
from .truth import Row, Verdict

#: The whole test, however slow the endpoint.
_MOST_SECONDS = 900.0


@dataclass(frozen=True)
class Report:
    """What one endpoint and model honoured on one day, and what asking it cost."""

    base_url: str
    model: str
    asked_at: float  # seconds since 1970
    seconds: float
    n_calls: int
    cost: float
    rows: tuple[Row, ...]

    def honours(self, feature: str) -> bool:
        return any(row.feature == feature and row.verdict is Verdict.HONOURS for row in self.rows)

    def as_json(self) -> dict[str, Any]:
        """Plain JSON data, to be stored with the language model and with each run."""
        return {**asdict(self), "rows": [row.as_json() for row in self.rows]}


async def probe(api: OpenAIApi, note: OnStep | None = None) -> Report:
    """Ask some thirty small questions, one after the other; `note` is told what is known after each group of them.

    Raises NeedsAttention if the endpoint takes no question at all, TransientInferenceError if it is out of reach.
    """
    api.check()
    began, asked_at = time.monotonic(), time.time()
    name = f"“{api.model}” at {urlsplit(api.base_url).netloc}"
    http = Http(api, api.key())
    try:
        async with asyncio.timeout(_MOST_SECONDS):
            asker = Asker(api, http)
            hello = await asker.say("Say hello.", max_tokens=8)
            if hello.stops_all or hello.is_away:
                kind = NeedsAttention if hello.stops_all else TransientInferenceError
                raise kind(f"{name} answered no question: {hello.refused}")
            rows: list[Row] = []
            for number, check in enumerate(CHECKS, start=1):
                rows += await check(asker)
                if note:
                    await note([row.as_json() for row in rows], number, len(CHECKS))
    except TimeoutError:
        raise TransientInferenceError(f"{name} was too slow: the test was given up after {_MOST_SECONDS:g} seconds.") from None
    finally:
        await http.close()
    if all(row.verdict in (Verdict.REFUSES, Verdict.UNCLEAR) for row in rows):
        raise NeedsAttention(f"{name} answered no question: {rows[0].seen}")
    return Report(api.base_url, api.model, asked_at, time.monotonic() - began, asker.n_calls, asker.cost, tuple(rows))
