"""What a real model's pools tell: every analysis but the one that needs a second grader, from stored texts and logprobs."""

import pytest

from experiments.models import LanguageModel
from experiments.reports.findings import refresh
from experiments.runner.planning import create_run
from experiments.studies.analyses.base import analyses
from tests.factories import make_experiment, make_variant
from tests.runner.working import work_until_idle

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_run_of_the_bundled_model_has_every_analysis_that_needs_no_second_grader():
    experiment = make_experiment(
        n=16,
        problems=4,
        language_models=[LanguageModel.objects.create(name="bundled", backend="llama_cpp", params={"slots": 16})],
        variants=[make_variant("{{ question }}")],
        decoding={"temperature": 0.8, "max_tokens": 8},
    )
    run = create_run(experiment, None)
    work_until_idle()
    refresh(run.pk)
    found = dict(run.findings.values_list("key", "sentence"))
    # Log-probabilities are no weights between 0 and 1, nobody else graded the texts, and there is one condition.
    assert set(analyses.names()) - set(found) == {"imperfect_verifier", "length_by_difficulty"}
    assert "Imperfect verifier (two graders)" in found["left_out"]
    assert [key for key, sentence in found.items() if "Not computed: it needs" in sentence] == []
    selectors = run.findings.get(key="selectors")
    assert {"RPC@16", "perplexity consistency@16", "vote of the 70% with most steps@16"} <= set(selectors.estimates)
    assert {estimate["n"] for estimate in selectors.estimates.values()} == {4}
