"""Administrators say for how long things are kept, and see what the next tidying takes and the last one took."""

import pytest

from experiments.models import AuditEntry, LoginLink, RetentionRule
from experiments.runner.tidying import tidy
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def rules() -> dict[str, int]:
    return dict(RetentionRule.objects.values_list("subject", "days"))


def test_rules_are_set_changed_and_taken_back(administrator):
    saved = administrator.post("/retention/", {"trials": "30", "run_texts": "365", "archives_first": "on"}, follow=True)
    assert "The rules are saved" in saved.content.decode()
    assert rules() == {"trials": 30, "run_texts": 365}
    assert RetentionRule.objects.get(subject="run_texts").archives_first
    assert RetentionRule.objects.get(subject="run_texts").changed_by == administrator.user
    administrator.post("/retention/", {"trials": "", "run_texts": "400"})
    assert rules() == {"run_texts": 400}
    assert not RetentionRule.objects.get().archives_first
    assert 'value="400"' in administrator.get("/retention/").content.decode()
    assert AuditEntry.objects.filter(action="rules_changed").count() == 2


@pytest.mark.parametrize("days", ["0", "-3", "soon", "100000000"])
def test_days_that_are_none_change_nothing(administrator, days):
    RetentionRule.objects.create(subject="trials", days=7)
    page = administrator.post("/retention/", {"trials": days, "traces": "9"})
    assert page.status_code == 422
    assert 'aria-invalid="true"' in page.content.decode()
    assert rules() == {"trials": 7}


def test_it_tells_what_would_go_and_what_went(administrator):
    LoginLink.objects.issue(make_user(), minutes=-3 * 24 * 60)
    RetentionRule.objects.create(subject="login_links", days=2)
    assert "There was none yet" in administrator.get("/retention/").content.decode()
    foretold = administrator.get("/retention/due/").content.decode()
    assert "<strong>1</strong> links older than 2 days" in foretold
    assert LoginLink.objects.exists(), "looking takes nothing"
    tidy()
    assert "<strong>0</strong> links" in administrator.get("/retention/due/").content.decode()
    assert "<strong>1</strong> links" in administrator.get("/retention/").content.decode()


def test_only_administrators_may(editor, viewer):
    for browser in (editor, viewer):
        assert browser.get("/retention/").status_code == 403
        assert browser.get("/retention/due/").status_code == 403
        assert browser.post("/retention/", {"trials": "1"}).status_code == 403
    assert not rules()
