"""A format study through the API: refused with a reason, planned, worked on and read."""

import pytest

from experiments.domain.types import ProblemDraft
from experiments.models import Dataset
from tests.api.clients import client_as
from tests.factories import make_language_model, make_variant
from tests.runner.working import work_until_idle


def body(problems: int) -> dict:
    drafts = [ProblemDraft(f"p{i}", f"Which is {i}?", (str(i),), (str(i), str(i + 1))) for i in range(problems)]
    return {
        "name": "formats",
        "dataset": Dataset.objects.store("choices", drafts, source="test", source_params={}).pk,
        "variants": [make_variant("{{ question }}").pk],
        "language_models": [make_language_model(answers=["A", "B"]).pk],
        "study": "format_spread",
        "study_params": {"n_formats": 3, "n_paths": 0, "shots": 0, "grammar": {"options_label": "Choices"}},
        "grader": "prefix_match",
        "decoding": {"temperature": 0, "max_tokens": 3},
    }


@pytest.mark.django_db
def test_three_problems_are_refused_with_the_number_that_would_do():
    response = client_as("editor").post("/api/experiments/", body(3))
    assert response.status_code == 400
    assert "3 problems are too few for intervals over formats" in response.content.decode()
    assert "Take at least 12" in response.content.decode()


@pytest.mark.django_db(transaction=True)
def test_its_findings_carry_both_formats_as_text():
    client = client_as("editor")
    experiment = client.post("/api/experiments/", body(12)).json()
    run = client.post(f"/api/experiments/{experiment['id']}/start/").json()
    assert run["n_samples_planned"] == 48
    work_until_idle()
    found = {each["key"]: each for each in client.get(f"/api/runs/{run['id']}/findings/").json()}
    assert "between 4 formats on 12 problems" in found["headline"]["sentence"]
    best, _ = found["extremes-model1-variant1"]["details"]["side_by_side"]
    assert "choices" in "".join(stretch["text"] for stretch in best["stretches"]).lower()
