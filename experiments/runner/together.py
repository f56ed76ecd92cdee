"""What the writer takes next: an answered call goes into one transaction with the samples that it brought.

Between the two a killed worker would leave a call that is answered and a sample that is asked for again.
"""

from collections.abc import Sequence
from typing import Protocol, TypeVar

from ..models import Call, Sample
from .storing import Fact, journal_key

# A sample follows its call within moments, or not at all where its draw was cancelled.
PATIENCE_SECONDS = 1.0


class Waiting(Protocol):
    """A fact that is to be stored, and when it arrived, in seconds."""

    fact: Fact
    arrived_at: float


T = TypeVar("T", bound=Waiting)


def take(entries: Sequence[T], most: int, now: float) -> tuple[list[T], list[T]]:
    """(to store now, to keep for later), in the order of arrival. Takes `most`, and a few more that belong to them."""
    places = {journal_key(entry.fact): place for place, entry in enumerate(entries) if isinstance(entry.fact, Sample)}
    kept: set[int] = set()
    belonging: dict[int, set[int]] = {}
    for place, entry in enumerate(entries):
        if isinstance(entry.fact, Call) and entry.fact.state == Call.State.ANSWERED:
            samples = [places.get(draw) for draw in _draws(entry.fact)]
            there = {sample for sample in samples if sample is not None}
            if len(there) < len(samples) and now - entry.arrived_at < PATIENCE_SECONDS:
                kept |= {place, *there}
            else:
                belonging[place] = there
    taken: set[int] = set()
    for place in range(len(entries)):
        if place not in kept and len(taken) < most:
            taken |= {place, *belonging.get(place, ())}
    return [entries[place] for place in sorted(taken)], [entry for place, entry in enumerate(entries) if place not in taken]


def _draws(call: Call) -> list[tuple[int, str, int]]:
    """Keys of the samples that it brings."""
    return [(call.attempt_id, call.request_hash, occurrence) for occurrence in call.occurrences]
