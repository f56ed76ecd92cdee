"""The interactive figure as a page: whole without scripts, in parts for htmx, and its address is its state."""

import pytest

from experiments.models import Run
from tests.factories import make_run
from tests.reports.rows import finish_all

pytestmark = pytest.mark.django_db


@pytest.fixture
def run() -> Run:
    run = make_run(n=4, problems=6)
    finish_all(run, ("correct", "3"), ("wrong", "4"), ("correct", "3"), ("wrong", "5"))
    return run


def page_of(client, run, query: str = "", **headers) -> str:
    response = client.get(f"/runs/{run.pk}/explore/{query}", headers=headers)
    assert response.status_code == 200
    return response.content.decode()


def test_without_a_choice_the_usual_curves_are_there_with_all_numbers(viewer, run):
    page = page_of(viewer, run)
    assert "At k = 4 on 6 problems: oracle (pass@k) 1.000 [1.000, 1.000]" in page
    assert 'name="selectors" value="majority"' in page
    assert page.count('<th scope="row">') > 16


def test_the_address_decides_what_is_checked_and_drawn(viewer, run):
    page = page_of(viewer, run, "?selectors=shortest&selectors=mean&k=2&x=tokens&baseline=mean")
    assert "At k = 2 on 6 problems: shortest" in page
    assert "against mean (no selection)" in page
    assert '<option value="2" selected>' in page
    assert 'value="tokens" id="id_x_1" checked' in page


def test_what_cannot_be_read_takes_its_usual_value(viewer, run):
    page = page_of(viewer, run, "?selectors=coin&k=many&x=<script>&problems=p0")
    assert "At k = 4 on 6 problems: oracle" in page
    assert "<script>&" not in page


def test_htmx_is_given_the_part_that_changes_and_the_sentence_to_read_aloud(viewer, run):
    part = page_of(viewer, run, "?k=2", **{"HX-Request": "true"})
    assert part.lstrip().startswith('<script id="explored-plot" type="application/json">')
    assert '<p id="explored-sentence" hx-swap-oob="innerHTML">At k = 2' in part
    assert "<html" not in part


def test_a_run_without_a_complete_pool_says_so(viewer):
    assert "Nothing to explore yet" in page_of(viewer, make_run())


def test_the_run_page_leads_there(viewer, run):
    assert f'href="/runs/{run.pk}/explore/"' in viewer.get(f"/runs/{run.pk}/").content.decode()
