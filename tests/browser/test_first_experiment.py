"""A newcomer's path on the real model: from the login link to two wordings compared on one's own CSV, led by the pages alone."""

import csv
import re
import zipfile

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


def next_step(page, title: str):
    """What the first page says comes next."""
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Dashboard").click()
    step = page.locator("[aria-current=step]")
    expect(step).to_contain_text(title)
    step.get_by_role("link", name=f"{title}: go").click()


def upload_sums(page):
    next_step(page, "Datasets")
    page.set_input_files("input[type=file]", files=[{"name": "sums.csv", "mimeType": "text/csv", "buffer": SUMS.encode()}])
    page.get_by_role("button", name="Show the preview").click()
    expect(page.get_by_text("not saved yet")).to_be_visible()
    page.get_by_role("button", name="Save the dataset").click()
    expect(page.get_by_role("heading", name="sums")).to_be_visible()


def write_two_variants(page):
    next_step(page, "Prompt variants")
    page.get_by_label("Name").first.fill("Sums")
    page.get_by_label("User template").fill("What is {{ question }}? Answer with the number only.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Sums")).to_be_visible()
    page.get_by_role("link", name="New variant").click()
    page.get_by_label("Variant").fill("gentle")
    page.get_by_label("User template").fill("Please tell me kindly: {{ question }}")
    expect(page.locator("#preview")).to_contain_text("Please tell me kindly: 1 + 2 =")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="gentle")).to_be_visible()


def add_model(page):
    next_step(page, "Models")
    page.get_by_label("Name").fill("SmolLM2")
    page.get_by_label("Backend").select_option("llama_cpp")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="SmolLM2")).to_be_visible()


def plan_experiment(page):
    next_step(page, "Experiments")
    page.get_by_label("Name").fill("My first sums")
    page.get_by_label("Dataset").select_option(label="sums v1")
    for variant in ("plain v1", "gentle v1"):
        page.get_by_label(variant).check()
    page.get_by_label("SmolLM2").check()
    page.get_by_label("Samples (N)").fill("2")
    page.get_by_label("Max tokens").fill("16")
    page.get_by_label("Grader", exact=True).select_option("numeric")
    expect(page.get_by_label(re.compile("tolerance", re.I)).first).to_be_visible()
    page.get_by_label("Add a verifier").select_option("mean_logprob")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator("#verifiers summary")).to_contain_text("Mean logprob")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="My first sums")).to_be_visible()


def test_from_the_login_link_to_a_comparison_and_a_file_to_hand_on(site, person, tmp_path):
    ada = person(site)
    page = ada.page
    sign_in(ada, site)
    upload_sums(page)
    write_two_variants(page)
    add_model(page)
    plan_experiment(page)

    page.get_by_role("button", name=re.compile("Start")).first.click()
    expect(page.get_by_role("heading", name=re.compile(r"Run \d"))).to_be_visible()
    # Everything below arrives over the socket: the page is not loaded again.
    expect(page.locator("#run-pill")).to_have_text("completed", timeout=90_000)
    rows = page.locator("tr[id^=attempt-]")
    expect(rows).to_have_count(2 * 5)
    for row in rows.all():
        expect(row.locator("td.num").first).to_have_text("2")
    expect(
        page.locator(".wall .sample.correct, .wall .sample.wrong, .wall .sample.cut_off, .wall .sample.unparsed").first
    ).to_be_visible()
    expect(page.locator(".js-plotly-plot .scatterlayer .trace").first).to_be_visible()

    with page.expect_download() as download:
        page.get_by_role("link", name="Export CSV").click()
    download.value.save_as(tmp_path / "run.csv")
    with open(tmp_path / "run.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2 * 5 * 2
    assert {row["question"] for row in rows} == {line.split(",")[0] for line in SUMS.splitlines()[1:]}
    assert all(row["verdict"] and row["text"] for row in rows)
    assert len({row["seed"] for row in rows}) == 20
    assert {row["variant"] for row in rows} == {"Sums / plain v1", "Sums / gentle v1"}

    with page.expect_download() as download:
        page.get_by_role("link", name="Review pack").click()
    download.value.save_as(tmp_path / "review.zip")
    with zipfile.ZipFile(tmp_path / "review.zip") as pack:
        assert pack.testzip() is None
        assert pack.read("samples.csv") == (tmp_path / "run.csv").read_bytes()
        assert "Sums / gentle v1" in pack.read("report.html").decode()

    page.get_by_role("link", name="Compare", exact=True).last.click()
    expect(page.get_by_role("heading", name="Compare", exact=True)).to_be_visible()
    expect(page.get_by_text(re.compile("(clearly best|no clear difference).* on 5 problems"))).to_be_visible()
    expect(page.locator("#figure-frontier .main-svg").first).to_be_visible()
    conditions = page.get_by_role("region", name="Conditions").first
    for variant in ("plain", "gentle"):
        expect(conditions.get_by_role("link", name=re.compile(variant)).first).to_be_visible()
    assert ada.complaints == []
