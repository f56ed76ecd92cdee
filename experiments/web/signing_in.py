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

from ..models import LoginLink


@method_decorator(login_not_required, name="dispatch")
class SignIn(LoginView):
    template_name = "access/login.html"
    redirect_authenticated_user = True


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
        return render(request, "access/link.html", {"link": None}, status=410)
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    return redirect(destination)
