"""What changed between two wordings, word by word."""

import difflib
import re
from typing import Literal, NamedTuple

_TOKENS = re.compile(r"\s+|\w+|[^\w\s]")


class Change(NamedTuple):
    """A stretch of text that both wordings share, or that only one of them has."""

    kind: Literal["same", "removed", "added"]
    text: str


def word_changes(before: str, after: str) -> list[Change]:
    """The stretches in order. `same` + `removed` spell `before`, `same` + `added` spell `after`."""
    old, new = _TOKENS.findall(before), _TOKENS.findall(after)
    changes: list[Change] = []
    for kind, old_start, old_end, new_start, new_end in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            changes.append(Change("same", "".join(old[old_start:old_end])))
            continue
        if old_end > old_start:
            changes.append(Change("removed", "".join(old[old_start:old_end])))
        if new_end > new_start:
            changes.append(Change("added", "".join(new[new_start:new_end])))
    return changes
