"""The texts being written right now, kept in memory and handed to the writer a few times a second."""

import time

from ..statistics.text_measures import n_sentences, n_words

SECONDS_BETWEEN_WRITES = 0.2
TAIL_CHARACTERS = 400

#: (run, worker): each worker has a row of its own.
Place = tuple[int, int]


class DraftBoard:
    """A worker's unfinished texts, one list per run. Worth nothing once a text is stored, so losing it costs nothing."""

    def __init__(self, worker: int):
        self._worker = worker
        self._texts: dict[int, dict[tuple[int, int], dict]] = {}
        self._changed: set[int] = set()
        self._written_at: dict[int, float] = {}

    def write(self, run: int, attempt: int, problem: str, index: int, text: str) -> None:
        lengths = {"words": n_words(text), "sentences": n_sentences(text)}
        tail = text[-TAIL_CHARACTERS:]
        entry = {"attempt": attempt, "problem": problem, "index": index, "text": tail, "lengths": lengths}
        self._texts.setdefault(run, {})[attempt, index] = entry
        self._changed.add(run)

    def drop(self, run: int, attempt: int, index: int) -> None:
        """The text is finished or given up."""
        if self._texts.get(run, {}).pop((attempt, index), None):
            self._changed.add(run)

    @property
    def has_changes(self) -> bool:
        return bool(self._changed)

    def take_due(self, everything: bool = False) -> dict[Place, list[dict]]:
        """Texts in order, for runs that changed and, unless `everything`, were not written in the last moment."""
        now = time.monotonic()
        due = [run for run in self._changed if everything or now - self._written_at.get(run, 0) >= SECONDS_BETWEEN_WRITES]
        taken = {}
        for run in due:
            self._changed.discard(run)
            self._written_at[run] = now
            taken[run, self._worker] = [text for _, text in sorted(self._texts[run].items())]
            if not self._texts[run]:
                del self._texts[run]
        return taken
