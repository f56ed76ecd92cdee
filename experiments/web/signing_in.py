"""Signing in: with name and password, or with a one-time link."""

from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from ..models import AuditEntry, LoginLink


@method_decorator(login_not_required, name="dispatch")
class SignIn(LoginView):
    template_name = "access/login.html"
    redirect_authenticated_user = True

    def form_valid(self, form):
        AuditEntry.objects.record(form.get_user(), AuditEntry.Action.SIGNED_IN, form.get_user(), by="password")
        return super().form_valid(form)

    def form_invalid(self, form):
        name = str(form.data.get("username", ""))
        AuditEntry.objects.record(None, AuditEntry.Action.SIGN_IN_FAILED, f"as “{name[:100]}”", by="password")
        return super().form_invalid(form)


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def login_link(request: HttpRequest, secret: str) -> HttpResponse:
    """GET shows one button; only its POST spends the link, so that a chat program's preview cannot."""
    destination = request.GET.get("next", "")
    if not url_has_allowed_host_and_scheme(destination, allowed_hosts=None):
        destination = reverse("dashboard")
    if request.method == "GET":
        if request.user.is_authenticated:
            return redirect(destination)
        link = LoginLink.objects.open(secret).select_related("user").first()
        return render(request, "access/link.html", {"link": link}, status=200 if link else 410)
    user = LoginLink.objects.redeem(secret)
    if user is None:
        AuditEntry.objects.record(None, AuditEntry.Action.SIGN_IN_FAILED, "with a link", by="link")
        return render(request, "access/link.html", {"link": None}, status=410)
    AuditEntry.objects.record(user, AuditEntry.Action.SIGNED_IN, user, by="link")
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    return redirect(destination)
