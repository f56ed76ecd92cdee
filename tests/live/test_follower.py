"""What the follower hands out, and that a reader who does not read costs little."""

import json

import pytest

from experiments.live import render
from experiments.live.feed import ROWS_PER_MESSAGE, Feed
from experiments.live.follower import MOST_WAITING, Subscription
from experiments.models import WorkerDraft
from experiments.reports.changes import Cursor, head
from tests.factories import make_run, make_sample


def numbered(n: int) -> render.Message:
    return render.message(Cursor(sample=n), samples=[n])


class CaughtUp:
    """A follower whose readers have seen everything up to number 0."""

    async def catch_up(self, cursor):
        return numbered(0)


async def first(subscription: Subscription, n: int) -> list[dict]:
    heard = []
    async for message in subscription.messages(None):
        heard.append(json.loads(message.text))
        if len(heard) == n:
            return heard


async def test_messages_that_catching_up_covered_are_not_sent_again():
    subscription = Subscription(CaughtUp())
    subscription.put(numbered(0))
    subscription.put(numbered(1))
    assert [message["cursor"] for message in await first(subscription, 2)] == ["0-0-0-0-0", "1-0-0-0-0"]


async def test_a_slow_reader_is_told_to_load_again_and_holds_few_messages():
    subscription = Subscription(CaughtUp())
    for n in range(1, 10 * MOST_WAITING + 3):
        subscription.put(numbered(n))
        assert subscription._waiting.qsize() <= MOST_WAITING
    heard = await first(subscription, 2)
    assert heard[1]["resync"] is True


@pytest.mark.django_db
def test_only_pieces_that_look_different_travel():
    run = make_run(n=4, problems=3)
    attempt = run.attempts.first()
    feed = Feed(run.pk)
    make_sample(attempt, 0, verdict=None)
    before = json.loads(feed.next_message().text)["html"]
    assert 'id="run-pill"' in before
    make_sample(attempt, 1, verdict=None)
    after = json.loads(feed.next_message().text)["html"]
    assert 'id="card-1"' in after
    assert 'id="card-0"' not in after
    assert 'id="run-pill"' not in after


@pytest.mark.django_db
def test_every_sample_is_told_once_whatever_happens_in_between():
    run = make_run(n=4, problems=3)
    attempt = run.attempts.first()
    make_sample(attempt, 0)
    feed = Feed(run.pk)
    WorkerDraft.objects.create(run=run, revision=1)
    told = json.loads(feed.next_message().text)["samples"]
    stored = []
    for index in (1, 2):
        stored.append(make_sample(attempt, index).pk)
        told += json.loads(feed.next_message().text)["samples"]
        WorkerDraft.objects.update(revision=index + 1)
        told += json.loads(feed.next_message().text)["samples"]
    assert told == stored


@pytest.mark.django_db
def test_a_quiet_run_says_nothing():
    feed = Feed(make_run().pk)
    feed.next_message()
    assert feed.next_message() is None


@pytest.mark.django_db
def test_many_changed_problems_are_spread_over_messages_and_all_arrive():
    n = 2 * ROWS_PER_MESSAGE + 1
    run = make_run(n=1, problems=n)
    feed = Feed(run.pk)
    for attempt in run.attempts.all():
        make_sample(attempt)
    messages = [json.loads(feed.next_message().text) for _ in range(3)]
    assert [message["html"].count('id="attempt-') for message in messages] == [ROWS_PER_MESSAGE, ROWS_PER_MESSAGE, 1]
    assert [len(message["samples"]) for message in messages] == [n, 0, 0]
    assert feed.next_message() is None


@pytest.mark.django_db
def test_the_feed_of_a_finished_run_knows_it():
    run = make_run()
    feed = Feed(run.pk)
    run.cancel()
    assert feed.next_message().cursor == head(run.pk)
    assert feed.is_finished
