"""Every registered strategy once on the bundled model: small, but all the way through the engine, the verifier and the grader."""

import pytest

from experiments.models import Attempt, LanguageModel, Run, Sample
from experiments.runner.planning import create_run
from experiments.strategies.base import strategies
from tests.factories import make_variant
from tests.runner.working import work_until_idle
from tests.strategies.small import make_experiment_with_all_strategies

pytestmark = pytest.mark.django_db(transaction=True)

# A step every 4 tokens: the model hardly ever leaves a blank line in so short an answer.
STEPS = {"separators": [], "step_tokens": 4, "max_steps": 2}


def test_every_strategy_comes_to_an_end_with_what_it_wrote_in_its_place():
    searches = {each.name: STEPS for each in strategies if "separators" in each.model_fields}
    experiment = make_experiment_with_all_strategies(
        most=2,
        problems=2,
        overrides=searches,
        language_models=[LanguageModel.objects.create(name="bundled", backend="llama_cpp", params={"slots": 16})],
        variants=[make_variant("{{ question }}")],
        decoding={"temperature": 0.8, "max_tokens": 8},
    )
    run = create_run(experiment, None)
    work_until_idle()
    run.refresh_from_db()
    assert (run.state, run.reason) == (Run.State.COMPLETED, "")
    for attempt in Attempt.objects.filter(run=run).select_related("condition", "chosen"):
        assert (attempt.state, attempt.error) == (Attempt.State.DONE, ""), attempt.condition.label
        assert attempt.n_samples > 0, attempt.condition.label
        method = strategies.build(attempt.condition.strategy, attempt.condition.strategy_params)
        written = attempt.samples.exclude(purpose=Sample.Purpose.JUDGE)
        assert written.count() <= method.samples_per_attempt, attempt.condition.label
        assert method.samples_at_once <= method.samples_per_attempt, attempt.condition.label
    written = Sample.objects.filter(run=run, attempt__condition__strategy__in=searches, parent__isnull=False)
    assert written.exists()
    for step in written.select_related("parent"):
        assert step.prefix == step.parent.prefix + step.parent.text
        assert step.completion_tokens <= 4
