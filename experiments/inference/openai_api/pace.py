"""How many calls per second: what was configured, and what the endpoint's rejections teach. Pure: time is handed in."""

from collections import deque

# Of the rate at which a call was turned away this share is kept, and it then rises by _CREEP per second: with a steady
# limit that is one rejection in about ten seconds, at 98.5% of the limit on average.
_KEPT = 0.97
_CREEP = 0.003
# After this long without a rejection the limit has probably gone up, and the rate rises by _STRIDE per second, as it
# does from a rough first guess.
_CALM_SECONDS = 10.0
_STRIDE = 0.08
_WINDOW_SECONDS = 5.0
# One call in ten seconds goes whatever the endpoint says: it is how a raised limit is noticed.
_SLOWEST = 0.1
# Calls that a late timer may let through at once.
_BURST = 3


class Pace:
    """Calls leave evenly spaced at `rate` per second; None as long as nothing limits them."""

    def __init__(self, most_per_second: float | None):
        self.rate = most_per_second
        self._most = most_per_second
        self._next_at = float("-inf")
        self._sent_at: deque[float] = deque()
        self._rejected_at: deque[float] = deque()
        self._lowered_at = float("-inf")
        self._began_at: float | None = None
        self._is_searching = False  # the rate is a rough guess, from too many or too few calls

    def allow(self, most_per_second: float | None) -> None:
        """From now on at most so many; None where that is not known."""
        if self.rate is not None and most_per_second is not None:
            self.rate = most_per_second if self.rate == self._most else min(self.rate, most_per_second)
        self._most = most_per_second

    def ready_at(self) -> float:
        """When the next call may leave."""
        return self._next_at

    def sent(self, now: float) -> None:
        if self._began_at is None:
            self._began_at = now
        self._sent_at.append(now)
        self._forget(now)
        if self.rate is not None:
            interval = 1 / self.rate
            self._next_at = max(self._next_at, now - _BURST * interval) + interval

    def answered(self, now: float) -> None:
        """A call was not turned away for coming too often."""
        self._forget(now)
        if self.rate is not None and self._rate_accepted(now) > 0.8 * self.rate:
            gain = _STRIDE if self._is_searching or now - self._lowered_at > _CALM_SECONDS else _CREEP
            # Added once per answer, so `rate` times a second.
            self.rate = min(self.rate + gain, self._most or float("inf"))

    def rejected(self, now: float) -> None:
        """A call came too early. The rate falls at most once a second, since one excess turns several calls away."""
        self._rejected_at.append(now)
        self._forget(now)
        if now - self._lowered_at < 1.0:
            return
        self._lowered_at = now
        accepted = self._rate_accepted(now)
        was = accepted if self.rate is None else self.rate
        # Far fewer were accepted than the rate allows: it was never the true limit, so learn from what passed. At most to a
        # quarter at a time, for a lull also lowers what passed.
        is_far_off = accepted < 0.7 * was
        self.rate = max(_SLOWEST, _KEPT * (max(accepted, was / 4) if is_far_off else was))
        self._is_searching = is_far_off

    def _rate_accepted(self, now: float) -> float:
        """Calls per second lately that were not turned away; those still under way count as accepted."""
        seconds = min(_WINDOW_SECONDS, max(now - self._began_at, 0.1))
        return max(len(self._sent_at) - len(self._rejected_at), 1) / seconds

    def _forget(self, now: float) -> None:
        for times in (self._sent_at, self._rejected_at):
            while times and times[0] < now - _WINDOW_SECONDS:
                times.popleft()


class TokenBudget:
    """Tokens per minute. Room for ten seconds' worth gathers; a call larger than that goes when the room is full."""

    def __init__(self, per_minute: float | None):
        self._at = float("-inf")
        self._left = (per_minute or 0) / 6
        self.allow(per_minute)

    def allow(self, per_minute: float | None) -> None:
        """From now on at most so many."""
        self._per_second = per_minute / 60 if per_minute else None
        self._room = (per_minute or 0) / 6
        self._left = min(self._left, self._room)

    def ready_at(self, now: float, tokens: int) -> float:
        """When a call of so many tokens may leave."""
        if self._per_second is None:
            return now
        self._refill(now)
        return now + max(0.0, min(tokens, self._room) - self._left) / self._per_second

    def spend(self, now: float, tokens: int) -> None:
        """Negative tokens give back what was set aside and not used."""
        if self._per_second is not None:
            self._refill(now)
            self._left = min(self._room, self._left - tokens)

    def _refill(self, now: float) -> None:
        if now > self._at:
            passed = now - self._at if self._at > float("-inf") else 0.0
            self._left = min(self._room, self._left + passed * self._per_second)
            self._at = now
