"""Addresses of the pages: one list per resource, kept beside its prefix."""

from django.contrib.auth.views import LogoutView
from django.urls import include, path

from . import dashboard, exports, signing_in

signing_in_urls = [
    path("", signing_in.SignIn.as_view(), name="login"),
    path("<str:secret>/", signing_in.login_link, name="login_link"),
]

urlpatterns = [
    path("runs/<int:pk>/export/", exports.run_export, name="run_export"),
    path("", dashboard.dashboard, name="dashboard"),
    path("login/", include(signing_in_urls)),
    path("logout/", LogoutView.as_view(), name="logout"),
]
