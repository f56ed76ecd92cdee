"""Plans of the brevity and format studies that could not tell anything are refused with what would do."""

import pytest

from experiments.models import Experiment
from tests.api.clients import client_as
from tests.api.test_format_spread import body

pytestmark = pytest.mark.django_db


def refusal(plan: dict) -> str:
    response = client_as("editor").post("/api/experiments/", plan)
    assert response.status_code == 400
    assert not Experiment.objects.exists()
    return response.json()["error"]["message"]


@pytest.mark.parametrize(
    ("study", "params"),
    [
        ("brevity", {}),
        ("distractors", {"n": 1}),
        ("perturbations", {"n": 1}),
        ("stress", {}),
        ("step_length", {}),
        ("rest", {}),
        ("posix", {}),
        ("cdct", {}),
    ],
)
def test_three_problems_are_refused_with_the_number_that_would_do(study, params):
    plan = body(3) | {"study": study, "study_params": params, "grader": "numeric", "decoding": {"temperature": 0.8}}
    said = refusal(plan)
    assert "3 problems are too few for an interval of" in said
    assert "take at least 6" in said


def test_a_cap_of_no_words_is_refused():
    plan = body(12) | {"study": "brevity", "study_params": {"words": 0}, "grader": "numeric"}
    assert "greater than or equal to 1 (given: 0)" in refusal(plan)
