"""What a page costs whoever opens it for the first time: few bytes, and the chart library only where a chart is."""

from tests.browser.conftest import settled

MOST_BYTES = 600_000
CHARTS = "/plotly.min"
#: Of the page itself and of all it loaded, headers included; 0 for what came from the cache.
TRANSFERRED = """() => [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
    .map((entry) => [entry.name, entry.transferSize])"""


def test_every_page_is_small_and_only_pages_with_charts_load_their_library(showcase, visitor):
    watched = visitor()
    page = watched.page
    network = watched.context.new_cdp_session(page)
    network.send("Network.enable")
    network.send("Network.setCacheDisabled", {"cacheDisabled": True})
    for path, name in showcase.pages.items():
        page.goto(path)
        settled(page)
        loaded = page.evaluate(TRANSFERRED)
        assert all(n for address, n in loaded if ".css" in address), f"{name}: {path} came from the cache"
        n_bytes = sum(n for address, n in loaded if CHARTS not in address)
        assert n_bytes < MOST_BYTES, f"{name}: {path} takes {n_bytes:,} bytes: {sorted(loaded, key=lambda each: -each[1])[:4]}"
        has_chart = page.locator("[data-figure]").count() > 0
        has_library = any(CHARTS in address for address, _ in loaded)
        assert has_chart == has_library, f"{name}: {path} has {'no' if not has_chart else 'a'} chart"
