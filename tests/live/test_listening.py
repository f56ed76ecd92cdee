"""Word of news over PostgreSQL: who is told, when, and that a lost connection loses nothing."""

import asyncio

import pytest
from channels.db import database_sync_to_async
from django.db import connection, transaction

from experiments.live import follower, listening
from experiments.live.listening import Listener
from experiments.models.news import announce
from experiments.reports.changes import head
from experiments.runner import presence
from experiments.runner.storing import store
from tests.factories import make_run, make_sample

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="only PostgreSQL tells of news"),
]

in_database = database_sync_to_async


class Heard:
    """What a listener heard, to be waited for."""

    def __init__(self):
        self._heard: asyncio.Queue[int | None] = asyncio.Queue()

    def __call__(self, run_id: int | None) -> None:
        self._heard.put_nowait(run_id)

    async def next(self) -> int | None:
        async with asyncio.timeout(30):
            return await self._heard.get()


@pytest.fixture
async def heard(monkeypatch):
    """What a listener hears that is connected by now."""
    monkeypatch.setattr(listening, "RETRY_SECONDS", 0.05)
    heard = Heard()
    listener = Listener(heard)
    assert await heard.next() is None
    yield heard
    listener.stop()


def a_text(run) -> dict:
    return {(run.pk, presence.register().pk): [{"attempt": 1, "problem": "p", "index": 0, "text": "Let me"}]}


async def test_every_change_that_a_page_shows_is_told_once(heard):
    run, other = await in_database(make_run)(), await in_database(make_run)()
    for change in (run.start, run.pause, lambda: run.cap_spending(3.0), run.cancel, lambda: store([], a_text(other), {})):
        await in_database(change)()
    assert [await heard.next() for _ in range(5)] == [run.pk] * 4 + [other.pk]


async def test_nobody_is_told_before_it_is_committed_or_of_what_never_was(heard):
    def roll_back():
        with transaction.atomic():
            announce([1])
            transaction.set_rollback(True)

    def commit():
        with transaction.atomic():
            announce([2, 2])
            with connection.cursor() as cursor:
                cursor.execute("NOTIFY assay_runs, '3'")

    await in_database(roll_back)()
    await in_database(commit)()
    # The bare NOTIFY goes with the commit, ours right after it.
    assert [await heard.next(), await heard.next()] == [3, 2]


async def test_a_listener_that_was_cut_off_comes_back_and_says_that_anything_may_have_changed(heard):
    await in_database(end_other_connections)()
    assert await heard.next() is None  # cut
    assert await heard.next() is None  # back again
    await in_database(announce)([7])
    assert await heard.next() == 7


async def test_word_alone_wakes_a_page_and_what_was_stored_while_nobody_heard_arrives(monkeypatch):
    monkeypatch.setattr(follower, "POLL_SECONDS_WHEN_LISTENING", 3600)
    connected, wake = asyncio.Event(), follower._heard
    monkeypatch.setattr(follower, "_heard", lambda run_id: (connected.set(), wake(run_id)))
    run = await in_database(make_run)(n=4, problems=3)
    attempt = await in_database(run.attempts.select_related("run").first)()
    async with follower.follow(run.pk) as subscription, asyncio.timeout(30):
        messages = subscription.messages(await in_database(head)(run.pk))
        await anext(messages)
        await connected.wait()
        await in_database(run.pause)("Lunch")
        while "Lunch" not in (await anext(messages)).text:
            pass
        # The listener's connection and the follower's.
        await in_database(end_other_connections)()
        sample = await in_database(make_sample)(attempt)
        await in_database(announce)([run.pk])
        while f'"samples":[{sample.pk}]' not in (await anext(messages)).text:
            pass


def end_other_connections() -> None:
    """What a restart of the server does to everybody."""
    with connection.cursor() as cursor:
        others = "datname = current_database() AND pid <> pg_backend_pid()"
        cursor.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")
