"""A page asks the database as often for 30 rows as for 3."""

import pytest

from experiments.models import Experiment, Finding, Run
from tests.factories import make_dataset, make_experiment, make_language_model, make_run, make_user, make_variant

pytestmark = pytest.mark.django_db
LISTS = ["/", "/experiments/", "/runs/", "/prompts/", "/datasets/", "/models/", "/people/", "/operations/", "/docs/"]


def fill(n: int) -> Experiment:
    variants = [make_variant() for _ in range(n)]
    language_models = [make_language_model() for _ in range(n)]
    experiment = make_experiment(variants=variants[:2], language_models=language_models[:2])
    for _ in range(n):
        make_dataset(1)
        make_user(role="viewer")
    config = make_run(experiment).config
    runs = Run.objects.bulk_create(Run(experiment=experiment, config=config, seed=0) for _ in range(n))
    Finding.objects.bulk_create(Finding(run=run, position=0, key="headline", title="t", sentence="s") for run in runs)
    shared = {"dataset": experiment.dataset, "study": experiment.study, "grader": experiment.grader}
    Experiment.objects.bulk_create([Experiment(name=f"plan {number}", **shared) for number in range(n)])
    return experiment


@pytest.fixture
def full(db) -> Experiment:
    return fill(30)


def test_lists_stay_within_fifteen_queries(administrator, full, django_assert_max_num_queries):
    for path in LISTS:
        with django_assert_max_num_queries(15):
            assert administrator.get(path).status_code == 200


def test_single_pages_stay_within_fifteen_queries(editor, full, django_assert_max_num_queries):
    variant = full.variants.first()
    paths = [
        full.get_absolute_url(),
        full.dataset.get_absolute_url(),
        full.language_models.first().get_absolute_url(),
        variant.prompt.get_absolute_url(),
        f"/prompts/{variant.prompt_id}/variants/{variant.pk}/",
        f"/prompts/{variant.prompt_id}/variants/{variant.pk}/edit/",
        "/experiments/new/",
        f"/experiments/{full.pk}/edit/",
    ]
    for path in paths:
        with django_assert_max_num_queries(15):
            assert editor.get(path).status_code == 200
