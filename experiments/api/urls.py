"""Addresses of the API."""

from django.contrib.auth.decorators import login_required
from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.routers import DefaultRouter

from .datasets import DatasetViewSet
from .errors import UnknownAddress
from .experiments import ExperimentViewSet
from .keys import AddressesView, KeysView, KeyView, WithdrawalView
from .language_models import LanguageModelViewSet
from .plugins import PluginsView
from .prompts import PromptViewSet, VariantViewSet
from .reviews import ReviewSetViewSet
from .runs import RunViewSet
from .spending import LedgerView, PeopleView, PersonView, SpendingView
from .teams import AuditFileView, AuditViewSet, TeamViewSet
from .tokens import TokenView

router = DefaultRouter()
router.include_format_suffixes = False
router.register("datasets", DatasetViewSet)
router.register("prompts", PromptViewSet)
router.register("variants", VariantViewSet)
router.register("language_models", LanguageModelViewSet)
router.register("experiments", ExperimentViewSet)
router.register("runs", RunViewSet)
router.register("review_sets", ReviewSetViewSet)
router.register("teams", TeamViewSet)
router.register("audit", AuditViewSet)

urlpatterns = [
    path("", include((router.urls, "api"))),
    path("plugins/", PluginsView.as_view(), name="api_plugins"),
    path("keys/", KeysView.as_view(), name="api_keys"),
    path("keys/<str:name>/", KeyView.as_view(), name="api_key"),
    path("addresses/", AddressesView.as_view(), name="api_addresses"),
    path("addresses/withdraw/", WithdrawalView.as_view(), name="api_address_withdraw"),
    path("people/", PeopleView.as_view(), name="api_people"),
    path("people/<int:pk>/", PersonView.as_view(), name="api_person"),
    path("spending/", SpendingView.as_view(), name="api_spending"),
    path("ledger/", LedgerView.as_view(), name="api_ledger"),
    path("audit/file/", AuditFileView.as_view(), name="api_audit_file"),
    path("token/", TokenView.as_view(), name="api_token"),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", login_required(SpectacularSwaggerSplitView.as_view()), name="api_docs"),
    re_path("", UnknownAddress.as_view()),
]
