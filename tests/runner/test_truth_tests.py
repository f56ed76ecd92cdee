"""A worker takes the truth tests that were asked for, beside its runs."""

import pytest

from experiments.inference import consents
from experiments.models import LanguageModel, TruthTest
from experiments.runner import presence
from tests.factories import make_user
from tests.runner.processes import wait_until
from tests.runner.working import at_work, work_until_idle
from tests.servers.liar import Liar
from tests.servers.misbehaving import hang, status
from tests.servers.threads import served

pytestmark = pytest.mark.django_db(transaction=True)


def asked_for(server, name="remote") -> TruthTest:
    consents.allow_private(server.base_url)
    params = {"base_url": server.base_url, "model": "m"}
    entry = LanguageModel.objects.create(name=name, backend="openai_api", params=params)
    return TruthTest.objects.request(entry, make_user(name=f"asks {name}"))


def test_its_report_is_kept_with_the_model():
    with served(Liar(honours_seed=True)) as server:
        test = asked_for(server)
        work_until_idle()
    test.refresh_from_db()
    assert (test.state, test.n_steps_done) == (TruthTest.State.DONE, test.n_steps)
    truth = test.language_model.truth
    assert test.rows == truth["rows"]
    assert {row["feature"]: row["verdict"] for row in truth["rows"]}["seed"] == "honours"
    assert truth["n_calls"] == len(server.requests)


def test_one_that_fails_says_why():
    with served(status(401, {"error": {"message": "who are you"}})) as server:
        test = asked_for(server)
        work_until_idle()
    test.refresh_from_db()
    assert (test.state, test.language_model.truth) == (TruthTest.State.FAILED, None)
    assert "answered no question: 401: who are you" in test.reason


def test_a_slow_endpoint_keeps_no_other_waiting_and_a_worker_that_stops_says_so():
    with served(hang) as slow, served(Liar()) as quick:
        stuck, fast = asked_for(slow, "slow"), asked_for(quick, "quick")
        with at_work():
            wait_until(lambda: TruthTest.objects.get(pk=fast.pk).state == TruthTest.State.DONE)
            assert TruthTest.objects.get(pk=stuck.pk).state == TruthTest.State.RUNNING
    stuck.refresh_from_db()
    assert (stuck.state, stuck.reason) == (
        TruthTest.State.FAILED,
        "Its worker stopped meanwhile or lost its connection. Test again.",
    )


def test_what_a_dead_worker_held_is_given_up():
    with served(status(500)) as server:
        test = asked_for(server)
        dead = presence.register()
        assert TruthTest.objects.claim(dead.pk) == test
        assert TruthTest.objects.claim(dead.pk) is None
        presence.leave(dead)
        test.refresh_from_db()
        assert test.state == TruthTest.State.FAILED
        assert not server.requests
