"""What is known about a reward model's endpoint before it is asked anything."""

from typing import Any, Literal

from pydantic import Field, field_validator

from ...domain.errors import InvalidInput
from .. import keys
from ..base import Backend, LanguageModelClient, backends
from ..base_urls import endpoint_queue, normal_url
from ..openai_api.backend import OpenAIApi
from .dialects import DIALECTS


@backends.register("reward_api", label="Remote reward model")
class RewardApi(Backend):
    """A reward model behind an endpoint that speaks vLLM's scoring, pooling or classification. It rates texts and writes none.

    Choose it in the verifier “Reward model”. Its address and key are guarded like those of any remote endpoint.
    """

    writes = False

    base_url: str = Field(
        title="Base URL", description="What stands before /score, /pooling or /classify. Example: https://rewards.example.org/v1"
    )
    model: str = Field(min_length=1, max_length=300, title="Model", description="As the endpoint calls it")
    dialect: Literal[tuple(DIALECTS)] = Field(
        "score",
        title="Asked at",
        description="score rates problem and answer as a pair; pooling rates the conversation, and its last number counts; "
        "classify gives the chance of a class of the two texts",
    )
    place: int = Field(-1, ge=-1, le=1000, title="Class", description="Of classify: from 0, or -1 for the last one")
    key_env: str = Field("", title="Key's environment variable", description="Its name, never the key")
    stored_key: str = Field(
        "",
        title="Stored key",
        description="Name of a key kept encrypted; used if no variable is named",
        json_schema_extra=lambda schema: schema.update(enum=["", *keys.stored()]),
    )
    price_input: float = Field(0, ge=0, title="Price of input", description="Per million tokens")
    max_concurrency: int = Field(8, ge=1, le=4096, title="Calls at once", description="At most so many")
    connect_seconds: float = Field(10, gt=0, le=600, title="Connection", description="Seconds to wait for a connection")
    total_seconds: float = Field(120, gt=0, le=86400, title="Whole answer", description="Seconds a call may take in all")
    max_response_mb: float = Field(10, gt=0, le=1000, title="Largest response", description="In MB; more is dropped")

    @field_validator("base_url")
    @classmethod
    def _is_address(cls, base_url: str) -> str:
        try:
            return normal_url(base_url)
        except InvalidInput as error:
            raise ValueError(str(error)) from None

    @property
    def endpoint(self) -> OpenAIApi:
        """The same address, key and limits as an endpoint that writes has them, which are guarded there."""
        shared = ("base_url", "model", "key_env", "stored_key", "price_input", "connect_seconds", "max_response_mb")
        return OpenAIApi(**{name: getattr(self, name) for name in shared}, total_seconds=self.total_seconds)

    @property
    def queue(self) -> str:
        return endpoint_queue(self.base_url)

    @property
    def capabilities(self) -> frozenset[str]:
        return frozenset({"rates_texts"})

    def check(self) -> None:
        self.endpoint.check()

    def consent_needed(self) -> str:
        return self.endpoint.consent_needed()

    def give_consent(self) -> None:
        self.endpoint.give_consent()

    def fingerprint(self) -> dict[str, Any]:
        return {"backend": self.name, **self.model_dump(mode="json", include={"base_url", "model", "dialect", "place"})}

    async def connect(self) -> LanguageModelClient:
        from .client import RewardApiClient

        self.check()
        return RewardApiClient(self)
