"""An answer in a run is graded by what its own format calls the choices."""

import pytest

from experiments.domain.types import ProblemDraft
from experiments.models import Attempt, Dataset, Grade, Run
from experiments.runner.planning import create_run
from tests.factories import make_experiment, make_language_model
from tests.runner.working import work_until_idle

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_number_is_right_only_where_options_are_numbered_so():
    drafts = [ProblemDraft(f"p{k}", f"Which is {k}?", (f"{k}",), (f"{k + 1}0", f"{k}")) for k in range(26)]
    experiment = make_experiment(
        dataset=Dataset.objects.store("numbers", drafts, source="test", source_params={}),
        language_models=[make_language_model(answers=["2) it is"])],
        study="format_spread",
        study_params={"grammar": {"original": {"item_number": "1"}}, "n_formats": 2, "n_paths": 0, "shots": 2},
        grader="prefix_match",
        verifiers=[],
    )
    run = create_run(experiment, None)
    work_until_idle()
    run.refresh_from_db()
    assert (run.state, run.reason) == (Run.State.COMPLETED, "")
    numbers_seen = set()
    for attempt in Attempt.objects.filter(run=run).select_related("condition"):
        treatment = run.config["conditions"][attempt.condition.position]["treatment"]
        number = treatment["params"]["format"]["item_number"]
        grade = Grade.objects.get(sample__attempt=attempt)
        assert grade.verdict == ("correct" if number == "1" else "unparsed")
        assert grade.details == ({} if number == "1" else {"kind": "other"})
        numbers_seen.add(number)
    assert "1" in numbers_seen
    assert len(numbers_seen) > 1
