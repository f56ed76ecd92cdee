"""Teams: whose they are, who is in them, and what they may spend. Administrators manage all, leads their own."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from ..domain.errors import InvalidInput
from ..models import Membership, Spending, Team, User
from ..models.people import LIMITS, change_team, create_team, set_member
from .access import administrator_required

SHOWN_EXPERIMENTS = 50


class NewTeamForm(forms.ModelForm):
    class Meta:
        model = Team
        fields = ["name"]


class TeamForm(forms.ModelForm):
    """Name and limits; a lead is offered the limits only."""

    class Meta:
        model = Team
        fields = ["name", *LIMITS]
        labels = {
            "daily_spending_cap": "Spends a day at most",
            "monthly_spending_cap": "Spends a month at most",
            "attempts_at_once": "Attempts at once",
        }
        help_texts = {name: "Empty is no limit of the team’s own" for name in LIMITS}

    def __init__(self, user: User, *args, **kwargs):
        super().__init__(*args, use_required_attribute=False, **kwargs)
        if not user.can_administer:
            del self.fields["name"]


class MemberForm(forms.Form):
    """Somebody by name."""

    name = forms.CharField(label="Name", max_length=150)
    role = forms.ChoiceField(choices=Membership.Role.choices)

    def clean_name(self) -> User:
        person = User.objects.filter(username=self.cleaned_data["name"], is_active=True).first()
        if person is None:
            raise forms.ValidationError("Nobody of this name may sign in. Administrators add people.")
        return person


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """One's own teams, or all for an administrator."""
    return _list(request, NewTeamForm())


@administrator_required
@require_POST
def create(request: HttpRequest) -> HttpResponse:
    form = NewTeamForm(request.POST)
    if not form.is_valid():
        return _list(request, form, status=422)
    return redirect(create_team(request.user, form.cleaned_data["name"]))


@require_GET
def team(request: HttpRequest, pk: int) -> HttpResponse:
    """Members, limits and experiments."""
    found = get_object_or_404(_seen(request.user), pk=pk)
    return _page(request, found, TeamForm(request.user, instance=found), MemberForm())


@require_POST
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Name and limits, or with the buttons `archive` and `restore` the archive."""
    found = _managed(request, pk)
    if {"archive", "restore"} & request.POST.keys():
        return _changed(request, found, {"archived": "archive" in request.POST})
    form = TeamForm(request.user, request.POST, instance=found)
    if not form.is_valid():
        return _page(request, found, form, MemberForm(), status=422)
    return _changed(request, found, form.cleaned_data)


@require_POST
def add_member(request: HttpRequest, pk: int) -> HttpResponse:
    found = _managed(request, pk)
    form = MemberForm(request.POST)
    if not form.is_valid():
        return _page(request, found, TeamForm(request.user, instance=found), form, status=422)
    person = form.cleaned_data["name"]
    set_member(request.user, found, person, form.cleaned_data["role"])
    messages.success(request, f"{person} is in the team.")
    return redirect(found)


@require_POST
def change_member(request: HttpRequest, pk: int, member: int) -> HttpResponse:
    """The role in the team; the button `remove` takes the person out of it."""
    found = _managed(request, pk)
    membership = get_object_or_404(found.memberships.select_related("user"), user=member)
    role = None if "remove" in request.POST else request.POST.get("role")
    if role is not None and role not in Membership.Role.values:
        raise Http404(f"A team knows no role {role}.")
    set_member(request.user, found, membership.user, role)
    messages.success(request, f"{membership.user} {'left the team' if role is None else f'is {role} of the team'}.")
    # Who took themselves out of the leads may not see the page any more.
    return redirect(found if _seen(request.user).filter(pk=pk).exists() else "teams")


def _seen(user: User):
    return Team.objects.all() if user.can_administer else Team.objects.of(user)


def _managed(request: HttpRequest, pk: int) -> Team:
    return get_object_or_404(Team.objects.managed_by(request.user), pk=pk)


def _changed(request: HttpRequest, found: Team, fields: dict[str, Any]) -> HttpResponse:
    # The form has written what was typed into the row it shows: the verb compares with what is stored.
    try:
        change_team(request.user, found, **fields)
    except InvalidInput as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"“{found}” is saved.")
    return redirect("team", found.pk)


def _list(request: HttpRequest, form: NewTeamForm, status: int = 200) -> HttpResponse:
    teams = _seen(request.user).prefetch_related("memberships__user").order_by("archived", "name")
    return render(request, "access/teams.html", {"teams": teams, "form": form}, status=status)


def _page(request: HttpRequest, found: Team, form: TeamForm, member_form: MemberForm, status: int = 200) -> HttpResponse:
    spending = Spending.objects.by_team(found.pk)
    context = {
        "team": found,
        "form": form,
        "member_form": member_form,
        "is_managed": Team.objects.managed_by(request.user).filter(pk=found.pk).exists(),
        "memberships": found.memberships.select_related("user").order_by("user__username"),
        "roles": Membership.Role.choices,
        "experiments": found.experiments.visible_to(request.user).order_by("-updated_at")[:SHOWN_EXPERIMENTS],
        "spent_today": spending.today().totals()[0],
        "spent_this_month": spending.this_month().totals()[0],
    }
    return render(request, "access/team.html", context, status=status)
