"""The models that an endpoint says it has."""

import asyncio
import json
from urllib.parse import urlsplit

import httpx2
import openai

from ...domain.errors import TransientInferenceError
from ..base import NeedsAttention
from .backend import OpenAIApi
from .faults import Fault, broken
from .http import Http
from .network import ForbiddenAddress, TooMuch
from .reading import Reading
from .wire import Exchange, Patience, fault_of

_SECONDS = 30.0


async def list_models(api: OpenAIApi) -> list[str]:
    """Names in alphabetical order. `api.model` is not used and may be anything.

    Raises InvalidInput for a missing key, NeedsAttention where a person has to act, TransientInferenceError else.
    """
    api.check()
    secret = api.key()
    exchange = Exchange(Reading(secret))
    http = Http(api, secret)
    try:
        try:
            async with asyncio.timeout(_SECONDS):
                response = await http.get("/models", cast_to=httpx2.Response)
            return _names(response.content)
        except ForbiddenAddress as error:
            raise NeedsAttention(str(error)) from None
        except (TimeoutError, openai.APIError, httpx2.TransportError, TooMuch) as error:
            patience = Patience(api.connect_seconds, _SECONDS, _SECONDS, _SECONDS)
            raise fault_of(error, exchange, patience, _SECONDS) from None
    except Fault as fault:
        kind = NeedsAttention if fault.stops_all or fault.refused else TransientInferenceError
        raise kind(f"{urlsplit(api.base_url).netloc} did not list its models: {fault}") from None
    finally:
        await http.close()


def _names(content: bytes) -> list[str]:
    try:
        data = json.loads(content)["data"]
        return sorted({str(entry["id"]) for entry in data})
    except (ValueError, TypeError, KeyError):
        raise broken("it sent something that is no list of models") from None
