"""The same answers marked by another grader: in pages, by a worker, with both versions kept."""

import pytest

from experiments.domain.errors import InvalidInput
from experiments.models import Grade, Regrading, Run, Sample
from experiments.reports.grade_flips import grade_flips, graders_of
from experiments.runner import regradings
from experiments.runner.regradings import begin_regrading
from tests.factories import make_experiment, make_language_model, make_run, make_user
from tests.runner.working import work_until_idle

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def run() -> Run:
    """Every answer names two numbers, of which the last is right for p0 only (1 + 3 = 4 and so on)."""
    model = make_language_model(answers=["First 3, then 4.", "It is 4"])
    made = make_run(make_experiment(problems=2, n=3, language_models=[model]))
    work_until_idle()
    made.refresh_from_db()
    assert made.state == "completed"
    return made


def test_another_grader_marks_every_answer_and_the_first_marks_stay(run):
    before = {grade.pk: grade.verdict for grade in Grade.objects.filter(run=run)}
    counted = (run.n_graded, run.n_correct)
    regrading = begin_regrading(run, "exact", {}, make_user())
    work_until_idle()
    regrading.refresh_from_db()
    run.refresh_from_db()
    assert regrading.state == "completed"
    assert Grade.objects.filter(run=run, grader=regrading.key).count() == Sample.objects.filter(run=run).count() == 6
    assert {grade.pk: grade.verdict for grade in Grade.objects.filter(pk__in=before)} == before
    assert (run.n_graded, run.n_correct) == counted
    own, new = graders_of(run)
    assert (own.n, new.n, own.n_correct) == (6, 6, run.n_correct)
    found = grade_flips(run, own.key, new.key)
    assert found.n_lost == own.n_correct - new.n_correct + found.n_gained
    assert len(found.flips) == found.n_gained + found.n_lost > 0
    assert sum(n for *_, n in found.verdicts) == 6
    (condition,) = found.conditions
    assert condition.difference.value == pytest.approx((new.n_correct - own.n_correct) / 6)


def test_what_a_stopped_worker_marked_is_not_marked_again(run, monkeypatch):
    monkeypatch.setattr(regradings, "PAGE", 2)
    regrading = begin_regrading(run, "exact", {}, None)
    first = regrading.unmarked().first()
    Grade.objects.create(run=run, sample=first, grader=regrading.key, verdict="correct", explanation="by an earlier worker")
    work_until_idle()
    grades = Grade.objects.filter(run=run, grader=regrading.key)
    assert grades.count() == 6
    assert grades.get(sample=first).explanation == "by an earlier worker"


def test_cancelled_ones_stay_where_they_are_and_go_on(run):
    regrading = begin_regrading(run, "exact", {}, None)
    assert regrading.cancel()
    work_until_idle()
    assert not Grade.objects.filter(grader=regrading.key).exists()
    assert begin_regrading(run, "exact", {}, None).pk == regrading.pk
    work_until_idle()
    regrading.refresh_from_db()
    assert regrading.state == "completed"
    assert Regrading.objects.count() == 1


def test_what_makes_no_sense_is_refused(run):
    own = run.config["grader"]
    with pytest.raises(InvalidInput, match="is the grader that marked run"):
        begin_regrading(run, own["name"], own["params"], None)
    waiting = make_run(make_experiment())
    with pytest.raises(InvalidInput, match="when it has ended"):
        begin_regrading(waiting, "exact", {}, None)
    begin_regrading(run, "exact", {}, None)
    work_until_idle()
    with pytest.raises(InvalidInput, match="that is completed"):
        begin_regrading(run, "exact", {}, None)
    with pytest.raises(InvalidInput, match="marked by both"):
        grade_flips(run, own["key"], "nobody")
