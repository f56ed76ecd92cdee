"""A run from queued to completed, as its rows tell it."""

import pytest
from django.db.models import Count, Q, Sum

from experiments.models import Attempt, Grade, Run, Sample, VerifierScore, WorkerDraft
from tests.factories import make_experiment, make_language_model, make_run, make_variant
from tests.runner.working import impatient, work_until_idle

pytestmark = pytest.mark.django_db(transaction=True)


def recounted(run: Run) -> dict:
    """The run's counters from its rows."""
    samples = Sample.objects.filter(run=run)
    verdicts = Grade.objects.filter(run=run)
    return {
        **samples.aggregate(
            n_samples=Count("pk"),
            n_samples_failed=Count("pk", filter=Q(finish_reason="failed")),
            n_cut_off=Count("pk", filter=Q(finish_reason="length")),
            prompt_tokens=Sum("prompt_tokens"),
            cached_tokens=Sum("cached_tokens"),
            completion_tokens=Sum("completion_tokens"),
        ),
        **verdicts.aggregate(
            n_graded=Count("pk", filter=~Q(verdict="failed")),
            n_correct=Count("pk", filter=Q(verdict="correct")),
            n_unparsed=Count("pk", filter=Q(verdict="unparsed")),
            n_grader_timeouts=Count("pk", filter=Q(verdict="timed_out")),
        ),
        **Attempt.objects.filter(run=run).aggregate(
            n_attempts_done=Count("pk", filter=Q(state="done")),
            n_attempts_failed=Count("pk", filter=Q(state="failed")),
        ),
    }


def test_a_run_completes_with_every_sample_scored_and_graded():
    run = make_run(n=4, problems=3)
    work_until_idle()
    run.refresh_from_db()
    assert (run.state, run.reason, run.n_samples, run.n_attempts_done) == (Run.State.COMPLETED, "", 12, 3)
    assert run.started_at <= run.finished_at
    assert run.busy_seconds > 0
    for sample in Sample.objects.filter(run=run):
        assert sample.grades.get().verdict in ("correct", "wrong")
        assert sample.verifier_scores.get().score == pytest.approx(sample.mean_logprob, rel=1e-12)
        assert len(sample.token_logprobs) == sample.completion_tokens
    assert run.findings.exists()


def test_the_counters_equal_the_rows_also_for_texts_cut_off_unparsed_and_failed():
    script = make_language_model(
        answers=["The answer is 3.", "No idea.", "Well, it is hard to say but in the end I would go for 3."],
        transient_failures=0.6,
    )
    experiment = make_experiment(n=16, problems=4, language_models=[script], decoding={"max_tokens": 6})
    run = make_run(experiment)
    work_until_idle(impatient())
    run.refresh_from_db()
    counted = recounted(run)
    assert {name: getattr(run, name) for name in counted} == counted
    assert 0 < run.n_samples_failed < run.n_samples == 64
    assert run.n_cut_off
    assert run.n_unparsed
    assert run.n_correct


def test_an_attempt_is_summed_up_when_it_ends():
    script = make_language_model(answers=["3", "3", "3", "4", "No idea."])
    run = make_run(n=32, problems=1, language_models=[script])
    work_until_idle()
    attempt = Attempt.objects.get(run=run)
    votes = {answer: Grade.objects.filter(run=run, canonical=answer).count() for answer in ("3", "4")}
    assert votes["3"] > votes["4"] > 0
    assert (attempt.n_samples, attempt.n_correct, attempt.n_answers) == (32, votes["3"], 2)
    assert attempt.n_unparsed == 32 - votes["3"] - votes["4"]
    assert attempt.vote_margin == votes["3"] - votes["4"]
    assert attempt.finished_at is not None
    assert attempt.lease_until is None


def test_every_condition_asks_with_its_own_wording_and_model():
    models = [make_language_model(answers=["The answer is 3."]), make_language_model(answers=["The answer is 4."])]
    variants = [make_variant("{{ question }}", system="Be brief."), make_variant("What is {{ question }}")]
    run = make_run(n=2, problems=2, language_models=models, variants=variants)
    work_until_idle()
    texts = {
        (sample.attempt.condition.language_model_id, sample.text)
        for sample in Sample.objects.filter(run=run).select_related("attempt__condition")
    }
    assert texts == {(models[0].pk, "The answer is 3."), (models[1].pk, "The answer is 4.")}
    hashes = Sample.objects.filter(run=run).values("request_hash").annotate(n=Count("pk"))
    assert sorted(each["n"] for each in hashes) == [4] * 4  # two problems in two wordings, asked of both models, twice


def test_editing_or_breaking_the_experiment_does_not_touch_a_planned_run():
    experiment = make_experiment(n=2, problems=2)
    run = make_run(experiment)
    entry = experiment.language_models.get()
    entry.params = {"answers": ["changed"]}
    entry.save()
    experiment.grader = "no such grader"
    experiment.decoding = {"temperature": -1}
    experiment.save()
    work_until_idle()
    run.refresh_from_db()
    assert run.state == Run.State.COMPLETED
    assert not Sample.objects.filter(run=run, text="changed").exists()


def test_the_same_plan_draws_the_same_samples():
    experiment = make_experiment(n=8, problems=2)
    runs = [make_run(experiment), make_run(experiment)]
    work_until_idle()
    first, second = (
        list(Sample.objects.filter(run=run).order_by("attempt__position", "index").values_list("seed", "text")) for run in runs
    )
    assert first == second
    experiment.seed += 1
    experiment.save()
    other = make_run(experiment)
    work_until_idle()
    assert not set(Sample.objects.filter(run=other).values_list("seed")) & set(
        Sample.objects.filter(run=runs[0]).values_list("seed")
    )


def test_samples_that_lack_a_grade_or_score_get_them_on_resume():
    run = make_run(n=4, problems=2)
    work_until_idle()
    grades = sorted(Grade.objects.filter(run=run).values_list("sample__seed", "verdict"))
    Grade.objects.filter(run=run, sample__index__in=[1, 2]).delete()
    VerifierScore.objects.filter(sample__run=run, sample__index=3).delete()
    Attempt.objects.filter(run=run).update(state=Attempt.State.PENDING)
    Run.objects.filter(pk=run.pk).update(state=Run.State.RUNNING)
    work_until_idle()
    assert sorted(Grade.objects.filter(run=run).values_list("sample__seed", "verdict")) == grades
    assert VerifierScore.objects.filter(sample__run=run).count() == Sample.objects.filter(run=run).count() == 8


def test_drafts_are_gone_when_the_run_is():
    script = make_language_model(answers=["one two three four five"], seconds_per_token=0.06)
    run = make_run(n=4, problems=2, language_models=[script])
    work_until_idle()
    draft = WorkerDraft.objects.get(run=run)
    assert draft.texts == []
    assert draft.revision >= 2
