"""What a run will cost is told from earlier attempts like its own, or from a pilot, and comes true."""

import pytest

from experiments.models import LanguageModel, Run
from experiments.runner.estimate import PILOT_PROBLEMS, estimate_run, start_pilot
from tests.factories import make_experiment, make_language_model, make_run
from tests.runner.paying import COST, make_paid_experiment
from tests.runner.working import work_until_idle
from tests.servers.threads import answering, served

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_pilot_tells_what_the_whole_run_costs():
    with served(answering()) as server:
        experiment = make_paid_experiment(server, n=3, problems=23)
        assert estimate_run(experiment) is None
        pilot = start_pilot(experiment, None)
        work_until_idle()
        found = estimate_run(experiment)
        run = make_run(experiment)
        work_until_idle()
    run.refresh_from_db()
    pilot.refresh_from_db()
    assert (pilot.is_pilot, run.is_pilot, pilot.n_attempts) == (True, False, PILOT_PROBLEMS)
    positions = list(pilot.attempts.values_list("problem__position", flat=True))
    assert positions == [0, 4, 8, 12, 16], "spread over the data set, not its beginning"
    assert (found.n_samples, found.n_attempts_seen) == (69, PILOT_PROBLEMS)
    assert (found.cost.low, found.cost.expected, found.cost.high) == (69 * COST,) * 3
    assert run.cost == found.cost.expected
    assert found.prompt_tokens.expected == run.prompt_tokens == 69 * 11


def test_lengths_that_vary_give_an_interval_that_holds_what_came():
    script = make_language_model(answers=["3", "one two three 3", "a b c d e f g h i 3"])
    experiment = make_experiment(n=4, problems=40, language_models=[script])
    start_pilot(experiment, None)
    work_until_idle()
    found = estimate_run(experiment)
    run = make_run(experiment)
    work_until_idle()
    run.refresh_from_db()
    assert found.completion_tokens.low < run.completion_tokens < found.completion_tokens.high
    assert found.completion_tokens.low > 0
    assert found.cost.expected == 0


def test_attempts_made_under_other_settings_count_for_nothing():
    experiment = make_experiment(problems=4)
    make_run(experiment)
    work_until_idle()
    assert estimate_run(experiment)
    experiment.decoding = {"temperature": 0.8, "max_tokens": 65}
    assert estimate_run(experiment) is None
    experiment.refresh_from_db()
    LanguageModel.objects.update(params={"answers": ["Now it says something else."]})
    assert estimate_run(experiment) is None
    assert Run.objects.count() == 1
