"""One run's messages, one after the other. Plain and synchronous; the follower calls it in a thread."""

from dataclasses import replace
from time import monotonic

from ..models import Run
from ..reports.cards import Card, wall
from ..reports.changes import Changes, Cursor, changes_since, failed_attempts, head
from ..reports.drawings import drawn_attempt
from . import render

ROWS_PER_MESSAGE = 25
# A worker that died changes no row of the run; its silence is noticed at this pace.
STATE_SECONDS = 2.0


class Feed:
    """Remembers what it told last, so that only pieces that look different travel."""

    def __init__(self, run_id: int):
        self._run_id = run_id
        self.cursor = head(run_id) or Cursor()
        self.is_finished = False
        self._failed = failed_attempts(run_id)
        self._rows_to_send: dict[int, None] = {}
        self._html: dict[str, str] = {}
        self._cards: dict[int, Card] = {}
        self._drawn: tuple[int, str] | None = None
        self._looked_at = 0.0

    @property
    def has_more(self) -> bool:
        """The next message need not wait for anything new."""
        return bool(self._rows_to_send)

    def next_message(self) -> render.Message | None:
        """What changed since the last call, or None."""
        changes = changes_since(self._run_id, self.cursor)
        if changes is None:
            self.cursor = head(self._run_id) or Cursor()
            return render.resync(self.cursor)
        is_new = changes.cursor != self.cursor
        if not (is_new or self.has_more):
            return self._passing_of_time()
        self._looked_at = monotonic()
        fresh = replace(changes, failed_attempts=changes.failed_attempts - self._failed)
        parts = self._parts(fresh)
        self.cursor = changes.cursor
        self._failed |= fresh.failed_attempts
        return render.message(self.cursor, fresh.samples, parts)

    def _passing_of_time(self) -> render.Message | None:
        """What looks different although nothing was stored."""
        if self.is_finished or monotonic() - self._looked_at < STATE_SECONDS:
            return None
        self._looked_at = monotonic()
        parts = self._present(render.fetch(self._run_id))
        return render.message(self.cursor, (), parts) if parts.html else None

    def _present(self, run: Run) -> render.Parts:
        self.is_finished = run.is_finished
        return render.Parts(self._different(render.present(run).html))

    def _parts(self, fresh: Changes) -> render.Parts:
        run = render.fetch(self._run_id)
        parts = self._present(run)
        parts.add(render.cards(run, self._different_cards(run)))
        if fresh.run_changed:
            parts.add(render.findings(run))
        parts.add(render.rows(run, self._next_rows(fresh)))
        parts.add(self._drawing(run, fresh))
        return parts

    def _drawing(self, run: Run, fresh: Changes) -> render.Parts:
        """Only where another attempt is drawn or the drawn one has new rows or ended."""
        shown = drawn_attempt(run)
        now = shown and (shown.pk, shown.state)
        if shown is None or (now == self._drawn and shown.pk not in fresh.attempts):
            return render.Parts()
        self._drawn = now
        return render.Parts(self._different(render.drawing(run, shown).html))

    def _different(self, html: dict[str, str]) -> dict[str, str]:
        different = {key: piece for key, piece in html.items() if self._html.get(key) != piece}
        self._html.update(different)
        return different

    def _different_cards(self, run: Run) -> list[Card]:
        different = [card for card in wall(run) if self._cards.get(card.place) != card]
        self._cards.update({card.place: card for card in different})
        return different

    def _next_rows(self, fresh: Changes) -> list[int]:
        self._rows_to_send.update(dict.fromkeys(fresh.attempts))
        rows = list(self._rows_to_send)[:ROWS_PER_MESSAGE]
        for attempt in rows:
            del self._rows_to_send[attempt]
        return rows
