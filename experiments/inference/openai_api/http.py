"""HTTP as this package speaks it: the library's client with our transport and our headers only."""

import httpx2
import openai

from .backend import OpenAIApi
from .network import GuardedTransport, proxy_for


class Http(openai.AsyncOpenAI):
    """The library's client with our transport, no retries of its own, and no headers but ours.

    The library would add OPENAI_ORG_ID, OPENAI_PROJECT_ID, OPENAI_CUSTOM_HEADERS and facts about this machine to
    requests to whatever endpoint.
    """

    def __init__(self, api: OpenAIApi, key: str):
        self._own_headers = {"User-Agent": "Assay", "Accept-Encoding": "identity", **api.extra_headers}
        transport = GuardedTransport(
            allow_private=api.allows_private,
            max_response_bytes=int(api.max_response_mb * 1e6),
            proxy=proxy_for(api.base_url),
        )
        timeout = httpx2.Timeout(None, connect=api.connect_seconds, write=api.connect_seconds)
        super().__init__(
            # An empty key would make the library look for one in the environment; local servers take any.
            api_key=key or "no-key",
            admin_api_key="",
            base_url=api.base_url,
            max_retries=0,
            http_client=httpx2.AsyncClient(transport=transport, timeout=timeout, follow_redirects=False, trust_env=False),
        )

    @property
    def default_headers(self) -> dict[str, str]:
        return {"Accept": "text/event-stream, application/json", "Content-Type": "application/json", **self._own_headers}
