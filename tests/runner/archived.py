"""A run with something in every member of its archive."""

from datetime import UTC, datetime

from experiments.models import (
    Attempt,
    Call,
    Dataset,
    Experiment,
    Finding,
    Grade,
    HumanVerdict,
    LanguageModel,
    Note,
    ProblemMark,
    Prompt,
    Regrading,
    ReviewFile,
    ReviewItem,
    ReviewSet,
    Run,
    Sample,
    Scoring,
    TextRemoval,
    User,
    Variant,
    VerifierScore,
)
from experiments.reports.findings import refresh
from tests.factories import make_experiment, make_run, make_sample, make_user, make_variant
from tests.runner.working import work_until_idle

AT = datetime(2026, 3, 1, 12, 30, 15, 123456, UTC)


def make_worked_run(**fields) -> Run:
    """Completed by a worker, with its findings."""
    run = make_run(make_experiment(**{"n": 4, "problems": 3, **fields}), user=User.objects.filter(username="ann").first())
    work_until_idle()
    refresh(run.pk)
    run.refresh_from_db()
    return run


def make_small_run(**fields) -> Run:
    """Completed without a worker: a right and a wrong answer to each of two problems."""
    run = make_run(**{"n": 2, "problems": 2, **fields})
    for attempt in run.attempts.all():
        make_sample(attempt)
        make_sample(attempt, 1, "The answer is 4.", "wrong")
    run.attempts.update(state=Attempt.State.DONE, n_samples=2, n_correct=1, finished_at=AT)
    Run.objects.filter(pk=run.pk).update(state=Run.State.COMPLETED, n_samples=4, n_attempts_done=2, finished_at=AT)
    run.refresh_from_db()
    return run


def forget_everything() -> None:
    """All that runs are made of, so that nothing is found where one is restored; people stay."""
    for model in (Run, Experiment, Dataset, Prompt, LanguageModel):
        model.objects.all().delete()


def make_full_run() -> Run:
    """Completed, and then marked, noted, scored, paid for and reviewed by people."""
    ann, ben = make_user(name="ann"), make_user(name="ben")
    first = make_variant("Say {{ question }}", name="terse")
    second = Variant.objects.write(first.prompt, "terse", "Be brief.", "Say {{ question }} “now”", author=ann)
    run = make_worked_run(variants=[second])
    run.tag("kept, sums")
    attempt = run.attempts.order_by("pk").first()
    samples = list(run.samples.order_by("pk"))
    Sample.objects.filter(pk=samples[1].pk).update(parent=samples[0], tokens=Sample.pack_tokens((1, 2, 300)))
    Sample.objects.filter(pk=samples[2].pk).update(
        mean_logprob=float("-inf"), measures={"large": 1e22, "none": -0.0, "small": 1.5e-7}
    )
    Sample.objects.filter(pk=samples[4].pk).update(text="NUL \0, mark \ufdd0 and \ufdd00000")
    run.attempts.filter(pk=attempt.pk).update(trace={"odd \0": ["half \udfff"]}, error="half \ud800")
    other = make_run(run.experiment)
    copied = Sample(
        run=other, attempt=other.attempts.first(), index=0, seed=1, occurrence=0, request_hash="0" * 32, created_at=AT
    )
    copied.save()
    Sample.objects.filter(pk=samples[3].pk).update(reused_from=copied)
    Grade.objects.create(run=run, sample=samples[0], grader="second", verdict="wrong", score=0.25, details={"parts": [1, None]})
    VerifierScore.objects.create(sample=samples[0], verifier="judge:1", score=None, details={"n": 0})
    Finding.objects.filter(run=run).update(updated_at=AT)
    Note.objects.create(run=run, author=ben, text="Look at p1 — “odd”\nline two")
    ProblemMark.objects.create(
        identity=attempt.problem.identity, problem=attempt.problem, kind="suspect", note="3 or 4?", author=ann
    )
    Regrading.objects.create(run=run, key="second", grader="exact", state="completed", started_by=ann, finished_at=AT)
    Scoring.objects.create(run=run, key="judge:1", config={"verifiers": [], "language_models": []}, state="paused", reason="cap")
    TextRemoval.objects.create(run=run, n_samples=0, archive="here.zip", finished_at=AT)
    _pay(run, attempt)
    _review(run, samples, ann, ben)
    run.refresh_from_db()
    return run


def _pay(run: Run, attempt: Attempt) -> None:
    place = {"run": run, "attempt": attempt, "language_model": "m", "request_hash": "a" * 32, "occurrence": 0, "try_number": 1}
    Call.objects.create(
        key="1" * 32, state="answered", sent_at=AT, cost=0.125, most_cost=1, occurrences=[0, 1], status=200, **place
    )
    Call.objects.create(key="2" * 32, state="lost", sent_at=AT, cost=0.5, most_cost=0.5, usage_is_estimated=True, **place)
    Run.objects.filter(pk=run.pk).update(cost=0.625, n_calls=2, spending_cap=2.0)


def _review(run: Run, samples: list[Sample], ann: User, ben: User) -> None:
    asked = {
        "conditions": [f"{run.pk}.{condition.key}" for condition in run.conditions.all()],
        "choice": {"how": "all", "texts_per_attempt": 1, "at_most": None, "n_found": 3},
        "rubric": [{"key": "clear", "title": "Clear", "low": 1, "high": 5}],
    }
    review_set = ReviewSet.objects.create(name="reading", seed=5, created_by=ann, kind="pairs", **asked)
    pair = ReviewItem.objects.create(review_set=review_set, position=0, sample=samples[0], other=samples[1])
    file = ReviewFile.objects.create(review_set=review_set, name="back.csv", sha256="f" * 64, taken_in_by=ben, counts={"new": 1})
    HumanVerdict.objects.create(
        item=pair, reviewer="someone outside", verdict="left", scores={"clear": 4}, source="file", file=file, row=2, given_by=ben
    )
    HumanVerdict.objects.create(item=pair, reviewer="ann", verdict="tie", source="page", seconds=3.5, given_by=ann)
