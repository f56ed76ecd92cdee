"""Every experiment that comes ready to run can be planned as it stands."""

import pytest

from experiments.runner.planning import plan_run
from experiments.runner.presets import load_preset, names

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", names())
def test_a_preset_can_be_planned_and_says_what_it_asks(name):
    experiment = load_preset(name)
    plan = plan_run(experiment)
    assert len(plan.attempts) >= 2
    assert len({spec.key for spec in plan.conditions}) == len(plan.conditions)
    assert experiment.description.endswith(("?", "."))
