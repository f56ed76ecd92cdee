"""Who did what is written down once, from the pages and the API alike, and read by those who may."""

import csv
import io

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from experiments.models import AuditEntry, Team
from tests.factories import make_experiment, make_run, make_sample, make_user

pytestmark = pytest.mark.django_db
Action = AuditEntry.Action


def told() -> list[tuple[str, str, str]]:
    """(who, action, what about) in their order."""
    return list(AuditEntry.objects.order_by("pk").values_list("who", "action", "about_label"))


@pytest.fixture
def run():
    made = make_run()
    make_sample(made.attempts.first())
    return made


@pytest.mark.parametrize(
    ("page", "api", "action"),
    [
        ("pause/", "pause/", Action.RUN_PAUSED),
        ("cancel/", "cancel/", Action.RUN_CANCELLED),
        ("cap/", "cap/", Action.RUN_CAP_CHANGED),
        ("export/?format=jsonl", "export/?format=jsonl", Action.EXPORTED),
        ("ledger/", "ledger/", Action.EXPORTED),
    ],
)
def test_pages_and_api_write_down_the_same(editor, page, api, action):
    for address in (f"/runs/{{}}/{page}", f"/api/runs/{{}}/{api}"):
        run = make_run()
        before = AuditEntry.objects.latest("pk").pk
        if action == Action.EXPORTED:
            b"".join(editor.get(address.format(run.pk)))
        else:
            kind = {"content_type": "application/json"} if address.startswith("/api/") else {}
            editor.post(address.format(run.pk), {"spending_cap": 3}, **kind)
        entry = AuditEntry.objects.get(pk__gt=before)
        assert (entry.user, entry.action, entry.run, entry.address) == (editor.user, action, run, "127.0.0.1")


def test_what_did_not_happen_is_not_written_down(editor, run):
    run.cancel()
    n = AuditEntry.objects.count()
    editor.post(f"/runs/{run.pk}/pause/")
    assert AuditEntry.objects.count() == n


def test_starting_a_run_names_who_started_it(editor):
    experiment = make_experiment()
    editor.post(f"{experiment.get_absolute_url()}start/")
    run = experiment.runs.get()
    assert told() == [("the editor", "run_started", str(run))]


def test_the_command_line_is_named_too(run, tmp_path):
    call_command("export_run", run.pk, output=str(tmp_path / "run.csv"))
    exported = AuditEntry.objects.latest("pk")
    assert (exported.action, exported.run) == ("exported", run)
    call_command("allow_endpoint", "http://localhost:8080/v1", key="LAB_KEY")
    entry = AuditEntry.objects.latest("pk")
    assert entry.who.startswith("command line (")
    assert (entry.user, entry.action, entry.about_label) == (None, "address_allowed", "http://localhost:8080/v1")


def test_a_key_is_named_and_never_shown(editor, administrator):
    secret = "sk-9f8e7d6c5b4a"
    editor.post("/models/keys/", {"name": "lab", "base_url": "https://api.example.org/v1", "key": secret})
    editor.post("/models/keys/forget/", {"name": "lab"})
    assert [action for _, action, _ in told()] == ["key_stored", "key_forgotten"]
    page = administrator.get("/audit/").content.decode()
    assert "the key “lab”" in page
    assert secret not in page + str(list(AuditEntry.objects.values()))


def test_signing_in_and_failing_to_are_written_down_without_the_password():
    make_user(name="ada", password="correct horse battery")
    browser = Client()
    browser.post("/login/", {"username": "ada", "password": "a wrong guess"})
    browser.post("/login/", {"username": "ada", "password": "correct horse battery"})
    browser.post("/api/token/", {"username": "ada", "password": "a wrong guess"}, content_type="application/json")
    assert [(who, action) for who, action, _ in told()] == [
        ("nobody signed in", "sign_in_failed"),
        ("ada", "signed_in"),
        ("nobody signed in", "sign_in_failed"),
    ]
    assert "guess" not in str(list(AuditEntry.objects.values()))


def test_the_log_is_filtered_and_paged_by_key(administrator, run):
    ada = make_user(name="ada")
    AuditEntry.objects.record(ada, Action.DELETED, "a first thing")
    for number in range(100):
        AuditEntry.objects.record(ada, Action.EXPORTED, f"file {number}")
    page = administrator.get(f"/audit/?person={ada.pk}")
    assert "file 99" in page.content.decode()
    assert "a first thing" not in page.content.decode()
    assert "a first thing" in administrator.get(f"/audit/?{page.context['older']}").content.decode()
    assert str(run) in administrator.get(f"/audit/?run={run.pk}").content.decode()
    assert "file 99" not in administrator.get(f"/audit/?run={run.pk}").content.decode()
    today = timezone.localdate().isoformat()
    assert "a first thing" in administrator.get(f"/audit/?action=deleted&day={today}").content.decode()
    only = administrator.get("/audit/?action=deleted&day=2001-01-01").content.decode()
    assert "a first thing" not in only


def test_the_file_holds_what_the_page_shows_and_is_an_entry_itself(administrator):
    AuditEntry.objects.record(None, Action.DELETED, "=HYPERLINK(1)", n=3)
    answer = administrator.get("/audit/?format=csv")
    rows = list(csv.DictReader(io.StringIO(b"".join(answer).decode())))
    assert [(row["action"], row["about"]) for row in rows] == [("exported", "the audit log"), ("deleted", "'=HYPERLINK(1)")]
    assert rows[1]["details"] == '{"n": 3}'


def test_a_lead_reads_what_concerns_the_team_and_others_nothing(editor, viewer):
    team = Team.objects.create(name="Readers")
    team.memberships.create(user=editor.user, role="lead")
    theirs, other = make_run(make_experiment(team=team)), make_run()
    for each in (theirs, other):
        AuditEntry.objects.record(make_user(), Action.RUN_CANCELLED, each)
    page = editor.get("/audit/").content.decode()
    assert f"Run {theirs.pk}<" in page
    assert f"Run {other.pk}<" not in page
    assert viewer.get("/audit/").status_code == 403
