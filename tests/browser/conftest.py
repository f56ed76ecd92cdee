"""Headless Chromium that reaches nothing but the site under test, and complains about every script error."""

import json
import os
import shutil
from types import SimpleNamespace

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.browser.showcase import FILL
from tests.site import Site

# Slow machines are waited for; what is there at once costs nothing.
expect.set_options(timeout=20_000)

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items):
    """Browser tests come last: Playwright's event loop stays in the thread, and asynchronous tests could not start theirs."""
    items.sort(key=is_browser_test)
    for item in filter(is_browser_test, items):
        item.add_marker(pytest.mark.browser)


def is_browser_test(item) -> bool:
    return "tests/browser" in item.path.as_posix()


@pytest.fixture(scope="session")
def chromium():
    names = ("chromium", "chromium-browser", "google-chrome")
    installed = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    with sync_playwright() as playwright:
        # Without an installed browser, Playwright takes the one its own installer downloaded.
        browser = playwright.chromium.launch(executable_path=installed, args=ARGUMENTS)
        yield browser
        browser.close()


class Watched:
    """One person's browser. `complaints` collects script errors, policy violations and requests to other hosts."""

    def __init__(self, browser, site, **options):
        self.context = browser.new_context(base_url=site.address, viewport={"width": 1440, "height": 900}, **options)
        self.complaints: list[str] = []
        self.page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.complaints.append(f"script error: {error}"))
        self.page.on("console", lambda message: self.complaints.append(message.text) if message.type == "error" else None)
        self.page.on("request", lambda request: self._check_host(request.url, site.address))

    def _check_host(self, url: str, address: str) -> None:
        own = (address, address.replace("http", "ws", 1), "data:", "blob:")
        if not url.startswith(own):
            self.complaints.append(f"asked another host: {url}")


@pytest.fixture
def person(chromium):
    """A factory of browsers: person(site) is a new one with nobody logged in."""
    opened: list[Watched] = []

    def open_browser(site, **options) -> Watched:
        opened.append(Watched(chromium, site, **options))
        return opened[-1]

    yield open_browser
    for watched in opened:
        watched.context.close()


def settled(page) -> None:
    """Wait for what the page asks for itself, and for its drawings."""
    page.wait_for_function("""() => !document.querySelector(".htmx-request, .htmx-swapping, .htmx-settling")
        && [...document.querySelectorAll("[data-figure]")].every((plot) => plot.querySelector(".main-svg"))""")


@pytest.fixture(scope="session")
def showcase(tmp_path_factory):
    """One site for all tests that only look: `pages` are its addresses with what they are called."""
    with Site(tmp_path_factory.mktemp("showcase"), "--workers", "0") as site:
        found = json.loads(site.manage("shell", "-v0", "--no-imports", "-c", FILL).strip().splitlines()[-1])
        yield SimpleNamespace(site=site, **found)


@pytest.fixture
def visitor(showcase, person):
    """A factory of browsers of the administrator, each signed in by a link of its own."""

    def open_browser(**options) -> Watched:
        watched = person(showcase.site, **options)
        watched.page.goto(f"/login/{showcase.links.pop()}/")
        expect(watched.page.get_by_role("heading", name="Dashboard")).to_be_visible()
        return watched

    return open_browser
