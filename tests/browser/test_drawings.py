"""What is drawn: the interactive figure with its state in the address, a tree and a chain while they grow."""

import json
import re
from types import SimpleNamespace

import pytest
from playwright.sync_api import expect

from tests.site import Site

# Two ways to begin, two to go on and two to end, some tenths of a second a word. The searches wait to be resumed.
FILL = """
import json
from itertools import product
from django.db import transaction
from experiments.models import LoginLink, User
from tests.factories import make_experiment, make_language_model, make_run
from tests.reports.rows import finish_all
with transaction.atomic():
    pools = make_run(n=4, problems=8)
    finish_all(pools, ("correct", "3"), ("wrong", "4"), ("correct", "3"), ("wrong", "5"))
    pools.start(), pools.complete()
    steps = [["Take the tens.", "Take the ones."], ["Now add them.", "Now guess."], ["The answer is 3.", "The answer is 4."]]
    answers = ["\\n\\n".join(path) for path in product(*steps)]
    rules = {"Is there any error": ["Count again. Verdict: error"]}
    model = make_language_model(answers=answers, rules=rules, seconds_per_token=0.12, max_in_flight=4)
    found = {"explore": f"/runs/{pools.pk}/explore/", "links": []}
    for strategy, options in (("beam_search", {"n": 4, "width": 2}), ("self_refine", {"depth": 3})):
        study = {"strategies": [strategy], "pool_n": 2, "overrides": {strategy: options}}
        plan = make_experiment(problems=1, language_models=[model], study="test_time_compute", study_params=study)
        run = make_run(plan)
        run.pause()
        attempt = run.attempts.get(condition__strategy=strategy).pk
        found[strategy] = {"run": f"/runs/{run.pk}/", "attempt": f"/runs/{run.pk}/attempts/{attempt}/"}
    admin = User.objects.get(username="admin")
    found["links"] = [LoginLink.objects.issue(admin) for _ in range(6)]
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A running site with its addresses; `open_page` spends one of its login links."""
    with Site(tmp_path_factory.mktemp("site")) as site:
        found = json.loads(site.manage("shell", "-v0", "--no-imports", "-c", FILL).strip().split("\n")[-1])
        yield SimpleNamespace(site=site, **found)


@pytest.fixture
def open_page(world, person):
    def open_page(address: str, **options):
        watched = person(world.site, **options)
        watched.page.goto(f"/login/{world.links.pop()}/?next={address}")
        if options.get("java_script_enabled", True) is False:
            watched.page.get_by_role("button", name="Sign in").click()
        return watched

    return open_page


def test_slider_menus_and_axes_change_the_figure_and_the_address_at_once(world, open_page):
    watched = open_page(world.explore)
    page = watched.page
    expect(page.locator("#figure-explored .main-svg").first).to_be_visible()
    page.get_by_role("slider").press("ArrowLeft")
    expect(page.get_by_role("columnheader", name="at k = 3")).to_be_visible()
    expect(page).to_have_url(re.compile(r"[?&]k=3"))
    page.get_by_label("shortest").check()
    expect(page.locator(".explored-values").get_by_role("rowheader", name="shortest")).to_be_visible()
    page.get_by_text("tokens", exact=True).click()
    expect(page.get_by_role("columnheader", name="tokens, 95% interval")).to_be_visible()
    page.get_by_label("Problems").select_option(index=0)
    page.get_by_label("Differences to").select_option(label="majority")
    expect(page.get_by_role("columnheader", name="against majority")).to_be_visible()
    expect(page.get_by_role("status")).to_contain_text("At k = 3 on 8 problems")
    # Whoever is sent the address sees the same.
    seen = page.locator(".explored-values").inner_text()
    other = open_page("/")
    other.page.goto(page.url)
    assert other.page.locator(".explored-values").inner_text() == seen
    assert watched.complaints == other.complaints == []


def test_the_numbers_under_the_pointer_come_with_n_and_interval(world, open_page):
    page = open_page(world.explore).page
    point = page.locator("#figure-explored .scatterlayer .points path").first
    expect(point).to_be_visible()
    point.hover(force=True)
    expect(page.locator("#figure-explored .hoverlayer")).to_contain_text(re.compile(r"0\.\d{3} \[\d\.\d{3}, \d\.\d{3}\], n = 8"))


def test_the_figure_s_form_works_without_scripts(world, open_page):
    page = open_page(world.explore, java_script_enabled=False).page
    page.get_by_label("k, samples per problem").select_option("2")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("columnheader", name="at k = 2")).to_be_visible()
    expect(page.get_by_label("k, samples per problem")).to_have_value("2")


def test_a_tree_grows_on_its_page_and_keeps_what_is_unfolded(world, open_page):
    watched = open_page(world.beam_search["run"])
    page = watched.page
    page.get_by_role("button", name="Resume").click()
    page.goto(world.beam_search["attempt"])
    box = page.locator("#step-0")
    expect(box).to_be_visible(timeout=60_000)
    box.locator("summary").click()
    expect(page.get_by_text("The path that was handed in is marked")).to_be_visible(timeout=60_000)
    expect(page.locator(".step.chosen")).to_have_count(3)
    expect(page.locator(".step.fades").first).to_be_visible()
    expect(box).to_have_attribute("open", "")
    for address in (world.beam_search["attempt"], world.explore):
        page.set_viewport_size({"width": 390, "height": 800})
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{address} scrolls sideways"
    page.goto(world.beam_search["run"])
    expect(page.locator(".tree .step.chosen")).to_have_count(3)
    assert watched.complaints == []


def test_a_chain_grows_on_the_run_page(world, open_page):
    watched = open_page(world.self_refine["run"])
    page = watched.page
    page.get_by_role("button", name="Resume").click()
    expect(page.locator(".round").first).to_contain_text("The answer is", timeout=60_000)
    expect(page.locator("#run-pill")).to_have_text("completed", timeout=60_000)
    expect(page.locator(".round")).to_have_count(3)
    expect(page.get_by_text("Said about it: errors found").first).to_be_visible()
    expect(page.get_by_text("Stopped: all answers given")).to_be_visible()
    assert watched.complaints == []
