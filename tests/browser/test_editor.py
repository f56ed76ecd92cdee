"""The prompt editor in a real browser: typing, a slot's error, the preview, a trial, saving, and two people merging."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import settled
from tests.site import Site

FILL = """
from experiments.models import *
from tests.factories import *
make_dataset(4, name="sums")
make_variant("What is {{ question }}")
params = {"context_tokens": 512, "slots": 1, "weights": "stored"}
LanguageModel.objects.all().delete()
LanguageModel.objects.create(name="small", backend="llama_cpp", params=params)
print(Prompt.objects.get(variants__name="plain", variants__template="What is {{ question }}").pk)
"""
THEIRS = """
from experiments.models import *
base = Variant.objects.filter(prompt=%d, name="plain").first()
Variant.objects.write(base.prompt, "plain", "", "Please add: {{ question }}")
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with Site(tmp_path_factory.mktemp("site"), "--workers", "1") as running:
        running.prompt = int(running.manage("shell", "-v0", "-c", FILL).split()[-1])
        yield running


def counted(page, column) -> None:
    """Wait for the last thing that a column asks for: a page that is left meanwhile breaks the request off."""
    expect(column.get_by_text("tokens for small")).to_be_visible(timeout=30_000)
    settled(page)


def test_from_typing_to_a_trial_a_version_and_a_merge(site, person):
    watched = person(site)
    page, keys = watched.page, watched.page.keyboard
    page.goto(site.link)
    expect(page.get_by_role("heading", name="Dashboard")).to_be_visible()
    page.goto(f"/prompts/{site.prompt}/editor/")
    column = page.get_by_role("region", name="plain")
    template = column.get_by_label("User template")

    template.fill("Add {{ qestion }}")
    expect(column.get_by_text("Did you mean {{ question }}?").first).to_be_visible()
    template.fill("Add {{ question }}")
    expect(column.get_by_text("Add 0 + 3 =")).to_be_visible()
    expect(column.get_by_text("tokens for small")).to_be_visible(timeout=30_000)
    keys.press("Alt+ArrowDown")
    expect(column.get_by_text("Add 1 + 3 =")).to_be_visible()

    page.get_by_text("Examples from the data").click()
    page.get_by_role("checkbox", name="p3").check()
    template.press("Home")
    page.get_by_role("button", name="Insert at the cursor").click()
    expect(template).to_have_value("Q: 3 + 3 =\nA: 6\n\nAdd {{ question }}")
    expect(column.get_by_text("must not be among the asked ones: p3")).to_be_visible()

    page.get_by_label("Max tokens").fill("12")
    template.press("Control+Enter")
    expect(column.get_by_text("One sample (n = 1)")).to_be_visible(timeout=60_000)

    counted(page, column)
    page.reload()  # as if the tab had been closed
    expect(column.get_by_text("What you had not saved is back")).to_be_visible()
    counted(page, column)
    template.press("Control+s")
    expect(page.get_by_text("Saved plain v2.")).to_be_visible()

    template.fill("Sum up {{ question }}")
    site.manage("shell", "-v0", "-c", THEIRS % site.prompt)
    counted(page, column)
    template.press("Control+s")
    expect(page.get_by_role("heading", name="Merge plain")).to_be_visible()
    expect(page.locator("ins", has_text="Please").first).to_be_visible()
    page.get_by_label("Merged user template").fill("Please sum up {{ question }}")
    page.get_by_role("button", name="Save as v4").click()
    expect(page.get_by_text("Saved plain v4.")).to_be_visible()
    # The browser itself reports the conflict's status as an error, and htmx each request that a newer one replaced.
    expected = ("409", "htmx:sendAbort", "htmx:afterRequest")
    left = [said for said in watched.complaints if not any(each in said for each in expected)]
    assert left == []
