"""How long a run will take and how much it will write: roughly, before anything of its kind was run."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Sum

from ..domain.types import Decoding
from ..models import Experiment, Run
from .estimate import estimate_run
from .size import PlanSize

# The newest ones; the machine may have been busier or idler before.
MOST_RUNS = 5


@dataclass(frozen=True)
class Expectation:
    """`tokens` are written ones. `is_most`: no earlier run tells, so every text is taken to be as long as it may be.

    `time` is None where the experiment's models have written nothing yet that it could be told from.
    """

    tokens: float
    is_most: bool
    time: timedelta | None


def expectation(experiment: Experiment, size: PlanSize) -> Expectation:
    """Raises InvalidInput where the experiment cannot be run."""
    estimate = estimate_run(experiment)
    most = size.n_samples * Decoding.model_validate(experiment.decoding).max_tokens
    tokens = estimate.completion_tokens.expected if estimate else most
    speed = _tokens_per_second(experiment)
    return Expectation(tokens, estimate is None, timedelta(seconds=tokens / speed) if speed else None)


def _tokens_per_second(experiment: Experiment) -> float | None:
    """Of the newest runs that asked any of the experiment's language models."""
    asked = Run.objects.filter(conditions__language_model__in=experiment.language_models.all(), completion_tokens__gt=0)
    newest = asked.filter(busy_seconds__gt=0).distinct().order_by("-pk")[:MOST_RUNS]
    total = Run.objects.filter(pk__in=[run.pk for run in newest]).aggregate(Sum("completion_tokens"), Sum("busy_seconds"))
    if not total["busy_seconds__sum"]:
        return None
    return total["completion_tokens__sum"] / total["busy_seconds__sum"]
