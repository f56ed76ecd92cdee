"""Whether the cache has room for one more text, so that none has to be preempted later."""

from collections.abc import Sequence

from .cache import Cache, common_prefix
from .lengths import Lengths, peak
from .running import Text


class Room:
    """Foresees how full the cache will become, from the lengths of texts that ended."""

    def __init__(self, cache: Cache, shares_prefixes: bool):
        self._cache = cache
        self._shares_prefixes = shares_prefixes
        self._lengths = Lengths()

    def note(self, text: Text) -> None:
        """Learn from a text that has ended."""
        self._lengths.note(text.kind, len(text.new_tokens))

    def has_place_for(self, newcomer: Text, running: Sequence[Text]) -> bool:
        """Whether all texts, as long as texts like them became, will have room beside the newcomer; alone it always fits."""
        if not running:
            return True
        promised = sum(self._n_outstanding(text, running) for text in running)
        shared = max(common_prefix(text.prompt, newcomer.prompt) for text in running) if self._shares_prefixes else 0
        n_now = self._cache.n_cells - self._cache.n_obtainable() + promised + newcomer.n_tokens - shared
        texts = [*running, newcomer]
        written = [len(text.new_tokens) for text in texts]
        return peak(n_now, written, [self._n_to_come(text) for text in texts]) <= self._cache.n_cells

    def _n_to_come(self, text: Text) -> int:
        n_written = len(text.new_tokens)
        return 0 if text.given else self._lengths.expected(text.kind, n_written, text.max_new_tokens) - n_written

    def _n_outstanding(self, text: Text, running: Sequence[Text]) -> int:
        """Tokens of a running text that will still need cells, those it will share with an earlier one left out."""
        if text.sequence is not None:
            return text.n_tokens - self._cache.n_tokens(text.sequence)
        earlier = running[: running.index(text)] if self._shares_prefixes else []
        return text.n_tokens - max((common_prefix(other.prompt, text.prompt) for other in earlier), default=0)
