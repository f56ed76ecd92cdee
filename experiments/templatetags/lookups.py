"""Reading a dictionary by a key that the template holds, and putting words in order."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import template

register = template.Library()


@register.filter
def lookup(found: Mapping, key: Any) -> Any:
    return found.get(key)


@register.filter(name="sorted")
def in_order(words: Iterable[str]) -> list[str]:
    return sorted(words)
