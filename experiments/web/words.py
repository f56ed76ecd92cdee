"""The words that somebody looks for."""

import re
from dataclasses import dataclass

MOST_WORDS = 8
_AROUND = 70  # characters of context before the first word found


def from_address(typed: str, longest: int) -> str:
    """What stands in a page's address, without the sign that no text in a database holds: then it is found nowhere."""
    return typed.replace("\0", "\ufffd").strip()[:longest]


@dataclass(frozen=True)
class Words:
    """What was typed, taken apart at blanks. All of them have to fit, in any order, in either case."""

    each: tuple[str, ...]

    @classmethod
    def of(cls, typed: str) -> "Words":
        return cls(tuple(from_address(typed, 200).split()[:MOST_WORDS]))

    def __bool__(self) -> bool:
        return bool(self.each)

    def __str__(self) -> str:
        return " ".join(self.each)

    def fit(self, text: str) -> bool:
        text = text.lower()
        return all(word.lower() in text for word in self.each)

    def marked(self, text: str, length: int = 220) -> list[tuple[str, bool]]:
        """A piece of the text around the first word in it, as (part, whether it is one of the words)."""
        text = " ".join(text.split())
        if not self.each:
            return [(text[:length], False)]
        pattern = re.compile("|".join(re.escape(word) for word in sorted(self.each, key=len, reverse=True)), re.IGNORECASE)
        first = pattern.search(text)
        start = max(0, first.start() - _AROUND) if first else 0
        piece = ("…" if start else "") + text[start : start + length] + ("…" if len(text) > start + length else "")
        parts, at = [], 0
        for found in pattern.finditer(piece):
            parts += [(piece[at : found.start()], False), (found.group(), True)]
            at = found.end()
        return [part for part in [*parts, (piece[at:], False)] if part[0]]
