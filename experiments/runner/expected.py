"""How much a run will write and how long that takes, from counters alone: told at once, however many conditions it has."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Sum

from ..models import Experiment, Run
from .planning import decoding_from
from .size import PlanSize

# The newest ones; the machine may have been busier or idler before.
MOST_RUNS = 5


@dataclass(frozen=True)
class Expectation:
    """`tokens` are written ones. `is_most`: the experiment was never run, so every text is taken to be as long as it may be.

    `time` is None where the experiment's models have written nothing yet that it could be told from.
    """

    tokens: float
    is_most: bool
    time: timedelta | None


def expectation(experiment: Experiment, size: PlanSize) -> Expectation:
    """`estimate_run` tells more, with intervals, and takes longer. Raises InvalidInput for a decoding that there cannot be."""
    per_sample = _per(experiment.runs.all(), "n_samples")
    tokens = size.n_samples * (per_sample or decoding_from(experiment.decoding).max_tokens)
    # Filtered by key: joined to the conditions, a run would come once for each of them.
    alike = Run.objects.filter(experiment__language_models__in=experiment.language_models.all()).values("pk")
    speed = _per(Run.objects.filter(pk__in=alike), "busy_seconds")
    return Expectation(tokens, per_sample is None, timedelta(seconds=tokens / speed) if speed else None)


def _per(runs, counter: str) -> float | None:
    """Tokens written for one of what is counted, over the newest runs that wrote any."""
    newest = runs.filter(completion_tokens__gt=0, **{f"{counter}__gt": 0}).order_by("-pk").values("pk")[:MOST_RUNS]
    total = Run.objects.filter(pk__in=newest).aggregate(tokens=Sum("completion_tokens"), counted=Sum(counter))
    return total["tokens"] / total["counted"] if total["tokens"] else None
