"""Finding one's way by the keyboard alone: the palette, its help, chips, saved views, explanations and tags."""

import re

import pytest
from playwright.sync_api import expect

from tests.site import Site

FILL = "from tests.factories import *; [make_run(make_experiment(name=name, problems=2)) for name in ('Plain sums', 'Long sums')]"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with Site(tmp_path_factory.mktemp("site"), "--workers", "0") as running:
        running.manage("shell", "-c", FILL)
        yield running


@pytest.fixture
def watched(site, person):
    issue = "from experiments.models import *; print(LoginLink.objects.issue(User.objects.get(username='admin')))"
    opened = person(site)
    opened.page.goto(f"/login/{site.manage('shell', '-v0', '-c', issue).split()[-1]}/")
    expect(opened.page.get_by_role("heading", name="Dashboard")).to_be_visible()
    yield opened
    assert opened.complaints == []


def selected(page):
    return page.get_by_role("option", selected=True)


def test_the_palette_leads_anywhere_by_keyboard(watched):
    page = watched.page
    page.keyboard.press("Control+k")
    field = page.get_by_role("combobox", name="Go to, do, or find")
    expect(field).to_be_focused()
    expect(page.get_by_role("group", name="On this page").get_by_role("option")).to_have_text(["New experiment"])
    page.keyboard.type("long su")
    expect(selected(page)).to_contain_text("Long sums")
    assert field.get_attribute("aria-activedescendant") == selected(page).get_attribute("id")
    first = selected(page).inner_text()
    page.keyboard.press("ArrowDown")
    expect(selected(page)).not_to_have_text(first)
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Long sums")).to_be_visible()

    # Enter right after the last letter goes by what was typed, not by what was still listed.
    page.keyboard.press("Control+k")
    page.keyboard.type("glossary")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Glossary")).to_be_visible()

    page.keyboard.press("Control+k")
    page.keyboard.type("plain")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("searchbox", name="Words to find")).to_have_value("plain")

    page.keyboard.press("Control+k")
    page.keyboard.press("Escape")
    expect(field).to_be_hidden()


def test_what_a_page_offers_is_done_from_the_palette(watched):
    page = watched.page
    page.goto("/runs/1/")
    page.keyboard.press("Control+k")
    page.keyboard.type("cancel")
    expect(selected(page)).to_have_text("Cancel run")
    page.keyboard.press("Enter")
    expect(page.locator("#run-pill")).to_have_text("cancelled")


def test_keys_help_and_lead(watched):
    page = watched.page
    page.keyboard.press("?")
    help_ = page.get_by_role("dialog", name="Keyboard")
    expect(help_.get_by_text("Show this help")).to_be_visible()
    page.keyboard.press("Escape")
    expect(help_).to_be_hidden()
    page.keyboard.press("g")
    page.keyboard.press("r")
    expect(page.get_by_role("heading", name="Runs")).to_be_visible()
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox", name="Find in runs")).to_be_focused()
    page.keyboard.type("gr?")
    expect(page.get_by_role("searchbox", name="Find in runs")).to_have_value("gr?")

    # Whoever dictates switches single letters off.
    page.goto("/docs/keyboard/")
    page.get_by_role("checkbox", name=re.compile("Switch them off")).press("Space")
    page.goto("/runs/")
    page.keyboard.press("?")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox", name="Go to, do, or find")).to_be_focused()
    expect(help_).to_be_hidden()


def test_a_filter_becomes_a_chip_and_a_view_by_keyboard(watched):
    page = watched.page
    page.goto("/runs/")
    page.get_by_role("button", name="Filter").press("Enter")
    page.get_by_role("form", name="Filter").get_by_label("Experiment").select_option(label="Long sums")
    page.get_by_role("button", name="Show").first.press("Enter")
    expect(page.get_by_role("status").filter(has_text="1 run")).to_be_visible()
    chips = page.get_by_role("list", name="Filters in force")
    expect(chips).to_contain_text("Long sums")
    page.get_by_role("button", name="Save view").press("Enter")
    page.get_by_label("Name of this view").fill("The long ones")
    page.keyboard.press("Enter")
    expect(page.get_by_text("The view “The long ones” is saved.")).to_be_visible()
    page.get_by_role("link", name="Take off the filter").press("Enter")
    expect(page.get_by_role("status").filter(has_text="2 runs")).to_be_visible()
    page.get_by_role("list", name="Saved views").get_by_role("link", name="The long ones").press("Enter")
    expect(chips).to_contain_text("Long sums")
    page.get_by_role("button", name="Put the conditions of run").press("Enter")
    expect(page.get_by_role("navigation", name="Main").get_by_role("link", name=re.compile("Basket 1"))).to_be_visible()
    page.keyboard.press("Control+k")
    page.keyboard.type("long ones")
    expect(selected(page)).to_contain_text("The long ones")


def test_a_number_is_explained_by_keyboard(watched):
    page = watched.page
    page.goto("/runs/2/")
    button = page.get_by_role("button", name="What is Vote margin?")
    button.press("Enter")
    explanation = page.get_by_text("above 0, the majority is right")
    expect(explanation).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="More about Vote margin")).to_be_focused()
    page.keyboard.press("Escape")
    expect(explanation).to_be_hidden()
    expect(button).to_be_focused()


def test_tags_and_notes_are_written_in_place(watched):
    page = watched.page
    page.goto("/runs/2/")
    page.get_by_label("Add a tag").fill("for the paper, draft")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="for the paper")).to_be_visible()
    page.get_by_role("button", name="Take off the tag draft").press("Enter")
    expect(page.get_by_role("link", name="draft")).to_have_count(0)
    page.get_by_label("Write a note").fill("Look at p1.")
    page.get_by_role("button", name="Add the note").press("Enter")
    expect(page.locator("#notes").get_by_text("Look at p1.")).to_be_visible()
    page.get_by_role("link", name="for the paper").press("Enter")
    expect(page.get_by_role("link", name=re.compile("^Run 2: "))).to_be_visible()


def test_without_scripts_everything_is_a_page(site, person):
    issue = "from experiments.models import *; print(LoginLink.objects.issue(User.objects.get(username='admin')))"
    page = person(site, java_script_enabled=False).page
    page.goto(f"/login/{site.manage('shell', '-v0', '-c', issue).split()[-1]}/")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Find anything").click()
    page.get_by_role("searchbox", name="Words to find").fill("long sums")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Long sums", exact=True)).to_be_visible()
    page.get_by_role("link", name="Keyboard", exact=False).click()
    expect(page.get_by_role("heading", name="Keyboard")).to_be_visible()
    page.goto("/runs/")
    page.get_by_role("button", name="Filter").click()
    page.get_by_role("form", name="Filter").get_by_label("State").select_option("queued")
    page.get_by_role("button", name="Show").first.click()
    expect(page.get_by_role("list", name="Filters in force")).to_contain_text("queued")
