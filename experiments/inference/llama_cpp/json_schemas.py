"""JSON schemas to GBNF rules: every text of the grammar satisfies the schema. What cannot be said in rules is refused.

llama-cpp-python's own converter passes over keywords that it does not know, and lets line breaks into strings; here a schema
either means what it says or is an error. Properties come in the order of the schema, and none that it does not name.
"""

import json
from collections.abc import Iterable
from typing import Any

from .protocol import Refused

_SAYS_NOTHING = frozenset(
    {"title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly", "$schema", "$id", "$comment"}
)
_MOST_REPEATED = 1000
_PRIMITIVES = {
    # As much white space as a model may like to write, and never so much that it goes on for ever.
    "space": r'| " " | "\n" [ \t]{0,20}',
    "char": r'[^"\\\x00-\x1F] | "\\" (["\\/bfnrt] | "u" [0-9a-fA-F]{4})',
    "string": r'"\"" char* "\""',
    "whole": r'"0" | [1-9] [0-9]{0,15}',
    "integer": r'"-"? whole',
    "number": r'"-"? whole ("." [0-9]{1,16})? ([eE] [-+]? [0-9]{1,3})?',
    "boolean": r'"true" | "false"',
    "null": r'"null"',
    "any": "object | array | string | number | boolean | null",
    "object": r'"{" space (string space ":" space any space ("," space string space ":" space any space)*)? "}"',
    "array": r'"[" space (any space ("," space any space)*)? "]"',
}


def rules_of(schema: dict[str, Any]) -> str:
    """The schema as GBNF rules. Raises Refused naming the first part that cannot be converted."""
    try:
        return _Converter(schema).convert()
    except RecursionError:
        raise Refused("The JSON schema is nested too deeply. Make it flatter.") from None
    except (TypeError, AttributeError, ValueError) as error:
        raise Refused(f"The JSON schema is malformed: {error}.") from None


class _Converter:
    def __init__(self, schema: dict[str, Any]):
        self._schema = schema
        self._rules = dict(_PRIMITIVES)
        self._named: dict[str, str] = {}

    def convert(self) -> str:
        top = {key: value for key, value in self._schema.items() if key not in ("$defs", "definitions")}
        self._rules["root"] = self._visit(top, "the schema")
        return "\n".join(f"{name} ::= {body}" for name, body in self._rules.items())

    def _visit(self, schema: Any, where: str) -> str:
        """A GBNF expression for one schema."""
        if not isinstance(schema, dict):
            raise Refused(f"The JSON schema cannot be converted: {where} is not an object.")
        said = {key: value for key, value in schema.items() if key not in _SAYS_NOTHING}
        if "$ref" in said:
            self._allow(said, {"$ref"}, where)
            return self._reference(said["$ref"], where)
        if "anyOf" in said:
            self._allow(said, {"anyOf"}, where)
            return _either(self._visit(part, where) for part in said["anyOf"])
        if "const" in said or "enum" in said:
            self._allow(said, {"const" if "const" in said else "enum", "type"}, where)
            return _either(map(_literal, [said["const"]] if "const" in said else said["enum"]))
        kind = said.get("type")
        if isinstance(kind, list):
            self._allow(said, {"type"}, where)
            return _either(self._visit({"type": each}, where) for each in kind)
        if kind in ("boolean", "null", "integer", "number"):
            self._allow(said, {"type"}, where)
            return kind
        if kind in ("string", "array", "object"):
            return getattr(self, f"_{kind}")(said, where)
        raise Refused(f"The JSON schema cannot be converted: {where} has no type that is known (given: {kind!r}).")

    def _allow(self, said: dict[str, Any], known: set[str], where: str) -> None:
        if unknown := sorted(set(said) - known):
            raise Refused(
                f"The JSON schema cannot be converted: “{unknown[0]}” in {where} cannot be put into rules. Leave it out."
            )

    def _reference(self, ref: str, where: str) -> str:
        group, _, name = str(ref).removeprefix("#/").partition("/")
        target = self._schema.get(group, {}).get(name) if group in ("$defs", "definitions") else None
        if target is None or not str(ref).startswith("#/"):
            raise Refused(f"The JSON schema cannot be converted: {where} refers to {ref}, which it does not define.")
        if ref not in self._named:
            # Named before it is visited, because it may refer to itself.
            self._named[ref] = f"named-{len(self._named)}"
            self._rules[self._named[ref]] = self._visit(target, f"“{name}”")
        return self._named[ref]

    def _string(self, said: dict[str, Any], where: str) -> str:
        self._allow(said, {"type", "minLength", "maxLength"}, where)
        if set(said) == {"type"}:
            return "string"
        return rf'"\"" char{self._times(said, "minLength", "maxLength", where)} "\""'

    def _array(self, said: dict[str, Any], where: str) -> str:
        if "prefixItems" in said:
            items = said["prefixItems"]
            self._allow({key: value for key, value in said.items() if value != len(items)}, {"type", "prefixItems"}, where)
            parts = ' space "," space '.join(self._visit(item, f"item {i} of {where}") for i, item in enumerate(items))
            return rf'"[" space {parts} space "]"'
        self._allow(said, {"type", "items", "minItems", "maxItems"}, where)
        item = self._visit(said["items"], f"the items of {where}") if "items" in said else "any"
        least, most = said.get("minItems", 0), said.get("maxItems")
        if most == 0:
            return '"[" space "]"'
        rest = {"least": max(least - 1, 0), "most": None if most is None else most - 1}
        items = f'{item} space ("," space {item} space){self._times(rest, "least", "most", where)}'
        return f'"[" space {items} "]"' if least else f'"[" space ({items})? "]"'

    def _times(self, said: dict[str, Any], least: str, most: str, where: str) -> str:
        low, high = said.get(least, 0), said.get(most)
        counts = [low] if high is None else [low, high]
        if not all(isinstance(count, int) and 0 <= count <= _MOST_REPEATED for count in counts) or counts != sorted(counts):
            raise Refused(
                f"The JSON schema cannot be converted: the lengths of {where} must lie between 0 and {_MOST_REPEATED:,}."
            )
        return f"{{{low},{'' if high is None else high}}}"

    def _object(self, said: dict[str, Any], where: str) -> str:
        self._allow(said, {"type", "properties", "required", "additionalProperties"}, where)
        properties, others = said.get("properties", {}), said.get("additionalProperties")
        if missing := sorted(set(said.get("required", ())) - set(properties)):
            raise Refused(f"The JSON schema cannot be converted: {where} requires “{missing[0]}”, which it does not describe.")
        if properties:
            if isinstance(others, dict):
                raise Refused(f"The JSON schema cannot be converted: {where} describes named properties and others as well.")
            return rf'"{{" space {self._properties(properties, set(said.get("required", ())), where)} "}}"'
        if others is False:
            return '"{" space "}"'
        if not isinstance(others, dict):
            return "object"
        pair = f'string space ":" space {self._visit(others, f"the values of {where}")} space'
        return rf'"{{" space ({pair} ("," space {pair})*)? "}}"'

    def _properties(self, properties: dict[str, Any], required: set[str], where: str) -> str:
        """The name of a rule for the properties in their order, optional ones there or not, with commas between them.

        One rule for each property and for whether something stands before it, so that they grow with their number only.
        """
        pairs = [f'{_literal(name)} space ":" space {self._visit(part, f"“{name}”")} space' for name, part in properties.items()]
        stem = f"properties-{len(self._rules)}"
        for i, (name, pair) in enumerate(zip(properties, pairs, strict=True)):
            for follows in (False, True):
                comma = '"," space ' if follows else ""
                written = f"{comma}{pair} {stem}-{i + 1}-after"
                skipped = "" if name in required else f" | {stem}-{i + 1}-{'after' if follows else 'first'}"
                self._rules[f"{stem}-{i}-{'after' if follows else 'first'}"] = written + skipped
        self._rules[f"{stem}-{len(pairs)}-first"] = self._rules[f"{stem}-{len(pairs)}-after"] = '""'
        return f"{stem}-0-first"


def _either(parts: Iterable[str]) -> str:
    return f"({' | '.join(parts)})"


def _literal(value: Any) -> str:
    """The JSON of one value as a GBNF string."""
    text = json.dumps(value, ensure_ascii=False)
    return f'"{text.replace(chr(92), chr(92) * 2).replace(chr(34), chr(92) + chr(34))}"'
