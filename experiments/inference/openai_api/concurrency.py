"""How many calls at once: more while all goes well, fewer at the first sign of too many (AIMD). Pure: time is handed in."""

# Calls at once to begin with; the limit then doubles per round trip until the endpoint first objects.
_FIRST_LIMIT = 64
_MOMENT_SECONDS = 1.0
_MILD, _HARD = 0.9, 0.5


class Concurrency:
    """`limit` calls may be under way, never more than `most`."""

    def __init__(self, most: int):
        self._most = most
        self._limit = float(min(most, _FIRST_LIMIT))
        self._never_shrunk = True
        self._shrunk_at = float("-inf")

    @property
    def limit(self) -> int:
        return max(1, int(self._limit))

    def allow(self, most: int) -> None:
        """From now on at most so many."""
        self._most = most
        self._limit = min(self._limit, most)

    def grow(self, n_under_way: int) -> None:
        """A call was answered. Only a limit that is used up says anything about whether more would do."""
        if n_under_way >= self.limit:
            self._limit = min(self._most, self._limit + (1 if self._never_shrunk else 1 / self._limit))

    def shrink(self, now: float, sent_at: float, hard: bool) -> None:
        """A call was turned away. Those that left before the last shrink tell nothing new about the smaller limit.

        Neither do those that come back within a moment: calls turned away at once would shrink it to nothing.
        """
        if sent_at >= self._shrunk_at and now - self._shrunk_at >= _MOMENT_SECONDS:
            self._limit = max(1.0, self._limit * (_HARD if hard or self._never_shrunk else _MILD))
            self._never_shrunk = False
            self._shrunk_at = now
