"""Django's own administration, for repairs. Results are shown there and never edited."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin

from .models import Dataset, Experiment, LanguageModel, Prompt, Run, User, Variant, Worker


@admin.register(User)
class PersonAdmin(UserAdmin):
    list_display = ("username", "role", "is_active", "last_login")
    list_filter = ("role", "is_active")
    fieldsets = (*UserAdmin.fieldsets, ("Assay", {"fields": ("role",)}))
    add_fieldsets = (*UserAdmin.add_fieldsets, ("Assay", {"fields": ("role",)}))


class ReadOnly(admin.ModelAdmin):
    """What runs depend on is written by Assay alone: a changed row would contradict the frozen copies."""

    show_full_result_count = False

    def has_add_permission(self, request) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False


@admin.register(Run)
class RunAdmin(ReadOnly):
    list_display = ("id", "experiment", "state", "n_samples", "n_samples_planned", "created_at")
    list_select_related = ("experiment",)
    list_filter = ("state",)


@admin.register(Dataset)
class DatasetAdmin(ReadOnly):
    list_display = ("name", "version", "source", "n_problems", "created_at")


@admin.register(Variant)
class VariantAdmin(ReadOnly):
    list_display = ("prompt", "name", "version", "created_at")
    list_select_related = ("prompt",)


@admin.register(Worker)
class WorkerAdmin(ReadOnly):
    list_display = ("id", "host", "pid", "started_at", "heartbeat_at", "stopped_at")


@admin.register(Experiment)
class ExperimentAdmin(ReadOnly):
    list_display = ("name", "study", "dataset", "archived", "updated_at")
    list_select_related = ("dataset",)


@admin.register(Prompt, LanguageModel)
class NamedAdmin(ReadOnly):
    list_display = ("name", "archived", "created_at")
