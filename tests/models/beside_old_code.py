"""Which steps of a migration break code of the release before it, which runs beside the new schema during an update.

Such a step is for a later release, when no running code needs any more what it takes away: the contract step. It is marked
by an attribute of the migration, `contract_since = "0.2.0"`, the first release whose code does without.
"""

from django.conf import settings
from django.db import connections, models
from django.db.migrations import operations
from django.db.migrations.migration import Migration
from django.db.migrations.state import ProjectState
from django.db.models.fields import NOT_PROVIDED

#: They change nothing that is there, or nothing in the database.
_HARMLESS = (
    operations.CreateModel,
    operations.AddIndex,
    operations.RemoveIndex,
    operations.RenameIndex,
    operations.AlterModelOptions,
    operations.AlterModelManagers,
)


class Rules:
    """Goes from migration to migration and remembers what was added on the way: old code does not know it."""

    def __init__(self, state: ProjectState):
        self._state = state
        self._new_models: set[str] = set()
        self._new_fields: set[tuple[str, str]] = set()

    def broken_by(self, migration: Migration) -> list[str]:
        """A sentence for each step that old code beside it does not survive, with what to do instead."""
        contract = getattr(migration, "contract_since", None)
        found = [
            f"{migration.name}: {operation.describe()}: {words}"
            for operation in migration.operations
            if (words := self._step(operation, migration.app_label))
        ]
        if contract is None:
            return found
        if not found:
            return [f"{migration.name}: contract_since is for steps that take something away, and there is none"]
        if _numbers(contract) > _numbers(settings.SPECTACULAR_SETTINGS["VERSION"]):
            return [f"{migration.name}: contract_since {contract} is not released yet: code that needs what goes may still run"]
        return []

    def _step(self, operation, app: str) -> str:
        words = self._trouble(operation, app)
        before = self._state.clone()
        operation.state_forwards(app, self._state)
        if isinstance(operation, operations.AlterField) and not words:
            words = self._narrowing(operation, app, before)
        if isinstance(operation, operations.CreateModel):
            self._new_models.add(operation.name_lower)
        if isinstance(operation, operations.AddField):
            self._new_fields.add((operation.model_name_lower, operation.name_lower))
        return words

    def _trouble(self, operation, app: str) -> str:
        model = getattr(operation, "model_name_lower", getattr(operation, "name_lower", ""))
        if isinstance(operation, (*_HARMLESS, operations.AlterField)) or model in self._new_models:
            return ""
        if isinstance(operation, operations.AddField):
            return _trouble_with_new(operation.field)
        if isinstance(operation, operations.AddConstraint):
            named = _columns_of(operation.constraint)
            if named and all((model, name) in self._new_fields for name in named):
                return ""
            return "rows that old code writes may break it. Check it in code first, and add it a release later"
        if isinstance(operation, operations.RunPython):
            if getattr(operation.code, "is_safe_beside_old_code", False):
                return ""
            return (
                "once it works in small steps, twice, and on rows of old code, mark the function is_safe_beside_old_code = True"
            )
        if isinstance(operation, operations.SeparateDatabaseAndState):
            return "; ".join(filter(None, (self._trouble(each, app) for each in operation.database_operations)))
        return "old code still uses what is there. Add beside it, and take away a release later"

    def _narrowing(self, operation: operations.AlterField, app: str, before: ProjectState) -> str:
        old, new = (
            state.apps.get_model(app, operation.model_name)._meta.get_field(operation.name) for state in (before, self._state)
        )
        if (operation.model_name_lower in self._new_models) or (
            operation.model_name_lower,
            operation.name_lower,
        ) in self._new_fields:
            return ""
        if new.null < old.null:
            return "old code may write NULL. Fill it, and forbid NULL a release later"
        if new.unique > old.unique:
            return "old code may write the same value twice"
        if old.db_default is not NOT_PROVIDED and new.db_default is NOT_PROVIDED:
            return "code that does not know the column relies on its db_default"
        if old.column != new.column:
            return "old code uses the column's old name"
        if _kind(old) != _kind(new):
            return "it changes the column's type"
        if (new.max_length or 0) < (old.max_length or 0):
            return "old code may write longer values"
        return ""


def _trouble_with_new(field: models.Field) -> str:
    if field.many_to_many or (field.null and field.db_default is NOT_PROVIDED):
        return ""
    if field.db_default is NOT_PROVIDED:
        return "old code does not write it: give the field a db_default, or let it be null"
    return "old code writes the same value twice" if field.unique else ""


def _kind(field: models.Field) -> str:
    """The column's type but for its length, on whichever database the tests run."""
    return (field.db_type(connections["default"]) or "").partition("(")[0]


def _columns_of(constraint: models.BaseConstraint) -> set[str]:
    """Empty where that cannot be told."""
    if isinstance(constraint, models.CheckConstraint) and isinstance(constraint.condition, models.Q):
        return _columns_in(constraint.condition)
    return set(getattr(constraint, "fields", ()))


def _columns_in(condition: models.Q) -> set[str]:
    return set().union(
        *(_columns_in(child) if isinstance(child, models.Q) else {child[0].partition("__")[0]} for child in condition.children)
    )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))
