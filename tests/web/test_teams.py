"""Teams: made by administrators, managed by their leads, and seen by who is in them."""

import pytest
from django.test import Client

from experiments.models import AuditEntry, Experiment, Membership, Team
from tests.factories import make_experiment, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def team() -> Team:
    return Team.objects.create(name="Readers", daily_spending_cap=10, attempts_at_once=8)


@pytest.fixture
def lead(editor, team) -> Client:
    team.memberships.create(user=editor.user, role=Membership.Role.LEAD)
    return editor


def limits(**changes) -> dict:
    return {"daily_spending_cap": "10", "monthly_spending_cap": "", "attempts_at_once": "8"} | changes


def test_an_administrator_makes_a_team_and_puts_people_into_it(administrator):
    ada = make_user(name="ada")
    page = administrator.post("/teams/add/", {"name": "Writers"}, follow=True)
    made = Team.objects.get()
    administrator.post(f"/teams/{made.pk}/members/add/", {"name": "ada", "role": "lead"})
    assert page.status_code == 200
    assert list(made.memberships.values_list("user", "role")) == [(ada.pk, "lead")]
    actions = list(AuditEntry.objects.order_by("pk").values_list("action", "team", "who"))
    assert actions == [(action, made.pk, "the administrator") for action in ("team_added", "team_changed")]


def test_a_name_that_is_taken_or_unknown_is_refused_with_a_sentence(administrator, team):
    assert "already exists" in administrator.post("/teams/add/", {"name": "Readers"}).content.decode()
    answer = administrator.post(f"/teams/{team.pk}/members/add/", {"name": "nobody", "role": "lead"})
    assert answer.status_code == 422
    assert "Nobody of this name may sign in" in answer.content.decode()


def test_a_lead_manages_members(lead, team):
    ada = make_user(name="ada")
    lead.post(f"/teams/{team.pk}/members/add/", {"name": "ada", "role": "member"})
    lead.post(f"/teams/{team.pk}/members/{ada.pk}/", {"role": "lead"})
    assert team.memberships.get(user=ada).role == "lead"
    lead.post(f"/teams/{team.pk}/members/{ada.pk}/", {"remove": ""})
    assert not team.memberships.filter(user=ada).exists()


def test_a_lead_lowers_limits_and_only_an_administrator_raises_them(lead, administrator, team):
    lead.post(f"/teams/{team.pk}/change/", limits(daily_spending_cap="5", monthly_spending_cap="60"))
    answer = lead.post(f"/teams/{team.pk}/change/", limits(daily_spending_cap="7", monthly_spending_cap="60"), follow=True)
    assert "only an administrator may raise it above 5" in answer.content.decode()
    lead.post(f"/teams/{team.pk}/change/", {"archive": ""})
    team.refresh_from_db()
    assert (team.daily_spending_cap, team.monthly_spending_cap, team.archived) == (5, 60, False)
    administrator.post(f"/teams/{team.pk}/change/", {"name": "Readers", **limits(daily_spending_cap="70")})
    team.refresh_from_db()
    assert team.daily_spending_cap == 70


def test_a_member_looks_and_others_find_no_such_team(viewer, editor, team):
    team.memberships.create(user=viewer.user)
    assert viewer.get(f"/teams/{team.pk}/").status_code == 200
    assert viewer.post(f"/teams/{team.pk}/change/", limits(daily_spending_cap="1")).status_code == 404
    assert editor.get(f"/teams/{team.pk}/").status_code == 404
    assert "Readers" not in editor.get("/teams/").content.decode()


def test_an_owner_shares_an_experiment_with_their_team_and_takes_it_back(lead, editor, viewer, team):
    experiment = make_experiment(owner=editor.user)
    address = experiment.get_absolute_url()
    lead.post(f"{address}share/", {"visibility": "team", "team": team.pk})
    assert viewer.get(address).status_code == 404
    lead.post(f"{address}share/", {"visibility": "owner", "team": ""})
    experiment.refresh_from_db()
    assert (experiment.visibility, experiment.team) == ("owner", None)
    assert list(AuditEntry.objects.values_list("action", flat=True)) == ["shared", "shared"]


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        ({"visibility": "team", "team": ""}, "Choose the team that is to see the experiment."),
        ({"visibility": "team", "team": "own"}, "not one of the available choices"),
        ({"visibility": "owner", "team": ""}, "Its owner, a lead of its team or an administrator decides"),
    ],
)
def test_what_is_not_ones_own_to_share_stays_as_it_is(editor, team, wish, sentence):
    experiment = make_experiment(owner=editor.user if "team" in wish["visibility"] else make_user())
    wish = wish | ({"team": team.pk} if wish["team"] == "own" else {})
    answer = editor.post(f"{experiment.get_absolute_url()}share/", wish, follow=True)
    assert "Not changed." in answer.content.decode()
    assert sentence in answer.content.decode()
    experiment.refresh_from_db()
    assert (experiment.visibility, experiment.team) == (Experiment.Visibility.LAB, None)


def test_a_copy_does_not_cost_somebody_elses_team(team):
    bob = make_user()
    original = make_experiment(owner=make_user(), team=team)
    assert original.duplicate(bob).team is None
    team.memberships.create(user=bob)
    assert original.duplicate(bob).team == team
