"""People and their roles, for administrators."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ..models import LoginLink, User
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
        fields = ["role", "is_active", "daily_spending_cap"]

    def clean(self) -> dict:
        cleaned = super().clean()
        stays = cleaned.get("is_active") and (cleaned.get("role") == User.Role.ADMINISTRATOR or self.instance.is_superuser)
        others = User.objects.filter(role=User.Role.ADMINISTRATOR, is_active=True).exclude(pk=self.instance.pk)
        if not stays and not others.exists():
            raise forms.ValidationError("This is the last administrator. Make somebody else one first.")
        return cleaned


@administrator_required
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    people = User.objects.order_by("username")
    return render(request, "access/people.html", {"people": people, "form": PersonForm(), "roles": User.Role.choices})


@administrator_required
@never_cache
@require_http_methods(["POST"])
def create(request: HttpRequest) -> HttpResponse:
    form = PersonForm(request.POST)
    if not form.is_valid():
        people = User.objects.order_by("username")
        return render(request, "access/people.html", {"people": people, "form": form, "roles": User.Role.choices}, status=422)
    person = User.objects.create_user(form.cleaned_data["username"], role=form.cleaned_data["role"])
    return _show_link(request, person)


@administrator_required
@require_POST
def change(request: HttpRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(User, pk=pk)
    form = RoleForm(request.POST, instance=person)
    if form.is_valid():
        form.save()
        access = "" if person.is_active else " and locked out"
        messages.success(request, f"{person} is {person.get_role_display().lower()}{access} now.")
    else:
        messages.error(request, " ".join(error for errors in form.errors.values() for error in errors))
    return redirect("people")


@administrator_required
@never_cache
@require_POST
def issue_link(request: HttpRequest, pk: int) -> HttpResponse:
    """A new one-time link, for a person who is new or forgot the password."""
    return _show_link(request, get_object_or_404(User, pk=pk, is_active=True))


def _show_link(request: HttpRequest, person: User) -> HttpResponse:
    secret = LoginLink.objects.issue(person, minutes=LINK_MINUTES)
    link = request.build_absolute_uri(reverse("login_link", args=[secret]))
    return render(request, "access/new_link.html", {"person": person, "link": link, "hours": LINK_MINUTES // 60})
