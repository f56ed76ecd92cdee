"""The worker's questions to the database: which runs there are, and their next attempts. All of it runs in its thread."""

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from ..domain.errors import AssayError
from ..inference.base import EndpointDown
from ..models import Attempt, Call, Grade, Run, Sample, VerifierScore, WorkerDraft, clock
from .execution import Claimed
from .reuse import reusable_answers
from .shares import room_for


def states_of_runs(held: list[int], with_workable: bool = True) -> dict[int, str]:
    """State by run: of those this worker has to do with, and of all that may be worked on. Then pauses in time end, too."""
    wanted = Q(pk__in=held)
    if with_workable:
        end_pauses()
        wanted |= Q(state__in=[Run.State.QUEUED, Run.State.RUNNING])
    return dict(Run.objects.filter(wanted).order_by("pk").values_list("pk", "state"))


def end_pauses() -> None:
    """Those whose time is over."""
    for run in Run.objects.paused_for_a_while().filter(resume_at__lte=Now()):
        run.resume_by_itself()


def claim(run_id: int, worker_id: int, conditions: list[str], limit: int, lease_seconds: float) -> list[Claimed]:
    """Lease up to `limit` of the run's next attempts under these conditions, with what is stored of them."""
    with transaction.atomic():
        run = Run.objects.workable().select_related("started_by", "experiment__team").filter(pk=run_id).first()
        if run is None:
            return []
        room = room_for(run)
        limit = limit if room is None else min(limit, room)
        attempts = Attempt.objects.filter(condition__key__in=conditions).claim(run, worker_id, limit, lease_seconds)
        if attempts:
            # Their workers are dead, or else slow and will still say what the calls cost.
            Call.objects.filter(attempt__in=attempts).exclude(worker=worker_id).give_up()
            # The run's row last, as whoever stores results has it.
            run.start()
    samples = list(Sample.objects.filter(attempt__in=attempts))
    grades = list(Grade.objects.filter(sample__attempt__in=attempts))
    scores = list(VerifierScore.objects.filter(sample__attempt__in=attempts))
    answers = reusable_answers(run, attempts)
    attempt_of = {row.pk: row.attempt_id for row in samples}
    return [
        Claimed(
            attempt=attempt,
            samples=[row for row in samples if row.attempt_id == attempt.pk],
            scores=[row for row in scores if attempt_of.get(row.sample_id) == attempt.pk],
            grades=[row for row in grades if attempt_of.get(row.sample_id) == attempt.pk],
            answers=answers.get(attempt.pk, {}),
        )
        for attempt in attempts
    ]


def has_open_attempts(run_id: int, conditions: list[str] | None = None) -> bool:
    """Whether any attempt is still to be done, under these conditions or else at all."""
    attempts = Attempt.objects.filter(run=run_id, state__in=[Attempt.State.PENDING, Attempt.State.RUNNING])
    return (attempts if conditions is None else attempts.filter(condition__key__in=conditions)).exists()


def finish_run(run_id: int) -> None:
    """Complete the run, or fail it where no attempt came to anything."""
    run = Run.objects.get(pk=run_id)
    attempts = Attempt.objects.filter(run=run)
    if attempts.filter(state=Attempt.State.DONE).exists():
        run.complete()
    else:
        first = attempts.order_by("position").first()
        run.fail(f"Every attempt failed. The first one: {first.error}")


def hold_run(run_id: int, obstacle: AssayError) -> None:
    """Pause it: until a person has acted, or while an endpoint is down until it is worth asking again."""
    resume_at = clock.at(obstacle.retry_at) if isinstance(obstacle, EndpointDown) else None
    Run.objects.get(pk=run_id).pause(str(obstacle), resume_at)


def resume_by_itself(run_id: int) -> None:
    Run.objects.get(pk=run_id).resume_by_itself()


def any_paused_for_a_while() -> bool:
    return Run.objects.paused_for_a_while().exists()


def fail_run(run_id: int, reason: str) -> None:
    Run.objects.get(pk=run_id).fail(reason)


def clear_stale_drafts() -> None:
    """Texts that a killed worker was writing for a run nobody will write on."""
    WorkerDraft.objects.exclude(run__in=Run.objects.workable()).clear()
