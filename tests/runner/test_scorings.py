"""A finished run's answers can be scored by a further verifier: scores are added, judges are paid, nothing stored changes."""

import csv
import json
from io import StringIO

import pytest

from experiments.domain.errors import InvalidInput
from experiments.models import Run, Sample, Scoring, VerifierScore
from experiments.reports.arms import arms_called
from experiments.reports.export_formats import export
from experiments.reports.outcomes import OutcomeStore
from experiments.reports.pools import condition_pools
from experiments.runner.scorings import begin_scoring
from tests.factories import make_language_model, make_run
from tests.runner.processes import WorkerProcess, read_requests, wait_until
from tests.runner.working import at_work, work_until_idle

pytestmark = pytest.mark.django_db(transaction=True)

JUDGE = ("llm_judge", {"language_model": "judge"})


def make_judge(**script):
    """Marks the answer 3 with 9 of 10 points, the answer 4 with 2."""
    rules = {"answer is 3": ["Right. Score: 9"], "answer is 4": ["Wrong. Score: 2"]}
    return make_language_model("judge", **{"rules": rules, **script})


def finished_run(**fields) -> Run:
    run = make_run(**fields)
    work_until_idle()
    run.refresh_from_db()
    assert run.state == Run.State.COMPLETED, run.reason
    return run


def scored(run: Run, verifier: str, params: dict) -> Scoring:
    scoring = begin_scoring(run, verifier, params, None)
    work_until_idle()
    scoring.refresh_from_db()
    assert scoring.state == Scoring.State.COMPLETED, scoring.reason
    return scoring


def spent_on(scoring: Scoring):
    """The judges' texts that were asked for it."""
    return Sample.objects.filter(run=scoring.run_id, purpose="judge", verifier=scoring.key)


def stored(run: Run) -> list:
    """Everything about the run's answers that a scoring must leave alone."""
    samples = Sample.objects.filter(run=run).exclude(purpose="judge").order_by("pk")
    return [
        list(samples.values()),
        list(run.attempts.order_by("pk").values()),
        list(run.findings.values()),
        list(VerifierScore.objects.filter(sample__run=run, verifier="mean_logprob").order_by("pk").values()),
        run.config,
    ]


def test_a_judge_of_its_own_scores_an_old_pool_and_is_paid_for():
    run = finished_run(n=4, problems=3)
    make_judge()
    before, tokens = stored(run), (run.prompt_tokens, run.completion_tokens)
    scoring = scored(run, *JUDGE)
    run.refresh_from_db()
    assert stored(run) == before
    scores = VerifierScore.objects.filter(sample__run=run, verifier=scoring.key)
    assert {(score.sample.text, score.score) for score in scores} == {("The answer is 3.", 0.9), ("The answer is 4.", 0.2)}
    assert all(score.details == {"judgements": 1, "unread": 0} for score in scores)
    judged = spent_on(scoring)
    assert judged.count() == scores.count() == 12
    assert {sample.parent.text for sample in judged} == {"The answer is 3.", "The answer is 4."}
    added = (run.prompt_tokens - tokens[0], run.completion_tokens - tokens[1])
    assert added == (sum(judged.values_list("prompt_tokens", flat=True)), 12 * 3)
    assert run.verifier_keys == ["mean_logprob", scoring.key]


def test_its_scores_join_the_pools_and_exports_and_its_cost_is_its_own():
    run = finished_run(n=4, problems=2)
    (arm,) = arms_called([f"{run.pk}.{run.conditions.get().key}"])
    before = arm.outcomes()
    make_judge()
    scoring = scored(run, *JUDGE)
    run = Run.objects.get(pk=run.pk)
    (arm,) = arms_called([f"{run.pk}.{run.conditions.get().key}"])
    assert arm.outcomes() == before, "what the run took is what it took"
    assert arm.verifiers == ["mean_logprob", scoring.key]
    (condition,) = OutcomeStore(run).beside(condition_pools(run))
    assert {score for pool in condition.pools for score in pool.scores[scoring.key]} == {0.9, 0.2}
    for outcome in condition.outcomes:
        assert outcome.cost.judging_tokens == outcome.judging.tokens == 0
        assert outcome.judging_by[scoring.key].samples == 4
    rows = list(csv.DictReader(StringIO(b"".join(export(run, "csv")).decode())))
    assert {json.loads(row["verifier_scores"])[scoring.key] for row in rows if row["purpose"] == "answer"} == {0.9, 0.2}
    assert [row["verifier"] for row in rows if row["purpose"] == "judge"] == [scoring.key] * 8


def test_the_same_verifier_is_not_asked_twice():
    run = finished_run(n=2, problems=1)
    scored(run, "length", {})
    with pytest.raises(InvalidInput, match="has been scored by “length” before: that is completed"):
        begin_scoring(run, "length", {}, None)
    with pytest.raises(InvalidInput, match="was scored by “mean_logprob” while it ran"):
        begin_scoring(run, "mean_logprob", {}, None)
    scored(run, "length", {"prefer": "longer"})
    assert VerifierScore.objects.filter(sample__run=run).values("verifier").distinct().count() == 3


@pytest.mark.parametrize(
    ("verifier", "params", "reason"),
    [
        ("self_certainty", {}, r"texts of run \d+ were written without it"),
        ("llm_judge", {"language_model": "nobody"}, "there is no language model “nobody” to ask"),
        ("p_true", {}, "“P.True.” needs the likelihood of given texts of the language model it asks"),
        ("reward_model", {}, "needs rates_texts of the language model it asks"),
        ("llm_judge", {"draws": 3}, "all 3 judgements would be the same"),
        ("gut", {}, "Unknown verifier “gut”"),
    ],
)
def test_what_cannot_be_done_is_refused_with_nothing_stored(verifier, params, reason):
    run = finished_run(n=2, problems=1)
    with pytest.raises(InvalidInput, match=reason):
        begin_scoring(run, verifier, params, None)
    assert not Scoring.objects.exists()


def test_a_run_that_is_not_over_is_not_scored():
    with pytest.raises(InvalidInput, match="is queued: it can be scored by further verifiers when it has ended"):
        begin_scoring(make_run(n=2, problems=1), "length", {}, None)


def test_a_cancelled_scoring_keeps_what_it_has_and_goes_on_where_it_stopped():
    run = finished_run(n=4, problems=4)
    make_judge(seconds_per_token=0.05, max_in_flight=2)
    scoring = begin_scoring(run, *JUDGE, None)
    with at_work():
        wait_until(lambda: VerifierScore.objects.filter(verifier=scoring.key).exists())
        assert scoring.cancel()
        wait_until(lambda: Scoring.objects.get(pk=scoring.pk).worker_id is None)
    kept = set(VerifierScore.objects.filter(verifier=scoring.key).values_list("pk", flat=True))
    assert 0 < len(kept) < 16
    assert begin_scoring(run, *JUDGE, None).pk == scoring.pk
    work_until_idle()
    scores = VerifierScore.objects.filter(verifier=scoring.key)
    assert scores.count() == spent_on(scoring).count() == 16
    assert kept <= set(scores.values_list("pk", flat=True))


def test_a_verifier_that_compares_scores_an_old_pool():
    run = finished_run(n=6, problems=2)
    scoring = scored(run, "self_consistency", {})
    for attempt in run.attempts.all():
        texts = list(attempt.samples.values_list("text", flat=True))
        for score in VerifierScore.objects.filter(sample__attempt=attempt, verifier=scoring.key):
            assert score.score == pytest.approx(texts.count(score.sample.text) / 6)


def test_a_killed_worker_repeats_no_judgement_that_is_stored(tmp_path):
    run = finished_run(n=4, problems=6)
    make_judge(seconds_per_token=0.05, max_in_flight=4)
    scoring = begin_scoring(run, *JUDGE, None)
    log = tmp_path / "requests.jsonl"
    for _ in range(2):
        with WorkerProcess(log) as worker:
            before = spent_on(scoring).count()
            wait_until(lambda before=before: spent_on(scoring).count() > before)
            worker.kill()
    with WorkerProcess(log, "--until-idle") as worker:
        assert worker.process.wait(60) == 0
    scoring.refresh_from_db()
    assert scoring.state == Scoring.State.COMPLETED
    judged = {
        (str(each.attempt_id), each.request_hash, each.occurrence): each.created_at.timestamp() for each in spent_on(scoring)
    }
    assert len(judged) == VerifierScore.objects.filter(verifier=scoring.key).count() == 24
    asked = read_requests(log)
    assert not [each for each in asked if each["time"] > judged[each["attempt"], each["request_hash"], each["occurrence"]]]
