"""People and their roles, for administrators."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ..domain.errors import InvalidInput
from ..models import User
from ..models.people import add_person, change_person, issue_link
from .access import administrator_required

LINK_MINUTES = 24 * 60


class PersonForm(forms.ModelForm):
    """A new person. Without a password: the one-time link lets them in, and they set one on their account page."""

    class Meta:
        model = User
        fields = ["username", "role"]
        labels = {"username": "Name"}


class RoleForm(forms.ModelForm):
    """What a person may do, and whether they may still sign in."""

    class Meta:
        model = User
        fields = ["role", "is_active", "daily_spending_cap", "attempts_at_once"]


@administrator_required
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    return _list(request, PersonForm())


@administrator_required
@never_cache
@require_http_methods(["POST"])
def create(request: HttpRequest) -> HttpResponse:
    form = PersonForm(request.POST)
    if not form.is_valid():
        return _list(request, form, status=422)
    person = add_person(request.user, form.cleaned_data["username"], form.cleaned_data["role"])
    return _show_link(request, person)


@administrator_required
@require_POST
def change(request: HttpRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(User, pk=pk)
    form = RoleForm(request.POST, instance=person)
    try:
        if not form.is_valid():
            raise InvalidInput(" ".join(error for errors in form.errors.values() for error in errors))
        change_person(request.user, person, **form.cleaned_data)
    except InvalidInput as error:
        messages.error(request, str(error))
    else:
        access = "" if person.is_active else " and locked out"
        messages.success(request, f"{person} is {person.get_role_display().lower()}{access} now.")
    return redirect("people")


@administrator_required
@never_cache
@require_POST
def new_link(request: HttpRequest, pk: int) -> HttpResponse:
    """A new one-time link, for a person who is new or forgot the password."""
    return _show_link(request, get_object_or_404(User, pk=pk, is_active=True))


def _show_link(request: HttpRequest, person: User) -> HttpResponse:
    secret = issue_link(request.user, person, LINK_MINUTES)
    link = request.build_absolute_uri(reverse("login_link", args=[secret]))
    return render(request, "access/new_link.html", {"person": person, "link": link, "hours": LINK_MINUTES // 60})


def _list(request: HttpRequest, form: PersonForm, status: int = 200) -> HttpResponse:
    people = User.objects.order_by("username").prefetch_related("teams")
    return render(request, "access/people.html", {"people": people, "form": form, "roles": User.Role.choices}, status=status)
