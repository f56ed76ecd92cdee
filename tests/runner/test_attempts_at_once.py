"""So many attempts are worked on at once that the language model is kept busy, whether they ask for much at once or little."""

import pytest

from experiments.models import Attempt
from experiments.runner.planning import create_run
from tests.factories import make_experiment, make_language_model
from tests.runner.processes import wait_until
from tests.runner.working import at_work

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(("strategy", "options", "at_once"), [("step_best_of_n", {"n": 4}, 4), ("self_refine", {"depth": 8}, 10)])
def test_searches_and_loops_leave_no_slot_empty(strategy, options, at_once):
    script = make_language_model(answers=["a\n\nb\n\nIt is 3."], seconds_per_token=0.5, max_in_flight=8)
    study = {"strategies": [strategy], "overrides": {strategy: options}, "pool_n": 2}
    run = create_run(make_experiment(problems=40, language_models=[script], study="test_time_compute", study_params=study), None)
    with at_work():
        running = Attempt.objects.filter(run=run, state=Attempt.State.RUNNING)
        wait_until(lambda: running.count() >= at_once)
