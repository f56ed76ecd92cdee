"""The ledger's lines: one for every call that leaves for a paid endpoint, whatever becomes of it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum

from ..domain.types import Usage


class CallState(StrEnum):
    """SENT is reported before a call leaves; one of the others follows unless the process dies in between."""

    SENT = "sent"
    ANSWERED = "answered"
    FAILED = "failed"
    ABANDONED = "abandoned"  # cancelled from our side while it was under way


@dataclass(frozen=True)
class Call:
    """One try of one request, or of several that share a call. Costs are in the currency of the prices, and 0 where none are set.

    `most_cost` is an upper bound known before the call leaves: the prompt's bytes as tokens, and max tokens in full.
    `usage` and `cost` are final in every state but SENT; `usage_is_estimated` where the endpoint did not tell them.
    """

    id: str
    try_number: int  # counted from 1 within the request
    state: CallState
    started_at: float  # seconds since 1970
    most_cost: float
    draws: tuple[tuple[str, int], ...] = ()  # the keys of the requests it is for: several where they share one call
    seconds: float = 0.0
    status: int | None = None  # HTTP's
    request_id: str = ""  # the endpoint's own name for it
    usage: Usage = field(default_factory=Usage)
    usage_is_estimated: bool = False
    cost: float = 0.0
    is_cut: bool = False  # text had begun to arrive and broke off
    note: str = ""  # what went wrong, in words


#: Awaited with each call before it leaves and after it ended. Raising before it leaves forbids the call, and what was
#: raised comes out of `generate` as it is: this is where a spending cap stands.
OnCall = Callable[[Call], Awaitable[None]]
