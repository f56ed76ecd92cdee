"""A Django form out of any plug-in's options: drawn from their description, judged by pydantic alone."""

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from pydantic import ValidationError

from ..domain.registry import Options
from ..models import LanguageModel
from .option_fields import OptionField, flat_fields, value_at, visibly


class OptionsForm(forms.Form):
    """`params` holds the options as plain JSON once the form is valid.

    Options inside an option are fields of their own, in a group of its name.

    Bound only if its own hidden marker came with the data: after another plug-in was chosen in a menu, the form of the
    new one shows its defaults instead of complaining that nothing was filled in.
    """

    def __init__(
        self, options: type[Options], data=None, *, prefix: str, params: dict[str, Any] | None = None, marker: str = "shown"
    ):
        self.options = options
        self.params: dict[str, Any] = dict(params or {})
        self._described = self.describe()
        was_shown = data is not None and f"{prefix}-{marker}" in data
        super().__init__(data if was_shown else None, prefix=prefix, use_required_attribute=False)
        self.fields[marker] = forms.CharField(widget=forms.HiddenInput, initial="1", required=False)
        for described in self._described:
            self.fields[described.name] = _form_field(described, self.params)

    def describe(self) -> list[OptionField]:
        """What the form asks for."""
        return flat_fields(self.options)

    def gather(self, given: dict[str, Any]) -> dict[str, Any]:
        """What pydantic is handed, out of what was filled in."""
        gathered: dict[str, Any] = {}
        for name, value in given.items():
            *outer, last = name.split(".")
            inside = gathered
            for each in outer:
                inside = inside.setdefault(each, {})
            inside[last] = value
        return gathered

    @property
    def groups(self) -> list["Group"]:
        """The fields as they are drawn: those of no group first, then the groups, of which only the first is open.

        A group with an error in it is open as well. Options inside an option come after the group that the option is in.
        """
        titles = ["", *self.options.groups]
        title_of = {name: title for title, names in self.options.groups.items() for name in names}
        within = {each.name: each.within for each in self._described}
        grouped: dict[tuple[str, str], list[forms.BoundField]] = {(title, ""): [] for title in titles}
        for field in self:
            place = title_of.get(field.name.partition(".")[0], ""), within.get(field.name, "")
            grouped.setdefault(place, []).append(field)
        groups: list[Group] = []
        for title, inside in sorted(grouped, key=lambda place: titles.index(place[0])):
            fields = grouped[title, inside]
            is_first = len(groups) == 1 and not inside
            groups.append(Group(inside or title, fields, is_first or any(field.errors for field in fields)))
        return groups

    @property
    def summary(self) -> str:
        """The plug-in's own description, its first paragraph."""
        return " ".join((self.options.__doc__ or "").strip().split("\n\n")[0].split())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        given = {}
        for described in self._described:
            if described.name in self.errors:
                continue
            try:
                if (value := _value(described, cleaned.get(described.name))) is not _LEFT_OUT:
                    given[described.name] = value
            except ValueError as error:
                self.add_error(described.name, str(error))
        if self.errors:
            return cleaned
        try:
            self.params = self.options.model_validate(self.gather(given)).model_dump(mode="json")
        except ValidationError as error:
            for problem in error.errors():
                self.add_error(self._field_at(problem["loc"]), problem["msg"].removeprefix("Value error, "))
        return cleaned

    def _field_at(self, place: tuple[int | str, ...]) -> str | None:
        """The field that what pydantic refused was entered in, None where it is the whole form."""
        names = (".".join(map(str, place[:n])) for n in range(len(place), 0, -1))
        return next((name for name in names if name in self.fields), None)


@dataclass(frozen=True)
class Group:
    """Fields under one title, which is empty for those that stand by themselves."""

    title: str
    fields: list[forms.BoundField]
    is_open: bool


_LEFT_OUT = object()
_LISTS = ("lines", "numbers", "records")


def _value(described: OptionField, entered: Any) -> Any:
    """What pydantic is handed. An empty field leaves the option out, so that its default applies."""
    if described.kind == "choices":
        return list(entered or ())
    if described.kind in ("boolean", "string", "language_model"):
        return None if described.nullable and entered == "" else entered
    if not (entered or "").strip():
        return None if described.nullable else [] if described.kind in _LISTS else _LEFT_OUT
    if described.kind == "lines":
        return [_read_line(line) for line in entered.splitlines() if line.strip()]
    if described.kind == "records":
        return [_read_record(line, described.columns) for line in entered.splitlines() if line.strip()]
    if described.kind == "numbers":
        return entered.replace(",", " ").split()
    if described.kind == "json":
        return _read_json(entered)
    if described.kind == "choice":
        return described.choices[described.keys.index(entered)]
    return _number(entered, int if described.kind == "integer" else float)


def _number(text: str, kind: type[int] | type[float]) -> int | float | str:
    """The number, or the text as it stands for pydantic to refuse in its own words. JSON has no NaN and no infinity."""
    try:
        number = kind(text)
    except (ValueError, OverflowError):
        return text
    if not math.isfinite(number):
        raise ValueError("This must be a finite number.")
    return number


def _read_line(line: str) -> str:
    """A line as it stands, or, where it is one JSON string in double quotes, what that string says."""
    try:
        quoted = json.loads(line)
    except ValueError:
        return line
    return quoted if isinstance(quoted, str) else line


def _write_line(text: str) -> str:
    """The text as it stands if `_read_line` then finds the same, else as a JSON string."""
    is_one_line = text.splitlines() == [text] and text == text.strip()
    return text if is_one_line and _read_line(text) == text else json.dumps(text)


def _read_record(line: str, columns: tuple[str, ...]) -> dict[str, str]:
    parts = [part.strip() for part in line.split("|")]
    if len(parts) != len(columns):
        raise ValueError(f"“{line.strip()}” should be {_as_record(columns)}, with a bar between them.")
    return dict(zip(columns, parts, strict=True))


def _as_record(texts: Iterable[str]) -> str:
    return " | ".join(texts)


def _read_json(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise ValueError(f"This is not JSON: {error.msg} at line {error.lineno}, column {error.colno}.") from None


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON value.")


def _form_field(described: OptionField, params: dict[str, Any]) -> forms.Field:
    value = value_at(params, described.name, described.default)
    common = {"label": described.title, "help_text": _help(described), "required": described.required, "initial": value}
    match described.kind:
        case "boolean":
            return forms.BooleanField(**{**common, "required": False})
        case "choice":
            empty = [("", "—")] if described.nullable else []
            common["initial"] = value if value is None else visibly(str(value))
            return forms.ChoiceField(
                choices=[*empty, *zip(described.keys, described.labels, strict=True)],
                **{**common, "required": described.required and not empty},
            )
        case "language_model":
            return forms.ChoiceField(choices=_language_models(value), **{**common, "required": False})
        case "choices":
            choices = list(zip(described.choices, described.labels, strict=True))
            return forms.MultipleChoiceField(choices=choices, widget=_boxes(), **common)
        case "integer" | "number":
            step = "1" if described.kind == "integer" else "any"
            limits = {"step": step, "min": described.minimum, "max": described.maximum}
            attributes = {name: limit for name, limit in limits.items() if limit is not None}
            return forms.CharField(widget=forms.NumberInput(attrs=attributes), **common)
        case "lines":
            common["initial"] = "\n".join(_write_line(text) for text in value or ())
            return forms.CharField(widget=_area(3), strip=False, **common)
        case "records":
            common["initial"] = "\n".join(_as_record(record.values()) for record in value or ())
            return forms.CharField(widget=_area(2), **common)
        case "numbers":
            common["initial"] = ", ".join(map(str, value or ()))
            return forms.CharField(**common)
        case "json":
            common["initial"] = "" if value is None else json.dumps(value, ensure_ascii=False)
            return forms.CharField(widget=_area(3), **common)
        case _:
            return forms.CharField(strip=False, **common, **({"widget": _area(3)} if described.multiline else {}))


def _language_models(chosen: str) -> list[tuple[str, str]]:
    """Those in use, and the one that is chosen whatever became of it."""
    names = list(LanguageModel.objects.filter(archived=False).values_list("name", flat=True))
    return [("", "—"), *((name, name) for name in dict.fromkeys([*names, *([chosen] if chosen else [])]))]


def _boxes() -> forms.CheckboxSelectMultiple:
    return forms.CheckboxSelectMultiple(attrs={"wide": True, "class": "choices columns-wide"})


def _area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "class": "mono", "wide": True, "spellcheck": "false"})


def _help(described: OptionField) -> str:
    written = {
        "records": f"one per line: {_as_record(described.columns)}",
        "lines": 'one per line; "\\n" in double quotes is a line break',
        "numbers": "separated by commas",
        "json": "JSON",
    }
    notes = [note for note in (written.get(described.kind), described.bounds) if note]
    return f"{described.description} ({', '.join(notes)})".strip() if notes else described.description
