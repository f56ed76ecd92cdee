"""A request as the endpoint is asked it: where, and in the field names that this endpoint takes."""

from typing import Any

from ...domain.errors import PermanentInferenceError
from ...domain.types import Message
from ..base import Request
from .backend import OpenAIApi

#: The way of vLLM and SGLang to have an answer continued: two further fields.
CONTINUE_FINAL_MESSAGE = "continue_final_message"


def path_of(api: OpenAIApi) -> str:
    return "/completions" if api.raw else "/chat/completions"


def messages_of(api: OpenAIApi, request: Request) -> tuple[Message, ...]:
    """All that is sent to be read, the beginning of the answer included; in raw mode it is one text."""
    if api.raw:
        return (Message("user", api.write_out(request.messages) + request.prefix),)
    return (*request.messages, Message("assistant", request.prefix)) if request.prefix else request.messages


def body_of(api: OpenAIApi, request: Request, n: int = 1) -> dict[str, Any]:
    """The JSON body for `n` answers. Raises PermanentInferenceError for decoding that the endpoint cannot do."""
    decoding = request.decoding
    body: dict[str, Any] = {
        **api.extra_body,
        "model": api.model,
        **asked(api, messages_of(api, request), begun=bool(request.prefix)),
        "temperature": decoding.temperature,
        # Said even where it changes nothing: servers have other defaults of their own.
        "top_p": decoding.top_p,
        api.limit_field: decoding.max_tokens,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    if n > 1:
        body["n"] = n
    if api.seed_field != "none":
        body[api.seed_field] = request.seed
    if decoding.stop:
        body["stop"] = list(decoding.stop)
    if (decoding.top_k or decoding.min_p) and not api.takes_top_k:
        raise PermanentInferenceError(
            f"“{api.model}” takes neither top-k nor min-p (as its options say). Set both to 0, or tick the option if it does."
        )
    for name in ("top_k", "min_p", "presence_penalty", "frequency_penalty"):
        if value := getattr(decoding, name):
            body[name] = value
    if decoding.logit_bias:
        body["logit_bias"] = {str(token): bias for token, bias in decoding.logit_bias.items()}
    if decoding.json_schema is not None:
        form = {"name": "answer", "strict": True, "schema": decoding.json_schema}
        body["response_format"] = {"type": "json_schema", "json_schema": form}
    if api.logprobs or request.top_logprobs:
        body |= logprobs_fields(api, request.top_logprobs)
    for field in api.left_out:
        body.pop(field, None)
    return body


def asked(api: OpenAIApi, messages: tuple[Message, ...], begun: bool = False) -> dict[str, Any]:
    """The fields that hold the prompt. `begun`: the last message is the beginning of the answer, which goes on."""
    if api.raw:
        return {"prompt": "".join(message.content for message in messages)}
    fields: dict[str, Any] = {"messages": [{"role": message.role, "content": message.content} for message in messages]}
    if begun and api.truth.found("prefix") == CONTINUE_FINAL_MESSAGE:
        fields |= {"add_generation_prompt": False, "continue_final_message": True}
    return fields


def logprobs_fields(api: OpenAIApi, n_likeliest: int) -> dict[str, Any]:
    """Ask for the logprob of every token; always with the likeliest one, without which llama-cpp-python's server sends none."""
    n_likeliest = max(1, n_likeliest)
    return {"logprobs": n_likeliest} if api.raw else {"logprobs": True, "top_logprobs": n_likeliest}
