"""How big a run would be, known before anything is planned."""

import pytest

from experiments.domain.errors import InvalidInput
from experiments.runner.planning import plan_run
from experiments.runner.size import size_of
from tests.factories import make_experiment, make_language_model, make_variant

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("most", [None, 2, 99])
def test_the_size_is_that_of_the_plan(most):
    experiment = make_experiment(
        n=5,
        problems=3,
        repeats=2,
        max_problems=most,
        variants=[make_variant(), make_variant(name="other")],
        language_models=[make_language_model(), make_language_model()],
    )
    size, plan = size_of(experiment), plan_run(experiment)
    assert size.n_samples == plan.n_samples == size.n_problems * 4 * 2 * 5
    assert size.n_conditions == len(plan.conditions) == 4
    assert size.n_problems == (2 if most == 2 else 3)


def test_options_that_make_no_design_are_refused():
    with pytest.raises(InvalidInput, match="N"):
        size_of(make_experiment(n=0))
