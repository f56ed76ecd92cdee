"""One's own account: the password and the token for the API."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm, SetPasswordForm
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST
from rest_framework.authtoken.models import Token

from ..models import AuditEntry, Spending
from ..models.shares import most_at_once
from ..runner.caps import daily_cap_of


@never_cache
@require_http_methods(["GET", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """Shows the account; a POST changes the password. Who came by link has none yet and is not asked for the old one."""
    kind = PasswordChangeForm if request.user.has_usable_password() else SetPasswordForm
    form = kind(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        update_session_auth_hash(request, form.save())
        AuditEntry.objects.record(request.user, AuditEntry.Action.PASSWORD_CHANGED, request.user)
        messages.success(request, "The password is changed. Other browsers are signed out.")
        return redirect("account")
    context = {
        "form": form,
        "token": Token.objects.filter(user=request.user).first(),
        "spent_today": Spending.objects.today().by_user(request.user.pk).totals()[0],
        "daily_cap": daily_cap_of(request.user),
        "most_at_once": most_at_once(request.user),
        "memberships": request.user.memberships.select_related("team"),
    }
    return render(request, "access/account.html", context)


@require_POST
@never_cache
def create_token(request: HttpRequest) -> HttpResponse:
    """A fresh token, shown this once; an older one stops working."""
    with transaction.atomic():
        Token.objects.filter(user=request.user).delete()
        token = Token.objects.create(user=request.user)
        AuditEntry.objects.record(request.user, AuditEntry.Action.TOKEN_CREATED, request.user)
    return render(request, "access/token.html", {"token": token})


@require_POST
def revoke_token(request: HttpRequest) -> HttpResponse:
    Token.objects.filter(user=request.user).delete()
    AuditEntry.objects.record(request.user, AuditEntry.Action.TOKEN_REVOKED, request.user)
    messages.success(request, "The token is revoked; programs that used it are locked out.")
    return redirect("account")
