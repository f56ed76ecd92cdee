"""How soon a reader sees something: first contentful paint in headless Chromium, with nothing cached."""

import os
import shutil
import statistics
from collections.abc import Iterable, Iterator

from . import Row

LOADS = 5
MOST_MS = 1_000
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
_PAINT = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime"


def painted(origin: str, cookie: str, addresses: Iterable[tuple[str, str]]) -> Iterator[Row]:
    """A row for each (kind, path). Nothing where Playwright, which only the tests need, is not installed."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return
    installed = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, ("chromium", "google-chrome"))), None)
    name, value = cookie.split("=", 1)
    rows = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=installed, args=ARGUMENTS)
        for kind, path in addresses:
            times = []
            for _ in range(LOADS):
                context = browser.new_context(viewport={"width": 1280, "height": 900})
                context.add_cookies([{"name": name, "value": value, "url": origin}])
                page = context.new_page()
                page.goto(origin + path)
                times.append(page.wait_for_function(_PAINT).json_value())
                context.close()
            rows.append(Row.at_most(f"{kind} page, first contentful paint", statistics.median(times), "ms", MOST_MS))
        browser.close()
    yield from rows
