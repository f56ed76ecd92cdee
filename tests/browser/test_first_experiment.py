"""A newcomer's path on the real model: from the login link over one's own CSV to a finished, exported run, in the browser."""

import csv
import re

import pytest
from playwright.sync_api import expect

from tests.site import Site

SUMS = "question,answer\n" + "".join(f"{a} + {a + 1} =,{2 * a + 1}\n" for a in range(1, 6))


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with Site(tmp_path_factory.mktemp("site")) as running:
        yield running


def sign_in(watched, site):
    """The link spends itself where scripts are on."""
    watched.page.goto(site.link)
    expect(watched.page.get_by_role("heading", name="Dashboard")).to_be_visible()


def upload_sums(page):
    page.goto("/datasets/upload/")
    page.set_input_files("input[type=file]", files=[{"name": "sums.csv", "mimeType": "text/csv", "buffer": SUMS.encode()}])
    page.get_by_role("button", name="Show the preview").click()
    expect(page.get_by_text("not saved yet")).to_be_visible()
    page.get_by_role("button", name="Save the dataset").click()
    expect(page.get_by_role("heading", name="sums")).to_be_visible()


def write_prompt(page):
    page.goto("/prompts/new/")
    page.get_by_label("Name").first.fill("Sums")
    page.get_by_label("User template").fill("What is {{ question }}? Answer with the number only.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Sums")).to_be_visible()


def add_model(page):
    page.goto("/models/new/")
    page.get_by_label("Name").fill("SmolLM2")
    page.get_by_label("Backend").select_option("llama_cpp")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="SmolLM2")).to_be_visible()


def plan_experiment(page):
    page.goto("/experiments/new/")
    page.get_by_label("Name").fill("My first sums")
    page.get_by_label("Dataset").select_option(label="sums v1")
    page.get_by_label(re.compile("v1$")).check()
    page.get_by_label("SmolLM2").check()
    page.get_by_label("Samples (N)").fill("4")
    page.get_by_label("Max tokens").fill("24")
    page.get_by_label("Grader", exact=True).select_option("numeric")
    expect(page.get_by_label(re.compile("tolerance", re.I)).first).to_be_visible()
    page.get_by_label("Add a verifier").select_option("mean_logprob")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator("#verifiers summary")).to_contain_text("Mean logprob")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="My first sums")).to_be_visible()


def test_from_the_login_link_to_an_exported_run(site, person, tmp_path):
    ada = person(site)
    page = ada.page
    sign_in(ada, site)
    upload_sums(page)
    write_prompt(page)
    add_model(page)
    plan_experiment(page)

    page.get_by_role("button", name=re.compile("Start")).first.click()
    expect(page.get_by_role("heading", name=re.compile(r"Run \d"))).to_be_visible()
    # Everything below arrives over the socket: the page is not loaded again.
    expect(page.locator("#run-pill")).to_have_text("completed", timeout=90_000)
    rows = page.locator("tr[id^=attempt-]")
    expect(rows).to_have_count(5)
    for row in rows.all():
        expect(row.locator("td.num").first).to_have_text("4")
    expect(
        page.locator(".wall .sample.correct, .wall .sample.wrong, .wall .sample.cut_off, .wall .sample.unparsed").first
    ).to_be_visible()
    expect(page.locator(".js-plotly-plot .scatterlayer .trace").first).to_be_visible()

    with page.expect_download() as download:
        page.get_by_role("link", name="Export CSV").click()
    download.value.save_as(tmp_path / "run.csv")
    with open(tmp_path / "run.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 5 * 4
    assert {row["question"] for row in rows} == {line.split(",")[0] for line in SUMS.splitlines()[1:]}
    assert all(row["verdict"] and row["text"] for row in rows)
    assert len({row["seed"] for row in rows}) == 20
    assert ada.complaints == []
