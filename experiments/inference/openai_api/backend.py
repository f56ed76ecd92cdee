"""What is known about an endpoint before it is asked anything, and what its truth test told."""

import json
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from pydantic import PrivateAttr

from ...domain.errors import InvalidInput, InvalidOption
from ...domain.types import Decoding, Message
from .. import consents, keys
from ..base import LanguageModelClient, OnStep, backends
from ..base_urls import endpoint_queue
from .options import EndpointOptions
from .presets import PRESETS
from .prices import Prices
from .raw_text import write_out
from .truth import Truth

_ALWAYS_TAKEN = frozenset({"presence_penalty", "frequency_penalty", "logit_bias"})
_ANSWERING = (
    *("base_url", "model", "raw", "raw_message", "raw_opening", "max_tokens_field", "seed_field", "takes_top_k", "logprobs"),
    *("left_out", "extra_headers", "extra_body"),
)
#: What the truth test must have seen before several samples share a call.
_NATIVE_N = ("n", "usage of n", "n in streams")


@backends.register("openai_api", label="Remote endpoint (OpenAI-compatible)")
class OpenAIApi(EndpointOptions):
    """A model behind any endpoint that speaks OpenAI's chat completions, or its older raw completions."""

    is_remote = True

    _truth: Truth = PrivateAttr(default_factory=Truth)

    def told(self, truth: dict[str, Any] | None) -> "OpenAIApi":
        informed = self.model_copy()
        informed._truth = Truth.of(truth)
        return informed

    @property
    def queue(self) -> str:
        return endpoint_queue(self.base_url)

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
