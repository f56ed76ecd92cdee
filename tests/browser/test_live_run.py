"""A run that is being watched: by two people, through a killed web server, without scripts, and by somebody who may only look."""

import re

import pytest
from playwright.sync_api import expect

from tests.site import Site

# A scripted model takes about 0.1 s a word, so there is something to watch and the texts are known.
START_A_RUN = """
from experiments.domain.types import ProblemDraft
from experiments.models import Dataset, Experiment, LanguageModel, Prompt, Variant
from experiments.runner.planning import create_run
drafts = [ProblemDraft(f"p{{i}}", f"{{i}} + {{i}} =", (str(2 * i),)) for i in range(1, {problems} + 1)]
dataset = Dataset.objects.store("doubles {name}", drafts, source="test", source_params={{}})
prompt, _ = Prompt.objects.get_or_create(name="Doubles")
variant = Variant.objects.write(prompt, "plain", "", "{{{{ question }}}}")
answers = [f"I count twice and so I find {{n}}" for n in (2, 4, 6, 7)]
params = {{"answers": answers, "seconds_per_token": {seconds_per_token}, "max_in_flight": 4}}
model = LanguageModel.objects.create(name="Slow script {name}", backend="scripted", params=params)
experiment = Experiment.objects.create(
    name="{name}", dataset=dataset, study="best_of_n", study_params={{"n": 4}}, decoding={{"temperature": 1}},
    grader="numeric", verifiers=[{{"name": "mean_logprob", "params": {{}}}}])
experiment.variants.set([variant]); experiment.language_models.set([model])
print(create_run(experiment, None).pk)
"""

LINK = """
from experiments.models import LoginLink, User
person, _ = User.objects.get_or_create(username="{name}", defaults={{"role": "{role}"}})
print(LoginLink.objects.issue(person))
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with Site(tmp_path_factory.mktemp("site")) as running:
        yield running


def start_run(site, name, problems=8, seconds_per_token=0.1) -> str:
    code = START_A_RUN.format(name=name, problems=problems, seconds_per_token=seconds_per_token)
    return f"/runs/{site.manage('shell', '--no-imports', '-c', code).split()[-1]}/"


def link_for(site, name, role="editor") -> str:
    return f"/login/{site.manage('shell', '--no-imports', '-c', LINK.format(name=name, role=role)).split()[-1]}/"


def open_run(watched, site, run, name, role="editor"):
    watched.page.goto(f"{link_for(site, name, role)}?next={run}")
    expect(watched.page.locator("#run-pill")).to_be_visible()
    return watched.page


def finished_cards(page):
    return page.locator(".wall .sample.correct, .wall .sample.wrong")


def test_two_people_see_the_same_run_move_and_end(site, person):
    run = start_run(site, "watched by two", problems=30)
    ada, ben = person(site), person(site)
    first, second = open_run(ada, site, run, "ada"), open_run(ben, site, run, "ben")
    for page in (first, second):
        expect(page.locator("#live-indicator")).to_have_text("live")
        # A text is seen while it is being written ...
        expect(page.locator(".wall .sample.writing", has_text="I count").first).to_be_visible(timeout=20_000)
    for page in (first, second):
        expect(page.locator("#run-pill")).to_have_text("completed", timeout=60_000)
        # ... graded with a sign, a word or the answer beside the colour ...
        expect(finished_cards(page).first).to_have_text(re.compile("[✓✕]"))
    assert first.locator("#run-progress").inner_text() == second.locator("#run-progress").inner_text()
    assert first.locator("tbody").last.inner_text() == second.locator("tbody").last.inner_text()
    assert ada.complaints == ben.complaints == []


def test_a_killed_web_server_costs_a_watching_page_nothing(site, person):
    run = start_run(site, "watched through a crash", problems=12)
    ada = person(site)
    page = open_run(ada, site, run, "ada")
    expect(finished_cards(page).first).to_be_visible(timeout=20_000)
    for process in site.children("uvicorn"):
        process.kill()
    expect(page.locator("#live-indicator")).to_have_text("reconnecting…")
    expect(page.locator("#live-indicator")).to_have_text("live", timeout=30_000)
    expect(page.locator("#run-pill")).to_have_text("completed", timeout=60_000)
    # Nothing is missing: what the followed page shows is what a fresh one shows.
    followed = page.locator("tbody").last.inner_text(), page.locator("#run-progress").inner_text()
    page.reload()
    assert followed == (page.locator("tbody").last.inner_text(), page.locator("#run-progress").inner_text())
    assert "48 of 48 samples" in followed[1]


def test_a_page_cut_off_for_ten_seconds_catches_up(site, person):
    run = start_run(site, "watched through a cut", problems=10)
    page = open_run(person(site), site, run, "ada")
    expect(finished_cards(page).first).to_be_visible(timeout=20_000)
    web = site.children("uvicorn")
    for process in web:
        process.suspend()
    try:
        page.wait_for_timeout(10_000)
    finally:
        for process in web:
            process.resume()
    expect(page.locator("#run-pill")).to_have_text("completed", timeout=60_000)
    expect(page.locator("#run-progress")).to_contain_text("40 of 40 samples")
    for row in page.locator("tr[id^=attempt-]").all():
        expect(row.locator("td.num").first).to_have_text("4")


def test_pausing_resuming_and_cancelling_from_the_page(site, person):
    run = start_run(site, "paused", problems=30)
    page = open_run(person(site), site, run, "ada")
    expect(finished_cards(page).first).to_be_visible(timeout=20_000)
    page.get_by_role("button", name="Pause").click()
    expect(page.locator("#run-pill")).to_have_text("paused")
    page.get_by_role("button", name="Resume").click()
    expect(page.locator("#run-pill")).to_have_text(re.compile("running|queued"))
    page.get_by_role("button", name="Cancel run").click()
    expect(page.locator("#run-pill")).to_have_text("cancelled")
    expect(page.get_by_role("link", name="Export CSV")).to_be_visible()


def test_the_page_works_without_scripts(site, person):
    run = start_run(site, "read without scripts", problems=3, seconds_per_token=0)
    ada = person(site, java_script_enabled=False)
    page = ada.page
    page.goto(f"{link_for(site, 'ada')}?next={run}")
    page.get_by_role("button", name="Sign in").click()
    for _ in range(60):
        if page.locator("#run-pill").inner_text() == "completed":
            break
        page.wait_for_timeout(500)
        page.reload()
    expect(page.locator("#run-pill")).to_have_text("completed")
    expect(page.locator("tr[id^=attempt-]")).to_have_count(3)
    # The figure's numbers stand in a table, and its problems lead to their texts.
    expect(page.get_by_text("oracle (pass@k)").first).to_be_visible()
    page.locator("tr[id^=attempt-] a").first.click()
    expect(page.get_by_text("I count twice").first).to_be_visible()


def test_a_viewer_looks_and_exports_but_starts_nothing(site, person):
    run = start_run(site, "only looked at", problems=2, seconds_per_token=0)
    page = open_run(person(site), site, run, "vera", role="viewer")
    expect(page.locator("#run-pill")).to_have_text("completed", timeout=60_000)
    expect(page.get_by_role("link", name="Export CSV")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("Pause|Cancel run"))).to_have_count(0)
    page.goto("/experiments/")
    page.get_by_role("link", name="only looked at").first.click()
    expect(page.get_by_role("button", name=re.compile("Start"))).to_have_count(0)


def test_every_page_draws_wide_and_narrow_in_light_and_dark_without_complaint(site, person):
    run = start_run(site, "looked at everywhere", problems=2, seconds_per_token=0)
    ada = person(site)
    page = open_run(ada, site, run, "root", role="administrator")
    expect(page.locator("#run-pill")).to_have_text("completed", timeout=60_000)
    attempt = page.locator("tr[id^=attempt-] a").first.get_attribute("href")
    plain = "/ /experiments/ /experiments/new/ /runs/ /prompts/ /prompts/new/ /datasets/ /datasets/upload/ /models/ /models/new/"
    for address in [run, attempt, *plain.split(), "/docs/", "/people/", "/account/", "/api/docs/"]:
        for scheme, width in (("light", 1440), ("dark", 390)):
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(address, wait_until="networkidle")
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{address} scrolls sideways at {width}"
    assert ada.complaints == []
