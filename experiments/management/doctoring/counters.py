"""Whether the counters of runs say what their rows say."""

from collections.abc import Iterator

from django.db import transaction
from django.db.models import Count, F, Q, Sum
from django.db.models.fields.json import KeyTextTransform

from ...models import Attempt, Call, Grade, Run, Sample
from .registry import Exam, Seen, check, fault, ok

_CENT_FRACTION = 1e-6
_SHOWN = 5


@check("counters of runs")
def counters(exam: Exam) -> Iterator[Seen]:
    """Of runs that nobody is working on: the others' change while they are read."""
    wrong = {run_id: found for run_id, found in differing().items() if found}
    for run_id, found in list(wrong.items())[:_SHOWN]:
        said = ", ".join(f"{name} is {is_now:g} instead of {should:g}" for name, (is_now, should) in found.items())
        yield fault(f"Run {run_id}: {said}.", "Run: manage.py doctor --fix", lambda run_id=run_id: set_right(run_id))
    if len(wrong) > _SHOWN:
        rest = list(wrong)[_SHOWN:]
        yield fault(
            f"{len(rest)} further runs' counters disagree with their rows.",
            "Run: manage.py doctor --fix",
            lambda: " ".join(set_right(run_id) for run_id in rest),
        )
    if not wrong:
        yield ok("They say what the rows say.")


def differing(run_id: int | None = None) -> dict[int, dict[str, tuple[float, float]]]:
    """By run: each counter that is wrong, as it is and as its rows have it."""
    runs = Run.objects.filter(~Q(state__in=[Run.State.QUEUED, Run.State.RUNNING]) if run_id is None else Q(pk=run_id))
    counted = _counted(runs)
    found = {}
    for run in runs.defer("config"):
        should = {**dict.fromkeys(_NAMES, 0), **counted.get(run.pk, {})}
        found[run.pk] = {
            name: (getattr(run, name), value)
            for name, value in should.items()
            if abs(getattr(run, name) - value) > (_CENT_FRACTION * max(1, abs(value)) if name == "cost" else 0)
        }
    return found


def set_right(run_id: int) -> str:
    with transaction.atomic():
        Run.objects.select_for_update().get(pk=run_id)
        wrong = differing(run_id)[run_id]
        Run.objects.filter(pk=run_id).update(**{name: should for name, (_, should) in wrong.items()})
    return f"Counted run {run_id} again."


_NAMES = (
    *("n_attempts", "n_attempts_done", "n_attempts_failed", "n_samples", "n_samples_failed", "n_cut_off"),
    *("n_graded", "n_correct", "n_unparsed", "n_grader_timeouts"),
)


def _counted(runs) -> dict[int, dict[str, float]]:
    """As `storing` counts them while the run goes on. Runs without a ledger, imported ones, know their cost by other means."""
    attempts = (
        Attempt.objects.filter(run__in=runs)
        .values("run")
        .order_by()
        .annotate(
            n_attempts=Count("pk"),
            n_attempts_done=Count("pk", filter=Q(state=Attempt.State.DONE)),
            n_attempts_failed=Count("pk", filter=Q(state=Attempt.State.FAILED)),
        )
    )
    samples = (
        Sample.objects.filter(run__in=runs)
        .exclude(purpose=Sample.Purpose.JUDGE)
        .values("run")
        .order_by()
        .annotate(
            n_samples=Count("pk"),
            n_samples_failed=Count("pk", filter=Q(finish_reason=Sample.FinishReason.FAILED)),
            n_cut_off=Count("pk", filter=Q(finish_reason=Sample.FinishReason.LENGTH)),
        )
    )
    verdict = Grade.Verdict
    own = Grade.objects.filter(run__in=runs).filter(grader=KeyTextTransform("key", KeyTextTransform("grader", F("run__config"))))
    grades = (
        own.values("run")
        .order_by()
        .annotate(
            n_graded=Count("pk", filter=~Q(verdict=verdict.FAILED)),
            n_correct=Count("pk", filter=Q(verdict=verdict.CORRECT)),
            n_unparsed=Count("pk", filter=Q(verdict=verdict.UNPARSED)),
            n_grader_timeouts=Count("pk", filter=Q(verdict=verdict.TIMED_OUT)),
        )
    )
    calls = Call.objects.filter(run__in=runs).values("run").order_by().annotate(n_calls=Count("pk"), cost=Sum("cost"))
    found: dict[int, dict[str, float]] = {}
    for rows in (attempts, samples, grades, calls):
        for row in rows:
            found.setdefault(row.pop("run"), {}).update(row)
    return found
