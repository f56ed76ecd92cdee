"""Several workers on one database in the same moment: nothing is given twice, counted twice, or lost."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, transaction
from django.utils import timezone

from experiments.models import Attempt, Prompt, Run, Sample, Spending, Variant, VerifierScore
from experiments.models.calls import day_of
from experiments.models.prompts import WrittenMeanwhile
from experiments.runner import presence
from experiments.runner.claiming import claim
from experiments.runner.storing import store
from tests.factories import make_dataset, make_run, make_sample, make_variant

pytestmark = pytest.mark.django_db(transaction=True)

N_WORKERS = 4


def at_once(work) -> list:
    """`work(number)` from as many threads, let go together, each with a connection of its own."""
    ready = Barrier(N_WORKERS)

    def in_thread(number: int):
        try:
            ready.wait(30)
            return work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(N_WORKERS) as threads:
        return list(threads.map(in_thread, range(N_WORKERS)))


def test_every_attempt_is_claimed_by_one_worker():
    run = make_run(problems=30)
    conditions = list(run.conditions.values_list("key", flat=True))
    workers = [presence.register().pk for _ in range(N_WORKERS)]

    def take_all(number: int) -> list[int]:
        taken = []
        while batch := claim(run.pk, workers[number], conditions, 3, 60):
            taken += [each.attempt.pk for each in batch]
        return taken

    taken = Counter(pk for each in at_once(take_all) for pk in each)
    assert set(taken.values()) == {1}
    # One who finds the rest being claimed in that moment gets none; nothing is left behind all the same.
    assert taken.keys() == set(run.attempts.values_list("pk", flat=True))
    assert set(run.attempts.values_list("state", "tries")) == {(Attempt.State.RUNNING, 1)}


def test_what_is_spent_at_once_adds_up():
    run, day = make_run(), day_of(timezone.now())

    def book(number: int) -> None:
        for _ in range(10):
            with transaction.atomic():
                Spending.objects.book(run.pk, day, cost=0.25, reserved=1.0)

    at_once(book)
    assert Spending.objects.values_list("cost", "reserved").get() == (0.25 * 10 * N_WORKERS, 1.0 * 10 * N_WORKERS)


def test_the_same_draws_brought_by_several_workers_are_stored_and_counted_once():
    run = make_run(problems=5)
    drawn = [make_sample(attempt, index=index, verdict=None) for attempt in run.attempts.all() for index in range(4)]
    Sample.objects.all().delete()
    fields = [{field.attname: getattr(row, field.attname) for field in Sample._meta.fields} for row in drawn]

    def bring(number: int) -> set[int]:
        # In another order each: whoever waits for a row while holding another must not wait for ever.
        rows = [Sample(**each) for each in (fields if number % 2 else reversed(fields))]
        stored = store(rows, {}, {})
        scores = [VerifierScore(sample=row, verifier="mean_logprob", score=0.5) for row in stored.values()]
        store(scores, {}, {run.pk: 1.0})
        return {row.pk for row in stored.values()}

    kept = at_once(bring)
    assert all(each == kept[0] for each in kept), "everybody is told of the same rows"
    assert Sample.objects.count() == VerifierScore.objects.count() == len(drawn)
    run.refresh_from_db()
    assert (run.n_samples, run.busy_seconds) == (len(drawn), N_WORKERS)


def test_a_run_is_started_and_ended_once():
    run = make_run()
    started = at_once(lambda number: Run.objects.get(pk=run.pk).start())
    ended = at_once(lambda number: Run.objects.get(pk=run.pk).complete())
    assert (sum(started), sum(ended)) == (1, 1)


def test_a_name_made_by_several_at_once_is_made_once():
    made = at_once(lambda number: Prompt.objects.get_or_create(name="the same")[0].pk)
    assert set(made) == {Prompt.objects.get().pk}


def test_a_wording_saved_by_several_at_once_gets_a_version_each():
    prompt = Prompt.objects.create(name="many hands")
    at_once(lambda number: Variant.objects.write(prompt, "plain", "", f"Wording {number}: {{{{ question }}}}"))
    assert sorted(prompt.variants.values_list("version", flat=True)) == list(range(1, N_WORKERS + 1))


def test_a_dataset_saved_by_several_at_once_gets_a_version_each():
    made = at_once(lambda number: make_dataset(n=3, name="sums"))
    assert sorted(each.version for each in made) == list(range(1, N_WORKERS + 1))


def test_of_several_who_type_over_the_same_wording_one_is_let_in():
    base = make_variant()

    def write(number: int) -> bool:
        try:
            Variant.objects.write_over(base, "", f"Wording {number}: {{{{ question }}}}", None)
        except WrittenMeanwhile:
            return False
        return True

    assert sum(at_once(write)) == 1
    assert base.prompt.variants.count() == 2
