"""One format: a value for every constant that a grammar leaves open."""

from typing import Literal

from pydantic import Field

from ..registry import Options
from .constants import CASINGS, ITEM_NUMBERS, ITEM_WRAPPERS, OPTION_SEPARATORS, SEPARATORS, SPACES

Separator = Literal[SEPARATORS]
Space = Literal[SPACES]


class Format(Options):
    """The constants of one format. Those that a task has no use for stay as they are in its original format."""

    separator: Separator = Field(": ", title="Separator", description="Between a descriptor and its text")
    space: Space = Field("\n", title="Space", description="Between fields")
    casing: Literal[CASINGS] = Field("as written", title="Casing", description="Of the descriptors")
    label_space: Space = Field("\n", title="Space after the label", description="Between the options' label and the options")
    item_space: Space = Field("\n", title="Space between options", description="Between one option and the next")
    item_separator: Separator = Field(" ", title="Option's separator", description="Between an option's number and its text")
    item_wrapper: Literal[ITEM_WRAPPERS] = Field("x.", title="Wrapper", description="Around an option's number")
    item_number: Literal[ITEM_NUMBERS] = Field("A", title="Numbers", description="How options are counted")
    option_separator: Literal[OPTION_SEPARATORS] = Field(
        " ", title="Word's separator", description="Between the option's word and its number"
    )
    option_casing: Literal[CASINGS] = Field("as written", title="Word's casing", description="Of the option's word")

    def describe(self, usual: "Format | None" = None) -> str:
        """The constants that differ from the usual ones, by name; texts in quotes with their whitespace written out."""
        usual = usual or Format()
        told = [
            f"{info.title.lower()} {shown(getattr(self, name))}"
            for name, info in Format.model_fields.items()
            if getattr(self, name) != getattr(usual, name)
        ]
        return ", ".join(told) or "usual"


def shown(value: str) -> str:
    """A constant for reading: in quotes, with line breaks and tabs as \\n and \\t."""
    return "“" + value.replace("\n", "\\n").replace("\t", "\\t") + "”"
