"""How a run stands, in words: what it waits for, why it stopped, what a reader can do about it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ..models import Run, Worker
from ..models.shares import full_share

# Workers report every few seconds; after this long without a word one counts as gone.
SILENCE = timedelta(seconds=20)

START_ONE = "Start one with “manage.py worker”, or stop and start the whole of Assay with “make run”."


@dataclass(frozen=True)
class Standing:
    """`text` is empty where nothing needs saying. `tone` is "info", "warning" or "error"."""

    text: str = ""
    tone: str = "info"


def standing(run: Run, now: datetime) -> Standing:
    """What to say above the run's results."""
    state = Run.State(run.state)
    if state == Run.State.FAILED:
        return Standing(run.reason or "The run failed; the worker's log has the details.", "error")
    if state == Run.State.PAUSED:
        return Standing(run.reason or "Paused. What is stored stays; resuming goes on where it stopped.", "warning")
    if state == Run.State.CANCELLED:
        return Standing("Cancelled. What was stored before stays and can be exported.")
    if state == Run.State.COMPLETED:
        return Standing()
    if not Worker.objects.filter(stopped_at=None, heartbeat_at__gt=now - SILENCE).exists():
        waits = "waits in the queue" if state == Run.State.QUEUED else "stands still; nothing stored is lost"
        return Standing(f"No worker is alive, so the run {waits}. {START_ONE}", "warning")
    if share := full_share(run):
        waits = "Waits for a place" if state == Run.State.QUEUED else "Held to its share"
        return Standing(f"{waits}: {share.in_words}. It goes on by itself as they end.")
    return Standing("In the queue: a worker takes it up next.") if state == Run.State.QUEUED else Standing()
