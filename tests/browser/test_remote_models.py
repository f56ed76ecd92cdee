"""An endpoint is added in the browser: a preset fills the form, its models are listed and picked, the truth test runs."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import expect

from tests.servers.liar import Liar
from tests.servers.misbehaving import Wire, status
from tests.servers.threads import served
from tests.site import Site

LIST = status(200, {"data": [{"id": "small"}, {"id": "large"}]})


async def endpoint(wire: Wire) -> None:
    await (LIST if wire.asked.path.endswith("/models") else Liar())(wire)


@pytest.fixture
def site(tmp_path):
    with Site(tmp_path, "--workers", "0") as running:
        yield running


@pytest.fixture
def server():
    """Started on a thread, for Playwright's own event loop runs in this one."""
    with ThreadPoolExecutor(1) as thread:
        context = served(endpoint)
        yield thread.submit(context.__enter__).result(20)
        thread.submit(context.__exit__, None, None, None).result(20)


def test_from_a_preset_to_a_tested_model(site, server, person):
    watched = person(site)
    page = watched.page
    page.goto(site.link)
    expect(page.get_by_role("heading", name="Dashboard")).to_be_visible()
    page.goto("/models/new/")
    page.get_by_label("Name", exact=True).fill("lab")
    page.locator("select[name=backend]").select_option("openai_api")
    address = page.get_by_label("Base URL")
    expect(address).to_be_visible()
    expect(page.locator(".htmx-added, .htmx-swapping, .htmx-settling")).to_have_count(0)  # only then does it listen
    page.get_by_label("Preset").select_option("ollama")
    expect(address).to_have_value("http://localhost:11434/v1")
    expect(page.get_by_label("Tries")).to_be_hidden()
    site.manage("allow_endpoint", server.base_url)
    address.fill(server.base_url)
    page.get_by_role("button", name="List the endpoint's models").click()
    page.get_by_label("small").check()
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Test now").click()
    expect(page.locator("#truth")).to_contain_text("No worker is running")
    site.manage("worker", "--until-idle")
    expect(page.get_by_role("button", name="Test again")).to_be_visible()  # the page has followed it by itself
    expect(page.locator("#truth").get_by_role("row", name="max_tokens", exact=False).first).to_contain_text("honours")
    assert watched.complaints == []
