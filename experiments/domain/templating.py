r"""Prompt templates: `{{ name }}` is replaced by a slot's value, everything else stands as written.

Logic-less on purpose, and values are never rendered again: a problem that contains `{{ x }}` reaches the model as it is.
Single braces, JSON, code, `}}` and other template languages' `{% %}` need no care. `\{{` writes a literal `{{`; two
backslashes before a slot are a LaTeX line break and stay. In `{{{ name }}}` the inner pair is the slot.
"""

import difflib
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

from .errors import TemplateError

# The last two braces of a run open a slot, so that \boxed{{{ form }}} puts the value in braces.
_OPENING = re.compile(r"(?<!\\)\\\{\{|\{\{(?!\{)")
_REST_OF_SLOT = re.compile(r"\s*([\w.\-]+)\s*\}\}")
_TARGETS = frozenset({"answer", "answers", "target", "solution"})


class _Slot(NamedTuple):
    name: str
    offset: int


def slots_of(template: str) -> list[str]:
    """The slots' names in order of first use, each once. Raises TemplateError with the place of a broken slot."""
    return list(dict.fromkeys(part.name for part in _parse(template) if isinstance(part, _Slot)))


def check(template: str, known: Iterable[str]) -> None:
    """Raises TemplateError at the first broken slot or the first that is not `known`."""
    names = list(known)
    for part in _parse(template):
        if isinstance(part, _Slot) and part.name not in names:
            raise _unknown_slot(template, part, names)


def render(template: str, slots: Mapping[str, str]) -> str:
    """The template with every slot replaced by its value, literally. Raises TemplateError as `check` does."""
    parts = _parse(template)
    for part in parts:
        if isinstance(part, _Slot) and part.name not in slots:
            raise _unknown_slot(template, part, list(slots))
    return "".join(slots[part.name] if isinstance(part, _Slot) else part for part in parts)


def literal(text: str) -> str:
    r"""Template text that is rendered to `text`, braces and all; only a backslash right before two braces cannot be written."""
    return text.replace("{{", r"\{{")


@lru_cache(maxsize=256)
def _parse(template: str) -> tuple[str | _Slot, ...]:
    """Literal texts and slots in order. Cached: a run renders the same few templates for every attempt."""
    parts: list[str | _Slot] = []
    position = 0
    while opening := _OPENING.search(template, position):
        parts.append(template[position : opening.start()])
        if opening.group().startswith("\\"):
            parts.append("{{")
            position = opening.end()
            continue
        slot = _REST_OF_SLOT.match(template, opening.end())
        if slot is None:
            raise _broken_slot(template, opening.start())
        parts.append(_Slot(slot.group(1), opening.start()))
        position = slot.end()
    parts.append(template[position:])
    return tuple(parts)


def _broken_slot(template: str, offset: int) -> TemplateError:
    line, column = _place(template, offset)
    where = f"Line {line}, column {column}"
    content, closed, _ = template[offset + 2 :].partition("}}")
    if not closed or "{{" in content or "\n" in content.strip():
        sentence = f"{where}: a slot is opened with {{{{ but never closed with }}}}."
    elif not content.strip():
        sentence = f"{where}: {{{{ }}}} names no slot."
    else:
        sentence = (
            f"{where}: “{_shorten(content.strip())}” is not a slot's name; names have letters, digits, “_”, “-” and “.” only."
        )
    return TemplateError(f"{sentence} To write two braces as text, put \\{{{{.", line, column)


def _unknown_slot(template: str, slot: _Slot, known: list[str]) -> TemplateError:
    line, column = _place(template, slot.offset)
    where = f"Line {line}, column {column}"
    names = ", ".join(known) or "none"
    if slot.name.lower() in _TARGETS:
        sentence = f"{where}: {{{{ {slot.name} }}}} would hand over the target, which is kept from the prompt."
        return TemplateError(f"{sentence} Known slots: {names}.", line, column)
    by_folded_name = {name.casefold(): name for name in known}
    near = difflib.get_close_matches(slot.name.casefold(), by_folded_name, n=1)
    hint = f" Did you mean {{{{ {by_folded_name[near[0]]} }}}}?" if near else ""
    return TemplateError(f"{where}: unknown slot “{_shorten(slot.name)}”.{hint} Known slots: {names}.", line, column)


def _place(template: str, offset: int) -> tuple[int, int]:
    """(line, column) of an offset, both counted from 1."""
    return template.count("\n", 0, offset) + 1, offset - template.rfind("\n", 0, offset)


def _shorten(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:39]}…"
