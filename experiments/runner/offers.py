"""What a worker may claim: everything, or what the batches in its hands allow."""

import time
from collections.abc import Collection
from concurrent.futures import Future
from dataclasses import dataclass, field

from django.db.models import Q

#: A batch claims attempts for so long, then goes to the end of the queue: that is how users and runs take turns.
CLAIMING_SECONDS = 10.0
#: An errand that cannot be taken for so long is left; somebody is told of it again.
ERRAND_SECONDS = 5.0
EVERY_ONE = Q()


class Everything:
    """The embedded worker's: it looks for runs and errands by itself."""

    takes_all = True

    def runs(self) -> list[int]:
        """Those to look at beyond what it finds by itself."""
        return []

    def weight(self, run_id: int, language_model: str) -> int:
        """This run's share of the language model, against those of others. 0: nothing may be claimed."""
        return 1

    def claimed(self, run_id: int, language_model: str, attempts: Collection[int], *, was_last: bool) -> None:
        """Attempts were claimed; `was_last` where fewer were free than wanted."""

    def settle(self, run_id: int, under_way: Collection[int]) -> None:
        """The run goes on elsewhere, but for these attempts."""

    def drop(self, run_id: int, under_way: Collection[int]) -> None:
        """The run may not be worked on any more; these attempts are being given back."""

    def errands(self, kind: str) -> Q:
        """Those of this kind that may be taken."""
        return EVERY_ONE

    def close(self) -> None:
        """The worker stops."""


@dataclass(eq=False)
class Permit:
    """One batch in the hands of a worker. `closed` is done when it claims no more, `ended` when its attempts have ended too."""

    run_id: int
    language_model: str
    closed: Future = field(default_factory=Future)
    ended: Future = field(default_factory=Future)
    attempts: set[int] = field(default_factory=set)
    n_claimed: int = 0
    until: float | None = None

    def close(self) -> None:
        if not self.closed.done():
            self.closed.set_result(None)

    def settle(self, under_way: Collection[int]) -> None:
        """End where it is closed and nothing of its own is left."""
        self.attempts.intersection_update(under_way)
        if self.closed.done() and not self.attempts and not self.ended.done():
            self.ended.set_result(None)


class Permits:
    """The placed worker's: what its batches allow, each for a while."""

    takes_all = False

    def __init__(self):
        self._permits: list[Permit] = []
        self._errands: dict[tuple[str, int], float] = {}

    def want(self, kind: str, pk: int) -> None:
        """Take this errand."""
        self._errands[kind, pk] = time.monotonic() + ERRAND_SECONDS

    def errands(self, kind: str) -> Q:
        now = time.monotonic()
        self._errands = {errand: until for errand, until in self._errands.items() if until > now}
        return Q(pk__in=[pk for each, pk in self._errands if each == kind])

    def add(self, permit: Permit) -> None:
        self._permits.append(permit)

    def runs(self) -> list[int]:
        """What had its time claims no more."""
        now = time.monotonic()
        for permit in self._permits:
            if permit.until is not None and now >= permit.until:
                permit.close()
        self._permits = [permit for permit in self._permits if not permit.ended.done()]
        return sorted({permit.run_id for permit in self._permits})

    def weight(self, run_id: int, language_model: str) -> int:
        return len(self._open(run_id, language_model))

    def claimed(self, run_id: int, language_model: str, attempts: Collection[int], *, was_last: bool) -> None:
        """The clock of a batch starts with its first attempt: one that waits for a model to load loses nothing."""
        now = time.monotonic()
        for number, permit in enumerate(mine := self._open(run_id, language_model)):
            if attempts and permit.until is None:
                permit.until = now + CLAIMING_SECONDS
            part = list(attempts)[number :: len(mine)]
            permit.attempts.update(part)
            permit.n_claimed += len(part)
            if was_last:
                permit.close()

    def settle(self, run_id: int, under_way: Collection[int]) -> None:
        for permit in self._permits:
            if permit.run_id == run_id:
                permit.settle(under_way)

    def drop(self, run_id: int, under_way: Collection[int]) -> None:
        for permit in self._permits:
            if permit.run_id == run_id:
                permit.close()
                permit.settle(under_way)

    def close(self) -> None:
        for permit in self._permits:
            permit.close()
            permit.settle(())

    def _open(self, run_id: int, language_model: str) -> list[Permit]:
        # A run that cannot be read has one batch for no language model, which is closed with the run.
        mine = (each for each in self._permits if (each.run_id, each.language_model) == (run_id, language_model))
        return [each for each in mine if not each.closed.done()]
