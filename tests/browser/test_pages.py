"""Every page in a real browser: quiet, within the window, lively with scripts and usable without."""

import pytest
from playwright.sync_api import expect

from tests.site import Site

FILL = "from tests.factories import *; make_run(name='sums', problems=3, variants=[make_variant(name='plain')])"
PAGES = [
    "/",
    "/experiments/",
    "/experiments/1/",
    "/experiments/1/edit/",
    "/experiments/new/",
    "/runs/",
    "/runs/1/",
    "/prompts/",
    "/prompts/new/",
    "/prompts/1/",
    "/prompts/1/variants/1/",
    "/prompts/1/variants/1/edit/",
    "/datasets/",
    "/datasets/1/",
    "/datasets/upload/",
    "/datasets/generate/reasoning_gym/",
    "/models/",
    "/models/1/",
    "/models/new/",
    "/models/keys/",
    "/runs/ledger/",
    "/docs/",
    "/docs/studies/best_of_n/",
    "/docs/glossary/",
    "/docs/glossary/interval/",
    "/docs/keyboard/",
    "/search/?q=sums",
    "/basket/",
    "/runs/?state=queued&sort=-tokens",
    "/docs/backends/scripted/",
    "/account/",
    "/people/",
    "/operations/",
]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with Site(tmp_path_factory.mktemp("site"), "--workers", "0") as running:
        running.manage("shell", "-c", FILL)
        yield running


@pytest.fixture
def signed_in(site, person):
    """A factory of browsers of the administrator; each spends a link of its own."""

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


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_every_page_is_quiet_and_fits_the_window(signed_in, width, scheme):
    watched = signed_in(color_scheme=scheme)
    watched.page.set_viewport_size({"width": width, "height": 800})
    for path in PAGES:
        assert watched.page.goto(path).status == 200, path
        too_wide = watched.page.locator("html").evaluate("root => root.scrollWidth - window.innerWidth")
        assert too_wide <= 0, f"{path} is {too_wide} pixels wider than the window"
    assert watched.complaints == []


def test_a_plan_shows_its_size_and_the_options_of_what_is_chosen(signed_in):
    watched = signed_in()
    page = watched.page
    page.goto("/experiments/1/edit/")
    expect(page.get_by_text("12 samples")).to_be_visible()
    page.get_by_label("Samples (N)").fill("8")
    expect(page.get_by_text("24 samples")).to_be_visible()
    page.get_by_label("Grader", exact=True).select_option("regex")
    expect(page.get_by_label("Pattern")).to_be_visible()
    assert watched.complaints == []


def test_a_wording_is_previewed_while_it_is_typed(signed_in):
    watched = signed_in()
    page = watched.page
    page.goto("/prompts/1/variants/1/edit/")
    expect(page.locator("#preview")).to_contain_text("What is 0 + 3 =")
    page.get_by_role("button", name="Next").click()
    expect(page.locator("#preview")).to_contain_text("What is 1 + 3 =")
    page.get_by_label("User template").fill("What is {{ qestion }}")
    expect(page.get_by_role("alert")).to_contain_text("Did you mean {{ question }}?")
    page.get_by_label("User template").fill("Tell me: {{ question }}")
    expect(page.locator("#preview")).to_contain_text("Tell me: 1 + 3 =")
    assert watched.complaints == []


def test_without_scripts_the_menu_opens_and_choices_show_their_options(signed_in):
    watched = signed_in(java_script_enabled=False)
    page = watched.page
    page.set_viewport_size({"width": 390, "height": 800})
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Experiments").click()
    page.get_by_role("link", name="sums").first.click()
    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Grader", exact=True).select_option("regex")
    page.get_by_role("button", name="Show the options of this choice").last.click()
    expect(page.get_by_label("Pattern")).to_be_visible()
    expect(page.get_by_text("Not saved yet")).to_be_visible()
