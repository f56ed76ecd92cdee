"""Which attempts under way look stuck, and why."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from functools import reduce
from operator import or_
from statistics import median

from django.db.models import Q

from ..models import Attempt
from .vital_signs import WorkerSigns

# Attempts are taken in the order of their positions, so the latest that ended lie around as many as have ended.
NEIGHBOURS = 50
MOST_RUNS = 20
FEWEST_ENDED = 5
#: This many times what the run's attempts usually take, and never less than this many seconds, is suspicious.
TIMES_TYPICAL = 10
SHORTEST_SUSPICIOUS_SECONDS = 300


def typical_seconds(held: Collection[Attempt]) -> dict[int, float]:
    """By run, the median time from claim to end of its attempts that ended lately, where some did. One query."""
    runs = list({attempt.run_id: attempt.run for attempt in held}.values())[:MOST_RUNS]
    if not runs:
        return {}
    places = [(run.pk, run.n_attempts_done + run.n_attempts_failed) for run in runs]
    near = reduce(or_, (Q(run=pk, position__range=(max(0, n - NEIGHBOURS), n + NEIGHBOURS)) for pk, n in places))
    ended = Attempt.objects.filter(near, claimed_at__isnull=False, finished_at__isnull=False).order_by()
    took = defaultdict(list)
    for run_id, claimed_at, finished_at in ended.values_list("run_id", "claimed_at", "finished_at"):
        took[run_id].append((finished_at - claimed_at).total_seconds())
    return {run_id: median(seconds) for run_id, seconds in took.items() if len(seconds) >= FEWEST_ENDED}


def why_stuck(attempt: Attempt, worker: WorkerSigns | None, now: datetime, typical: float | None) -> str:
    """A sentence, or nothing where all looks well. `typical` seconds its run's attempts take, if that is known."""
    if attempt.lease_until is None or attempt.lease_until < now:
        return "Its lease ran out and nobody took it over."
    if worker is None or worker.is_stopped:
        return "Its worker has stopped."
    if worker.is_silent:
        return f"Its worker was not heard of for {worker.heartbeat_age:.0f} s."
    if typical is None or attempt.claimed_at is None:
        return ""
    held = (now - attempt.claimed_at).total_seconds()
    if held <= max(TIMES_TYPICAL * typical, SHORTEST_SUSPICIOUS_SECONDS):
        return ""
    return f"It has been under way for {held / 60:.0f} min; the run's latest attempts took {typical:.1f} s (median)."
