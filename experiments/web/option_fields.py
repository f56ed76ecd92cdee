"""What a plug-in's options look like from outside: the same description feeds the forms and the documentation."""

from dataclasses import dataclass
from typing import Any

from ..domain.registry import Options, Registry
from ..strategies.base import strategies

#: What an option may offer to choose from besides values of its own: the plug-ins of a family.
OFFERS: dict[str, Registry] = {"strategy": strategies}

_SIMPLE_KINDS = {"integer", "number", "string", "boolean"}
_LIST_KINDS = {"string": "lines", "integer": "numbers", "number": "numbers"}


@dataclass(frozen=True)
class OptionField:
    """One option. `kind` is integer, number, string, boolean, choice, choices (several of them), language_model (an entry's
    name), lines, numbers (lists of either) or json (all else).

    Choosing one that `fills_in` suggests values for others. A string may be `multiline`.
    """

    name: str
    title: str
    description: str
    kind: str
    default: Any
    required: bool
    nullable: bool
    choices: tuple[Any, ...] = ()
    labels: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    above: float | None = None
    below: float | None = None
    fills_in: bool = False
    multiline: bool = False

    @property
    def shown_default(self) -> str:
        return in_words(self.default)

    @property
    def bounds(self) -> str:
        """In words: “1 to 10,000”, “above 0”, or nothing."""
        if self.minimum is not None and self.maximum is not None:
            return f"{_plain(self.minimum)} to {_plain(self.maximum)}"
        limits = {"at least": self.minimum, "above": self.above, "at most": self.maximum, "below": self.below}
        return ", ".join(f"{word} {_plain(limit)}" for word, limit in limits.items() if limit is not None)


def option_fields(options: type[Options]) -> list[OptionField]:
    """The options in the order they are declared, read from pydantic's JSON schema."""
    schema = options.model_json_schema()
    required = schema.get("required", [])
    named = schema.get("$defs", {})
    return [_field(name, part, named, name in required) for name, part in schema.get("properties", {}).items()]


def _field(name: str, schema: dict, named: dict, required: bool) -> OptionField:
    core, nullable = _without_null(schema, named)
    family = OFFERS.get(schema.get("offers"))
    values = family.names() if family else core.get("enum", [core["const"]] if "const" in core else [])
    return OptionField(
        name=name,
        title=schema.get("title", name),
        description=schema.get("description", ""),
        kind="choices" if family else _kind(core, named),
        default=schema.get("default"),
        required=required,
        nullable=nullable,
        choices=tuple(values),
        labels=tuple(label for _, label in family.choices())
        if family
        else tuple(str(value).replace("_", " ") for value in values),
        minimum=core.get("minimum"),
        maximum=core.get("maximum"),
        above=core.get("exclusiveMinimum"),
        below=core.get("exclusiveMaximum"),
        fills_in=schema.get("fills_in", False),
        multiline=schema.get("multiline", False),
    )


def _without_null(schema: dict, named: dict) -> tuple[dict, bool]:
    """(the schema of the value itself, whether None is allowed as well)."""
    alternatives = schema.get("anyOf", [schema])
    real = [part for part in alternatives if part.get("type") != "null"]
    core = _resolve(real[0], named) if len(real) == 1 else {}
    return core, len(real) < len(alternatives)


def _resolve(schema: dict, named: dict) -> dict:
    return named[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema


def _kind(core: dict, named: dict) -> str:
    if core.get("format") == "language-model":
        return "language_model"
    if "enum" in core or "const" in core:
        return "choice"
    if core.get("type") in _SIMPLE_KINDS:
        return core["type"]
    if core.get("type") == "array":
        return _LIST_KINDS.get(_resolve(core.get("items", {}), named).get("type"), "json")
    return "json"


def shown_options(options: type[Options], params: dict[str, Any]) -> list[tuple[str, Any]]:
    """(title, value) of every option, the stored value or else the default, for reading."""
    values = [(field.title, params.get(field.name, field.default)) for field in option_fields(options)]
    return [(title, in_words(value)) for title, value in values]


def shown_groups(options: type[Options], params: dict[str, Any]) -> list[tuple[str, list[tuple[str, Any]]]]:
    """As `shown_options`, by title of the group; those of no group come first, under an empty title."""
    shown = dict(zip((field.name for field in option_fields(options)), shown_options(options, params), strict=True))
    members = {name for names in options.groups.values() for name in names}
    groups = {"": [name for name in shown if name not in members], **options.groups}
    return [(title, [shown[name] for name in names]) for title, names in groups.items() if names]


def in_words(value: Any) -> str:
    """An option's value for reading: a dash for nothing, lists with bars between quoted texts, dictionaries name by name."""
    if value is None or value == "" or value == [] or value == {}:
        return "—"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{name}: {in_words(item)}" for name, item in value.items())
    if isinstance(value, list | tuple):
        return " | ".join(repr(item) if isinstance(item, str) else str(item) for item in value)
    return str(value)


def _plain(number: float) -> str:
    return f"{int(number):,}" if number == int(number) else f"{number:g}"
