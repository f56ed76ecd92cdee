"""A log of another tool is sent to a page and becomes a run, or a sentence says why not."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from experiments.models import Run
from experiments.web import log_imports
from tests.sources.logs.examples import as_json, as_lines, eval_file, inspect_log, lm_eval_line

pytestmark = pytest.mark.django_db
PAGE = "/runs/import/"


def send(browser, content: bytes, name: str = "log.json", **fields):
    return browser.post(PAGE, {"file": SimpleUploadedFile(name, content), **fields})


def test_a_log_becomes_a_run_with_findings(editor):
    sent = send(editor, eval_file(inspect_log()), "log.eval")
    run = Run.objects.get()
    assert sent.url == f"/runs/{run.pk}/"
    assert (run.started_by, run.state) == (editor.user, "completed")
    assert run.findings.exists()
    html = editor.get(sent.url).content.decode()
    assert "3 answers" in html
    assert "written and marked by inspect" in html


def test_the_model_can_be_told(editor):
    content = as_lines([lm_eval_line("q1", "so 3", 1.0)])
    assert "does not name its language model" in send(editor, content, "samples_sums.jsonl").content.decode()
    assert send(editor, content, "samples_sums.jsonl", model="smol").status_code == 302
    assert Run.objects.get().conditions.get().language_model.name == "smol (imported)"


@pytest.mark.parametrize(("content", "said"), [(b"a,b\n1,2\n", "is not known"), (as_json({"eval": 1}), "is not known")])
def test_a_wrong_file_is_answered_with_a_sentence(editor, content, said):
    assert said in send(editor, content).content.decode()
    assert not Run.objects.exists()


def test_the_same_file_twice_is_refused(editor):
    send(editor, as_json(inspect_log()))
    assert "imported before" in send(editor, as_json(inspect_log())).content.decode()
    assert Run.objects.count() == 1


def test_without_a_file_or_with_a_huge_one_nothing_is_read(editor, monkeypatch):
    assert "required" in editor.post(PAGE, {}).content.decode()
    monkeypatch.setattr(log_imports, "LARGEST_LOG", 10)
    assert "too large" in send(editor, as_json(inspect_log())).content.decode()


def test_the_list_of_runs_leads_to_the_page_for_those_who_may(editor, viewer):
    assert f'href="{PAGE}"' in editor.get("/runs/").content.decode()
    assert f'href="{PAGE}"' not in viewer.get("/runs/").content.decode()
    assert viewer.get(PAGE).status_code == 403
