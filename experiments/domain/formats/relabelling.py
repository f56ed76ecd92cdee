"""Instructions that name the options follow the way options are counted."""

import re
from functools import lru_cache

from .styles import item_labels

_MOST = 26
_BETWEEN = r"(?:\s*,\s*(?:(?:or|and)\s+)?|\s*/\s*|\s+(?:or|and)\s+)"


def relabelled(text: str, before: str, after: str) -> str:
    """The text with every list of labels in it, such as “1 or 2” and “(A), (B), or (C)”, counted the other way.

    `before` and `after` are of the ITEM_NUMBERS. A list begins with the first label and leaves none out; a single “A” is as
    likely a word and stays. A list that is longer than the new way counts stays too.
    """
    new = dict(zip(item_labels(before, _MOST), item_labels(after, _MOST), strict=False))

    def renumbered(found: re.Match) -> str:
        labels = _label(before).findall(found.group())
        return _label(before).sub(lambda label: new[label.group()], found.group()) if set(labels) <= set(new) else found.group()

    return _list(before).sub(renumbered, text)


@lru_cache
def _list(style: str) -> re.Pattern[str]:
    """The first label and one or more of those that follow it, each in brackets or bare."""
    first, *others = (rf"[(\[<]?{re.escape(label)}[)\]>]?" for label in item_labels(style, _MOST))
    rest = ""
    for label in reversed(others):
        rest = rf"{_BETWEEN}{label}(?!\w)" + (f"(?:{rest})?" if rest else "")
    return re.compile(rf"(?<!\w){first}(?!\w){rest}(?!\w|\.\d)")


@lru_cache
def _label(style: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(item_labels(style, _MOST))})(?!\w)")
