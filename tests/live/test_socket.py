"""A run's socket: who may listen, what they hear first, and that nothing is lost over a cut."""

import asyncio
import json

import pytest
from channels.db import database_sync_to_async
from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import AnonymousUser

from experiments.live import follower
from experiments.live.consumers import NO_SUCH_RUN, NOT_SIGNED_IN
from experiments.live.urls import websocket_urlpatterns
from experiments.models import Experiment, Finding, Team, User, WorkerDraft
from experiments.reports.changes import Cursor, head
from tests.factories import make_run, make_sample, make_user

pytestmark = pytest.mark.django_db(transaction=True)

in_database = database_sync_to_async


@pytest.fixture
def run():
    return make_run(n=4, problems=3)


@pytest.fixture
def attempt(run):
    return run.attempts.select_related("run").order_by("position").first()


def listen(run_id: int, cursor: object, user=None) -> WebsocketCommunicator:
    """A page's socket as the router hands it to the consumer."""
    route = websocket_urlpatterns[0]
    communicator = WebsocketCommunicator(route.callback, f"/ws/runs/{run_id}/?cursor={cursor}")
    communicator.scope["url_route"] = {"args": (), "kwargs": {"pk": run_id}}
    communicator.scope["user"] = user or User(username="reader", role=User.Role.ADMINISTRATOR)
    return communicator


async def hear(communicator: WebsocketCommunicator) -> dict:
    return json.loads(await communicator.receive_from(timeout=30))


async def hear_of(communicator: WebsocketCommunicator, sample_id: int) -> dict:
    """The first message that carries the sample."""
    while sample_id not in (message := await hear(communicator))["samples"]:
        pass
    return message


async def test_a_page_that_has_seen_everything_hears_only_its_cursor(run):
    cursor = await in_database(head)(run.pk)
    socket = listen(run.pk, cursor)
    assert (await socket.connect())[0]
    assert await hear(socket) == {"cursor": str(cursor), "samples": [], "html": "", "figures": {}}
    await socket.disconnect()


async def test_a_page_hears_of_rows_that_were_there_before_it_connected(run, attempt):
    sample = await in_database(make_sample)(attempt, text="It is 3.")
    socket = listen(run.pk, Cursor())
    await socket.connect()
    first = await hear(socket)
    assert first["samples"] == [sample.pk]
    assert f'id="attempt-{attempt.pk}"' in first["html"]
    assert "It is 3." in first["html"]
    await socket.disconnect()


async def test_a_new_sample_arrives_as_the_card_and_row_of_the_page(run, attempt):
    socket = listen(run.pk, await in_database(head)(run.pk))
    await socket.connect()
    await hear(socket)
    sample = await in_database(make_sample)(attempt, text="<b>It is 4.</b>", verdict="wrong")
    message = await hear_of(socket, sample.pk)
    assert 'class="sample wrong"' in message["html"]
    assert "&lt;b&gt;It is 4.&lt;/b&gt;" in message["html"]
    assert f'id="attempt-{attempt.pk}"' in message["html"]
    await socket.disconnect()


async def test_texts_being_written_and_new_findings_arrive(run, attempt):
    socket = listen(run.pk, await in_database(head)(run.pk))
    await socket.connect()
    await hear(socket)
    text = {"attempt": attempt.pk, "problem": attempt.problem_id, "index": 0, "text": "Let us think"}
    await in_database(WorkerDraft.objects.create)(run=run, revision=1, texts=[text])
    while "Let us think" not in (await hear(socket))["html"]:
        pass
    await in_database(Finding.objects.create)(run=run, position=0, key="headline", title="", sentence="Nine of ten.", figure=None)
    await in_database(run.pause)("The disk is full.")
    html = ""
    while "Nine of ten." not in html:
        html = (await hear(socket))["html"]
    assert "The disk is full." in html
    assert 'data-state="paused"' in html
    await socket.disconnect()


async def test_a_cut_socket_misses_nothing(run, attempt):
    """Samples stored while nobody listens reach the page that comes back with its last cursor, once each."""
    socket = listen(run.pk, await in_database(head)(run.pk))
    await socket.connect()
    await hear(socket)
    seen = await in_database(make_sample)(attempt, 0)
    cursor = (await hear_of(socket, seen.pk))["cursor"]
    await socket.disconnect()

    missed = [(await in_database(make_sample)(attempt, index)).pk for index in (1, 2)]
    again = listen(run.pk, cursor)
    await again.connect()
    heard = (await hear(again))["samples"]
    assert set(missed) <= set(heard)
    last = await in_database(make_sample)(attempt, 3)
    heard += (await hear_of(again, last.pk))["samples"]
    assert [heard.count(number) for number in [*missed, last.pk]] == [1, 1, 1]
    await again.disconnect()


@pytest.mark.parametrize("garbage", ["", "soup", "1-2-3", "99999999-0-0-0-0"])
async def test_a_page_with_a_cursor_nobody_can_read_is_told_to_load_again(run, garbage):
    socket = listen(run.pk, garbage)
    await socket.connect()
    assert await hear(socket) == {"cursor": str(await in_database(head)(run.pk)), "resync": True}
    await socket.disconnect()


async def test_strangers_are_refused(run):
    socket = listen(run.pk, Cursor(), AnonymousUser())
    assert await socket.connect() == (False, NOT_SIGNED_IN)


async def test_a_run_that_does_not_exist_is_refused(run):
    socket = listen(run.pk + 1000, Cursor())
    assert await socket.connect() == (False, NO_SUCH_RUN)


async def test_two_pages_share_one_follower_and_the_last_one_ends_it(run, attempt):
    cursor = await in_database(head)(run.pk)
    sockets = [listen(run.pk, cursor), listen(run.pk, cursor)]
    for socket in sockets:
        await socket.connect()
        await hear(socket)
    following = follower._followers[run.pk]
    assert len(following.subscriptions) == 2
    sample = await in_database(make_sample)(attempt)
    first, second = [await hear_of(socket, sample.pk) for socket in sockets]
    assert first == second
    await sockets[0].disconnect()
    assert follower._followers[run.pk] is following
    await sockets[1].disconnect()
    await asyncio.wait([following._task], timeout=5)
    assert following._task.cancelled()
    assert run.pk not in follower._followers


async def test_a_run_of_another_team_is_not_there(run):
    def hide() -> User:
        team = Team.objects.create(name="The others")
        Experiment.objects.update(team=team, visibility="team")
        return make_user()

    socket = listen(run.pk, Cursor(), await in_database(hide)())
    assert await socket.connect() == (False, NO_SUCH_RUN)
