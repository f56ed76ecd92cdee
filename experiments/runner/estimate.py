"""What a run will take in tokens and money, from what earlier runs of the same models and wordings took."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Avg

from ..inference.base import Backend, backends
from ..models import Attempt, Condition, Experiment, Run, Sample
from ..statistics.predicted_totals import Prediction, Seen, predict_total
from .planning import Plan, create_run, plan_run

PILOT_PROBLEMS = 5
# The newest ones; more would hardly narrow the interval.
MOST_CONDITIONS = 20
MOST_ATTEMPTS = 400


@dataclass(frozen=True)
class Estimate:
    """Of the whole run, each with its 95% prediction interval. `n_attempts_seen` is the fewest that a condition had."""

    n_samples: int
    n_attempts_seen: int
    prompt_tokens: Prediction
    completion_tokens: Prediction
    cost: Prediction


@dataclass(frozen=True)
class _Basis:
    """Per sample of earlier attempts: (prompt tokens, completion tokens, cost), one row an attempt."""

    rows: Sequence[tuple[float, float, float]]
    samples_per_attempt: int
    n_attempts: int

    def seen(self, column: int) -> Seen:
        return Seen([row[column] * self.samples_per_attempt for row in self.rows], self.n_attempts)


def estimate_run(experiment: Experiment) -> Estimate | None:
    """None where some condition was not tried before, at least twice; `start_pilot` then finds out.

    Raises InvalidInput where the experiment cannot be run.
    """
    plan = plan_run(experiment)
    bases = [_basis(experiment, plan, place) for place in range(len(plan.conditions))]
    if any(len(basis.rows) < 2 for basis in bases):
        return None
    totals = [predict_total(basis.seen(column) for basis in bases) for column in range(3)]
    return Estimate(plan.n_samples, min(len(basis.rows) for basis in bases), *totals)


def ways_of_asking(experiment: Experiment) -> dict[str, str]:
    """By language model: whether samples will share calls, and why; remote ones only."""
    entries = experiment.language_models.order_by("name")
    told = {entry.name: backends.build(entry.backend, entry.params).told(entry.truth).way_of_asking() for entry in entries}
    return {name: sentence for name, sentence in told.items() if sentence}


def start_pilot(experiment: Experiment, user) -> Run:
    """A small real run whose attempts `estimate_run` can go by."""
    return create_run(experiment, user, pilot_problems=PILOT_PROBLEMS)


def _basis(experiment: Experiment, plan: Plan, place: int) -> _Basis:
    """Attempts of the same model as it is set up now, wording and decoding, over the same data set's name."""
    spec = plan.conditions[place]
    entry = experiment.language_models.get(name=spec.language_model)
    backend = backends.build(entry.backend, entry.params).told(entry.truth)
    variant = next(each["id"] for each in plan.config["prompts"] if each["variant"] == spec.variant)
    alike = Condition.objects.filter(
        language_model=entry,
        variant=variant,
        decoding=spec.decoding.model_dump(mode="json"),
        run__experiment__dataset__name=experiment.dataset.name,
    )
    newest = alike.select_related("run").order_by("-pk")[:MOST_CONDITIONS]
    conditions = [each.pk for each in newest if _asked_alike(each.run, entry.name, backend)]
    attempts = Attempt.objects.filter(condition__in=conditions, state=Attempt.State.DONE).order_by("-pk")[:MOST_ATTEMPTS]
    samples = Sample.objects.filter(attempt__in=[attempt.pk for attempt in attempts])
    means = (
        samples.order_by()
        .values("attempt")
        .annotate(prompt=Avg("prompt_tokens"), completion=Avg("completion_tokens"), money=Avg("cost"))
    )
    return _Basis(
        [(each["prompt"], each["completion"], each["money"]) for each in means],
        plan.samples_per_attempt[place],
        round(plan.attempts_by_condition[place]),
    )


def _asked_alike(run: Run, name: str, backend: Backend) -> bool:
    """Whether the run froze the same options, prices and the endpoint's model among them, and shared calls as now."""
    frozen = next((each for each in run.config["language_models"] if each["name"] == name), None)
    is_same = frozen is not None and frozen["params"] == backend.model_dump(mode="json")
    return is_same and backend.told(frozen["truth"]).n_per_call == backend.n_per_call
