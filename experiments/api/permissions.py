"""Who may do what through the API: the same roles as on the pages."""

from rest_framework.permissions import SAFE_METHODS, BasePermission

from ..models.steering import record_archived


class ReadOrEdit(BasePermission):
    """Every user reads; changing needs the role editor or administrator."""

    message = "Your role may look and export, but not change anything. Ask an administrator for the role editor."

    def has_permission(self, request, view) -> bool:
        user = request.user
        return bool(user and user.is_authenticated and (request.method in SAFE_METHODS or user.can_edit))


class OnlyVisible:
    """For views of rows with `visible_to`: what a user may not know of is not there, and answered with 404."""

    def get_queryset(self):
        rows = super().get_queryset()
        # The schema is drawn up for nobody in particular.
        return rows.none() if getattr(self, "swagger_fake_view", False) else rows.visible_to(self.request.user)


class RecordsArchiving:
    """For views whose rows can be archived by changing a field."""

    def perform_update(self, serializer) -> None:
        was_archived = serializer.instance.archived
        thing = serializer.save()
        if thing.archived != was_archived:
            record_archived(self.request.user, thing)


class Editors(BasePermission):
    """Also reading needs the role editor or administrator."""

    message = "This needs the role editor. Ask an administrator for it."

    def has_permission(self, request, view) -> bool:
        return bool(request.user and request.user.is_authenticated and request.user.can_edit)


class Administrators(BasePermission):
    message = "This needs the role administrator."

    def has_permission(self, request, view) -> bool:
        return bool(request.user and request.user.is_authenticated and request.user.can_administer)
