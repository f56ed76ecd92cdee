"""Logs of other tools become finished runs that every page treats like our own."""

import pytest
from django.test import Client

from experiments.domain.errors import InvalidInput
from experiments.models import Attempt, Dataset, Experiment, Grade, LanguageModel, Prompt, Run, Sample
from experiments.reports.export_formats import export
from experiments.reports.findings import refresh
from experiments.reports.manifest import manifest
from experiments.reports.review_choosing import Wish
from experiments.reports.review_sets import create_review_set
from experiments.runner.importing import import_log
from experiments.runner.planning import create_run
from experiments.runner.regradings import begin_regrading
from tests.factories import make_user
from tests.runner.working import work_until_idle
from tests.sources.logs.examples import (
    as_json,
    as_lines,
    eval_file,
    inspect_log,
    inspect_sample,
    lm_eval_line,
    promptfoo_result,
    promptfoo_results,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser() -> Client:
    browser = Client()
    browser.force_login(make_user())
    return browser


def test_a_log_becomes_a_completed_run_with_its_counters():
    run = import_log(as_json(promptfoo_results()), "output.json", make_user())
    run.refresh_from_db()
    assert (run.state, run.n_attempts, run.n_attempts_done, run.n_samples, run.n_graded, run.n_correct) == (
        *("completed", 6, 6, 6, 6, 5),
    )
    assert (run.prompt_tokens, run.completion_tokens) == (48, 24)
    assert [condition.label for condition in run.conditions.all()] == ["openai:mini, wording 0", "openai:mini, wording 1"]
    assert set(run.grades.values_list("grader", flat=True)) == {"imported.promptfoo"}
    assert Dataset.objects.get().n_problems == 3
    assert run.config["imported"]["file"] == "output.json"
    assert not run.resume()


def test_every_page_of_the_run_works(browser):
    run = import_log(as_json(promptfoo_results()), "output.json", None)
    refresh(run.pk)
    attempt = run.attempts.first()
    for page in ("", "explore/", "graders/", "verifiers/", f"attempts/{attempt.pk}/"):
        assert browser.get(f"/runs/{run.pk}/{page}").status_code == 200, page
    assert "P0 1 + 2 =" in browser.get(f"/runs/{run.pk}/attempts/{attempt.pk}/").content.decode()
    assert "promptfoo" in browser.get(f"/runs/{run.pk}/").content.decode()


def test_two_imported_conditions_are_compared(browser):
    run = import_log(as_json(promptfoo_results()), "output.json", None)
    arms = "&".join(f"arm={run.pk}.{condition.key}" for condition in run.conditions.all())
    page = browser.get(f"/compare/?{arms}")
    assert page.status_code == 200
    assert [row.aspect for row in page.context["differences"]] == ["prompt"]
    assert "+0.33" in page.content.decode()


def test_two_imported_logs_are_compared_on_what_they_ask(browser):
    runs = [import_log(eval_file(inspect_log(model=model)), "a.eval", None) for model in ("mock/a", "mock/b")]
    arms = "&".join(f"arm={run.pk}.model1-variant1" for run in runs)
    page = browser.get(f"/compare/?{arms}")
    assert "3 problems" in page.content.decode()
    assert Experiment.objects.count() == 2


def test_it_is_exported_like_any_run():
    run = import_log(as_json(promptfoo_results()), "output.json", None)
    rows = b"".join(export(run, "csv")).decode().splitlines()
    assert len(rows) == 7
    assert "wording 1" in rows[-1]
    assert manifest(run)["config"]["imported"]["tool"] == "promptfoo"


@pytest.mark.parametrize("how", ["all", "flips"])
def test_its_answers_can_be_reviewed(how):
    run = import_log(as_json(promptfoo_results()), "output.json", None)
    arms = tuple(f"{run.pk}.{condition.key}" for condition in run.conditions.all())
    found = create_review_set(Wish(arms, how=how), name="looks", user=None).items.count()
    assert found == (6 if how == "all" else 2)


@pytest.mark.django_db(transaction=True)
def test_its_answers_can_be_marked_by_another_grader():
    run = import_log(as_json(promptfoo_results()), "output.json", None)
    regrading = begin_regrading(run, "numeric", {}, make_user())
    work_until_idle()
    regrading.refresh_from_db()
    assert regrading.state == "completed"
    assert Grade.objects.filter(run=run, grader=regrading.key, verdict="correct").count() == 5


def test_epochs_are_samples_of_one_pool():
    samples = [inspect_sample("q1", text, value, epoch) for epoch, (text, value) in enumerate([("3", "C"), ("4", "I")], 1)]
    run = import_log(as_json(inspect_log(samples)), "a.json", None)
    attempt = run.attempts.get()
    assert (attempt.n_samples, attempt.n_correct, attempt.n_answers, attempt.vote_margin) == (2, 1, 2, 0)
    refresh(run.pk)
    assert run.findings.exists()


def test_a_failed_answer_is_kept_apart_from_a_wrong_one():
    failed = promptfoo_result("q1", 0, "", False, failureReason=2, error="429")
    run = import_log(as_json(promptfoo_results([failed, promptfoo_result("q2", 0, "5", False)])), "a.json", None)
    assert (run.n_samples_failed, run.n_graded) == (1, 1)
    assert list(Grade.objects.filter(run=run).values_list("verdict", "score")) == [("failed", None), ("wrong", 0.0)]


def test_lines_of_lm_eval_need_a_name_for_their_model():
    content = as_lines([lm_eval_line("q1", "so 3", 1), lm_eval_line("q1", "so 3", 0, "flexible-extract")])
    with pytest.raises(InvalidInput, match="does not name its language model"):
        import_log(content, "samples_sums.jsonl", None)
    run = import_log(content, "samples_sums.jsonl", None, "smol")
    assert [each.label for each in run.conditions.all()] == ["smol, sums, strict-match", "smol, sums, flexible-extract"]


def test_the_same_file_again_is_refused_and_the_run_named():
    content = as_json(inspect_log())
    run = import_log(content, "a.json", None)
    with pytest.raises(InvalidInput, match=f"it is run {run.pk}"):
        import_log(content, "renamed.json", None)
    assert Run.objects.count() == 1


def test_the_model_of_a_log_is_offered_nowhere():
    run = import_log(as_json(inspect_log()), "a.json", None)
    assert LanguageModel.objects.get().archived
    assert run.experiment.archived
    assert create_run(run.experiment, None).state == "queued"


def test_a_template_in_another_language_stands_for_the_question(browser):
    results = promptfoo_results()
    results["results"]["prompts"][0]["raw"] = "Say {{ question | upper }}"
    run = import_log(as_json(results), "a.json", None)
    assert run.config["prompts"][0]["template"] == "{{ question }}"
    assert browser.get(f"/runs/{run.pk}/attempts/{run.attempts.first().pk}/").status_code == 200


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"question,answer\n1,2\n", "is not known"),
        (as_json(inspect_log([inspect_sample("q1", "3", None)])), "has no mark"),
        (
            as_json(inspect_log([inspect_sample("q1", "3", "C"), inspect_sample("q1", "3", "C", 2, target="9")])),
            "different things",
        ),
    ],
)
def test_of_a_wrong_file_nothing_is_applied(content, said):
    with pytest.raises(InvalidInput, match=said):
        import_log(content, "a.json", None)
    for model in (Run, Dataset, Experiment, Prompt, LanguageModel, Attempt, Sample, Grade):
        assert not model.objects.exists()
