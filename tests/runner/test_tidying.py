"""Retention rules take what is old, leave what they must not touch, and say what they took."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from experiments.domain.errors import InvalidInput
from experiments.models import (
    Attempt,
    AuditEntry,
    Grade,
    HumanVerdict,
    LoginLink,
    PromptDraft,
    RetentionRule,
    ReviewItem,
    ReviewSet,
    Run,
    Sample,
    TextRemoval,
    Trial,
)
from experiments.runner import tidying_texts
from experiments.runner.regradings import begin_regrading
from experiments.runner.scorings import begin_scoring
from experiments.runner.tidying import BROOMS, last_tidying, preview, tidy
from tests.factories import make_dataset, make_language_model, make_run, make_sample, make_user, make_variant

pytestmark = pytest.mark.django_db(transaction=True)
LONG_AGO = timezone.now() - timedelta(days=100)


@pytest.fixture(autouse=True)
def data_dir(settings, tmp_path):
    settings.ASSAY_DATA_DIR = tmp_path
    return tmp_path


def rule(subject: str, days: int = 30, **fields) -> None:
    RetentionRule.objects.create(subject=subject, days=days, **fields)


def old_run(**fields) -> Run:
    """Archived, ended long ago, with two samples."""
    run = make_run(problems=1)
    for index in range(2):
        make_sample(run.attempts.get(), index, text=f"Text {index}. The answer is 3.", tokens=b"\0" * 20, reasoning="hm")
    Attempt.objects.filter(run=run).update(trace={"note": "why"})
    Run.objects.filter(pk=run.pk).update(**{"state": "completed", "archived": True, "finished_at": LONG_AGO, **fields})
    run.refresh_from_db()
    return run


def taken() -> dict[str, int]:
    """What a tidying took; that it took what was foretold, that nothing is left, and that the audit log says so."""
    foretold = {each.rule.subject: each.n for each in preview()}
    found = {each.rule.subject: each.n for each in tidy()}
    assert found == foretold
    assert last_tidying().details == found
    assert set(each.n for each in preview()) <= {0}
    return found


def test_without_rules_everything_stays():
    run = old_run()
    assert taken() == {}
    assert run.samples.exclude(text="").count() == 2


def test_every_subject_has_a_broom():
    assert set(BROOMS) == set(RetentionRule.Subject.values)


def test_texts_are_archived_and_leave_while_numbers_stay(data_dir):
    run = old_run()
    numbers = ("prompt_tokens", "completion_tokens", "mean_logprob", "cost", "finish_reason", "seed", "request_hash")
    before = list(run.samples.order_by("pk").values_list(*numbers))
    grades = list(Grade.objects.values_list("sample", "verdict", "score", "canonical", "extracted"))
    rule("run_texts")
    assert taken() == {"run_texts": 2}
    for sample in run.samples.all():
        assert (sample.text, sample.reasoning, sample.logprobs, sample.tokens) == ("", "", None, None)
    assert list(run.samples.order_by("pk").values_list(*numbers)) == before
    assert list(Grade.objects.values_list("sample", "verdict", "score", "canonical", "extracted")) == grades
    removal = TextRemoval.objects.get()
    assert (removal.run, removal.n_samples) == (run, 2)
    assert removal.finished_at
    assert (data_dir / "archives" / removal.archive).stat().st_size > 0
    for refused in (
        lambda: begin_regrading(run, "exact", {}, None),
        lambda: begin_scoring(run, "length", {}, None),
    ):
        with pytest.raises(InvalidInput, match=r"removed by the retention rules.*run-"):
            refused()


def test_without_archiving_nothing_is_written(data_dir):
    old_run()
    rule("run_texts", archives_first=False)
    assert taken() == {"run_texts": 2}
    assert TextRemoval.objects.get().archive == ""
    assert not (data_dir / "archives").exists()


def test_an_interrupted_removal_goes_on_without_archiving_what_is_half_gone(monkeypatch):
    run = old_run()
    rule("run_texts")
    monkeypatch.setattr(tidying_texts, "PAGE", 1)
    sweep = tidying_texts.sweep(timezone.now(), RetentionRule.objects.get())
    assert next(sweep) == 1
    sweep.close()
    archive = TextRemoval.objects.get().archive
    assert taken() == {"run_texts": 1}
    removal = TextRemoval.objects.get()
    assert (removal.run, removal.n_samples, removal.archive) == (run, 2, archive)


@pytest.mark.parametrize(
    "fields", [{"archived": False}, {"state": "paused"}, {"state": "running"}, {"finished_at": timezone.now()}], ids=str
)
def test_runs_that_are_in_use_are_not_touched(fields):
    run = old_run(**fields)
    rule("run_texts")
    rule("traces")
    assert taken() == {"run_texts": 0, "traces": 0}
    assert run.samples.filter(text="").count() == 0


def test_runs_tagged_keep_are_not_touched():
    old_run().tag("keep, nice")
    rule("run_texts")
    assert taken() == {"run_texts": 0}


def test_runs_in_an_unfinished_review_are_not_touched():
    run = old_run()
    one, _ = run.samples.order_by("pk")
    reviews = ReviewSet.objects.create(name="r", conditions=[], choice={"how": "all"}, seed=1, kind="pairs")
    # Only the pair's right side is of the old run.
    elsewhere = make_sample(make_run(problems=1).attempts.get())
    item = ReviewItem.objects.create(review_set=reviews, position=0, sample=elsewhere, other=one)
    rule("run_texts")
    assert {each.n for each in tidy()} == {0}
    verdict = HumanVerdict.objects.create(item=item, reviewer="ann", verdict="left", source="page")
    HumanVerdict.objects.create(item=item, reviewer="ann", verdict="withdrawn", source="page")
    assert {each.n for each in tidy()} == {0}, "a verdict that was taken back is none"
    HumanVerdict.objects.create(item=item, reviewer="bob", verdict=verdict.verdict, source="page")
    assert {each.n for each in tidy()} == {2}


def test_runs_that_are_being_scored_are_not_touched():
    run = old_run()
    scoring = run.scorings.create(key="v", config={}, state="paused")
    rule("run_texts")
    assert taken() == {"run_texts": 0}
    scoring.cancel()
    assert taken() == {"run_texts": 2}


def test_traces_drafts_links_and_trials_go_and_costs_stay():
    user, run = make_user(), old_run()
    for user_too in (user, make_user()):
        PromptDraft.objects.keep(make_variant(), user_too, "", "typed")
    PromptDraft.objects.filter(user=user).update(saved_at=LONG_AGO)
    LoginLink.objects.issue(user)
    LoginLink.objects.issue(user)
    LoginLink.objects.filter(pk=LoginLink.objects.first().pk).update(expires_at=LONG_AGO)
    problem = make_dataset(1).problems.get()
    asked = {"language_model": make_language_model(), "problem": problem, "backend": "scripted", "params": {}, "seed": 1}
    for state, cost in (("done", 0), ("done", 2.5), ("queued", 0)):
        Trial.objects.create(state=state, cost=cost, text="said", messages=[{"role": "user"}], requested_by=user, **asked)
    Trial.objects.update(created_at=LONG_AGO)
    for subject in ("prompt_drafts", "login_links", "trials", "traces"):
        rule(subject)
    assert taken() == {"prompt_drafts": 1, "login_links": 1, "trials": 2, "traces": 1}
    assert PromptDraft.objects.get().user != user
    assert LoginLink.objects.count() == 1
    assert sorted(Trial.objects.values_list("state", "cost", "text")) == [("done", 2.5, ""), ("queued", 0, "said")]
    assert run.attempts.get().trace == {}
    assert Sample.objects.filter(text="").count() == 0


def test_old_entries_leave_the_audit_log_which_tells_that_they_did():
    AuditEntry.objects.bulk_create([AuditEntry(who="ann", action="exported", about_label=str(i), at=LONG_AGO) for i in range(3)])
    AuditEntry.objects.record(None, "exported", "young")
    rule("audit_entries", days=90)
    assert taken() == {"audit_entries": 3}
    assert list(AuditEntry.objects.values_list("action", flat=True)[:2]) == ["retained", "exported"]


def test_old_lines_leave_the_request_log(settings, tmp_path):
    log = tmp_path / "requests.jsonl"
    settings.ASSAY_REQUEST_LOG = str(log)
    rule("request_log")
    assert taken() == {"request_log": 0}
    lines = [json.dumps({"time": at.timestamp(), "pid": 1}) + "\n" for at in (LONG_AGO, timezone.now(), LONG_AGO)]
    log.write_text("".join(lines))
    # An interrupted sweep left this.
    log.with_name("requests.jsonl.aside").write_text(lines[0] + lines[1])
    assert {each.n for each in tidy()} == {1}
    assert taken() == {"request_log": 2}
    assert log.read_text() == lines[1] * 2
    assert not log.with_name("requests.jsonl.aside").exists()
