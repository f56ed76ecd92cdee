"""How each kind of endpoint is asked for a reward, and where it says it."""

from collections.abc import Callable
from typing import Any, NamedTuple

from ...domain.types import Message


class Dialect(NamedTuple):
    """`asked(messages)` is the body besides the model's name; `told(item, place)` finds the number in the first of its data.

    `told` raises LookupError, TypeError or ValueError for what is no answer.
    """

    path: str
    asked: Callable[[tuple[Message, ...]], dict[str, Any]]
    told: Callable[[dict[str, Any], int], float]


def _problem(messages: tuple[Message, ...]) -> str:
    return "\n\n".join(message.content for message in messages[:-1])


def _last_number(data: Any) -> float:
    while isinstance(data, list):
        data = data[-1]
    return _number(data)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{value!r} is no number")
    return float(value)


DIALECTS = {
    "score": Dialect(
        "/score",
        lambda messages: {"text_1": _problem(messages), "text_2": messages[-1].content},
        lambda item, place: _number(item["score"]),
    ),
    "pooling": Dialect(
        "/pooling",
        lambda messages: {"messages": [{"role": each.role, "content": each.content} for each in messages]},
        lambda item, place: _last_number(item["data"]),
    ),
    "classify": Dialect(
        "/classify",
        lambda messages: {"input": f"{_problem(messages)}\n\n{messages[-1].content}"},
        lambda item, place: _number(item["probs"][place]),
    ),
}
