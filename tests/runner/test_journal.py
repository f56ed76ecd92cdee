"""Draws are named by their content, so a strategy run again is handed what is stored and asks for the rest only."""

import pytest

from experiments.domain.types import Decoding, Message, Purpose
from experiments.models import Attempt, Sample
from experiments.runner.journal import Ask, Journal, request_hash
from tests.factories import make_run
from tests.runner.processes import read_requests
from tests.runner.working import work_until_idle

HELLO = (Message("user", "Hello"),)
IDENTITY = (7, "model1-variant1", "p0", 0)


def row(draw) -> Sample:
    return Sample(request_hash=draw.key[0], occurrence=draw.key[1], index=draw.index, seed=draw.seed)


def test_equal_requests_are_distinct_draws_with_distinct_seeds():
    journal = Journal(IDENTITY)
    draws = [journal.draw(Ask(HELLO, Decoding())) for _ in range(100)]
    assert [draw.key[1] for draw in draws] == list(range(100))
    assert [draw.index for draw in draws] == list(range(100))
    assert len({draw.seed for draw in draws}) == 100


def test_a_draw_does_not_depend_on_what_was_asked_before():
    other = (Message("user", "Other"),)
    first, second = Journal(IDENTITY), Journal(IDENTITY)
    first.draw(Ask(other, Decoding()))
    assert first.draw(Ask(HELLO, Decoding())).key == second.draw(Ask(HELLO, Decoding())).key
    assert first.draw(Ask(HELLO, Decoding())).seed == second.draw(Ask(HELLO, Decoding())).seed


@pytest.mark.parametrize("identity", [(8, *IDENTITY[1:]), (7, "model2-variant1", "p0", 0), (7, "model1-variant1", "p0", 1)])
def test_seeds_differ_between_runs_conditions_and_repeats(identity):
    assert Journal(identity).draw(Ask(HELLO, Decoding())).seed != Journal(IDENTITY).draw(Ask(HELLO, Decoding())).seed


def test_only_the_missing_draws_are_asked_for_and_take_the_free_places():
    journal = Journal(IDENTITY)
    drawn = [row(journal.draw(Ask(HELLO, Decoding()))) for _ in range(64)]
    lost = {5, 31, 63}
    again = Journal(IDENTITY, [sample for sample in drawn if sample.index not in lost])
    draws = [again.draw(Ask(HELLO, Decoding())) for _ in range(64)]
    missing = [draw for draw in draws if draw.stored is None]
    assert {draw.index for draw in missing} == lost
    assert [(draw.index, draw.seed) for draw in missing] == [(drawn[i].index, drawn[i].seed) for i in sorted(lost)]


def test_branches_that_ask_in_another_order_find_their_samples():
    left, right = (Message("user", "left"),), (Message("user", "right"),)
    journal = Journal(IDENTITY)
    stored = [row(journal.draw(Ask(left, Decoding()))), row(journal.draw(Ask(right, Decoding())))]
    again = Journal(IDENTITY, stored)
    assert again.draw(Ask(right, Decoding())).stored is stored[1]
    assert again.draw(Ask(left, Decoding())).stored is stored[0]
    assert again.draw(Ask(left, Decoding())).index == 2


def test_the_hash_sees_every_part_of_a_request():
    hashes = {
        request_hash(Ask(HELLO, Decoding(), Purpose("answer"))),
        request_hash(Ask(HELLO, Decoding(temperature=0.7), Purpose("answer"))),
        request_hash(Ask(HELLO, Decoding(), Purpose("judge"))),
        request_hash(Ask((Message("system", "Hello"),), Decoding(), Purpose("answer"))),
        request_hash(Ask((Message("user", "Hel"), Message("user", "lo")), Decoding(), Purpose("answer"))),
    }
    assert len(hashes) == 5
    assert all(len(each) == 32 for each in hashes)


@pytest.mark.django_db(transaction=True)
def test_a_pool_that_lost_three_of_sixty_four_draws_those_three(tmp_path, settings):
    run = make_run(n=64, problems=1)
    work_until_idle()
    lost = Sample.objects.filter(run=run, index__in=[5, 31, 63])
    expected = sorted(lost.values_list("index", "occurrence", "seed", "text"))
    lost.delete()
    Attempt.objects.filter(run=run).update(state="pending")
    run.__class__.objects.filter(pk=run.pk).update(state="running")

    settings.ASSAY_REQUEST_LOG = str(tmp_path / "requests.jsonl")
    work_until_idle()
    assert sorted(request["occurrence"] for request in read_requests(tmp_path / "requests.jsonl")) == [5, 31, 63]
    assert (
        sorted(Sample.objects.filter(run=run, index__in=[5, 31, 63]).values_list("index", "occurrence", "seed", "text"))
        == expected
    )
    assert Sample.objects.filter(run=run).count() == 64
