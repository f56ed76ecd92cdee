"""The whole address space: pages, API, administration."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/", include("experiments.api.urls")),
    path("", include("experiments.web.urls")),
]

handler500 = "experiments.web.outages.server_error"
