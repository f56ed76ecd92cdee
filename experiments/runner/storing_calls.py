"""What the writer does to the ledger: calls are let through under the caps, and ended ones are booked."""

from collections import Counter, defaultdict
from collections.abc import Callable

from ..models import Attempt, Call, Spending
from ..models.calls import day_of
from .caps import Caps, Obstacle, keep_other_workers_out

#: In the way of a call whose worker was cut off for longer than its lease: another one makes it.
TAKEN_OVER = Obstacle("Another worker has taken the attempt over.", may_pass=False)

_KNOWN_AFTERWARDS = (
    *("state", "seconds", "status", "request_id", "note", "is_cut", "usage_is_estimated", "cost"),
    *("prompt_tokens", "cached_tokens", "completion_tokens", "reasoning_tokens"),
)


def store_calls(rows: list[Call], counters: dict[int, Counter]) -> dict[str, Obstacle]:
    """Returns what stands in the way, by key, of calls that may not leave; those are not in the ledger.

    Ended calls come first: what they did not use is free for those that want to leave. A call that ended before its
    beginning was stored never left. One that is stored already, since the answer to an earlier try was lost, is let through.
    """
    if not rows:
        return {}
    if any(row.state == Call.State.SENT and row.most_cost for row in rows):
        keep_other_workers_out()
    known = {row.key: row for row in Call.objects.filter(key__in=[row.key for row in rows])}
    ended = {row.key: row for row in rows if row.state != Call.State.SENT}
    _store_ended([row for key, row in ended.items() if key in known], known, counters)

    wanting = [row for row in rows if row.state == Call.State.SENT and row.key not in ended.keys() | known.keys()]
    held = _held(wanting)
    caps, obstacles, leaving = Caps(), {}, []
    for row in wanting:
        is_taken_over = row.needs_lease and (row.attempt_id, row.worker_id) not in held
        if obstacle := TAKEN_OVER if is_taken_over else caps.obstacle_to(row):
            obstacles[row.key] = obstacle
        else:
            leaving.append(row)
    for row in leaving:
        row.pk = None  # an earlier try may have been rolled back after numbering it
        counters[row.run_id]["n_calls"] += 1
    Call.objects.bulk_create(leaving)
    _book(leaving, lambda row: (0.0, row.most_cost))
    return obstacles


def _held(rows: list[Call]) -> set[tuple[int, int]]:
    """(attempt, worker) of what is leased, and stays so while the call leaves, also where the lease had just run out."""
    attempts: dict[int, set[int]] = defaultdict(set)
    for row in rows:
        if row.needs_lease:
            attempts[row.worker_id].add(row.attempt_id)
    return {(pk, worker) for worker, pks in attempts.items() for pk in Attempt.objects.filter(pk__in=pks).hold(worker)}


def _store_ended(rows: list[Call], known: dict[str, Call], counters: dict[int, Counter]) -> None:
    for row in rows:
        row.sent_at = known[row.key].sent_at  # the day it was reserved on, also where the clock was corrected since
    Call.objects.bulk_create(rows, update_conflicts=True, unique_fields=["key"], update_fields=_KNOWN_AFTERWARDS)
    for row in rows:
        counts = counters[row.run_id]
        counts["cost"] += row.cost - known[row.key].cost
        if row.state != known[row.key].state:
            counts["n_calls_failed"] += row.state == Call.State.FAILED
            counts["n_calls_cut"] += row.is_cut

    def change(row: Call) -> tuple[float, float]:
        before = known[row.key]
        # A call given up for lost was booked already, at the most it may have cost.
        return row.cost - before.cost, -before.most_cost if before.state == Call.State.SENT else 0.0

    _book(rows, change)


def _book(rows: list[Call], change: Callable[[Call], tuple[float, float]]) -> None:
    """Add each row's change of (spent, reserved) to its run's day."""
    sums: dict[tuple, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for row in rows:
        total = sums[row.run_id, day_of(row.sent_at)]
        cost, reserved = change(row)
        total[0] += cost
        total[1] += reserved
    for (run_id, day), (cost, reserved) in sorted(sums.items()):  # in one order everywhere, so that nobody waits in a circle
        Spending.objects.book(run_id, day, cost, reserved)
