"""Reviewing by keyboard in a real browser: every key, nothing lost when the tab closes, and the same without scripts."""

import pytest
from playwright.sync_api import expect

from tests.site import Site

FILL = """
from tests.reports.reviewing import *
from experiments.reports.review_sets import read_rubric
make_review_set(finished_runs((1,), problems=4), shown={"rubric": read_rubric("Clarity: 1-5\\nTone: 0-3")})
make_review_set(finished_runs((1, 1), problems=2), is_pairwise=True)
"""
SAID = """
from experiments.models import *
current = HumanVerdict.objects.filter(item__review_set=%d).current().order_by("item__position")
print([(each.item.position, each.verdict, each.note, each.scores) for each in current])
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with Site(tmp_path_factory.mktemp("site"), "--workers", "0") as running:
        running.manage("shell", "-c", FILL)
        yield running


@pytest.fixture
def signed_in(site, person):
    def open_browser(**options):
        issue = "from experiments.models import *; print(LoginLink.objects.issue(User.objects.get(username='admin')))"
        secret = site.manage("shell", "-v0", "-c", issue).split()[-1]
        watched = person(site, **options)
        watched.page.goto(f"/login/{secret}/")
        if options.get("java_script_enabled", True) is False:
            watched.page.get_by_role("button", name="Sign in").click()
        expect(watched.page.get_by_role("heading", name="Dashboard")).to_be_visible()
        return watched

    return open_browser


def at(page, number: int) -> None:
    expect(page.get_by_role("heading", name=f"Item {number} of")).to_be_visible()


def said(site, review_set: int) -> str:
    return site.manage("shell", "-v0", "-c", SAID % review_set).strip().splitlines()[-1]


def test_a_pass_by_keyboard_with_scores_notes_drafts_and_undo(signed_in, site):
    watched = signed_in()
    page, keys = watched.page, watched.page.keyboard
    page.goto("/reviews/1/next/")
    at(page, 1)
    keys.press("4")
    keys.press("2")
    keys.press("n")
    keys.type("cwu")  # letters in the note give no verdict
    page.reload()  # as if the tab had been closed
    expect(page.get_by_label("Note")).to_have_value("cwu")
    expect(page.get_by_role("group", name="Clarity").get_by_label("4")).to_be_checked()
    keys.press("c")
    at(page, 2)
    keys.press("ArrowRight")
    at(page, 3)
    keys.press("w")
    at(page, 4)
    keys.press("z")
    at(page, 3)
    keys.press("u")
    at(page, 4)
    keys.press("c")
    at(page, 2)
    keys.press("ArrowLeft")
    at(page, 1)
    expect(page.get_by_text("you said: correct")).to_be_visible()
    keys.press("g")
    keys.press("r")  # goes to the runs and judges nothing
    expect(page.get_by_role("heading", name="Runs", exact=True)).to_be_visible()
    assert said(site, 1) == ("[(0, 'correct', 'cwu', {'clarity': 4, 'tone': 2}), (2, 'unsure', '', {}), (3, 'correct', '', {})]")
    assert watched.complaints == []


def test_the_count_follows_the_form_and_a_set_is_made(signed_in):
    page = signed_in().page
    page.goto("/reviews/new/?run=1")
    expect(page.get_by_text("4 to review.")).to_be_visible()
    page.get_by_label("Texts per attempt").fill("0")
    page.get_by_label("At most").fill("6")
    page.get_by_label("At most").press("Tab")
    expect(page.get_by_text("6 to review, drawn at random from 16.")).to_be_visible()
    page.get_by_role("button", name="Make the review set").click()
    expect(page.get_by_role("heading", name="Review of run 1")).to_be_visible()


def test_pairs_are_judged_without_scripts(signed_in, site):
    page = signed_in(java_script_enabled=False).page
    page.goto("/reviews/2/next/")
    page.get_by_role("button", name="Left is better").click()
    at(page, 2)
    page.get_by_role("button", name="As good as each other").click()
    expect(page.get_by_text("You have judged all items")).to_be_visible()
    page.get_by_role("link", name="Agreement and scores").click()
    expect(page.get_by_role("heading", name="Under the verdict of people")).to_be_visible()
    assert said(site, 2) == "[(0, 'left', '', {}), (1, 'tie', '', {})]"


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_the_pages_are_quiet_and_fit_the_window(signed_in, width, scheme):
    watched = signed_in(color_scheme=scheme)
    watched.page.set_viewport_size({"width": width, "height": 800})
    for path in ("/reviews/", "/reviews/new/?run=1", "/reviews/1/?results", "/reviews/1/items/0/", "/reviews/2/items/0/"):
        assert watched.page.goto(path).status == 200, path
        watched.page.wait_for_load_state("networkidle")
        too_wide = watched.page.locator("html").evaluate("root => root.scrollWidth - window.innerWidth")
        assert too_wide <= 0, f"{path} is {too_wide} pixels wider than the window"
    assert watched.complaints == []
