"""The texts of one attempt: everything known about each, and nothing run that a model wrote."""

import re

import pytest

from experiments.models import User
from experiments.reports.attempt_samples import samples_page
from tests.factories import make_run, make_sample, make_user, make_variant

pytestmark = pytest.mark.django_db


@pytest.fixture
def run():
    return make_run(n=4, problems=3, variants=[make_variant("Work out {{ question }}", system="You add numbers.")])


@pytest.fixture
def reader(client):
    client.force_login(make_user(role=User.Role.VIEWER))
    return client


def page_of(client, attempt, query: str = "") -> str:
    response = client.get(f"/runs/{attempt.run_id}/attempts/{attempt.pk}/{query}")
    assert response.status_code == 200
    return response.content.decode()


def test_a_sample_shows_text_verdict_and_figures_with_the_answer_marked(reader, run):
    attempt = run.attempts.first()
    make_sample(attempt, 0, text="3 apples <script>alert(1)</script> make 3.", canonical="3", seed=4711, mean_logprob=-0.25)
    page = page_of(reader, attempt)
    assert "3 apples &lt;script&gt;alert(1)&lt;/script&gt; make <mark>3</mark>." in page
    assert "made by a factory" in page
    assert "seed 4711" in page
    assert "−0.250" in page


def test_the_prompt_is_shown_as_it_was_sent(reader, run):
    page = page_of(reader, run.attempts.order_by("position")[1])
    assert "You add numbers." in page
    assert "Work out 1 + 3 =" in page


def test_a_failed_sample_shows_its_error_instead_of_a_text(reader, run):
    attempt = run.attempts.first()
    make_sample(attempt, 0, text="", verdict="failed", finish_reason="failed", error="The prompt does not fit.")
    assert "The prompt does not fit." in page_of(reader, attempt)


def test_problems_are_linked_in_order(reader, run):
    first, second, third = run.attempts.order_by("position")
    page = page_of(reader, second)
    assert re.search(rf'rel="prev" href="/runs/{run.pk}/attempts/{first.pk}/"', page)
    assert re.search(rf'rel="next" href="/runs/{run.pk}/attempts/{third.pk}/"', page)
    assert 'rel="prev"' not in page_of(reader, first)


def test_an_attempt_of_another_run_is_not_found(reader, run):
    other = make_run(experiment=run.experiment)
    assert reader.get(f"/runs/{other.pk}/attempts/{run.attempts.first().pk}/").status_code == 404


def test_samples_come_in_order_and_in_pages_that_join_up(run):
    attempt = run.attempts.first()
    for index in (2, 0, 3, 1, 4):
        make_sample(attempt, index)
    found, after = [], -1
    has_more = True
    while has_more:
        page, has_more = samples_page(run, attempt, after, 2)
        after = page[-1].sample.index
        found += [read.sample.index for read in page]
    assert found == [0, 1, 2, 3, 4]


def test_the_answer_marked_is_the_last_one_of_its_kind(run):
    attempt = run.attempts.first()
    make_sample(attempt, 0, text="7, no, 7 it is", canonical="7")
    (read,), _ = samples_page(run, attempt, -1, 10)
    assert (read.before, read.answer, read.after) == ("7, no, ", "7", " it is")


def test_an_answer_that_does_not_occur_literally_leaves_the_text_whole(run):
    attempt = run.attempts.first()
    make_sample(attempt, 0, text="one half", canonical="1/2")
    (read,), _ = samples_page(run, attempt, -1, 10)
    assert (read.before, read.answer, read.after) == ("one half", "", "")


def test_the_page_takes_few_queries_however_many_samples(reader, run, django_assert_max_num_queries):
    attempt = run.attempts.first()
    for index in range(40):
        make_sample(attempt, index)
    with django_assert_max_num_queries(12):
        page_of(reader, attempt)
