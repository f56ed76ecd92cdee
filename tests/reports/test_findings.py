import json

import pytest

from experiments.models import Finding, Run
from experiments.reports.findings import FindingsRefresher, refresh
from tests.factories import make_run

from .rows import finish_all, finish_attempt

pytestmark = pytest.mark.django_db

MIXED = (("correct", "3"), ("wrong", "4"), ("correct", "3"), ("unparsed", None))


def stored(run):
    return list(run.findings.values("position", "key", "title", "sentence", "estimates", "figure", "details"))


def test_a_runs_findings_are_stored_headline_first():
    run = make_run(n=4, problems=8)
    finish_all(run, *MIXED)
    refresh(run.pk)
    keys = list(run.findings.values_list("key", flat=True))
    assert keys[:3] == ["headline", "curves", "coverage"]
    assert {"calibration", "rpc", "length", "left_out"} < set(keys)
    headline = run.findings.get(key="headline")
    assert headline.estimates["mean@1"] == {
        "value": 0.5,
        "low": 0.5,
        "high": 0.5,
        "n": 8,
        "method": "bootstrap over problems",
    }
    assert run.findings.get(key="curves").figure["series"][0]["x"] == [1, 2, 4]


def test_a_refresh_moves_the_revision_that_pages_follow():
    run = make_run(n=4, problems=2)
    finish_all(run, *MIXED)
    refresh(run.pk)
    assert Run.objects.get(pk=run.pk).revision == run.revision + 1


def test_without_news_a_refresher_stores_nothing():
    run = make_run(n=4, problems=2)
    first, second = run.attempts.order_by("position")
    refresher = FindingsRefresher(run.pk)
    assert refresher.refresh()
    assert run.findings.get().sentence == "No problem has all its samples yet, so there is nothing to compare."
    assert not refresher.refresh()
    finish_attempt(first, *MIXED)
    assert refresher.refresh()
    assert "from one problem" in run.findings.get(key="headline").sentence
    assert not refresher.refresh()
    finish_attempt(second, *MIXED)
    assert refresher.refresh()
    assert Run.objects.get(pk=run.pk).revision == run.revision + 3


def test_findings_grown_step_by_step_equal_those_made_at_once():
    run = make_run(n=4, problems=9)
    refresher = FindingsRefresher(run.pk)
    for i, attempt in enumerate(reversed(run.attempts.order_by("position"))):
        finish_attempt(attempt, *(MIXED if i % 2 else MIXED[::-1]))
        refresher.refresh()
    grown = stored(run)
    run.findings.all().delete()
    refresh(run.pk)
    assert json.dumps(stored(run)) == json.dumps(grown)


def test_who_stores_late_does_not_leave_a_finished_run_with_what_was_known_early():
    run = make_run(n=4, problems=2)
    first, last = run.attempts.order_by("position")
    finish_attempt(first, *MIXED)
    meanwhile = [lambda: finish_attempt(last, *MIXED[::-1]), lambda: refresh(run.pk), run.complete]

    class Slow(FindingsRefresher):
        def _save(self, rows):
            while meanwhile:  # another worker, between our reading and our storing
                meanwhile.pop(0)()
            super()._save(rows)

    Slow(run.pk).refresh()
    kept = stored(run)
    run.findings.all().delete()
    refresh(run.pk)
    assert kept == stored(run)


def test_a_finding_that_no_longer_holds_is_taken_away():
    run = make_run(n=4, problems=2)
    Finding.objects.create(run=run, position=7, key="old", title="Old", sentence="Was true once.")
    finish_all(run, *MIXED)
    refresh(run.pk)
    assert not run.findings.filter(key="old").exists()


def test_another_runs_findings_are_left_alone():
    run, other = make_run(n=4, problems=2), make_run(n=4, problems=2)
    finish_all(other, *MIXED)
    refresh(other.pk)
    before = stored(other)
    refresh(run.pk)
    assert stored(other) == before


def test_a_study_that_breaks_is_heard_of():
    run = make_run(n=4, problems=1)
    Run.objects.filter(pk=run.pk).update(config={**run.config, "study": {"name": "gone", "params": {}}})
    with pytest.raises(Exception, match="Unknown study “gone”"):
        refresh(run.pk)
