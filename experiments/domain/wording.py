"""What changed between two wordings, word by word."""

import difflib
import re
from itertools import takewhile
from typing import Literal, NamedTuple

_TOKENS = re.compile(r"\s+|\w+|[^\w\s]")
# difflib compares every word with every equal one: past this many pairs (seconds of work) lines are compared instead.
_MOST_PAIRS = 4_000_000


class Change(NamedTuple):
    """A stretch of text that both wordings share, or that only one of them has."""

    kind: Literal["same", "removed", "added"]
    text: str


def word_changes(before: str, after: str) -> list[Change]:
    """The stretches in order. `same` + `removed` spell `before`, `same` + `added` spell `after`."""
    old, new = _TOKENS.findall(before), _TOKENS.findall(after)
    n_head = _n_equal(old, new)
    n_tail = _n_equal(old[n_head:][::-1], new[n_head:][::-1])
    head, tail = old[:n_head], old[len(old) - n_tail :]
    old, new = old[n_head : len(old) - n_tail], new[n_head : len(new) - n_tail]
    if len(old) * len(new) > _MOST_PAIRS:
        old, new = "".join(old).splitlines(keepends=True), "".join(new).splitlines(keepends=True)
    return _joined([Change("same", "".join(head)), *_compared(old, new), Change("same", "".join(tail))])


def phrase_changes(before: str, after: str) -> list[Change]:
    """As `word_changes`, for texts that share little: words that changed with only a space between them change as one."""
    joined: list[Change] = []
    removed = added = ""
    for change in word_changes(before, after):
        is_gap = change.kind == "same" and change.text.isspace() and "\n" not in change.text
        if is_gap and (removed or added):
            removed, added = removed + change.text, added + change.text
        elif change.kind == "removed":
            removed += change.text
        elif change.kind == "added":
            added += change.text
        else:
            joined += [Change("removed", removed), Change("added", added), change]
            removed = added = ""
    return _joined([*joined, Change("removed", removed), Change("added", added)])


def _n_equal(old: list[str], new: list[str]) -> int:
    """How many tokens the lists begin with in common."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))


def _compared(old: list[str], new: list[str]) -> list[Change]:
    changes = []
    for kind, old_start, old_end, new_start, new_end in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            changes.append(Change("same", "".join(old[old_start:old_end])))
        else:
            changes.append(Change("removed", "".join(old[old_start:old_end])))
            changes.append(Change("added", "".join(new[new_start:new_end])))
    return changes


def _joined(changes: list[Change]) -> list[Change]:
    """Without empty stretches, and with neighbours of one kind as one."""
    joined: list[Change] = []
    for change in changes:
        if joined and joined[-1].kind == change.kind:
            joined[-1] = Change(change.kind, joined[-1].text + change.text)
        elif change.text:
            joined.append(change)
    return joined
