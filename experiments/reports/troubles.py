"""What went wrong on the way to an attempt's samples: broken calls, and tokens that had to be estimated."""

from dataclasses import dataclass

from django.db.models import Count, Q

from ..models import Attempt, Call


@dataclass(frozen=True)
class Troubles:
    """Counts of one attempt. `n_calls_cut` are those of the failed calls whose text had begun and broke off."""

    n_samples: int
    n_usage_estimated: int
    n_calls: int
    n_calls_failed: int
    n_calls_cut: int

    def __bool__(self) -> bool:
        return bool(self.n_usage_estimated or self.n_calls_failed)


def troubles_of(attempt: Attempt) -> Troubles:
    """Judges' texts are among its samples, because they are paid like the others. Two queries."""
    samples = attempt.samples.aggregate(n=Count("pk"), estimated=Count("pk", filter=Q(usage_is_estimated=True)))
    failed, cut = Q(state=Call.State.FAILED), Q(is_cut=True)
    calls = attempt.calls.aggregate(n=Count("pk"), failed=Count("pk", filter=failed), cut=Count("pk", filter=cut))
    return Troubles(samples["n"], samples["estimated"], calls["n"], calls["failed"], calls["cut"])
