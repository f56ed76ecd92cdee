"""Teams, sharing and the audit log through the API: the same rules as on the pages."""

import pytest

from experiments.models import AuditEntry, Team
from tests.factories import make_experiment, make_run, make_user

from .clients import client_of

pytestmark = pytest.mark.django_db


def test_an_administrator_makes_and_changes_a_team():
    administrator, ada = client_of(make_user(role="administrator")), make_user(name="ada")
    made = administrator.post("/api/teams/", {"name": "Readers", "attempts_at_once": 8})
    assert made.status_code == 201
    address = f"/api/teams/{made.data['id']}/"
    administrator.post(f"{address}members/", {"user": ada.pk, "role": "lead"})
    changed = administrator.patch(address, {"monthly_spending_cap": 50})
    assert changed.data["memberships"] == [{"user": ada.pk, "username": "ada", "role": "lead"}]
    assert (changed.data["monthly_spending_cap"], changed.data["attempts_at_once"]) == (50, 8)


def test_a_lead_lowers_limits_a_member_looks_and_others_find_nothing():
    team = Team.objects.create(name="Readers", daily_spending_cap=10)
    lead, member, other = make_user(), make_user(), make_user()
    team.memberships.create(user=lead, role="lead")
    team.memberships.create(user=member)
    address = f"/api/teams/{team.pk}/"
    assert client_of(lead).patch(address, {"daily_spending_cap": 5}).data["daily_spending_cap"] == 5
    refused = client_of(lead).patch(address, {"daily_spending_cap": 6})
    assert refused.status_code == 400
    assert "only an administrator may raise it above 5" in str(refused.data)
    assert client_of(member).get(address).status_code == 200
    assert client_of(member).patch(address, {"daily_spending_cap": 1}).status_code == 404
    assert client_of(other).get(address).status_code == 404
    assert client_of(other).post("/api/teams/", {"name": "Mine"}).status_code == 403


def test_an_owner_decides_who_sees_an_experiment_and_nobody_else():
    owner, other = make_user(), make_user()
    experiment = make_experiment(owner=owner)
    address = f"/api/experiments/{experiment.pk}/"
    refused = client_of(other).patch(address, {"visibility": "owner"})
    assert refused.status_code == 400
    assert client_of(owner).patch(address, {"visibility": "owner"}).data["visibility"] == "owner"
    assert client_of(other).get(address).status_code == 404
    assert client_of(other).get("/api/experiments/").data["results"] == []
    assert client_of(owner).patch(address, {"visibility": "team"}).status_code == 400


def test_the_audit_log_is_for_administrators_and_for_leads_of_the_team():
    team = Team.objects.create(name="Readers")
    lead = make_user()
    team.memberships.create(user=lead, role="lead")
    theirs, other = make_run(make_experiment(team=team)), make_run()
    for each in (theirs, other):
        AuditEntry.objects.record(lead, AuditEntry.Action.RUN_CANCELLED, each)
    asked = "/api/audit/?action=run_cancelled"
    seen = {
        role: [each["run"] for each in client_of(user).get(asked).data["results"]]
        for role, user in {"administrator": make_user(role="administrator"), "lead": lead, "other": make_user()}.items()
    }
    assert seen == {"administrator": [other.pk, theirs.pk], "lead": [theirs.pk], "other": []}
    lines = b"".join(client_of(lead).get("/api/audit/file/?action=run_cancelled")).decode().splitlines()
    assert len(lines) == 2
    assert AuditEntry.objects.latest("pk").action == "exported"
    assert client_of(lead).patch(f"/api/audit/{AuditEntry.objects.latest('pk').pk}/", {}).status_code == 404
