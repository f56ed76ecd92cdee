"""What becomes of facts that the database refuses, such as an endpoint's absurd count of tokens."""

from copy import copy
from dataclasses import replace

from ..domain.errors import AssayError
from ..models import Attempt, Call, Grade, Sample, VerifierScore
from .storing import AttemptEnding, Fact

_NAMES = {
    Sample: "A sample",
    VerifierScore: "A verifier's score",
    Grade: "A grade",
    Call: "A call",
    AttemptEnding: "What the attempt came to",
}


class NotStored(AssayError):
    """The database refuses this very fact; the message is safe to be stored itself."""

    def __init__(self, fact: Fact, error: Exception):
        words = "".join(filter(str.isprintable, str(error)))[:300]
        reason = f"the database refuses it ({type(error).__name__}: {words})"
        super().__init__(f"{_NAMES[type(fact)]} cannot be stored: {reason}. The log has the details.")


def in_place_of(fact: Fact, reason: str) -> Fact | None:
    """What is stored in place of an ending that was refused, or None where somebody waits for the fact and can be told.

    An ending must become known: an attempt without one stays leased and its run waits for ever, and a call without one
    holds back money.
    """
    if isinstance(fact, AttemptEnding) and fact.error != reason:
        return replace(fact, state=Attempt.State.FAILED, error=reason, summary={}, n_texts_off=0)
    if isinstance(fact, Call) and fact.state != Call.State.SENT and fact.note != reason:
        return _plain(fact, reason)
    return None


def _plain(call: Call, reason: str) -> Call:
    """Its ending at the most it may have cost, without what the endpoint told."""
    plain = copy(call)
    plain.note, plain.request_id, plain.usage_is_estimated, plain.cost = reason, "", True, call.most_cost
    plain.prompt_tokens = plain.cached_tokens = plain.completion_tokens = plain.reasoning_tokens = 0
    return plain
