"""A problem written in a format."""

from collections import Counter
from collections.abc import Mapping, Sequence

from ..choices import right_letters
from ..errors import InvalidInput
from ..types import Demonstration
from .format import Format
from .grammar import Grammar
from .matching import comparable
from .styles import cased, item_labels, wrapped


def rendered(grammar: Grammar, format: Format, slots: Mapping[str, str], choices: Sequence[str], answer: str = "") -> str:
    """The fields, the options and the answer's descriptor with the answer after it, empty for one that is asked for.

    Raises InvalidInput for a problem without one of the slots, and as `labels_of`.
    """
    missing = [part.slot for part in grammar.fields if part.slot not in slots]
    if missing:
        raise InvalidInput(
            f"The format needs the slot “{missing[0]}”, which this problem does not have. Its slots: {', '.join(slots)}."
        )

    def described(descriptor: str, text: str = "") -> str:
        return cased(descriptor, format.casing) + format.separator + text

    parts = [described(part.descriptor, slots[part.slot]) for part in grammar.fields]
    if grammar.enumerates:
        listed = _options(grammar, format, choices)
        parts.append(described(grammar.options_label) + format.label_space + listed if grammar.options_label else listed)
    return format.space.join([*parts, described(grammar.answer, answer)])


def labels_of(grammar: Grammar, format: Format, choices: Sequence[str]) -> tuple[str, ...]:
    """What each choice is called in an answer: its number where options are listed, else its own words.

    Raises InvalidInput for a list without options, one that the numbers run out in, and choices that cannot be told apart.
    """
    if not grammar.enumerates:
        _tell_apart(choices)
        return tuple(choices)
    if not choices:
        raise InvalidInput("The format lists a problem's options, but this problem has none. Take a grammar without a list.")
    labels = item_labels(format.item_number, len(choices))
    if len(labels) < len(choices):
        raise InvalidInput(
            f"Numbers like {', '.join(labels[:3])} end at {labels[-1]}, but this problem has {len(choices)} options."
            f" Say in the grammar that problems have up to {len(choices)}."
        )
    return labels


def answer_of(grammar: Grammar, format: Format, shown: Demonstration) -> str:
    """The demonstration's answer as it is called in this format."""
    right = right_letters(shown.answers, shown.choices)
    for k, label in enumerate(labels_of(grammar, format, shown.choices)):
        if chr(65 + k) in right:
            return label
    if shown.choices or not shown.answers:
        raise InvalidInput(f"Problem “{shown.key}” cannot be shown as an example: its answer is none of its choices.")
    return shown.answers[0]


def _options(grammar: Grammar, format: Format, choices: Sequence[str]) -> str:
    word = cased(grammar.option_word, format.option_casing) + format.option_separator if grammar.option_word else ""
    items = zip(labels_of(grammar, format, choices), choices, strict=True)
    return format.item_space.join(
        word + wrapped(label, format.item_wrapper) + format.item_separator + choice for label, choice in items
    )


def _tell_apart(choices: Sequence[str]) -> None:
    alike = [choice for choice in choices if Counter(map(comparable, choices))[comparable(choice)] > 1 or not comparable(choice)]
    if alike:
        raise InvalidInput(
            f"The options {' and '.join(f'“{choice}”' for choice in alike)} cannot be told apart in an answer, where case and"
            " punctuation do not count. List the options, so that they have numbers."
        )
