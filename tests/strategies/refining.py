"""One run of a strategy in the real worker, for the tests of strategies that work in rounds."""

from experiments.models import Attempt, LanguageModel, Run, Sample
from experiments.strategies.base import strategies
from tests.factories import make_experiment, make_language_model, make_run
from tests.runner.working import impatient, work_until_idle


def run_of(strategy: str, params: dict | None = None, language_model: LanguageModel | None = None, **fields) -> Run:
    """A completed run in which every attempt used the strategy; `fields` go to `make_experiment`."""
    entry = language_model or make_language_model(answers=["The answer is 3."])
    run = make_run(make_experiment(n=1, language_models=[entry], **{"problems": 1, **fields}))
    run.config["conditions"][0]["strategy"] = {"name": strategy, "params": params or {}}
    run.n_samples_planned = run.n_attempts * strategies.build(strategy, params).samples_per_attempt
    run.save(update_fields=["config", "n_samples_planned"])
    run.conditions.update(strategy=strategy, strategy_params=params or {})
    work_until_idle(impatient())
    run.refresh_from_db()
    return run


def attempt_of(strategy: str, params: dict | None = None, **kwargs) -> Attempt:
    """The only attempt of such a run."""
    return Attempt.objects.select_related("chosen").get(run=run_of(strategy, params, **kwargs))


def texts(attempt: Attempt, purpose: str = Sample.Purpose.ANSWER) -> list[str]:
    """In the order they were asked for."""
    return list(attempt.samples.filter(purpose=purpose).order_by("index").values_list("text", flat=True))
