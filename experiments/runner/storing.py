"""What the writer does to the database: a group of facts in one transaction, with the run's counters."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import F

from ..models import Attempt, Call, Grade, Run, Sample, VerifierScore, WorkerDraft, clock
from ..models.news import announce
from .caps import Obstacle
from .drafts import Place
from .storing_calls import store_calls


@dataclass(frozen=True)
class AttemptEnding:
    """An attempt leaves this worker: done or failed for good, or pending again when it was interrupted."""

    run_id: int
    attempt_id: int
    worker_id: int
    state: str
    error: str = ""
    summary: dict = field(default_factory=dict)
    n_texts_off: int = 0  # texts it took, less those that were planned


Key = tuple[int, str, int] | str | None
Fact = Sample | VerifierScore | Grade | AttemptEnding | Call


def store(facts: list[Fact], drafts: dict[Place, list[dict]], busy_seconds: dict[int, float]) -> dict[Key, Sample | Obstacle]:
    """Store all or nothing. Returns by key the samples as they are stored, and what stands in the way of calls.

    What is stored already stays as it is and is not counted twice: after a lease ran out two workers may bring the
    same draw, and the first one counts.
    """
    counters: dict[int, Counter] = defaultdict(Counter)
    with transaction.atomic():
        stored: dict[Key, Sample | Obstacle] = store_calls([fact for fact in facts if isinstance(fact, Call)], counters)
        VerifierScore.objects.bulk_create([fact for fact in facts if isinstance(fact, VerifierScore)], ignore_conflicts=True)
        for fact in facts:
            if isinstance(fact, AttemptEnding):
                _end_attempt(fact, counters)
        for (run_id, worker_id), texts in drafts.items():
            WorkerDraft.objects.overwrite(run_id, worker_id, texts)
        for run_id, seconds in busy_seconds.items():
            counters[run_id]["busy_seconds"] += seconds
        # Last, since other workers of the same run wait from here on.
        samples, grades = ([fact for fact in facts if isinstance(fact, kind)] for kind in (Sample, Grade))
        if samples or grades:
            Run.objects.filter(pk__in=counters.keys() | {row.run_id for row in (*samples, *grades)}).take_turns()
            stored |= _store_samples(samples, counters)
            _store_grades(grades, counters)
        for run_id, counts in sorted(counters.items()):
            Run.objects.filter(pk=run_id).update(**{name: F(name) + count for name, count in counts.items()})
        shown = {fact.run_id for fact in facts if isinstance(fact, Sample | Grade | AttemptEnding)}
        announce(shown | {run_id for run_id, _ in drafts})
    return stored


def _store_samples(rows: list[Sample], counters: dict[int, Counter]) -> dict[tuple, Sample]:
    if not rows:
        return {}
    known = Sample.objects.filter(
        attempt_id__in={row.attempt_id for row in rows},
        request_hash__in={row.request_hash for row in rows},
        occurrence__in={row.occurrence for row in rows},
    )
    stored = {journal_key(row): row for row in known}
    new = [row for row in rows if journal_key(row) not in stored]
    now = clock.now()
    for row in new:
        row.pk = None  # an earlier try may have been rolled back after numbering it
        row.created_at = now
    for row in Sample.objects.bulk_create(new):
        stored[journal_key(row)] = row
        counts = counters[row.run_id]
        if row.purpose != Sample.Purpose.JUDGE:
            counts["n_samples"] += 1
            counts["n_samples_failed"] += row.finish_reason == Sample.FinishReason.FAILED
            counts["n_cut_off"] += row.finish_reason == Sample.FinishReason.LENGTH
        if row.reused_from_id:
            counts["n_reused"] += 1
            continue
        counts["prompt_tokens"] += row.prompt_tokens
        counts["cached_tokens"] += row.cached_tokens
        counts["completion_tokens"] += row.completion_tokens
        counts["reasoning_tokens"] += row.reasoning_tokens
        counts["n_usage_estimated"] += row.usage_is_estimated
    return stored


def _store_grades(rows: list[Grade], counters: dict[int, Counter]) -> None:
    if not rows:
        return
    known = set(Grade.objects.filter(sample_id__in=[row.sample_id for row in rows]).values_list("sample_id", "grader"))
    new = [row for row in rows if (row.sample_id, row.grader) not in known]
    for row in new:
        row.pk = None
    for row in Grade.objects.bulk_create(new):
        counts = counters[row.run_id]
        # A failed sample has a verdict, so that it is listed, but there was no text to grade.
        counts["n_graded"] += row.verdict != Grade.Verdict.FAILED
        counts["n_correct"] += row.verdict == Grade.Verdict.CORRECT
        counts["n_unparsed"] += row.verdict == Grade.Verdict.UNPARSED
        counts["n_grader_timeouts"] += row.verdict == Grade.Verdict.TIMED_OUT


def _end_attempt(ending: AttemptEnding, counters: dict[int, Counter]) -> None:
    held = Attempt.objects.filter(pk=ending.attempt_id)
    if ending.state == Attempt.State.PENDING:
        held.release(ending.worker_id)
    elif held.finish(ending.worker_id, ending.state, error=ending.error, **ending.summary):
        counters[ending.run_id]["n_samples_planned"] += ending.n_texts_off if ending.state == Attempt.State.DONE else 0
        counters[ending.run_id]["n_attempts_done"] += ending.state == Attempt.State.DONE
        counters[ending.run_id]["n_attempts_failed"] += ending.state == Attempt.State.FAILED


def key_of(fact: Fact) -> Key:
    """Under which `store` answers about the fact; None where there is no answer."""
    if isinstance(fact, Sample):
        return journal_key(fact)
    return fact.key if isinstance(fact, Call) else None


def journal_key(row: Sample) -> tuple[int, str, int]:
    return row.attempt_id, row.request_hash, row.occurrence


def pause_runs(run_ids: Iterable[int], reason: str) -> None:
    for run in Run.objects.workable().filter(pk__in=run_ids):
        run.pause(reason)
