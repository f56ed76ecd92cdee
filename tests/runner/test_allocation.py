"""Adaptive studies ask for their attempts round by round, and go on after a kill as they would have gone on anyway."""

import random
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from experiments.domain.errors import InvalidInput
from experiments.domain.types import ProblemDraft
from experiments.models import Attempt, Dataset, Finding, Run, Sample
from experiments.reports.findings import FindingsRefresher
from experiments.runner import allocation
from experiments.runner.planning import create_run, plan_run
from experiments.runner.size import size_of
from experiments.studies.format_spread import FormatSpread
from tests.factories import make_experiment, make_language_model, make_user
from tests.runner.processes import WorkerProcess, wait_until
from tests.runner.working import at_work, work_until_idle

pytestmark = pytest.mark.django_db(transaction=True)

PROBLEMS = 20


def make_search(seconds_per_token: float = 0.0, name: str = "", problems: int = PROBLEMS, **options):
    """An experiment that searches 7 formats of multiple-choice problems with a budget of 60 answers."""
    drafts = [ProblemDraft(f"p{i:02}", f"Which is {i}?", (str(i),), (str(i), str(i + 1))) for i in range(problems)]
    dataset = Dataset.objects.filter(name="choices").first()
    params = {"n_formats": 6, "shots": 0, "mode": "thompson", "budget": 60, "pull": 5, "at_once": 2, **options}
    script = make_language_model(name, answers=["A", "B", "1", "i", "none"], seconds_per_token=seconds_per_token, max_in_flight=8)
    return make_experiment(
        dataset=dataset or Dataset.objects.store("choices", drafts, source="test", source_params={}),
        language_models=[script],
        study="format_spread",
        study_params=params,
        grader="prefix_match",
        verifiers=[],
        decoding={"temperature": 0, "max_tokens": 4},
    )


def asked(run: Run) -> list[tuple[str, str]]:
    """What was asked, in the order of work."""
    return list(run.attempts.order_by("position").values_list("condition__key", "problem__key"))


def findings_of(run: Run) -> list[dict]:
    return list(Finding.objects.filter(run=run).order_by("position").values("key", "sentence", "estimates", "figure"))


def test_a_run_begins_with_the_original_format_and_shows_what_it_may_come_to():
    run = create_run(make_search(), None)
    assert set(asked(run)) == {("model1-variant1-f0", f"p{i:02}") for i in range(PROBLEMS)}
    # The budget of 60, the original's 20, and at most 20 more for each of the best and the worst.
    assert (run.n_attempts, run.n_samples_planned) == (120, 120)
    assert size_of(run.experiment).n_samples == plan_run(run.experiment).n_samples == 120


def test_it_is_complete_when_the_study_asks_for_nothing_more_and_knows_then_how_much_it_took():
    run = create_run(make_search(), None)
    work_until_idle()
    run.refresh_from_db()
    assert (run.state, run.reason) == (Run.State.COMPLETED, "")
    n = run.attempts.count()
    assert PROBLEMS < n < 120
    assert run.n_attempts == run.n_attempts_done == run.n_samples_planned == run.n_samples == n
    assert len(set(asked(run))) == n
    headline = run.findings.get(key="headline").sentence
    assert "the search ended with two of 7 formats" in headline
    assert run.findings.filter(key="extremes-model1-variant1").exists()
    trace = run.findings.get(key="search").figure["series"][0]
    # Pulls of 5 and of what is left of 10: at most 60, charged round by round.
    assert trace["x"] == sorted(trace["x"])
    assert trace["x"][-1] <= 60


def test_repeats_are_asked_together():
    experiment = make_search()
    experiment.repeats = 2
    experiment.save()
    run = create_run(experiment, None)
    run.attempts.update(state=Attempt.State.DONE, n_samples=1, n_correct=1)
    assert allocation.next_round(run.pk)
    counts = [run.attempts.filter(repeat=repeat).count() for repeat in (0, 1)]
    assert counts == [PROBLEMS + 10] * 2


def test_a_round_is_laid_out_once_however_many_workers_ask_for_it():
    run = create_run(make_search(), None)
    run.attempts.update(state=Attempt.State.DONE, n_samples=1, n_correct=1)

    def ask(_) -> bool:
        try:
            return allocation.next_round(run.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(ask, range(4))) == [True] * 4
    assert run.attempts.count() == PROBLEMS + 10, "two draws of five problems each"


def test_a_paused_run_gets_no_next_round_and_is_not_over_either():
    run = create_run(make_search(), None)
    run.attempts.update(state=Attempt.State.DONE, n_samples=1, n_correct=1)
    run.pause()
    assert allocation.next_round(run.pk) is True
    assert run.attempts.count() == PROBLEMS


def test_what_failed_was_asked_and_is_not_asked_again():
    run = create_run(make_search(), None)
    run.attempts.update(state=Attempt.State.FAILED)
    assert allocation.next_round(run.pk)
    new = asked(run)[PROBLEMS:]
    assert new
    assert not set(new) & set(asked(run)[:PROBLEMS])


def test_too_few_problems_are_refused_at_planning_but_not_for_a_pilot():
    experiment = make_search()
    experiment.max_problems = 3
    with pytest.raises(InvalidInput, match="3 problems are too few for intervals over formats"):
        plan_run(experiment)
    experiment.max_problems = None
    assert create_run(experiment, None, pilot_problems=5).attempts.count() == 5


def test_a_study_that_breaks_while_it_allocates_fails_its_run_and_not_the_worker(monkeypatch):
    run = create_run(make_search(), None)

    def broken(self, results, problems):
        raise RuntimeError("no idea what to ask")

    monkeypatch.setattr(FormatSpread, "allocate", broken)
    work_until_idle()
    run.refresh_from_db()
    assert run.state == Run.State.FAILED
    assert "no idea what to ask" in run.reason


def test_pause_and_cancel_between_rounds():
    run = create_run(make_search(seconds_per_token=0.02), None)
    with at_work():
        wait_until(lambda: run.attempts.count() > PROBLEMS)
        assert run.pause()
        wait_until(lambda: not run.attempts.filter(state=Attempt.State.RUNNING).exists())
        stored = Sample.objects.filter(run=run).count()
        assert run.resume()
        wait_until(lambda: Sample.objects.filter(run=run).count() > stored)
        assert run.cancel()
        wait_until(lambda: not run.attempts.filter(state=Attempt.State.RUNNING).exists())
    run.refresh_from_db()
    assert run.state == Run.State.CANCELLED
    assert run.n_samples <= run.attempts.count() < 120


def test_a_killed_search_asks_for_what_an_undisturbed_one_would_have_asked_for(tmp_path):
    # The seeds of scripted answers follow from run seed, condition, problem and repeat, so both runs are told the same.
    quick = create_run(make_search(name="quick"), None)
    work_until_idle()
    slow = create_run(make_search(seconds_per_token=0.06, name="slow"), None)
    moments, log = random.Random(3), tmp_path / "requests.jsonl"
    for _ in range(2):
        with WorkerProcess(log) as worker:
            before = Sample.objects.count()
            wait_until(lambda before=before: Sample.objects.count() > before + 15)
            time.sleep(moments.uniform(0, 0.3))
            worker.kill()
        slow.refresh_from_db()
        assert slow.state == Run.State.RUNNING, "the run must outlast the kills"
    with WorkerProcess(log, "--until-idle") as worker:
        assert worker.process.wait(60) == 0
    slow.refresh_from_db()
    assert (slow.state, slow.reason) == (Run.State.COMPLETED, "")
    assert asked(slow) == asked(quick)
    assert slow.n_samples == Sample.objects.filter(run=slow).count() == slow.attempts.count()
    found = findings_of(slow)
    Finding.objects.filter(run=slow).delete()
    FindingsRefresher(slow.pk).refresh()
    assert findings_of(slow) == found


def test_the_page_says_that_the_size_is_what_it_may_come_to(client):
    client.force_login(make_user())
    run = create_run(make_search(), None)
    assert "of at most 120 samples" in client.get(run.get_absolute_url()).content.decode()
    run.cancel()
    assert "of 120 samples" in client.get(run.get_absolute_url()).content.decode()
