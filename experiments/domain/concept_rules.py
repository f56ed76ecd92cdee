"""The rule that goes with a concept text of some length: the prompt states it and every judge holds the answer against it.

CDCT: Separating Constraint Compliance from Semantic Accuracy, 2025, told the model one rule and its judges another at half
length. Here both read `rule_for`.
"""

from dataclasses import dataclass

#: How much of the text there is, from its bare name to all of it.
LEVELS = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True)
class Rule:
    """`most_words` is None where length is free."""

    text: str
    most_words: int | None


def rule_for(level: float) -> Rule:
    """What an answer about a text of this level must keep to."""
    if level < 0.3:
        return Rule("Use only what the text says, in at most 20 words.", 20)
    if level < 0.6:
        return Rule("Use only what the text says, in two or three sentences and at most 50 words.", 50)
    return Rule("Use only what the text says. Explain it clearly, at any length.", None)


def key_of(concept: str, level: float) -> str:
    """Of the problem; `place_of` reads it back."""
    return f"{concept}-{level:.2f}"


def place_of(key: str) -> tuple[str, float] | None:
    """The concept and the level; None for a key that is no such problem's."""
    concept = key.rpartition("-")[0]
    return next(((concept, level) for level in LEVELS if concept and key == key_of(concept, level)), None)


def length_compliance(words: int, level: float) -> float:
    """1 within the limit, falling to 0 at three times the limit; 1 where there is none. The fall is ours."""
    limit = rule_for(level).most_words
    return 1.0 if limit is None or words <= limit else max(0.0, 1 - (words / limit - 1) / 2)
