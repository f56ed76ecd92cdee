"""What is known about an endpoint before it is asked anything: its address, its key's name, its limits and prices."""

import json
from functools import cached_property
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, PrivateAttr, field_validator, model_validator

from ...domain import templating
from ...domain.errors import InvalidInput, InvalidOption
from ...domain.types import Decoding, Message
from .. import consents, keys
from ..base import Backend, LanguageModelClient, OnStep, backends
from ..base_urls import normal_url
from .presets import PRESETS
from .prices import Prices
from .raw_text import SLOTS, write_out
from .truth import Truth

_ALWAYS_TAKEN = frozenset({"presence_penalty", "frequency_penalty", "logit_bias"})
_OURS_IN_BODY = {"model", "messages", "prompt", "stream", "n", "best_of", "echo"}
_ANSWERING = (
    *("base_url", "model", "raw", "raw_message", "raw_opening", "max_tokens_field", "seed_field", "takes_top_k", "logprobs"),
    *("left_out", "extra_headers", "extra_body"),
)
#: What the truth test must have seen before several samples share a call.
_NATIVE_N = ("n", "usage of n", "n in streams")
_SECRET_HEADERS = ("authorization", "api-key", "apikey", "token", "cookie", "secret")


@backends.register("openai_api", label="Remote endpoint (OpenAI-compatible)")
class OpenAIApi(Backend):
    """A model behind any endpoint that speaks OpenAI's chat completions, or its older raw completions."""

    is_remote = True
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

    _truth: Truth = PrivateAttr(default_factory=Truth)

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

    def told(self, truth: dict[str, Any] | None) -> "OpenAIApi":
        informed = self.model_copy()
        informed._truth = Truth.of(truth)
        return informed

    @property
    def truth(self) -> Truth:
        """What the truth test found, as far as this copy was told."""
        return self._truth

    def identity(self) -> str:
        return json.dumps([super().identity(), {feature: row["verdict"] for feature, row in self._truth.rows.items()}])

    @property
    def n_per_call(self) -> int:
        return self.choices_per_call if all(map(self._truth.honours, _NATIVE_N)) else 1

    def way_of_asking(self) -> str:
        if self.choices_per_call == 1:
            return "One call per sample, as its option “Answers per call” says."
        if not self._truth.rows:
            return (
                "One call per sample: only a truth test could show that several answers in a call (n) are honoured and counted."
            )
        lacking = [feature for feature in _NATIVE_N if not self._truth.honours(feature)]
        if lacking:
            seen = self._truth.seen(lacking[0])
            return f"One call per sample: the truth test of {self._truth.day} asked for “{lacking[0]}” and saw: {seen}."
        return (
            f"Native n: up to {self.choices_per_call} samples of one prompt share a call and pay its prompt once. "
            f"The truth test of {self._truth.day} saw that n is honoured and counted. Samples of one call share its seed."
        )

    @property
    def n_likeliest(self) -> int:
        """How many of the likeliest tokens are told at each place."""
        return int(self._truth.found("logprobs") or 0)

    @property
    def limit_field(self) -> str:
        """What the endpoint calls the most tokens to write. Raw completions know one name only."""
        return "max_tokens" if self.raw else self.max_tokens_field

    @property
    def sends_seed(self) -> bool:
        return self.seed_field != "none" and self.seed_field not in self.left_out

    def write_out(self, messages: tuple[Message, ...]) -> str:
        """The messages as the one text that raw completions go on from."""
        return write_out(messages, self.raw_message, self.raw_opening)

    @property
    def prices(self) -> Prices:
        return Prices(self.price_input, self.price_cached_input, self.price_output)

    @property
    def capabilities(self) -> frozenset[str]:
        found = {
            "logprobs": self.logprobs,
            "top_logprobs": self.n_likeliest > 0,
            "continues": self.raw or self._truth.honours("prefix"),
            "scores_text": self.raw and self._truth.honours("given texts"),
        }
        return frozenset(name for name, is_there in found.items() if is_there)

    @property
    def takes(self) -> frozenset[str]:
        honoured = {
            "prefix": "continues" in self.capabilities,
            "top_logprobs": "top_logprobs" in self.capabilities,
            "json_schema": self._truth.honours("JSON schema"),
        }
        return _ALWAYS_TAKEN | {name for name, is_taken in honoured.items() if is_taken}

    def check_decoding(self, decoding: Decoding) -> None:
        super().check_decoding(decoding)
        if (decoding.top_k or decoding.min_p) and not self.takes_top_k:
            raise InvalidInput(
                f"“{self.model}” takes neither top-k nor min-p (as its options say). Set both to 0, or tick the option if it "
                "does."
            )

    @property
    def allows_private(self) -> bool:
        """Whether an administrator allowed an address inside a private network."""
        return consents.allows_private(self.base_url)

    def key(self) -> str:
        """The key to send, empty where none is named. Raises InvalidOption if it is missing or belongs to another address."""
        option = "key_env" if self.key_env else "stored_key"
        try:
            if self.key_env:
                return keys.environment_key(self.key_env, self.base_url, self._usual_url)
            return keys.stored_key(self.stored_key, self.base_url) if self.stored_key else ""
        except InvalidInput as error:
            raise InvalidOption(option, str(error)) from None

    def check(self) -> None:
        if self.base_url.startswith("http://") and not self.allows_private:
            raise InvalidOption(
                "base_url",
                f"{self.base_url} would be asked without encryption. Use https://, or have an administrator allow this address.",
            )
        self.key()

    def consent_needed(self) -> str:
        reasons = []
        if not self.allows_private:
            if self._leads_inside:
                host, inside = urlsplit(self.base_url).hostname, ", ".join(self._whereabouts.private)
                where = "" if inside == host else f" leads to {inside}, which"
                reasons.append(f"{self.base_url}{where} lies inside a private network.")
            if self.base_url.startswith("http://"):
                reasons.append(f"{self.base_url} would be asked without encryption.")
        if self.key_env and not keys.may_go(self.key_env, self.base_url, self._usual_url):
            reasons.append(f"{self.base_url} is not the address that the key in {self.key_env} is known for.")
        return " ".join(reasons)

    def give_consent(self) -> None:
        if self._leads_inside or self.base_url.startswith("http://"):
            consents.allow_private(self.base_url)
        if self.key_env and not keys.may_go(self.key_env, self.base_url, self._usual_url):
            consents.allow_key(self.key_env, self.base_url)

    def note(self) -> str:
        return self._whereabouts.note

    @cached_property
    def _whereabouts(self):
        from .whereabouts import look_up

        return look_up(self.base_url)

    @property
    def _leads_inside(self) -> bool:
        """Also where only some of its addresses are private: the others may be gone tomorrow."""
        return bool(self._whereabouts.private)

    @property
    def _usual_url(self) -> str:
        """The address that the environment variable is known for."""
        preset = PRESETS[self.preset]
        return preset.base_url if preset.key_env == self.key_env else ""

    @classmethod
    def usual_params(cls, params: dict[str, Any]) -> dict[str, Any]:
        preset = PRESETS.get(params.get("preset"), PRESETS["other"])
        return {
            "base_url": preset.base_url,
            "key_env": "" if preset.is_local else preset.key_env,
            "max_tokens_field": preset.max_tokens_field,
            "seed_field": preset.seed_field or "none",
            "takes_top_k": preset.takes_top_k,
            "max_concurrency": preset.n_at_once,
            "extra_body": preset.extra_body,
        }

    async def list_models(self) -> list[str]:
        from .catalogue import list_models

        return await list_models(self)

    async def truth_test(self, note: OnStep | None = None) -> dict[str, Any]:
        from .probe import probe

        return (await probe(self, note)).as_json()

    def fingerprint(self) -> dict[str, Any]:
        """What decides about the answers; limits, patience and prices do not. Holds no key."""
        options = self.model_dump(mode="json", include=set(_ANSWERING))
        return {"backend": self.name, **{name: options[name] for name in _ANSWERING if options[name] not in ("", False, [], {})}}

    async def connect(self) -> LanguageModelClient:
        from .client import OpenAIApiClient

        self.check()
        return OpenAIApiClient(self)
