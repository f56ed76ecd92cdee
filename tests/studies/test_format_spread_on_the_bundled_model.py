"""A small format study all the way: planned, asked of the bundled model format by format, graded, and told in words."""

import pytest
from django.urls import reverse

from experiments.models import Dataset, LanguageModel, Run
from experiments.runner.planning import create_run
from experiments.sources.base import sources
from tests.factories import make_experiment, make_user, make_variant
from tests.runner.working import work_until_idle

pytestmark = pytest.mark.django_db(transaction=True)


def test_three_formats_of_twelve_problems(client):
    drafts = list(sources.build("shipped_items", {"kind": "multiple_choice"}).problems())
    experiment = make_experiment(
        dataset=Dataset.objects.store("choices", drafts, source="shipped_items", source_params={}),
        max_problems=12,
        language_models=[LanguageModel.objects.create(name="bundled", backend="llama_cpp", params={})],
        variants=[make_variant("{{ question }}")],
        study="format_spread",
        study_params={"n_formats": 2, "n_paths": 0, "shots": 2},
        grader="prefix_match",
        verifiers=[],
        decoding={"temperature": 0, "max_tokens": 3},
    )
    run = create_run(experiment, None)
    work_until_idle()
    run.refresh_from_db()
    assert (run.state, run.reason) == (Run.State.COMPLETED, "")
    assert run.n_samples == 36
    assert run.cached_tokens > run.prompt_tokens / 2, "the solved problems of a format are computed once"
    found = {finding.key: finding for finding in run.findings.all()}
    assert "between 3 formats on 12 problems" in found["headline"].sentence
    assert len(found["strip"].figure["series"][1]["x"]) == 3

    client.force_login(make_user())
    page = client.get(reverse("run", args=[run.pk])).content.decode()
    best, worst = found["extremes-model1-variant1"].details["side_by_side"]
    assert f"<figcaption>{best['title']}</figcaption>" in page
    assert f"<figcaption>{worst['title']}</figcaption>" in page
    assert "<mark>" in page
    assert "All formats" in page
