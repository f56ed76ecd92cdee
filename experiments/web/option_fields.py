"""What a plug-in's options look like from outside: the same description feeds the forms and the documentation."""

import json
from dataclasses import dataclass, replace
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
    name), lines, numbers (lists of either), records (a list of texts by name, one record a line), options (a group of options
    of its own) or json (all else).

    Choosing one that `fills_in` suggests values for others. A string may be `multiline`. Where the kind is options, `options`
    are they; one that was taken out of such a group stands `within` what the group is called. A record has `columns`.
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
    options: type[Options] | None = None
    within: str = ""
    columns: tuple[str, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """The choices as a page can carry them: whitespace at their ends, which it would lose, is written out."""
        return tuple(visibly(str(choice)) for choice in self.choices)

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
    return [
        # The schema of a group of options has no room for the title that its field gives it.
        _field(name, options.model_fields[name].title or name, part, named, name in required, _inside(options, name))
        for name, part in schema.get("properties", {}).items()
    ]


def flat_fields(options: type[Options]) -> list[OptionField]:
    """As `option_fields`, with the options inside an option in its place, called `outer.inner`."""
    return [leaf for field in option_fields(options) for leaf in _leaves(field)]


def _leaves(field: OptionField) -> list[OptionField]:
    if field.options is None:
        return [field]
    return [
        replace(
            leaf,
            name=f"{field.name}.{leaf.name}",
            within=leaf.within or field.title,
            default=value_at(field.default or {}, leaf.name, leaf.default),
        )
        for leaf in flat_fields(field.options)
    ]


def value_at(params: dict[str, Any], name: str, default: Any) -> Any:
    """What plain JSON params say of an option, which may be inside another."""
    first, _, rest = name.partition(".")
    if name in params or not rest:
        return params.get(name, default)
    return value_at(params.get(first) or {}, rest, default)


def _inside(options: type[Options], name: str) -> type[Options] | None:
    """What the option is made of, where it is a group of options itself."""
    kind = options.model_fields[name].annotation
    return kind if isinstance(kind, type) and issubclass(kind, Options) else None


def _field(name: str, title: str, schema: dict, named: dict, required: bool, inside: type[Options] | None) -> OptionField:
    core, nullable = _without_null(schema, named)
    family = OFFERS.get(schema.get("offers"))
    values = family.names() if family else core.get("enum", [core["const"]] if "const" in core else [])
    return OptionField(
        name=name,
        title=title,
        description=schema.get("description", ""),
        kind="choices" if family else "options" if inside else _kind(core, named),
        default=schema.get("default"),
        required=required,
        nullable=nullable,
        choices=tuple(values),
        labels=tuple(label for _, label in family.choices())
        if family
        else tuple(visibly(str(value).replace("_", " ")) for value in values),
        minimum=core.get("minimum"),
        maximum=core.get("maximum"),
        above=core.get("exclusiveMinimum"),
        below=core.get("exclusiveMaximum"),
        fills_in=schema.get("fills_in", False),
        multiline=schema.get("multiline", False),
        options=inside,
        columns=_columns(core, named),
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
    if _columns(core, named):
        return "records"
    if core.get("type") == "array":
        return _LIST_KINDS.get(_resolve(core.get("items", {}), named).get("type"), "json")
    return "json"


def _columns(core: dict, named: dict) -> tuple[str, ...]:
    """The names of the texts that each item of a list is made of; none where items are anything else."""
    properties = _resolve(core.get("items", {}), named).get("properties", {})
    return tuple(properties) if all(part.get("type") == "string" for part in properties.values()) else ()


def shown_options(options: type[Options], params: dict[str, Any]) -> list[tuple[str, Any]]:
    """(title, value) of every option, the stored value or else the default, for reading.

    Of the options inside an option only those that differ from the default are told.
    """
    return [told for _, told in _told(options, params)]


def _told(options: type[Options], params: dict[str, Any]) -> list[tuple[str, tuple[str, str]]]:
    """The same with each option's name, the outer one's for those inside an option."""
    told = []
    for field in flat_fields(options):
        value = value_at(params, field.name, field.default)
        if not field.within:
            told.append((field.name, (field.title, in_words(value))))
        elif value != field.default:
            told.append((field.name.partition(".")[0], (f"{field.within}: {field.title}", in_words(value))))
    return told


def shown_groups(options: type[Options], params: dict[str, Any]) -> list[tuple[str, list[tuple[str, Any]]]]:
    """As `shown_options`, by title of the group; those of no group come first, under an empty title."""
    told = _told(options, params)
    members = {name for names in options.groups.values() for name in names}
    groups = {"": [name for name in options.model_fields if name not in members], **options.groups}
    return [(title, [pair for name, pair in told if name in names]) for title, names in groups.items() if names]


def in_words(value: Any) -> str:
    """An option's value for reading: a dash for nothing, lists with bars between quoted texts, dictionaries name by name.

    A text that begins or ends with whitespace is in quotes.
    """
    if value is None or value == "" or value == [] or value == {}:
        return "—"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{name}: {in_words(item)}" for name, item in value.items())
    if isinstance(value, list | tuple):
        return " | ".join(repr(item) if isinstance(item, str) else in_words(item) for item in value)
    return visibly(value) if isinstance(value, str) else str(value)


def visibly(text: str) -> str:
    """The text, as a JSON string where it begins or ends with whitespace or is empty."""
    return text if text and text == text.strip() else json.dumps(text, ensure_ascii=False)


def _plain(number: float) -> str:
    return f"{int(number):,}" if number == int(number) else f"{number:g}"
