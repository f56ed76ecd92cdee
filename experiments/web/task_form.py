"""The options of a reasoning-gym task as fields of their own, instead of one field full of JSON."""

from typing import Any

from django import forms

from ..sources.reasoning_gym_tasks import TaskField, task_fields, task_names
from .option_fields import OptionField
from .option_forms import OptionsForm

_KINDS = {"int": "integer", "float": "number", "bool": "boolean", "text": "string", "json": "json"}


class TaskForm(OptionsForm):
    """The marker names the task, so that choosing another one shows that one's defaults."""

    def __init__(self, options, data=None, *, prefix: str, params: dict[str, Any] | None = None):
        names = task_names()
        chosen = (data or {}).get(f"{prefix}-task") or (params or {}).get("task")
        self.task = chosen if chosen in names else options.model_fields["task"].default
        self._task_fields = task_fields(self.task)
        super().__init__(options, data, prefix=prefix, params={**(params or {}), "task": self.task}, marker=f"shown-{self.task}")
        swap = {"hx-get": ".", "hx-target": "#source-options", "hx-trigger": "change", "hx-include": "this"}
        menu = forms.Select(attrs=swap)
        self.fields["task"] = forms.ChoiceField(
            label="Task", choices=[(name, name.replace("_", " ")) for name in names], initial=self.task, widget=menu
        )

    def describe(self) -> list[OptionField]:
        own = [field for field in super().describe() if field.name != "params"]
        return [*own, *(self._describe_task_field(field) for field in self._task_fields)]

    def _describe_task_field(self, field: TaskField) -> OptionField:
        return OptionField(
            name=f"{self.task}.{field.name}",
            title=field.name.replace("_", " ").capitalize(),
            description="",
            kind=_KINDS[field.kind],
            default=field.default,
            required=False,
            nullable=field.default is None,
        )

    def gather(self, given: dict[str, Any]) -> dict[str, Any]:
        """The task's options that differ from its defaults go into `params`."""
        params = {field.name: given.pop(f"{self.task}.{field.name}", field.default) for field in self._task_fields}
        changed = {field.name: params[field.name] for field in self._task_fields if params[field.name] != field.default}
        return {**given, "params": changed}
