"""The basket: conditions put aside to be compared, for each person apart."""

import pytest

from experiments.web.basket import MOST
from tests.factories import make_language_model, make_run, make_variant

pytestmark = pytest.mark.django_db


@pytest.fixture
def run():
    return make_run(language_models=[make_language_model("one")], variants=[make_variant(name="a"), make_variant(name="b")])


def names(run) -> list[str]:
    return [f"{run.pk}.{key}" for key in run.conditions.values_list("key", flat=True)]


def basket_of(browser) -> list[str]:
    browser.user.refresh_from_db()
    return browser.user.basket


def test_a_run_brings_all_its_conditions_once(viewer, editor, run):
    for _ in range(2):
        assert viewer.post("/basket/add/", {"run": run.pk, "next": "/runs/?state=queued"}).url == "/runs/?state=queued"
    assert basket_of(viewer) == names(run)
    assert basket_of(editor) == []


def test_single_conditions_are_added_and_what_does_not_exist_is_not(viewer, run):
    viewer.post("/basket/add/", {"arm": [names(run)[1], "99.none", "x", ".", f"{run.pk}.none", "9" * 30 + ".k"]})
    assert basket_of(viewer) == names(run)[1:]


def test_the_side_counts_them_and_leads_to_the_comparison(viewer, run):
    assert "Edit the basket" not in viewer.get("/").content.decode()
    viewer.post("/basket/add/", {"run": run.pk})
    page = viewer.get("/docs/")
    comparison = page.context["navigation"]["basket"]["comparison_url"]
    assert f'href="{comparison.replace("&", "&amp;")}"' in page.content.decode()
    assert viewer.get(comparison).context["chosen"] == names(run)


def test_the_first_is_the_baseline_and_can_be_changed(viewer, run):
    viewer.post("/basket/add/", {"run": run.pk})
    first, second = names(run)
    viewer.post("/basket/first/", {"arm": second})
    assert basket_of(viewer) == [second, first]
    rows = viewer.get("/basket/").context["rows"]
    assert [name for name, _ in rows] == [second, first]


def test_conditions_are_taken_out_one_by_one_or_all_together(viewer, run):
    viewer.post("/basket/add/", {"run": run.pk})
    viewer.post("/basket/remove/", {"arm": names(run)[0]})
    assert basket_of(viewer) == names(run)[1:]
    assert "needs at least two conditions" in viewer.get("/basket/").content.decode()
    viewer.post("/basket/empty/")
    assert "The basket is empty" in viewer.get("/basket/").content.decode()


def test_a_full_basket_says_so(viewer, run):
    viewer.user.basket = [f"0.{number}" for number in range(MOST - 1)]
    viewer.user.save()
    page = viewer.post("/basket/add/", {"run": run.pk}, follow=True).content.decode()
    assert f"holds {MOST} conditions at most" in page
    assert len(basket_of(viewer)) == MOST - 1


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_a_button_leads_back_to_this_site_only(viewer, elsewhere):
    assert viewer.post("/basket/empty/", {"next": elsewhere}).url == "/basket/"
