"""How much cache the running texts will need before they end, from the lengths that texts like them had.

Gong et al. 2025, Past-Future Scheduler for LLM Serving under SLA Guarantees: lengths seen so far predict those to come, and
what matters is the peak of all texts together, because those that end early make room for those that end late.
"""

from collections import OrderedDict, deque
from collections.abc import Hashable, Sequence

import numpy as np

_LENGTHS_KEPT = 256
_KINDS_KEPT = 256


class Lengths:
    """The lengths of the latest finished texts of each kind."""

    def __init__(self):
        self._seen: OrderedDict[Hashable, deque[int]] = OrderedDict()

    def note(self, kind: Hashable, n_tokens: int) -> None:
        """Remember that a text of this kind ended after `n_tokens`."""
        self._seen.setdefault(kind, deque(maxlen=_LENGTHS_KEPT)).append(n_tokens)
        self._seen.move_to_end(kind)
        if len(self._seen) > _KINDS_KEPT:
            self._seen.popitem(last=False)

    def expected(self, kind: Hashable, n_written: int, limit: int) -> int:
        """How long a text that has `n_written` tokens and goes on will become: the mean of those that became longer.

        Of a kind that is new, or longer than any before, no more is known than that it has come this far: so far again.
        """
        longer = [length for length in self._seen.get(kind, ()) if length > n_written]
        guess = sum(longer) / len(longer) if longer else 2 * n_written
        return min(limit, max(round(guess), n_written + 1))


def peak(n_now: int, written: Sequence[int], remaining: Sequence[int]) -> int:
    """The most cells in use at any later moment, `n_now` being in use now.

    Each text has `written` cells of its own, takes one more at each of its `remaining` steps, and then gives back all of them.
    """
    order = np.argsort(remaining)
    steps, freed = np.array(remaining)[order], np.array(written)[order]
    still_writing = np.arange(len(steps), 0, -1)
    return n_now + int((still_writing * steps - (np.cumsum(freed) - freed)).max(initial=0))
