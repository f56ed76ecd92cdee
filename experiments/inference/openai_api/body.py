"""A request as the endpoint is asked it, in the field names that this endpoint takes."""

from typing import Any

from ...domain.errors import PermanentInferenceError
from ..base import Request
from .backend import OpenAIApi


def chat_body(api: OpenAIApi, request: Request) -> dict[str, Any]:
    """The JSON body of a chat completion. Raises PermanentInferenceError for decoding that the endpoint cannot do."""
    decoding = request.decoding
    body: dict[str, Any] = {
        **api.extra_body,
        "model": api.model,
        "messages": [{"role": message.role, "content": message.content} for message in request.messages],
        "temperature": decoding.temperature,
        # Said even where it changes nothing: servers have other defaults of their own.
        "top_p": decoding.top_p,
        api.max_tokens_field: decoding.max_tokens,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    if api.seed_field != "none":
        body[api.seed_field] = request.seed
    if decoding.stop:
        body["stop"] = list(decoding.stop)
    if (decoding.top_k or decoding.min_p) and not api.takes_top_k:
        raise PermanentInferenceError(
            f"“{api.model}” takes neither top-k nor min-p (as its options say). Set both to 0, or tick the option if it does."
        )
    if decoding.top_k:
        body["top_k"] = decoding.top_k
    if decoding.min_p:
        body["min_p"] = decoding.min_p
    if decoding.presence_penalty:
        body["presence_penalty"] = decoding.presence_penalty
    if decoding.frequency_penalty:
        body["frequency_penalty"] = decoding.frequency_penalty
    if decoding.logit_bias:
        body["logit_bias"] = {str(token): bias for token, bias in decoding.logit_bias.items()}
    if api.logprobs:
        # llama-cpp-python's server sends no logprobs at all unless it is asked for the top ones.
        body |= {"logprobs": True, "top_logprobs": 1}
    for field in api.left_out:
        body.pop(field, None)
    return body
