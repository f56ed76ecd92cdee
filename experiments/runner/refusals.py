"""What becomes of facts that the database refuses, such as a text it cannot hold."""

from copy import copy
from dataclasses import replace

from ..domain.errors import AssayError
from ..models import Attempt, Call
from .storing import AttemptEnding, Fact


class NotStored(AssayError):
    """The database refuses this very fact; the message is safe to be stored itself."""

    def __init__(self, what: str, error: Exception):
        words = "".join(filter(str.isprintable, str(error)))[:300]
        super().__init__(f"A {what} cannot be stored: the database refuses it ({type(error).__name__}: {words}).")


def in_place_of(fact: Fact, reason: str) -> Fact | None:
    """What is stored in place of an ending that was refused, or None where somebody waits for the fact and can be told.

    An ending must become known: an attempt without one stays leased and its run waits for ever, and a call without one
    holds back money.
    """
    if isinstance(fact, AttemptEnding) and fact.error != reason:
        return replace(fact, state=Attempt.State.FAILED, error=reason, summary={}, n_texts_off=0)
    if isinstance(fact, Call) and fact.state != Call.State.SENT and fact.note != reason:
        instead = copy(fact)
        instead.note, instead.request_id = reason, ""
        return instead
    return None
