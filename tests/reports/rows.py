"""Runs with finished attempts, written row by row."""

from experiments.models import Attempt, Run, Sample
from tests.factories import make_sample


def finish_attempt(attempt: Attempt, *verdicts: tuple[str, str | None], **summary) -> list[Sample]:
    """Store a sample per (verdict, canonical answer) and end the attempt, with the summary columns a worker would write."""
    samples = [
        make_sample(attempt, i, verdict=verdict, canonical=answer, mean_logprob=-0.1 * (i + 1), completion_tokens=10 + i)
        for i, (verdict, answer) in enumerate(verdicts)
    ]
    Attempt.objects.filter(pk=attempt.pk).update(state=Attempt.State.DONE, n_samples=len(samples), **summary)
    return samples


def finish_all(run: Run, *verdicts: tuple[str, str | None]) -> None:
    for attempt in run.attempts.all():
        finish_attempt(attempt, *verdicts)
