"""The wall: every text has its place, and keeps it from the first token to the verdict."""

import pytest

from experiments.models import Worker, WorkerDraft
from experiments.reports.cards import PLACES, SHOWN_CHARACTERS, wall
from tests.factories import make_experiment, make_run, make_sample

pytestmark = pytest.mark.django_db


@pytest.fixture
def run():
    return make_run(n=4, problems=10)


def write(run, *texts) -> None:
    """(attempt, index, text) are being written."""
    entries = [{"attempt": attempt.pk, "problem": "p", "index": index, "text": text} for attempt, index, text in texts]
    WorkerDraft.objects.update_or_create(run=run, defaults={"texts": entries})


def test_a_run_that_has_written_nothing_has_no_cards(run):
    assert wall(run) == []


def test_a_text_keeps_its_place_until_its_verdict(run):
    third = run.attempts.select_related("run").get(position=2)
    write(run, (third, 1, "Let me"))
    (writing,) = wall(run)
    write(run)
    make_sample(third, 1, text="Let me see: 5", verdict="correct", canonical="5")
    (graded,) = wall(run)
    assert (writing.place, writing.state, writing.tokens) == (2 * 4 + 1, "writing", None)
    assert (graded.place, graded.state, graded.extracted, graded.tokens) == (2 * 4 + 1, "correct", "5", 5)


def test_a_sample_without_a_grade_waits_for_it_and_a_failed_one_does_not(run):
    attempt = run.attempts.select_related("run").get(position=0)
    make_sample(attempt, 0, verdict=None)
    make_sample(attempt, 1, text="", verdict=None, finish_reason="failed", error="The engine died.")
    assert [(card.state, card.text) for card in wall(run)] == [("ungraded", "The answer is 3."), ("failed", "The engine died.")]


def test_all_workers_texts_are_shown_but_not_of_one_that_lost_the_attempt(run):
    mine, lost, other = (run.attempts.get(position=position) for position in range(3))
    me, you = (Worker.objects.create(host="h", pid=pid, process_started=0) for pid in (1, 2))
    for worker, attempts in [(me, [mine, lost]), (you, [lost, other])]:
        texts = [{"attempt": each.pk, "problem": "p", "index": 0, "text": f"by {worker.pid}"} for each in attempts]
        WorkerDraft.objects.overwrite(run.pk, worker.pk, texts)
        run.attempts.filter(pk__in=[each.pk for each in attempts]).update(worker=worker)
    assert [(card.attempt, card.text) for card in wall(run)] == [(mine.pk, "by 1"), (lost.pk, "by 2"), (other.pk, "by 2")]


def test_a_newer_text_takes_the_place_of_an_older_one(run):
    """The first attempt's first sample and the seventh attempt's first are PLACES apart."""
    assert PLACES == 6 * 4
    for position in (0, 6):
        make_sample(run.attempts.select_related("run").get(position=position), 0, text=f"attempt {position}")
    assert [card.text for card in wall(run)] == ["attempt 6"]


def test_a_straggler_that_is_still_written_is_shown_before_newer_finished_ones(run):
    write(run, (run.attempts.get(position=0), 0, "still thinking"))
    make_sample(run.attempts.select_related("run").get(position=6), 0)
    assert [card.text for card in wall(run)] == ["still thinking"]


def test_a_long_text_shows_its_end_while_written_and_its_start_when_finished(run):
    attempt = run.attempts.select_related("run").get(position=0)
    long = "a" * SHOWN_CHARACTERS + "z"
    write(run, (attempt, 0, long))
    make_sample(attempt, 1, text=long)
    writing, finished = wall(run)
    assert writing.text == "a" * (SHOWN_CHARACTERS - 1) + "z"
    assert finished.text == "a" * SHOWN_CHARACTERS


@pytest.mark.parametrize(
    ("question", "shown"),
    [
        ("7 + 6 =", "7 + 6 ="),
        ("State the final answer to this:\n7 + 6 =", "… to this: 7 + 6 ="),
        ("Pneumonoultramicroscopicsilicovolcanoconiosis", "… covolcanoconiosis"),
    ],
)
def test_a_card_names_its_question_by_the_last_words(run, question, shown):
    attempt = run.attempts.select_related("run", "problem").get(position=0)
    type(attempt.problem).objects.filter(pk=attempt.problem_id).update(question=question)
    make_sample(attempt, 0)
    assert [card.question for card in wall(run)] == [shown]


def test_a_finished_run_shows_no_text_as_being_written(run):
    write(run, (run.attempts.get(position=0), 0, "cut short by cancelling"))
    run.cancel()
    assert wall(run) == []


def test_a_card_fills_up_with_the_length_that_was_asked_for():
    run = make_run(make_experiment(study="brevity", study_params={"words": 4, "placebo": False, "n": 1}, problems=6))
    attempts = {attempt.condition.key.rpartition("-")[2]: attempt for attempt in run.attempts.select_related("condition")}
    make_sample(attempts["brief"], text="It is one two three.", verdict="correct")
    make_sample(attempts["control"], text="It is one two three.", verdict="correct")
    entry = {
        "attempt": attempts["direct"].pk,
        "problem": "p0",
        "index": 0,
        "text": "… half",
        "lengths": {"words": 5, "sentences": 1},
    }
    WorkerDraft.objects.create(run=run, texts=[entry])
    filled = {card.attempt: card.filling for card in wall(run)}
    assert (filled[attempts["brief"].pk].length, filled[attempts["brief"].pk].is_over) == (5, True)
    assert filled[attempts["control"].pk] is None
    assert filled[attempts["direct"].pk].percent == 50
    assert str(filled[attempts["direct"].pk].cap) == "10 words"
