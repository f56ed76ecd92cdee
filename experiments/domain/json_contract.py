"""The contract that a reply has to keep so that a program can use it: one JSON value that satisfies a schema, nothing else."""

import json
import re
from collections.abc import Mapping
from typing import Any

import json_repair
from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, ValidationError
from referencing import Registry
from referencing.exceptions import Unresolvable

#: Thinking comes before the answer, or it could not help. The paper's field names are not known to us.
CONTRACT: dict[str, Any] = {
    "type": "object",
    "properties": {"reasoning": {"type": "string"}, "answer": {"type": ["string", "number"]}},
    "required": ["reasoning", "answer"],
    "additionalProperties": False,
}

# The opening fence is the first line and the closing one the last: a cut at the first fence found would destroy JSON that
# has one inside a string.
_ENCLOSED = re.compile(r"\s*```[^\n`]*\n(.*)\n[ \t]*```\s*\Z", re.DOTALL)


def strictly_parsed(text: str) -> Any:
    """The value that is the whole text. Raises ValueError; also for NaN and Infinity, which are no JSON."""
    try:
        return json.loads(text, parse_constant=_refuse)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def violations(value: Any, contract: Mapping[str, Any]) -> list[ValidationError] | None:
    """Everything in which the value breaks the contract; None where that cannot be told (a reference to nowhere)."""
    try:
        # Without a registry of its own the validator would fetch references from other hosts.
        return list(Draft202012Validator(contract, registry=Registry()).iter_errors(value))
    except (Unresolvable, RecursionError):
        return None


def satisfies(text: str, contract: Mapping[str, Any]) -> bool:
    """Whether a strict parser takes the whole text, and its value keeps the contract."""
    try:
        return violations(strictly_parsed(text), contract) == []
    except ValueError:
        return False


def repaired(text: str) -> Any:
    """What a lenient reader makes of it: a fence around the whole is stripped, slips are mended. None where nothing is left."""
    enclosed = _ENCLOSED.fullmatch(text)
    inside = enclosed[1] if enclosed else text
    try:
        return strictly_parsed(inside)
    except ValueError:
        pass
    try:
        return json_repair.loads(inside, skip_json_loads=True) if "{" in inside or "[" in inside else None
    except (ValueError, RecursionError):
        return None


def bounded(contract: Any, most: int) -> Any:
    """The contract with every string in it held to `most` characters: constrained decoding would else let one go on for ever."""
    if isinstance(contract, list):
        return [bounded(part, most) for part in contract]
    if not isinstance(contract, dict):
        return contract
    kind = contract.get("type")
    if isinstance(kind, list):
        return {"anyOf": [bounded({**contract, "type": each}, most) for each in kind]}
    parts = {name: part if name in ("enum", "const", "required") else bounded(part, most) for name, part in contract.items()}
    free = kind == "string" and not {"maxLength", "enum", "const"} & contract.keys()
    return {**parts, "maxLength": most} if free else parts


def complaint_about(contract: Mapping[str, Any], answer_field: str | None = None) -> str:
    """What is wrong with a contract, which has to describe the field, as a sentence; "" if nothing is."""
    try:
        Draft202012Validator.check_schema(contract)
    except SchemaError as error:
        return f"This is no JSON schema of draft 2020-12: {error.message}."
    if answer_field is not None and answer_field not in contract.get("properties", {}):
        return f"The schema does not describe the field “{answer_field}”, in which the answer is to stand."
    return ""


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")
