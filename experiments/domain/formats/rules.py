"""Which constants go together: the paper's rules, each over the constants that it joins."""

from collections.abc import Callable
from typing import NamedTuple

from .format import Format
from .styles import most_items


class Rule(NamedTuple):
    """`broken(format)` says whether the rule is broken; it reads no constants but those called `names`."""

    names: tuple[str, ...]
    broken: Callable[[Format], bool]
    sentence: str


FIELDS = (
    Rule(("separator",), lambda format: format.separator == "", "A descriptor needs a separator before its text."),
    Rule(
        ("separator", "space"),
        lambda format: "\n" in format.separator and "\n" not in format.space,
        "A separator with a line break needs one between the fields as well.",
    ),
    Rule(("space",), lambda format: format.space == "", "Fields need a space between them."),
)

ENUMERATION = (
    Rule(
        ("item_separator", "option_separator", "item_space"),
        lambda format: "\n" in format.item_separator + format.option_separator and "\n" not in format.item_space,
        "A line break inside an option needs one between the options as well.",
    ),
    Rule(("item_space",), lambda format: format.item_space == "", "Options need a space between them."),
)


def counts_to(n: int) -> Rule:
    """That the numbers do not run out before the n-th option."""

    def runs_out(format: Format) -> bool:
        most = most_items(format.item_number)
        return most is not None and most < n

    return Rule(("item_number",), runs_out, f"Its numbers do not go up to {n}.")


def whitespace_only(name: str) -> Rule:
    """That the space of this name is nothing but whitespace."""
    return Rule(
        (name,),
        lambda format: getattr(format, name).strip() != "",
        "Spaces are restricted to whitespace for this task.",
    )
