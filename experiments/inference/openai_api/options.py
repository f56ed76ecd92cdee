"""What is entered about an endpoint: its address, its key's name, its limits, prices and dialect."""

from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from ...domain import templating
from ...domain.errors import InvalidInput
from .. import keys
from ..base import Backend
from ..base_urls import normal_url
from .presets import PRESETS
from .raw_text import SLOTS

_OURS_IN_BODY = {"model", "messages", "prompt", "stream", "n", "best_of", "echo"}
_SECRET_HEADERS = ("authorization", "api-key", "apikey", "token", "cookie", "secret")


class EndpointOptions(Backend):
    """The fields of the form and what each of them may hold."""

    groups = {
        "Connection": ("preset", "base_url", "model", "key_env", "stored_key"),
        "Raw completions": ("raw", "raw_message", "raw_opening"),
        "Prices and size": ("price_input", "price_cached_input", "price_output", "n_parameters"),
        "Limits": ("max_concurrency", "choices_per_call", "requests_per_minute", "tokens_per_minute", "max_response_mb"),
        "Patience": (
            *("connect_seconds", "first_token_seconds", "next_token_seconds", "total_seconds"),
            *("max_attempts", "longest_wait_seconds", "failures_before_pause", "pause_seconds"),
        ),
        "Dialect": (*("max_tokens_field", "seed_field", "takes_top_k", "logprobs", "left_out", "extra_headers", "extra_body"),),
    }

    preset: Literal[tuple(PRESETS)] = Field(
        "other", title="Preset", description="Fills in what is left empty below", json_schema_extra={"fills_in": True}
    )
    base_url: str = Field("", title="Base URL", description="Empty takes the preset's. Example: https://api.openai.com/v1")
    model: str = Field(min_length=1, max_length=300, title="Model", description="As the endpoint calls it")
    key_env: str = Field("", title="Key's environment variable", description="Its name, never the key. Example: OPENAI_API_KEY")
    stored_key: str = Field(
        "",
        title="Stored key",
        description="Name of a key kept encrypted; used if no variable is named",
        json_schema_extra=lambda schema: schema.update(enum=["", *keys.stored()]),
    )
    raw: bool = Field(
        False,
        title="Raw completions",
        description="Write the messages out as one text and ask /completions: for base models, answers begun, given texts",
    )
    raw_message: str = Field(
        "",
        title="Each message",
        description="With {{ role }} and {{ content }}. Empty writes the contents, a blank line between them",
        json_schema_extra={"multiline": True},
    )
    raw_opening: str = Field(
        "",
        title="Opening of the answer",
        description="Written after the messages; what the model writes goes on from it",
        json_schema_extra={"multiline": True},
    )
    max_tokens_field: Literal["max_tokens", "max_completion_tokens", ""] = Field(
        "", title="Name of max tokens", description="Empty takes the preset's; newer OpenAI models want max_completion_tokens"
    )
    seed_field: Literal["seed", "random_seed", "none", ""] = Field(
        "", title="Name of the seed", description="Empty takes the preset's; none sends no seed"
    )
    takes_top_k: bool = Field(False, title="Takes top-k and min-p", description="OpenAI's own API does not")
    logprobs: bool = Field(False, title="Logprobs", description="Ask for the logprob of every token")
    left_out: tuple[str, ...] = Field(
        (), title="Fields left out", description="Body fields this model refuses, such as temperature or stream_options"
    )
    extra_headers: dict[str, str] = Field({}, title="Extra headers", description="Sent with every request; never keys")
    extra_body: dict[str, Any] = Field({}, title="Extra body fields", description="Added to every request, below what Assay sets")
    price_input: float = Field(0, ge=0, title="Price of input", description="Per million tokens")
    price_cached_input: float | None = Field(
        None, ge=0, title="Price of cached input", description="Per million tokens; empty is the price of input"
    )
    price_output: float = Field(0, ge=0, title="Price of output", description="Per million tokens, reasoning included")
    n_parameters: int | None = Field(None, ge=1, title="Parameters", description="Weights, where known, to count FLOPs")
    max_concurrency: int = Field(
        0,
        ge=0,
        le=4096,
        title="Calls at once",
        description="At most so many; fewer when the endpoint objects. 0 takes the preset's",
    )
    choices_per_call: int = Field(
        8,
        ge=1,
        le=128,
        title="Answers per call",
        description="At most so many of one prompt share a call, which pays the prompt once. Only where the truth test saw "
        "that n is honoured and counted; 1 never",
    )
    requests_per_minute: float | None = Field(None, gt=0, title="Requests per minute", description="Empty learns it by itself")
    tokens_per_minute: int | None = Field(None, ge=1, title="Tokens per minute", description="Empty is no limit")
    connect_seconds: float = Field(10, gt=0, le=600, title="Connection", description="Seconds to wait for a connection")
    first_token_seconds: float = Field(300, gt=0, le=86400, title="First token", description="Seconds to wait for it")
    next_token_seconds: float = Field(60, gt=0, le=86400, title="Next token", description="Seconds to wait for each next one")
    total_seconds: float = Field(1800, gt=0, le=86400, title="Whole answer", description="Seconds a call may take in all")
    max_response_mb: float = Field(10, gt=0, le=1000, title="Largest response", description="In MB; more is dropped")
    max_attempts: int = Field(6, ge=1, le=50, title="Tries", description="Calls for one sample when calls fail")
    longest_wait_seconds: float = Field(
        60, ge=0, le=3600, title="Longest wait", description="Seconds between two tries, whatever the endpoint asks for"
    )
    failures_before_pause: int = Field(
        12, ge=1, le=10_000, title="Failures before a pause", description="So many in a row, and nobody is asked for a while"
    )
    pause_seconds: float = Field(30, gt=0, le=600, title="First pause", description="Seconds; each next pause is twice as long")

    @model_validator(mode="before")
    @classmethod
    def _fill_in(cls, given: Any) -> Any:
        """What is left empty comes from the preset, and is stored: a preset that changes later changes no old entry."""
        if not isinstance(given, dict):
            return given
        preset = PRESETS.get(given.get("preset", "other"), PRESETS["other"])
        usual = {
            "base_url": preset.base_url,
            "max_tokens_field": preset.max_tokens_field,
            "seed_field": preset.seed_field or "none",
            "max_concurrency": preset.n_at_once,
            "extra_body": preset.extra_body,
        }
        if not given.get("stored_key"):
            usual["key_env"] = preset.key_env if not preset.is_local else ""
        if "takes_top_k" not in given:
            usual["takes_top_k"] = preset.takes_top_k
        return {**given, **{name: value for name, value in usual.items() if not given.get(name)}}

    @field_validator("base_url")
    @classmethod
    def _is_address(cls, base_url: str) -> str:
        try:
            return normal_url(base_url)
        except InvalidInput as error:
            raise ValueError(str(error)) from None

    @field_validator("extra_headers")
    @classmethod
    def _holds_no_key(cls, headers: dict[str, str]) -> dict[str, str]:
        for name, value in headers.items():
            if any(word in name.lower() for word in _SECRET_HEADERS):
                raise ValueError(f"{name} looks like a key, and options are not secret. Store the key as a key.")
            if not (name.isascii() and name.isprintable() and value.isascii() and value.isprintable()):
                raise ValueError("Header names and values are single lines of plain characters.")
        return headers

    @field_validator("extra_body")
    @classmethod
    def _leaves_ours_alone(cls, body: dict[str, Any]) -> dict[str, Any]:
        if taken := sorted(_OURS_IN_BODY & body.keys()):
            raise ValueError(f"{', '.join(taken)} cannot be set here: Assay sets them for every request.")
        return body

    @field_validator("raw_message", "raw_opening")
    @classmethod
    def _has_plain_line_ends(cls, text: str) -> str:
        """Browsers send their own."""
        return text.replace("\r\n", "\n")

    @field_validator("raw_message")
    @classmethod
    def _has_known_slots(cls, template: str) -> str:
        try:
            templating.check(template, SLOTS)
        except InvalidInput as error:
            raise ValueError(str(error)) from None
        return template
