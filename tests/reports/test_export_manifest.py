"""The manifest: what an exported file cannot say about itself."""

import json

import pytest

from experiments.reports.export_columns import COLUMNS
from experiments.reports.manifest import config_hash, manifest
from tests.factories import make_experiment, make_run, make_sample

pytestmark = pytest.mark.django_db


def test_samples_are_counted_by_verdict_and_those_without_one_apart():
    run = make_run()
    for index, verdict in enumerate(["correct", "wrong", "wrong", "truncated", None]):
        sample = make_sample(run.attempts.first(), index=index, verdict=verdict)
    sample.grades.create(run=run, grader="second opinion", verdict="correct", score=1.0)
    assert manifest(run)["verdicts"] == {
        **{"correct": 1, "wrong": 2, "unparsed": 0, "truncated": 1, "timed_out": 0, "failed": 0},
        "not_graded": 1,
    }


def test_it_is_plain_json_with_config_columns_hashes_and_versions():
    run = make_run()
    read = json.loads(json.dumps(manifest(run)))
    assert read["config"] == run.config
    assert list(read["columns"]) == [column.name for column in COLUMNS]
    assert read["config"]["dataset"]["content_hash"] == run.experiment.dataset.content_hash
    assert set(read["config"]["versions"]) >= {"assay", "python", "Django"}
    assert (read["run"], read["state"], read["finished_at"]) == (run.pk, "queued", None)


def test_the_config_hash_is_that_of_the_plan():
    experiment = make_experiment()
    first, again = make_run(experiment), make_run(experiment)
    experiment.seed += 1
    experiment.save()
    assert config_hash(first) == config_hash(again) != config_hash(make_run(experiment))
