"""From the first page to a finding in three clicks, on the bundled model."""

import re

import pytest
from playwright.sync_api import expect

from tests.site import Site


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with Site(tmp_path_factory.mktemp("site")) as running:
        yield running


def test_does_asking_for_brevity_cost_accuracy(site, person):
    ada = person(site)
    page = ada.page
    page.goto(site.link)
    page.get_by_role("button", name="Does asking for brevity cost accuracy?").click()
    expect(page.get_by_role("heading", name="Does asking for brevity cost accuracy?")).to_be_visible()
    expect(page.get_by_text("at most 10 words")).to_be_visible()
    page.get_by_label("Problems").fill("6")
    page.get_by_role("button", name="Recount").click()
    expect(page.locator(".strip dd").nth(2)).to_have_text(str(6 * 4 * 4))
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("heading", name=re.compile(r"Run \d"))).to_be_visible()
    # All that follows arrives over the socket.
    expect(page.locator("#run-pill")).to_have_text("completed", timeout=120_000)
    expect(page.get_by_text(re.compile(r"Asking for at most 10 words .* tokens")).first).to_be_visible()
    assert ada.complaints == []
